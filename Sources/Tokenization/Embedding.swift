import Safetensors
import Support

/// The word vectors: one row for each word of a vocabulary. A safetensors file with
///
///     embedding.weight  F32 [V, D]
///     embedding.known   U8  [V]     1 for a pretrained row, 0 for a randomly initialized one
///
/// and the metadata `format` = "embedding", `version` = "1".
public struct Embedding: Equatable, Sendable {
  /// The name of the file in the output of `vocab`.
  public static let fileName = "embedding.safetensors"
  private static let weightName = "embedding.weight"
  private static let knownName = "embedding.known"

  /// The length of a row, D.
  public let dimension: Int
  /// The rows, row-major [V, D].
  public private(set) var values: [Float]
  /// Whether each row is pretrained. A model file does not record this: all its rows count as
  /// pretrained.
  public private(set) var isPretrained: [Bool]

  /// The number of rows, V.
  public var count: Int { isPretrained.count }

  /// Creates an embedding without rows.
  package init(dimension: Int) {
    self.dimension = dimension
    values = []
    isPretrained = []
  }

  /// The row of a word.
  public subscript(id: Int) -> ArraySlice<Float> { values[id * dimension..<(id + 1) * dimension] }

  /// Appends a row.
  package mutating func append(_ row: ArraySlice<Float>, isPretrained: Bool) {
    values.append(contentsOf: row)
    self.isPretrained.append(isPretrained)
  }

  /// Replaces the row of a word.
  package mutating func replace(_ id: Int, with row: [Float]) {
    values.replaceSubrange(id * dimension..<(id + 1) * dimension, with: row)
  }

  /// Reads an embedding file.
  /// - Parameter count: the required number of rows; nil accepts any.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  public init(path: String, count: Int? = nil) throws {
    try self.init(SafetensorsFile(path: path), count: count)
  }

  /// Reads an opened embedding file or the word vectors of an opened model file.
  /// - Parameter count: the required number of rows; nil accepts any.
  /// - Throws: ``UserError`` with exit status `data`.
  public init(_ file: SafetensorsFile, count: Int? = nil) throws {
    let isModel = file.metadata["format"] == "model"
    if !isModel { try file.requireFormat("embedding") }
    let shape = try file.checkNumbers(Self.weightName, shape: [count, nil]).shape
    guard shape[1] > 0 else {
      throw UserError(
        .data, at: file.path, problem: "vectors of no dimension", hint: "run vocab again")
    }
    dimension = shape[1]
    values = try file.numbers(Self.weightName)
    isPretrained =
      isModel
      ? Array(repeating: true, count: shape[0])
      : try file.values(Self.knownName, shape: [shape[0]], as: UInt8.self).map { $0 != 0 }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw UserError(
        .data, at: "\(file.path): row \(index / dimension)", problem: "\(values[index])",
        expected: "finite numbers", hint: "run vocab again")
    }
  }

  /// The contents of an embedding file.
  public func document() -> SafetensorsDocument {
    var document = SafetensorsDocument(metadata: ["format": "embedding", "version": "1"])
    document.set(Self.weightName, shape: [count, dimension], values)
    document.set(Self.knownName, shape: [count], isPretrained.map { $0 ? UInt8(1) : 0 })
    return document
  }
}

// MARK: - Similarity

extension Embedding {
  /// The Euclidean norm of a row.
  package func norm(_ row: Int) -> Double {
    self[row].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  /// The rows with the largest cosine similarity to `row`, in descending order. Zero vectors are left
  /// out.
  package func nearestNeighbors(of row: Int, count limit: Int) -> [(row: Int, cosine: Double)] {
    let length = norm(row)
    let cosines = (0..<count).compactMap { other -> (row: Int, cosine: Double)? in
      guard other != row else { return nil }
      let product = zip(self[row], self[other]).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      let cosine = product / (length * norm(other))
      return cosine.isFinite ? (other, cosine) : nil
    }
    return Array(cosines.sorted { ($1.cosine, $0.row) < ($0.cosine, $1.row) }.prefix(limit))
  }
}
