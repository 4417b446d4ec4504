import Foundation
import Kernels
import Shards
import Testing

@testable import DLNC
@testable import Training

/// Matrix products in bfloat16, which must have the same bits on all processors.
struct BF16Tests {
  /// The nearest bfloat16; of two equally near ones the even one.
  private static func rounded(_ x: Float) -> Float {
    let low = x.bitPattern & 0xffff
    var high = x.bitPattern >> 16
    if low > 0x8000 || low == 0x8000 && high % 2 == 1 { high += 1 }
    return Float(bitPattern: high << 16)
  }

  /// `sum` plus the products of k pairs of factors in the order of the instruction vdpbf16ps: of each two
  /// neighbours the second one first.
  private static func sum(
    of k: Int, to sum: Float = 0, _ a: (Int) -> Float, _ b: (Int) -> Float
  ) -> Float {
    stride(from: 0, to: k, by: 2).reduce(sum) { sum, i in
      [i + 1, i].filter { $0 < k }.reduce(sum) { $0.addingProduct(rounded(a($1)), rounded(b($1))) }
    }
  }

  private static func multiply(
    _ level: SIMDLevel, _ size: [Int], _ a: [Float], _ b: [Float]
  ) throws -> [Float] {
    let products = try #require(KernelTable<Float>(level)).products(.bf16)
    let (m, n, k) = (size[0], size[1], size[2])
    var packed = [Float](repeating: .nan, count: (n + 31) / 32 * 32 * (k + 1))
    var c = [Float](repeating: .nan, count: m * n)
    products.pack(Int32(k), Int32(n), b, Int64(n), 1, &packed)
    products.multiply(Int32(m), Int32(n), Int32(k), a, packed, &c)
    return c
  }

  /// Sizes at and between the boundaries of blocks, also with an odd k.
  static let sizes = [
    [1, 1, 1], [3, 31, 130], [12, 32, 128], [25, 33, 129], [29, 290, 257], [145, 260, 7],
  ]

  @Test(arguments: SIMDLevelTests.levels, sizes)
  func `products have the bits of the instruction`(level: SIMDLevel, size: [Int]) throws {
    let (m, n, k) = (size[0], size[1], size[2])
    let a = noise(m * k, seed: 1).map { Float($0) }, b = noise(k * n, seed: 2).map { Float($0) }
    let c = try Self.multiply(level, size, a, b)
    for index in stride(from: 0, to: m * n, by: 3) {
      let (row, column) = (index / n, index % n)
      #expect(c[index] == Self.sum(of: k, { a[row * k + $0] }, { b[$0 * n + column] }))
    }
  }

  @Test(arguments: SIMDLevelTests.levels, sizes)
  func `gradients are sums over blocks of 256 rows`(level: SIMDLevel, size: [Int]) throws {
    let products = try #require(KernelTable<Float>(level)).products(.bf16)
    let (m, n, k) = (size[0], size[1], size[2])
    let a = noise(m * k, seed: 3).map { Float($0) }, b = noise(k * n, seed: 4).map { Float($0) }
    let before = noise(m * n, seed: 5).map { Float($0) }
    var c = before
    products.accumulateAtB(Int32(m), Int32(n), Int32(k), a, b, &c)
    for index in stride(from: 0, to: m * n, by: 7) {
      let (row, column) = (index / n, index % n)
      let expected = stride(from: 0, to: k, by: 256).reduce(before[index]) { sum, first in
        sum
          + Self.sum(
            of: min(256, k - first), { a[(first + $0) * m + row] },
            { b[(first + $0) * n + column] })
      }
      #expect(c[index] == expected)
    }
  }

  /// Numbers of all sizes, so that products and sums are subnormal, overflow, or cancel.
  @Test func `all levels agree on tiny and huge numbers`() throws {
    let size = [13, 70, 33]
    func spread(_ count: Int, seed: Int) -> [Float] {
      zip(noise(count, seed: seed), noise(count, seed: seed + 1)).map {
        Float($0) * Float(sign: .plus, exponent: Int($1 * 126), significand: 1)
      }
    }
    let (a, b) = (spread(13 * 33, seed: 1), spread(33 * 70, seed: 3))
    let results = try SIMDLevelTests.levels.map { level in
      try Self.multiply(level, size, a, b).map { $0.isNaN ? .nan : $0 }.map(\.bitPattern)
    }
    #expect(results.allSatisfy { $0 == results.first })
    let tiny = try #require(results.first).map { Float(bitPattern: $0) }
    #expect(tiny.allSatisfy { !$0.isSubnormal })
  }

  @Test(arguments: SIMDLevelTests.levels)
  func `what is not a number stays so`(level: SIMDLevel) throws {
    for bits in [0x7f80_0001, 0x7fff_ffff, 0xffff_ffff, 0x7fc0_0000] as [UInt32] {
      let c = try Self.multiply(level, [1, 1, 1], [Float(bitPattern: bits)], [1])
      #expect(c[0].isNaN)
    }
    #expect(try Self.multiply(level, [1, 1, 1], [.infinity], [2]) == [.infinity])
    #expect(try Self.multiply(level, [1, 1, 1], [.greatestFiniteMagnitude], [1]) == [.infinity])
  }

  private static func train(
    _ lexicon: TemporaryLexicon, _ precision: ProductPrecision?, threads: Int = 1
  ) throws -> Model {
    var settings = smallSettings
    settings.precision = precision
    return try Model.train(
      smallConfiguration, tasks: ["a", "b"], dataset: lexicon.folder(), settings: settings,
      run: TrainingRun(threads: threads))
  }

  @Test func `a network learns as well, with the same bytes on any number of threads`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let (single, half) = (try Self.train(lexicon, nil), try Self.train(lexicon, .bf16))
    #expect(
      half.parameters.values.array
        == (try Self.train(lexicon, .bf16, threads: 3)).parameters.values.array)
    #expect(half.parameters.values.array != single.parameters.values.array)
    for task in ["a", "b"] {
      let accuracy = try #require(half.validationScore(of: task)?.accuracy)
      let expected = try #require(single.validationScore(of: task)?.accuracy)
      #expect(accuracy > 0.85 && abs(accuracy - expected) < 0.05)
    }
  }

  @Test func `predictions are nearly those of single precision`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    var model = try Self.train(lexicon, nil)
    let shard = try #require(try lexicon.folder().shard("a", .test))
    let single = try model.classify(shard, threads: 1).probabilities
    model.precision = .bf16
    let half = try model.classify(shard, threads: 1).probabilities
    #expect(half != single && distance(half, single.map(Double.init)) < 0.03)
    #expect(try NetworkSession(model, "a", threads: 2).classify(shard).count == half.count)
  }
}
