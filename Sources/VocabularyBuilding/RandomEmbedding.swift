import Support
import Tokenization

/// Random rows for words without a pretrained vector, with the mean and the standard deviation of the
/// pretrained rows. They are never zero, because layer normalization of zero is degenerate.
///
/// A row depends only on the seed, the bytes of the word, the mean and the standard deviation, not on
/// other words or their order.
struct RandomEmbedding {
  private let seed: UInt64
  /// The mean in each dimension.
  private let mean: [Double]
  /// The standard deviation in each dimension.
  private let deviation: [Double]

  /// The standard deviation of GloVe vectors, used if there are too few pretrained rows.
  private static let defaultDeviation = 0.4

  /// Computes the mean and the standard deviation of the pretrained rows of `embedding`.
  init(like embedding: Embedding, seed: UInt64) {
    self.seed = seed
    let pretrained = (0..<embedding.count).filter { embedding.isPretrained[$0] }
    let (dimension, count) = (embedding.dimension, Double(max(pretrained.count, 1)))
    var sums = [Double](repeating: 0, count: dimension)
    for id in pretrained {
      for (axis, value) in embedding[id].enumerated() { sums[axis] += Double(value) }
    }
    let mean = sums.map { $0 / count }
    var squares = [Double](repeating: 0, count: dimension)
    for id in pretrained {
      for (axis, value) in embedding[id].enumerated() {
        let distance = Double(value) - mean[axis]
        squares[axis] += distance * distance
      }
    }
    self.mean = mean
    deviation = squares.map {
      pretrained.count > 1 ? ($0 / count).squareRoot() : Self.defaultDeviation
    }
  }

  /// The row of a word.
  func row(of word: ArraySlice<UInt8>) -> [Float] {
    let state = word.withUnsafeBytes { wyhashMix(wyhash($0) ^ wyhashMix(seed)) }
    var generator = SplitMix64(state: state)
    let row = zip(mean, deviation).map { Float($0 + $1 * Self.normal(&generator)) }
    if row.contains(where: { $0 != 0 }), row.allSatisfy(\.isFinite) { return row }
    return row.map { _ in Float(Self.defaultDeviation * Self.normal(&generator)) }
  }

  /// An approximately normal number: the sum of twelve uniform numbers, minus six (Irwin–Hall). It
  /// avoids logarithm and cosine, whose last digit depends on the system library.
  private static func normal(_ generator: inout SplitMix64) -> Double {
    (0..<12).reduce(-6) { sum, _ in sum + generator.uniform() }
  }
}
