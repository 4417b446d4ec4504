import Support
import Tokenization

/// Rows for words that no pretrained vector is known of: drawn around the mean of the known rows,
/// spread as they are, and never zero, for a layer norm of zero is degenerate.
///
/// A row is a function of the seed, the word's bytes and the mean and spread alone, so other words
/// and their order do not change it.
struct RandomEmbedding {
  private let seed: UInt64
  /// The mean and the standard deviation in each dimension.
  private let mean: [Double]
  private let spread: [Double]

  /// What GloVe's components are spread by, for want of known rows to learn it from.
  private static let usualSpread = 0.4

  /// Draws around the known rows of `embedding`.
  init(like embedding: Embedding, seed: UInt64) {
    self.seed = seed
    let known = (0..<embedding.count).filter { embedding.isKnown[$0] }
    let (dimension, count) = (embedding.dimension, Double(max(known.count, 1)))
    var sums = [Double](repeating: 0, count: dimension)
    for id in known {
      for (axis, value) in embedding[id].enumerated() { sums[axis] += Double(value) }
    }
    let mean = sums.map { $0 / count }
    var squares = [Double](repeating: 0, count: dimension)
    for id in known {
      for (axis, value) in embedding[id].enumerated() {
        let distance = Double(value) - mean[axis]
        squares[axis] += distance * distance
      }
    }
    self.mean = mean
    spread = squares.map { known.count > 1 ? ($0 / count).squareRoot() : Self.usualSpread }
  }

  /// The row of a word.
  func row(of word: ArraySlice<UInt8>) -> [Float] {
    var generator = SplitMix64(state: word.withUnsafeBytes { mixed(digest(of: $0) ^ mixed(seed)) })
    let row = zip(mean, spread).map { Float($0 + $1 * Self.normal(&generator)) }
    if row.contains(where: { $0 != 0 }), row.allSatisfy(\.isFinite) { return row }
    return row.map { _ in Float(Self.usualSpread * Self.normal(&generator)) }
  }

  /// Close to normal: the sum of twelve uniform draws, less six. No logarithm and no cosine is
  /// involved, whose last digit differs from one system library to another.
  private static func normal(_ generator: inout SplitMix64) -> Double {
    (0..<12).reduce(-6) { sum, _ in sum + generator.uniform() }
  }
}
