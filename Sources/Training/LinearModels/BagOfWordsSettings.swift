import DLNC
import Shards
import Support
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
