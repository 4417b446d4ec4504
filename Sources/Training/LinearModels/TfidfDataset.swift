import DLNC
import Shards

/// A task's rows as tf-idf vectors, computed once for all fits.
struct TfidfDataset {
  let data: TaskDataset
  let ngrams: TfidfVectorizer
  let train: CSRMatrix
  /// The transpose of `train`; nil for the ensemble, which has its own.
  let transposedTrain: CSRMatrix?
  let validation: CSRMatrix?
  /// The ensemble, if its weights are fitted.
  let ensemble: EnsembleFit?

  /// Vectorizes all rows by the features of the training rows.
  init(_ data: TaskDataset, _ features: BagOfWordsFeatures = BagOfWordsFeatures()) {
    let characters = features.characters.map { CharacterVectorizer(data.train, $0) }
    switch features.weights {
    case .tfidf:
      var ngrams = TfidfVectorizer(data.train)
      ngrams.characters = characters
      self.init(data, ngrams)
    case .ensemble:
      let ensemble = EnsembleFit(
        data.train, embedding: features.embedding, characters: characters)
      self.init(data, ensemble.ngrams, ensemble)
    }
  }

  /// The weights with one penalty, [features + 1, classes], and the number of steps; nil if the fit does
  /// not converge.
  /// - Parameters:
  ///   - targets: the class of each training row, below `classCount`.
  ///   - rowWeights: how much each training row counts; nil for 1.
  func fit(
    _ targets: [Int], rowWeights: [Double]?, classCount: Int, penalty: Double, tolerance: Double,
    threads: Int
  ) -> (weights: [Double], steps: Int)? {
    if let ensemble {
      return ensemble.weights(
        targets, rowWeights: rowWeights, classCount: classCount, penalty: penalty,
        tolerance: tolerance, threads: threads)
    }
    return SoftmaxRegression(
      train, transposed: transposedTrain ?? train.transposed, targets: targets,
      rowWeights: rowWeights, classCount: classCount,
      // For two classes scikit-learn has one weight d with the penalty |d|² / 2C. Our weights are
      // d/2 and -d/2, whose squares add up to |d|² / 2.
      penalty: classCount == 2 ? 2 * penalty : penalty, threads: threads
    ).minimum(tolerance: tolerance)
  }

  /// Vectorizes all rows by `ngrams`.
  init(_ data: TaskDataset, _ ngrams: TfidfVectorizer, _ ensemble: EnsembleFit? = nil) {
    (self.data, self.ngrams, self.ensemble) = (data, ngrams, ensemble)
    train = ngrams.rows(data.train, 0..<data.train.count)
    transposedTrain = ensemble == nil ? train.transposed : nil
    validation = data.validation.map { ngrams.rows($0, 0..<$0.count) }
  }
}
