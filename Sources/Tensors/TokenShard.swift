import Foundation

/// One split of one task as word numbers: what `vocab` writes and `train`, `finetune` and
/// `evaluate` read. A safetensors file with
///
///     token   I32 [tokens]   the words of all rows, one row behind the other
///     offset  I64 [rows+1]   where each row begins in `token`; the last is the number of tokens
///     label   I32 [rows]     the class, an index into `labels`
///     group   I32 [rows]     equal for rows of equal text
///
/// and the metadata `format` = "tokens", `version` = "1", `task`, `split`, `labels` (a JSON
/// array) and, unless empty, `setup`.
public struct TokenShard: Equatable, Sendable {
  /// The name of the task.
  public var task: String
  /// `train`, `validation` or `test`.
  public var split: String
  /// How the rows were chosen and divided, as far as it sets results apart, such as `official`.
  public var setup: String
  /// The names of the classes.
  public var labels: [String]
  /// The words of all rows.
  public var tokens: [Int32]
  /// Where each row begins; one more than there are rows.
  public var offsets: [Int64]
  /// The class of each row.
  public var classes: [Int32]
  /// A number for the text of each row.
  public var groups: [Int32]

  /// How many rows there are.
  public var count: Int { classes.count }

  /// A shard of these parts.
  public init(
    task: String, split: String, setup: String = "", labels: [String], tokens: [Int32],
    offsets: [Int64], classes: [Int32], groups: [Int32]
  ) {
    self.task = task
    self.split = split
    self.setup = setup
    self.labels = labels
    self.tokens = tokens
    self.offsets = offsets
    self.classes = classes
    self.groups = groups
  }

  /// The words of one row.
  public func row(_ index: Int) -> ArraySlice<Int32> {
    tokens[Int(offsets[index])..<Int(offsets[index + 1])]
  }

  /// Reads and checks a shard whose words are numbered below `vocabularySize`.
  /// - Throws: ``Refusal`` of kind `noInput` or `data`.
  public init(path: String, vocabularySize: Int) throws {
    let file = try TensorFile(path: path)
    let frame = try ShardFrame(file, format: "tokens", elements: "token")
    let tokens = try file.values("token", shape: [nil], as: Int32.self)
    if let bad = tokens.firstIndex(where: { $0 < 0 || $0 >= vocabularySize }) {
      throw Refusal(
        .data, at: "\(path): tensor “token”, element \(bad)", saw: "\(tokens[bad])",
        expected: "a word number below \(vocabularySize), the size of the vocabulary",
        advice: "use token shards and vocabulary of the same vocab run")
    }
    self.init(
      task: frame.task, split: frame.split, setup: frame.setup, labels: frame.labels,
      tokens: tokens,
      offsets: frame.offsets, classes: frame.classes, groups: frame.groups)
  }

  /// The shard as a file.
  public func document() throws -> TensorDocument {
    var document = try ShardFrame(
      task: task, split: split, setup: setup, labels: labels, offsets: offsets, classes: classes,
      groups: groups
    ).document(format: "tokens")
    document.set("token", shape: [tokens.count], tokens)
    return document
  }
}
