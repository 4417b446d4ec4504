import Shards
import Support
import Tokenization

/// How the weights of a linear classifier of n-grams are fitted.
public enum NgramWeights: String, Codable, CaseIterable, Sendable {
  /// Logistic regression on the tf-idf values of n-grams that occur in at least two rows.
  case tfidf
  /// The mean of two logistic regressions on all words and on pairs of words that occur in at least two
  /// rows, one of them weighted by naive Bayes, both with word vectors; see ``EnsembleFit``.
  case ensemble

  /// The penalties among which the validation rows choose, the strongest first. The best penalty of the
  /// ensemble hardly depends on the data, so few validation rows cannot choose a worse one.
  public var penalties: [Double] {
    switch self {
    case .tfidf: [3, 1, 0.3, 0.1, 0.03, 0.01]
    case .ensemble: [0.03]
    }
  }

  /// The penalty of a task without validation rows; that of `tfidf` is scikit-learn's default.
  public var defaultPenalty: Double {
    switch self {
    case .tfidf: 1
    case .ensemble: 0.03
    }
  }
}

/// How a bag of words is fitted.
public struct BagOfWordsSettings: Equatable, Sendable {
  /// How the weights are fitted.
  public var weights: NgramWeights
  /// The lengths of character n-grams; nil for none.
  public var characters: CharacterLengths?
  /// Whether the model is fitted again, to the training and validation rows, with the penalty of the
  /// first fit.
  public var fitsValidationRows: Bool
  /// Whether the probabilities get a temperature, that of the fit without validation rows.
  public var calibrates = true
  /// How much the rows of each class count; nil for the same.
  public var classWeights: ClassWeights?
  /// The measure on validation rows that chooses the penalty.
  public var keepBy = SelectionCriterion.accuracy

  /// Settings of a fit.
  public init(
    weights: NgramWeights = .tfidf, characters: CharacterLengths? = nil,
    fitsValidationRows: Bool = false
  ) {
    (self.weights, self.characters) = (weights, characters)
    self.fitsValidationRows = fitsValidationRows
  }
}

extension TokenizedDataset {
  /// Whether tasks can be tested when a model has learned from training and validation rows: they have
  /// test rows, or the folds of a cross-validation test the training.
  /// - Throws: ``UserError`` with exit status `data`.
  public func keepsTestRows(of tasks: [String]) throws -> Bool {
    try tasks.allSatisfy { task in
      if try !ShardFiles.paths(of: .test, in: "\(path)/\(task)").isEmpty { return true }
      let scheme = try shard(task, .train)?.splitScheme
      return scheme.flatMap { Fold(splitScheme: $0) } != nil
    }
  }
}

/// The choice of features of a bag of words, and the data that they need beside the rows.
struct BagOfWordsFeatures {
  var weights = NgramWeights.tfidf
  /// The word vectors, which `ensemble` uses.
  var embedding: Embedding?
  /// The character n-grams; nil for none.
  var characters: CharacterSource?
}

/// The lengths of character n-grams, and the words of the tokens.
struct CharacterSource: Equatable {
  let lengths: CharacterLengths
  let vocabulary: Vocabulary
}

extension TaskClassifier {
  /// Records the features.
  mutating func set(_ features: BagOfWordsFeatures) {
    ngramWeights = features.weights == .tfidf ? nil : features.weights
    characters = features.characters?.lengths
  }
}

extension TaskDataset {
  /// The training and validation rows as training rows; nil without validation rows.
  var withoutValidation: TaskDataset? {
    guard let validation else { return nil }
    var all = self
    all.train.append(validation)
    all.validation = nil
    return all
  }

}

extension TokenizedDataset {
  /// The features of an n-gram layer; those of words without such a layer.
  /// - Throws: ``UserError`` with exit status `data`.
  func features(
    of layer: NgramOptions?, for data: [TaskDataset]
  ) throws -> BagOfWordsFeatures {
    try features(layer?.weights ?? .tfidf, layer?.characters, for: data)
  }

  /// The features of a bag of words.
  /// - Throws: ``UserError`` with exit status `data` if rows lack the unknown words that character
  ///   n-grams are made of.
  func features(
    _ weights: NgramWeights, _ characters: CharacterLengths?, for data: [TaskDataset]
  ) throws -> BagOfWordsFeatures {
    var result = BagOfWordsFeatures(weights: weights, embedding: embedding)
    guard let characters else { return result }
    for shard in data.flatMap({ [$0.train] + ($0.validation.map { [$0] } ?? []) }) {
      try shard.requireUnknownWords(at: "\(path)/\(shard.task)")
    }
    result.characters = CharacterSource(lengths: characters, vocabulary: vocabulary)
    return result
  }
}

extension TokenShard {
  /// Checks that the words of all tokens are known, of which character n-grams are made.
  /// - Parameter location: by default the task.
  /// - Throws: ``UserError`` with exit status `data`.
  func requireUnknownWords(at location: String? = nil) throws {
    guard !keepsUnknownWords else { return }
    throw UserError(
      .data, at: location ?? "the rows of “\(header.task)”",
      problem:
        "\(header.split.rawValue) rows without unknown words, as earlier versions wrote them",
      expected: "a tensor “unknown”, for character n-grams", hint: "run vocab again")
  }
}

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
