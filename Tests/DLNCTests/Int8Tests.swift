import Kernels
import Safetensors
import Shards
import Testing

@testable import DLNC
@testable import Training

/// Matrix products in 8 bits, which must have the same bits on all processors.
struct Int8Tests {
  /// Sizes at and between the boundaries of blocks and words.
  static let sizes = [
    [1, 1, 1], [3, 31, 130], [12, 32, 128], [25, 33, 129], [29, 290, 257], [145, 260, 7],
  ]

  private static func multiply(
    _ level: SIMDLevel, _ size: [Int], _ a: [Float], _ b: [Float]
  ) throws -> [Float] {
    let products = try #require(KernelTable<Float>(level)).products(.int8)
    let (m, n, k) = (size[0], size[1], size[2])
    var packed = [Float](repeating: .nan, count: (n + 31) / 32 * 32 * ((k + 3) / 4 + 2))
    var c = [Float](repeating: .nan, count: m * n)
    products.pack(Int32(k), Int32(n), b, Int64(n), 1, &packed)
    products.multiply(Int32(m), Int32(n), Int32(k), a, packed, &c)
    return c
  }

  /// The integers of numbers and their factor.
  private static func quantized(_ row: [Float]) -> (integers: [Int], factor: Float) {
    let largest = row.map(abs).max() ?? 0
    guard largest >= Float(sign: .plus, exponent: -100, significand: 1) else {
      return (row.map { _ in 0 }, 0)
    }
    let inverse = 127 / largest
    return (row.map { Int(($0 * inverse).rounded(.toNearestOrEven)) }, largest / 127)
  }

  private static func expected(_ size: [Int], _ a: [Float], _ b: [Float]) -> [Float] {
    let (m, n, k) = (size[0], size[1], size[2])
    let rows = (0..<m).map { r in quantized((0..<k).map { a[r * k + $0] }) }
    let columns = (0..<n).map { j in quantized((0..<k).map { b[$0 * n + j] }) }
    return rows.flatMap { row in
      columns.map { column in
        Float(zip(row.integers, column.integers).reduce(0) { $0 + $1.0 * $1.1 }) * column.factor
          * row.factor
      }
    }
  }

  @Test(arguments: SIMDLevelTests.levels, sizes)
  func `products are exact sums of rounded factors`(level: SIMDLevel, size: [Int]) throws {
    let (m, n, k) = (size[0], size[1], size[2])
    let a = noise(m * k, seed: 1).map { Float($0) }, b = noise(k * n, seed: 2).map { Float($0) }
    #expect(try Self.multiply(level, size, a, b) == Self.expected(size, a, b))
  }

  /// All integers are the largest, so that sums of fewer bits would overflow.
  @Test(arguments: SIMDLevelTests.levels)
  func `the largest sums are exact`(level: SIMDLevel) throws {
    let (size, k) = ([2, 2, 4096], 4096)
    let a = (0..<2 * k).map { Float($0 < k ? 1 : -1) },
      b = (0..<k * 2).map { Float($0 % 2 * 2 - 1) }
    #expect(try Self.multiply(level, size, a, b) == Self.expected(size, a, b))
  }

  @Test(arguments: SIMDLevelTests.levels)
  func `rows of zeros, tiny and huge numbers are products, too`(level: SIMDLevel) throws {
    let b = noise(40 * 33, seed: 2).map { Float($0) }
    for scale in [0, .leastNonzeroMagnitude, 1e-38, 1e-20, 1e20, 1e38] as [Float] {
      let a = noise(3 * 40, seed: 1).map { Float($0) * scale }
      let c = try Self.multiply(level, [3, 33, 40], a, b)
      #expect(c == Self.expected([3, 33, 40], a, b), "\(scale)")
    }
  }

  @Test(arguments: SIMDLevelTests.levels, [Float.nan, .signalingNaN, .infinity, -.infinity])
  func `a row with what is no number is no number, and no other row is`(
    level: SIMDLevel, bad: Float
  ) throws {
    let (size, b) = ([3, 33, 20], noise(20 * 33, seed: 2).map { Float($0) })
    var a = noise(3 * 20, seed: 1).map { Float($0) }
    let before = try Self.multiply(level, size, a, b)
    a[20 + 7] = bad
    let after = try Self.multiply(level, size, a, b)
    #expect(after[33..<66].allSatisfy { $0.isNaN })
    #expect(after[..<33] == before[..<33] && after[66...] == before[66...])
  }

  private static func train(
    _ lexicon: TemporaryLexicon, _ configuration: ModelConfiguration = smallConfiguration,
    _ tasks: [String] = ["a", "b"]
  ) throws -> Model {
    try Model.train(
      configuration, tasks: tasks, dataset: lexicon.folder(), settings: smallSettings,
      run: TrainingRun(threads: 1))
  }

  @Test(arguments: [Variant.dlnc, .dlnLinear, .lstmLinear])
  func `predictions are nearly those of single precision, in every batch`(
    variant: Variant
  ) throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    var configuration = smallConfiguration
    configuration.variant = variant
    var model = try Self.train(
      lexicon, configuration, variant == .lstmLinear ? ["a"] : ["a", "b"])
    let shard = try #require(try lexicon.folder().shard("a", .test))
    let single = try model.classifyUncalibrated(shard, threads: 1).probabilities
    model.precision = .int8
    let bytes = try model.classifyUncalibrated(shard, threads: 1).probabilities
    #expect(bytes != single && distance(bytes, single.map(Double.init)) < 0.05)
    let session = NetworkSession(model, "a", threads: 2)
    let all = try session.classify(shard)
    #expect(all == bytes)
    for row in [0, 7] {
      let alone = try session.classify(shard.rows([row]))
      #expect(alone == Array(bytes[row * 3..<row * 3 + 3]))
    }
  }

  /// Its weights are rounded once only.
  @Test func `a model that was exported in bytes has the weights of its file`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let model = try Self.train(lexicon)
    let file = try SafetensorsFile(
      bytes: model.document(weights: .int8).encoded(), path: "model.safetensors")
    let read = try Model(file)
    for spec in model.parameters.layout.specs where spec.shape.count == 2 {
      let elements: [Int8] = try file.values(spec.name)
      let (rows, width) = (spec.shape[0], spec.shape[1])
      for row in 0..<rows {
        let values = (0..<width).map {
          read.parameters.values.start[spec.offset + row * width + $0]
        }
        #expect(
          Self.quantized(values).integers
            == elements[row * width..<(row + 1) * width].map { Int($0) })
      }
    }
  }
}
