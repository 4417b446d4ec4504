import DLNC
import Shards
import Support
import Tokenization

/// The texts that an encoder is pretrained on: those of the training rows of each task and, if there
/// are any, its unlabelled ones. A task is a domain. Validation and test rows are never read.
public struct PretrainingCorpus: Sendable {
  /// The texts of one domain.
  public struct Domain: Codable, Equatable, Sendable {
    /// The name of the task.
    public var name: String
    /// The number of training texts.
    public var texts = 0
    /// The number of their words, after truncation.
    public var words = 0
    /// The number of held-out texts, which are different from each other and from all training texts.
    public var heldOutTexts = 0
    /// The number of texts that are left out, because they have fewer than two words.
    public var shortTexts = 0
    /// The fraction of unknown words.
    public var unknown = 0.0
  }

  /// The domains, in the order of the tasks.
  public private(set) var domains: [Domain] = []
  /// The training and held-out texts of each domain.
  private(set) var data: [TaskDataset] = []

  /// The largest number of held-out texts of a domain: more make its perplexity hardly more precise.
  static let maxHeldOut = 1000
  /// The fraction of unknown words from which a text counts as of another language.
  static let maxUnknown = 0.5

  /// Reads the texts of some tasks and holds some of each domain out: those with the lowest hashes, so
  /// that it does not depend on the order of rows.
  /// - Parameters:
  ///   - readsUnlabelled: whether unlabelled texts are read, too.
  ///   - heldOut: the fraction of texts to hold out; at least one is, and at most half.
  ///   - maximumLength: the number of words after which texts are truncated.
  /// - Throws: ``UserError`` with exit status `data` if a domain has too few texts or consists mostly
  ///   of unknown words, or `noInput` if there is no such task.
  public init(
    _ dataset: TokenizedDataset, tasks: [String], readsUnlabelled: Bool = true, heldOut: Double,
    maximumLength: Int
  ) throws {
    let splits = readsUnlabelled ? [Split.train, .unlabelled] : [.train]
    let texts = try tasks.map {
      try Texts($0, splits, in: dataset, maximumLength: maximumLength)
    }
    let chosen = texts.map { $0.lowestHashes(fraction: heldOut) }
    let all = chosen.reduce(into: Set<UInt64>()) { $0.formUnion($1) }
    for (texts, chosen) in zip(texts, chosen) {
      var remaining = chosen
      let train = texts.shard(.train) { !all.contains($0) }
      let validation = texts.shard(.validation) { remaining.remove($0) != nil }
      guard train.count > 0 else { throw texts.tooFew(at: dataset.path) }
      var domain = texts.domain
      (domain.texts, domain.heldOutTexts) = (train.count, validation.count)
      domain.words = train.elementCount
      domains.append(domain)
      data.append(TaskDataset(train: train, validation: validation))
    }
  }

  /// The number of occurrences of each word in the training texts.
  func counts(vocabularySize: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: vocabularySize)
    for task in data { for token in task.train.elements { counts[Int(token)] += 1 } }
    return counts
  }
}

/// All texts of one domain.
private struct Texts {
  private(set) var domain: PretrainingCorpus.Domain
  /// The texts with two words or more, truncated, with their hashes.
  private var rows: [(hash: UInt64, tokens: ArraySlice<Int32>)] = []

  init(
    _ task: String, _ splits: [Split], in dataset: TokenizedDataset, maximumLength: Int
  ) throws {
    domain = PretrainingCorpus.Domain(name: task)
    let shards = try splits.compactMap { try dataset.shard(task, $0) }
    guard !shards.isEmpty else {
      let kinds = splits.count > 1 ? "training or unlabelled" : "training"
      throw UserError(
        .noInput, at: dataset.path, problem: "no \(kinds) rows of the task “\(task)”",
        expected: "one of: \(dataset.domains.joined(separator: ", "))",
        hint: "name a task of this folder, or run vocab with its examples")
    }
    var (words, unknown) = (0, 0)
    for shard in shards {
      let elements = shard.elements
      var end = 0
      for length in shard.lengths {
        let row = elements[end..<end + length]
        end += length
        guard min(length, maximumLength) > 1 else {
          domain.shortTexts += 1
          continue
        }
        words += row.count
        unknown += row.count { $0 == 0 }
        rows.append((Self.hash(row), row.prefix(maximumLength)))
      }
    }
    domain.unknown = Double(unknown) / Double(max(1, words))
    guard Set(rows.map(\.hash)).count > 1 else { throw tooFew(at: dataset.path) }
    guard domain.unknown <= PretrainingCorpus.maxUnknown else {
      throw UserError(
        .data, at: "\(dataset.path)/\(task)",
        problem: "\(NumberFormat.percent(domain.unknown)) % of the words are unknown",
        expected: "texts in the language and script of the vocabulary",
        hint: "run vocab with these examples and without --base")
    }
  }

  /// A function of the tokens alone.
  private static func hash(_ tokens: ArraySlice<Int32>) -> UInt64 {
    tokens.reduce(UInt64(tokens.count)) { hash, token in
      SplitMix64.mix((hash ^ UInt64(UInt32(bitPattern: token))) &+ SplitMix64.increment)
    }
  }

  /// The lowest hashes of texts.
  func lowestHashes(fraction: Double) -> Set<UInt64> {
    let hashes = Set(rows.map(\.hash)).sorted()
    let count = min(Int((fraction * Double(hashes.count)).rounded()), PretrainingCorpus.maxHeldOut)
    return Set(hashes.prefix(max(1, min(count, hashes.count / 2))))
  }

  /// The texts with some hashes as a shard without classes.
  func shard(_ split: Split, where isIncluded: (UInt64) -> Bool) -> TokenShard {
    let rows = rows.filter { isIncluded($0.hash) }
    let labels = rows.map { _ in Int32(0) }
    return TokenShard(
      ShardHeader(task: domain.name, split: split, classNames: []),
      elements: rows.flatMap(\.tokens),
      offsets: rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64($1.tokens.count)) },
      labels: labels, textIDs: labels)
  }

  func tooFew(at path: String) -> UserError {
    UserError(
      .data, at: "\(path)/\(domain.name)",
      problem: "too few texts to train on and to hold one out: "
        + "\(Set(rows.map(\.hash)).count) of two words or more",
      expected: "two or more, better thousands",
      hint: "add unlabelled texts, or name the other tasks with --task")
  }
}
