import Foundation

/// One split of one task as word numbers: what `vocab` writes and `train`, `finetune` and
/// `evaluate` read. A safetensors file, or several (``Parts``), with
///
///     token   I32 [tokens]   the words of all rows, one row behind the other
///     offset  I64 [rows+1]   where each row begins in `token`; the last is the number of tokens
///     label   I32 [rows]     the class, an index into `labels`
///     group   I32 [rows]     equal for rows of equal text
///
/// and the metadata `format` = "tokens", `version` = "1", `task`, `split`, `labels` (a JSON
/// array) and, unless empty, `setup`. The words of a shard that is read stay in its file, which is
/// mapped.
public struct TokenShard: Sendable {
  /// The name of the task.
  public var task: String
  /// `train`, `validation` or `test`.
  public var split: String
  /// How the rows were chosen and divided, as far as it sets results apart, such as `official`.
  public var setup: String
  /// The names of the classes.
  public var labels: [String]
  /// The class of each row.
  public var classes: [Int32]
  /// A number for the text of each row.
  public var groups: [Int32]
  private var pieces: [Piece]

  /// Rows that lie together.
  private struct Piece: Sendable {
    /// The number of the first row.
    var first: Int
    /// Where each row begins; one more than there are rows.
    var offsets: [Int64]
    var tokens: Elements<Int32>
  }

  /// How many rows there are.
  public var count: Int { classes.count }
  /// How many words there are.
  public var tokenCount: Int { pieces.reduce(0) { $0 + $1.tokens.count } }

  /// A shard of these parts: the words of all rows; where each begins, and the end; the class of
  /// each, and the number of its text.
  public init(
    task: String, split: String, setup: String = "", labels: [String], tokens: [Int32],
    offsets: [Int64], classes: [Int32], groups: [Int32]
  ) {
    self.task = task
    self.split = split
    self.setup = setup
    self.labels = labels
    self.classes = classes
    self.groups = groups
    pieces = [Piece(first: 0, offsets: offsets, tokens: Elements(tokens))]
  }

  /// The words of one row.
  public func row(_ index: Int) -> Elements<Int32> {
    let piece = pieces[piece(of: index)]
    let row = index - piece.first
    return piece.tokens[Int(piece.offsets[row])..<Int(piece.offsets[row + 1])]
  }

  /// How many words each row has.
  public var lengths: [Int] {
    pieces.flatMap { zip($0.offsets.dropFirst(), $0.offsets).map { Int($0 - $1) } }
  }

  /// The shards that the files are, one if it was not read from several.
  public var parts: [TokenShard] {
    pieces.map { piece in
      let rows = piece.first..<piece.first + piece.offsets.count - 1
      var part = self
      part.pieces = [piece]
      part.pieces[0].first = 0
      (part.classes, part.groups) = (Array(classes[rows]), Array(groups[rows]))
      return part
    }
  }

  /// The last piece that begins at a row or before it.
  private func piece(of row: Int) -> Int {
    var (low, high) = (0, pieces.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if pieces[middle].first <= row { low = middle } else { high = middle }
    }
    return low
  }

  /// Maps and checks a shard whose words are numbered below `vocabularySize`.
  /// - Throws: ``Refusal`` of kind `noInput` or `data`.
  public init(path: String, vocabularySize: Int) throws {
    let file = try TensorFile(path: path, mapped: true)
    let frame = try ShardFrame(file, format: "tokens", elements: "token")
    let tokens = try file.elements("token", shape: [nil], as: Int32.self)
    if let bad = tokens.firstIndex(where: { $0 < 0 || $0 >= vocabularySize }) {
      throw Refusal(
        .data, at: "\(path): tensor “token”, element \(bad)", saw: "\(tokens[bad])",
        expected: "a word number below \(vocabularySize), the size of the vocabulary",
        advice: "use token shards and vocabulary of the same vocab run")
    }
    (task, split, setup, labels) = (frame.task, frame.split, frame.setup, frame.labels)
    (classes, groups) = (frame.classes, frame.groups)
    pieces = [Piece(first: 0, offsets: frame.offsets, tokens: tokens)]
  }

  /// Maps and checks the files of one split, the rows of one behind those of the other.
  /// - Throws: ``Refusal`` of kind `noInput` or `data`.
  public init?(paths: [String], vocabularySize: Int) throws {
    guard let first = paths.first else { return nil }
    try self.init(path: first, vocabularySize: vocabularySize)
    for path in paths.dropFirst() {
      let next = try TokenShard(path: path, vocabularySize: vocabularySize)
      guard (next.task, next.split, next.setup) == (task, split, setup), next.labels == labels
      else {
        throw Refusal(
          .data, at: path, saw: "another task, split or other classes than in \(first)",
          expected: "parts of one split", advice: "make the folder again")
      }
      pieces += next.pieces.map { Piece(first: count, offsets: $0.offsets, tokens: $0.tokens) }
      classes += next.classes
      groups += next.groups
    }
    guard count <= Int(Int32.max) else {
      throw Refusal(.data, at: first, saw: "\(count) rows", expected: "fewer than 2^31")
    }
  }

  /// The shard as a single file.
  public func document() throws -> TensorDocument {
    let tokens = tokens
    var document = try ShardFrame(
      task: task, split: split, setup: setup, labels: labels, offsets: offsets, classes: classes,
      groups: groups
    ).document(format: "tokens")
    document.set("token", shape: [tokens.count], tokens)
    return document
  }

  /// A copy of the words of all rows.
  public var tokens: [Int32] { pieces.flatMap { Array($0.tokens) } }

  /// Where each row begins among all words, and the end.
  public var offsets: [Int64] {
    lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64($1)) }
  }
}

extension TokenShard: Equatable {
  /// Whether they hold the same rows, however these lie in files.
  public static func == (left: TokenShard, right: TokenShard) -> Bool {
    (left.task, left.split, left.setup) == (right.task, right.split, right.setup)
      && left.labels == right.labels && left.classes == right.classes
      && left.groups == right.groups
      && (0..<left.count).allSatisfy { left.row($0).elementsEqual(right.row($0)) }
  }
}
