import DLNC
import Shards
import Tokenization

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

extension TaskClassifier {
  /// Records the features.
  mutating func set(_ features: BagOfWordsFeatures) {
    ngramWeights = features.weights == .tfidf ? nil : features.weights
    characters = features.characters?.lengths
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
