import Safetensors
import Shards
import Support

/// A text and its class.
struct Example {
  /// Clean text, valid UTF-8.
  var text: [UInt8]
  /// An index into the task's labels.
  var label: Int
}

/// Something that reads a data set.
public protocol DatasetReader {
  /// Reads the archive, file or folder at `path` and puts the rows into shards.
  /// - Returns: the account of all rows.
  /// - Throws: ``UserError``, and what the taker of the shards throws.
  func read(path: String, into series: ShardWriter) throws -> IngestReport
}

extension DatasetReader {
  /// Reads the archive, file or folder at `path` into memory.
  /// - Throws: ``UserError``.
  public func read(path: String) throws -> IngestResult {
    var shards: [TextShard] = []
    let series = ShardWriter(size: .max, memory: .max) { shard, _ in shards.append(shard) }
    let tally = try read(path: path, into: series)
    return IngestResult(shards: shards, tally: tally)
  }
}

/// What ingesting one archive yields: a shard for each split, and the account of all rows.
public struct IngestResult: Sendable {
  /// Train, validation and test, in this order.
  public let shards: [TextShard]
  /// What was read, kept and dropped.
  public let tally: IngestReport
}

extension ShardWriter {
  /// Puts rows into shards; equal texts get equal group numbers, across the splits. The task is
  /// called as in the account.
  /// - Parameter labels: the classes, if the data set does not say what they are.
  /// - Returns: the account with the rows of the splits.
  /// - Throws: ``UserError`` of kind `data` if a split is empty or a class has no rows to learn from,
  ///   and what the taker throws.
  func write(
    _ splits: [Split: [Example]], dataset: Dataset, classNames: [String]? = nil,
    splitScheme: String = "",
    tally: IngestReport, at path: String
  ) throws -> IngestReport {
    begin(task: tally.task, splitScheme: splitScheme, classNames: classNames ?? dataset.classNames)
    var groups: [ExampleKey: Int] = [:]
    for split in Split.allCases {
      for example in splits[split] ?? [] {
        let key = ExampleKey(example.text)
        let group = groups[key] ?? groups.count
        groups[key] = group
        try append(example, to: split, group: group)
      }
    }
    var tally = tally
    try finish(dataset, at: path, tally: &tally)
    return tally
  }
}
