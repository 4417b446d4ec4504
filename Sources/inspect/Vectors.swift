import Safetensors
import Support

/// The vectors of words, one row each.
struct Vectors {
  /// How many there are.
  let count: Int
  /// How many numbers each has.
  let dimension: Int
  private let values: [Float]

  /// Reads the vectors of an embedding's or a model's file.
  /// - Throws: ``UserError`` of kind `data`.
  init(_ file: SafetensorsFile) throws {
    let shape = try file.info("embedding.weight", type: .f32, shape: [nil, nil]).shape
    (count, dimension) = (shape[0], shape[1])
    guard dimension > 0 else {
      throw UserError(.data, at: file.path, problem: "vectors of no dimension", expected: "numbers")
    }
    values = try file.values("embedding.weight")
  }

  /// One vector.
  subscript(row: Int) -> ArraySlice<Float> { values[row * dimension..<(row + 1) * dimension] }

  /// Its length.
  func norm(_ row: Int) -> Double {
    self[row].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  /// The rows whose vectors point most nearly where that of `row` does, the nearest first, and the
  /// cosine of the angle between them. Vectors without a direction are near to nothing.
  func neighbours(of row: Int, count limit: Int) -> [(row: Int, cosine: Double)] {
    let length = norm(row)
    let cosines = (0..<count).compactMap { other -> (row: Int, cosine: Double)? in
      guard other != row else { return nil }
      let product = zip(self[row], self[other]).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      let cosine = product / (length * norm(other))
      return cosine.isFinite ? (other, cosine) : nil
    }
    return Array(
      cosines.sorted { ($1.cosine, $0.row) < ($0.cosine, $1.row) }.prefix(limit))
  }
}
