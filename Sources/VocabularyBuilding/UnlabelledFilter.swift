import Datasets
import Shards

/// Chooses the unlabelled texts to keep: none that occurs among the validation or test rows of any task,
/// and each text once for a task, counting its training rows. Texts are compared by a hash that ignores
/// case, punctuation, links, mentions and hashtags.
struct UnlabelledFilter {
  /// Whether texts of validation and test rows are kept.
  let keepsHeldOutTexts: Bool
  /// The numbers of texts by task, in the order of their folders.
  private(set) var counts: [UnlabelledCounts] = []
  private let hash = TextHash(seed: 0)
  private var heldOut: Set<UInt64> = []
  /// The texts of each task so far.
  private var seen: [String: Set<UInt64>] = [:]

  init(keepsHeldOutTexts: Bool) { self.keepsHeldOutTexts = keepsHeldOutTexts }

  private func key(_ shard: TextShard, _ row: Int) -> UInt64 {
    hash(nearDuplicateKey(Array(shard.row(row))))
  }

  /// Notes the texts of labelled rows. All of them come before the first unlabelled ones.
  mutating func add(labelled shard: TextShard) {
    for row in 0..<shard.count {
      if shard.split == .train {
        seen[shard.task, default: []].insert(key(shard, row))
      } else {
        heldOut.insert(key(shard, row))
      }
    }
  }

  /// The rows of a part to keep.
  mutating func rows(of shard: TextShard) -> [Int] {
    if counts.last?.task != shard.task { counts.append(UnlabelledCounts(task: shard.task)) }
    let last = counts.count - 1
    return (0..<shard.count).filter { row in
      let key = key(shard, row)
      if heldOut.contains(key) {
        counts[last].heldOut += 1
        guard keepsHeldOutTexts else { return false }
      }
      guard seen[shard.task, default: []].insert(key).inserted else {
        counts[last].repeated += 1
        return false
      }
      counts[last].kept += 1
      return true
    }
  }
}

/// The numbers of unlabelled texts of a task.
public struct UnlabelledCounts: Codable, Equatable, Sendable {
  /// The name of the task.
  public let task: String
  /// The texts that were kept.
  public fileprivate(set) var kept = 0
  /// The texts that occur among the validation or test rows of a task.
  public fileprivate(set) var heldOut = 0
  /// The texts that were left out because they repeat a training text or another unlabelled text of the
  /// task.
  public fileprivate(set) var repeated = 0

  init(task: String) { self.task = task }
}

extension TextShard {
  /// A shard in memory with some of the rows of an unlabelled shard.
  func unlabelledRows(_ rows: [Int]) -> TextShard {
    guard rows.count < count else { return self }
    var builder = ShardBuilder<UInt8>(header)
    for row in rows {
      builder.append(
        self.row(row), classes: classes(of: row), textID: Int(textIDs[row]), id: id(of: row))
    }
    return builder.shard
  }
}
