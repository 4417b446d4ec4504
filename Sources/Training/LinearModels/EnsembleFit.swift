import DLNC
import Foundation
import Shards
import Tokenization

/// The mean of two linear classifiers, which is linear itself:
///
/// - P, multinomial logistic regression on tf-idf values of words, pairs of words and characters;
/// - Q, one logistic regression for each class against the rest, on tf-idf values times the naive Bayes
///   log-count ratios of the class (NB-SVM, Wang and Manning 2012).
///
/// Both also get the sum of the word vectors of a row, weighted by tf-idf. The weight of a word thereby
/// is its weight as a feature plus the product of its vector and a learned vector, so that words that no
/// training row has get a weight by their vectors, too.
struct EnsembleFit {
  /// Computes x from a row: the features of the training rows, and all words that have a vector.
  let ngrams: TfidfVectorizer

  private let embedding: Embedding?
  /// The features of the training rows.
  private let seen: TfidfVectorizer
  /// The training rows: features, standardised sums of word vectors, and 1.
  private let rows: CSRMatrix
  private let transposed: CSRMatrix
  private let mean: [Double]
  /// The reciprocal of the root mean square length of the centred sums.
  private let scale: Double

  /// The factor of the sums of vectors in Q, whose other values are larger than those of P.
  private static let ratioVectorFactor = 0.6

  /// - Parameters:
  ///   - embedding: the word vectors; nil, or without pretrained ones, for n-grams alone.
  ///   - characters: the character n-grams; nil for none.
  init(_ train: TokenShard, embedding: Embedding?, characters: CharacterVectorizer? = nil) {
    var seen = TfidfVectorizer(train, minimumRows: 1, ofPairs: 2)
    seen.characters = characters
    (self.seen, self.embedding) = (seen, embedding)
    ngrams = seen.adding(
      embedding.map { embedding in
        (1..<max(embedding.count, 1)).filter { embedding.isPretrained[$0] }
      } ?? [], rows: train.count)
    let sparse = seen.rows(train, 0..<train.count)
    guard let embedding, embedding.isPretrained.contains(true) else {
      (rows, transposed, mean, scale) = (sparse, sparse.transposed, [], 1)
      return
    }
    let dimension = embedding.dimension
    var sums = (0..<sparse.count).map { row in
      Self.vectorSum(sparse.cells(row), seen, embedding)
    }
    var mean = [Double](repeating: 0, count: dimension)
    for sum in sums { for axis in 0..<dimension { mean[axis] += sum[axis] } }
    for axis in 0..<dimension { mean[axis] /= Double(max(sums.count, 1)) }
    var squares = 0.0
    for row in sums.indices {
      for axis in 0..<dimension {
        sums[row][axis] -= mean[axis]
        squares += sums[row][axis] * sums[row][axis]
      }
    }
    let length = (squares / Double(max(sums.count, 1))).squareRoot()
    let scale = length > 0 ? 1 / length : 0
    var rows = CSRMatrix(width: seen.count + dimension + 1)
    for row in sums.indices {
      var cells = sparse.cells(row)
      cells.removeLast()
      for axis in 0..<dimension {
        cells.append((Int32(truncatingIfNeeded: seen.count + axis), sums[row][axis] * scale))
      }
      cells.append((Int32(truncatingIfNeeded: seen.count + dimension), 1))
      rows.append(cells)
    }
    (self.rows, transposed, self.mean, self.scale) = (rows, rows.transposed, mean, scale)
  }

  /// The sum of the vectors of a row's words, each times its tf-idf value.
  private static func vectorSum(
    _ cells: [(column: Int32, value: Double)], _ ngrams: TfidfVectorizer, _ embedding: Embedding
  ) -> [Double] {
    var sum = [Double](repeating: 0, count: embedding.dimension)
    for cell in cells where Int(cell.column) < ngrams.keys.count {
      guard let word = ngrams.word(Int(cell.column)), embedding.isPretrained[word] else { continue }
      for (axis, value) in embedding[word].enumerated() { sum[axis] += cell.value * Double(value) }
    }
    return sum
  }

  /// The weights for the columns of ``ngrams`` and the intercept, [features + 1, classes].
  /// - Parameters:
  ///   - targets: the class of each training row, below `classCount`.
  ///   - rowWeights: how much each training row counts; nil for 1.
  ///   - tolerance: see ``SoftmaxRegression/minimum(tolerance:limit:)``.
  /// - Returns: the weights and the number of steps of P; nil if a fit does not converge.
  func weights(
    _ targets: [Int], rowWeights: [Double]? = nil, classCount: Int, penalty: Double,
    tolerance: Double, threads: Int
  ) -> (weights: [Double], steps: Int)? {
    func minimum(_ targets: [Int], _ count: Int, factors: [Double]? = nil) -> (
      weights: [Double], steps: Int
    )? {
      SoftmaxRegression(
        rows, transposed: transposed, columnFactors: factors, targets: targets,
        rowWeights: rowWeights, classCount: count,
        penalty: count == 2 ? 2 * penalty : penalty, threads: threads
      ).minimum(tolerance: tolerance)
    }
    guard let plain = minimum(targets, classCount) else { return nil }
    var weights = plain.weights
    for label in 0..<classCount where classCount > 1 {
      // Of two classes one regression serves both.
      if classCount == 2, label == 1 { break }
      let factors = columnFactors(targets.map { $0 == label })
      let binary = targets.map { $0 == label ? 0 : 1 }
      guard let fit = minimum(binary, 2, factors: factors) else { return nil }
      for column in 0..<rows.width {
        let (own, rest) = (fit.weights[2 * column], fit.weights[2 * column + 1])
        if classCount == 2 {
          weights[2 * column] += own * factors[column]
          weights[2 * column + 1] += rest * factors[column]
        } else {
          weights[classCount * column + label] += (own - rest) * factors[column]
        }
      }
    }
    if classCount > 1 { for index in weights.indices { weights[index] /= 2 } }
    return (folded(weights, classCount), plain.steps)
  }

  /// The factors of the columns in Q: for features ln(p / |p|) - ln(q / |q|), where p is 1 + the number of
  /// rows of the class that have it, and q is 1 + the number of other rows.
  private func columnFactors(_ isOfClass: [Bool]) -> [Double] {
    var (own, other) = (
      [Double](repeating: 1, count: seen.count), [Double](repeating: 1, count: seen.count)
    )
    for row in isOfClass.indices {
      for cell in rows.cells(row) where Int(cell.column) < seen.count {
        if isOfClass[row] { own[Int(cell.column)] += 1 } else { other[Int(cell.column)] += 1 }
      }
    }
    let shift = log(own.reduce(0, +)) - log(other.reduce(0, +))
    let ratios = zip(own, other).map { log($0) - log($1) - shift }
    return ratios + mean.map { _ in Self.ratioVectorFactor } + [1]
  }

  /// Adds the part of the vectors to the weights of the words and to the intercepts.
  private func folded(_ weights: [Double], _ classCount: Int) -> [Double] {
    var result = [Double](repeating: 0, count: (ngrams.count + 1) * classCount)
    for feature in 0..<seen.count {
      let isWords = feature < seen.keys.count
      let target =
        isWords
        ? ngrams.index(of: seen.keys[feature]) : feature - seen.keys.count + ngrams.keys.count
      guard let target else { continue }
      for label in 0..<classCount {
        result[target * classCount + label] = weights[feature * classCount + label]
      }
    }
    let intercepts = weights.count - classCount
    for label in 0..<classCount {
      result[ngrams.count * classCount + label] = weights[intercepts + label]
    }
    guard let embedding, !mean.isEmpty else { return result }
    func product(_ vector: (Int) -> Double, _ label: Int) -> Double {
      var sum = 0.0
      for axis in mean.indices {
        sum += vector(axis) * weights[(seen.count + axis) * classCount + label]
      }
      return sum * scale
    }
    for label in 0..<classCount {
      result[ngrams.count * classCount + label] -= product({ mean[$0] }, label)
      for feature in ngrams.keys.indices {
        guard let word = ngrams.word(feature), embedding.isPretrained[word] else { continue }
        let vector = embedding[word]
        result[feature * classCount + label] += product(
          { Double(vector[vector.startIndex + $0]) }, label)
      }
    }
    return result
  }
}

extension TfidfVectorizer {
  /// The token of a unigram feature; nil for a bigram.
  func word(_ feature: Int) -> Int? { keys[feature] >> 32 == 0 ? Int(keys[feature]) : nil }

  /// The vectorizer with further words, which no training row has.
  /// - Parameter rows: the number of training rows.
  func adding(_ words: [Int], rows: Int) -> TfidfVectorizer {
    let unseen = words.map { UInt64($0) }.filter { index(of: $0) == nil }
    guard !unseen.isEmpty else { return self }
    let idf = Float(log(1 + Double(rows)) + 1)
    let all = (zip(keys, self.idf).map { ($0, $1) } + unseen.map { ($0, idf) }).sorted {
      $0.0 < $1.0
    }
    var result = TfidfVectorizer(keys: all.map(\.0), idf: all.map(\.1))
    result.characters = characters
    return result
  }
}
