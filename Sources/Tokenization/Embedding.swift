import Safetensors
import Shards
import Support

/// The words' vectors: a row for each word of a vocabulary. A safetensors file with
///
///     embedding.weight  F32 [V, D]
///     embedding.known   U8  [V]     1 where the row comes from pretrained vectors, 0 where drawn
///
/// and the metadata `format` = "embedding", `version` = "1".
public struct Embedding: Equatable, Sendable {
  /// The name of the file in the output of `vocab`.
  public static let fileName = "embedding.safetensors"

  /// D, the length of a row.
  public let dimension: Int
  /// The rows, [V, D].
  public private(set) var rows: [Float]
  /// Which rows come from pretrained vectors.
  public private(set) var isKnown: [Bool]

  /// How many rows there are.
  public var count: Int { isKnown.count }

  /// An embedding without rows.
  package init(dimension: Int) {
    self.dimension = dimension
    rows = []
    isKnown = []
  }

  /// The row of one word.
  public subscript(id: Int) -> ArraySlice<Float> { rows[id * dimension..<(id + 1) * dimension] }

  /// Adds a row.
  package mutating func append(_ row: ArraySlice<Float>, isKnown: Bool) {
    rows.append(contentsOf: row)
    self.isKnown.append(isKnown)
  }

  /// Replaces the row of a word that pretrained vectors did not have.
  package mutating func replace(_ id: Int, by row: [Float]) {
    rows.replaceSubrange(id * dimension..<(id + 1) * dimension, with: row)
  }

  /// Reads the file at `path`, which must have a row for each of `words` words.
  /// - Throws: ``UserError`` of kind `noInput` or `data`.
  public init(path: String, words: Int) throws {
    let file = try SafetensorsFile(path: path)
    guard file.metadata["format"] == "embedding", file.metadata["version"] == "1" else {
      throw UserError(
        .data, at: path,
        problem: "format “\(file.metadata["format"] ?? "none")” version "
          + "“\(file.metadata["version"] ?? "none")”",
        expected: "format “embedding” version “1”", hint: "point at the output of vocab")
    }
    rows = try file.values("embedding.weight", shape: [words, nil])
    dimension = try file.info("embedding.weight", type: .f32, shape: nil).shape.last ?? 0
    isKnown = try file.values("embedding.known", shape: [words], as: UInt8.self).map { $0 != 0 }
    if let bad = rows.firstIndex(where: { !$0.isFinite }) {
      throw UserError(
        .data, at: "\(path): row \(bad / max(dimension, 1))", problem: "\(rows[bad])",
        expected: "finite numbers", hint: "run vocab again")
    }
  }

  /// The embedding as a file.
  public func document() -> SafetensorsDocument {
    var document = SafetensorsDocument(metadata: ["format": "embedding", "version": "1"])
    document.set("embedding.weight", shape: [count, dimension], rows)
    document.set("embedding.known", shape: [count], isKnown.map { $0 ? UInt8(1) : 0 })
    return document
  }
}
