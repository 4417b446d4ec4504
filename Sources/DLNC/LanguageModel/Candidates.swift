import Foundation
import Support

/// The words among which a language model predicts the next one: all, or a sample of all.
package struct Candidates: Sendable {
  /// The token ids, each once.
  var words: [Int32]
  /// -log π of each word, the probability of being in the sample. A softmax over the sample adds it to
  /// the word's logit, so that its denominator is on average that of all words.
  var corrections: [Double]

  /// All words of a vocabulary: the softmax is exact.
  static func all(_ count: Int) -> Candidates {
    Candidates(
      words: Array(0..<Int32(count)), corrections: Array(repeating: 0, count: count))
  }
}

/// Samples the words that the next word is distinguished from (sampled softmax, Bengio and Senécal
/// 2008). All predictions of a batch share a sample, whose vectors then are one matrix.
///
/// A word w is in the sample with the probability π = min(1, c n^0.75) independently of others, where
/// n is its number of occurrences and c is such that the expected number of words is the given one. In
/// contrast to draws with replacement, no word is there twice, and frequent words always are; with a
/// sample as large as the vocabulary the softmax is exact. The target itself has no correction (Blanc
/// and Rendle 2018), so the loss estimates the cross-entropy over all words.
package struct CandidateSampler: Sendable {
  /// π of each word.
  let probabilities: [Double]

  /// - Parameters:
  ///   - counts: the number of occurrences of each word; each counts as one more.
  ///   - size: the expected number of words of a sample.
  package init(counts: [Int], size: Int) {
    let weights = counts.map { pow(Double($0) + 1, 0.75) }
    guard size < weights.count else {
      probabilities = weights.map { _ in 1 }
      return
    }
    // Words that reach probability 1 leave more to the others, of which more may reach it then.
    var (factor, certain) = (0.0, -1)
    while true {
      let isCertain = weights.map { $0 * factor >= 1 }
      let count = isCertain.count { $0 }
      guard count > certain else { break }
      certain = count
      let rest = zip(weights, isCertain).reduce(0) { $1.1 ? $0 : $0 + $1.0 }
      factor = Double(size - count) / rest
    }
    probabilities = weights.map { [factor] in min(1, $0 * factor) }
  }

  /// The sample of a key.
  package func draw(_ key: PRNGKey) -> Candidates {
    var generator = SplitMix64(key)
    var sample = Candidates(words: [], corrections: [])
    for (word, probability) in probabilities.enumerated()
    where generator.uniform() < probability {
      sample.words.append(Int32(word))
      sample.corrections.append(-log(probability))
    }
    return sample
  }
}

/// The output vectors and biases of candidates, packed for products with all queries of a batch.
///
/// `@unchecked Sendable`: packed by one thread, then read by all.
final class PackedCandidates<R: Real>: @unchecked Sendable {
  /// The token ids.
  private(set) var words: [Int32] = []
  /// The token ids, followed by -1 up to a multiple of 16, which `sampled_softmax` needs.
  private(set) var ids: [Int32] = []
  /// Bias plus correction of each id; so small for those that are no word that they do not count.
  private(set) var offsets: [R] = []
  /// The output vectors [ids, I].
  let matrix: PackedMatrix<R>
  private let vectors = AlignedBuffer<R>()

  /// No candidates, for products of a precision.
  init(_ precision: ProductPrecision) { matrix = PackedMatrix(precision) }

  /// Packs the present vectors and biases of the candidates.
  /// - Parameters:
  ///   - bias: the offset of the output biases among the parameters.
  ///   - backward: whether to pack them for both directions or only for the forward one.
  func pack(_ candidates: Candidates, _ parameters: Parameters<R>, bias: Int, backward: Bool) {
    words = candidates.words
    let padding = (16 - words.count % 16) % 16
    ids = words + Array(repeating: -1, count: padding)
    offsets =
      zip(words, candidates.corrections).map { parameters.values.start[bias + Int($0)] + R($1) }
      + Array(repeating: -1e30, count: padding)
    let size = parameters.configuration.input
    vectors.reserveZeros(ids.count * size)
    parameters.copyVectors(of: words, to: vectors.start)
    matrix.set(vectors.start, outputs: ids.count, inputs: size)
    matrix.pack(backward: false)
    if backward { matrix.pack(backward: true) }
  }
}
