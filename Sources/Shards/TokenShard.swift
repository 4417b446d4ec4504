import Safetensors
import Support
import Foundation

/// One split of one task as word numbers: what `vocab` writes and `train`, `finetune` and
/// `evaluate` read. A safetensors file, or several (``ShardFiles``), with
///
///     token   I32 [tokens]   the words of all rows, one row behind the other
///     offset  I64 [rows+1]   where each row begins in `token`; the last is the number of tokens
///     label   I32 [rows]     the class, an index into `classNames`
///     group   I32 [rows]     equal for rows of equal text
///
/// and the metadata `format` = "tokens", `version` = "1", `task`, `split`, `classNames` (a JSON
/// array) and, unless empty, `splitScheme`. The words of a shard that is read stay in its file, which is
/// mapped.
public struct TokenShard: Sendable {
  /// The name of the task.
  public var task: String
  /// `train`, `validation` or `test`.
  public var split: String
  /// How the rows were chosen and divided, as far as it sets results apart, such as `official`.
  public var splitScheme: String
  /// The names of the classes.
  public var classNames: [String]
  /// The class of each row.
  public var labels: [Int32]
  /// A number for the text of each row.
  public var groups: [Int32]
  private var chunks: [Chunk]

  /// Rows that lie together.
  private struct Chunk: Sendable {
    /// The number of the first row.
    var first: Int
    /// Where each row begins; one more than there are rows.
    var offsets: [Int64]
    var tokens: TensorView<Int32>
  }

  /// How many rows there are.
  public var count: Int { labels.count }
  /// How many words there are.
  public var tokenCount: Int { chunks.reduce(0) { $0 + $1.tokens.count } }

  /// A shard of these parts: the words of all rows; where each begins, and the end; the class of
  /// each, and the number of its text.
  public init(
    task: String, split: String, splitScheme: String = "", classNames: [String], tokens: [Int32],
    offsets: [Int64], labels: [Int32], groups: [Int32]
  ) {
    self.task = task
    self.split = split
    self.splitScheme = splitScheme
    self.classNames = classNames
    self.labels = labels
    self.groups = groups
    chunks = [Chunk(first: 0, offsets: offsets, tokens: TensorView(tokens))]
  }

  /// The words of one row.
  public func row(_ index: Int) -> TensorView<Int32> {
    let chunk = chunks[chunk(of: index)]
    let row = index - chunk.first
    return chunk.tokens[Int(chunk.offsets[row])..<Int(chunk.offsets[row + 1])]
  }

  /// How many words each row has.
  public var lengths: [Int] {
    chunks.flatMap { zip($0.offsets.dropFirst(), $0.offsets).map { Int($0 - $1) } }
  }

  /// The shards that the files are, one if it was not read from several.
  public var parts: [TokenShard] {
    chunks.map { chunk in
      let rows = chunk.first..<chunk.first + chunk.offsets.count - 1
      var part = self
      part.chunks = [chunk]
      part.chunks[0].first = 0
      (part.labels, part.groups) = (Array(labels[rows]), Array(groups[rows]))
      return part
    }
  }

  /// The last piece that begins at a row or before it.
  private func chunk(of row: Int) -> Int {
    var (low, high) = (0, chunks.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if chunks[middle].first <= row { low = middle } else { high = middle }
    }
    return low
  }

  /// Maps and checks a shard whose words are numbered below `vocabularySize`.
  /// - Throws: ``UserError`` of kind `noInput` or `data`.
  public init(path: String, vocabularySize: Int) throws {
    let file = try SafetensorsFile(path: path, mapped: true)
    let frame = try ShardHeader(file, format: "tokens", elements: "token")
    let tokens = try file.elements("token", shape: [nil], as: Int32.self)
    if let bad = tokens.firstIndex(where: { $0 < 0 || $0 >= vocabularySize }) {
      throw UserError(
        .data, at: "\(path): tensor “token”, element \(bad)", problem: "\(tokens[bad])",
        expected: "a word number below \(vocabularySize), the size of the vocabulary",
        hint: "use token shards and vocabulary of the same vocab run")
    }
    (task, split, splitScheme, classNames) = (
      frame.task, frame.split, frame.splitScheme, frame.classNames
    )
    (labels, groups) = (frame.labels, frame.groups)
    chunks = [Chunk(first: 0, offsets: frame.offsets, tokens: tokens)]
  }

  /// Maps and checks the files of one split, the rows of one behind those of the other.
  /// - Throws: ``UserError`` of kind `noInput` or `data`.
  public init?(paths: [String], vocabularySize: Int) throws {
    guard let first = paths.first else { return nil }
    try self.init(path: first, vocabularySize: vocabularySize)
    for path in paths.dropFirst() {
      let next = try TokenShard(path: path, vocabularySize: vocabularySize)
      guard (next.task, next.split, next.splitScheme) == (task, split, splitScheme),
        next.classNames == classNames
      else {
        throw UserError(
          .data, at: path, problem: "another task, split or other classes than in \(first)",
          expected: "parts of one split", hint: "make the folder again")
      }
      chunks += next.chunks.map { Chunk(first: count, offsets: $0.offsets, tokens: $0.tokens) }
      labels += next.labels
      groups += next.groups
    }
    guard count <= Int(Int32.max) else {
      throw UserError(.data, at: first, problem: "\(count) rows", expected: "fewer than 2^31")
    }
  }

  /// The shard as a single file.
  public func document() throws -> SafetensorsDocument {
    let tokens = tokens
    var document = try ShardHeader(
      task: task, split: split, splitScheme: splitScheme, classNames: classNames, offsets: offsets,
      labels: labels,
      groups: groups
    ).document(format: "tokens")
    document.set("token", shape: [tokens.count], tokens)
    return document
  }

  /// A copy of the words of all rows.
  public var tokens: [Int32] { chunks.flatMap { Array($0.tokens) } }

  /// Where each row begins among all words, and the end.
  public var offsets: [Int64] {
    lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64($1)) }
  }
}

extension TokenShard: Equatable {
  /// Whether they hold the same rows, however these lie in files.
  public static func == (left: TokenShard, right: TokenShard) -> Bool {
    (left.task, left.split, left.splitScheme) == (right.task, right.split, right.splitScheme)
      && left.classNames == right.classNames && left.labels == right.labels
      && left.groups == right.groups
      && (0..<left.count).allSatisfy { left.row($0).elementsEqual(right.row($0)) }
  }
}
