import DLNC

/// A named configuration of the network and its training. Flags that the user gives replace its values.
public enum Recipe: String, CaseIterable, Sendable {
  /// The paper's model.
  case paper
  /// The paper's model with the additions that were best on validation rows: pooling, an n-gram
  /// layer, word dropout and averaged parameters.
  case best

  /// The configuration of the network, without input size and tasks.
  public var configuration: ModelConfiguration {
    var result = ModelConfiguration()
    guard self == .best else { return result }
    result.pooling = .meanMax
    result.ngrams = NgramOptions(
      dropout: 0.3, weights: ngramWeights, characters: bagOfWords.characters)
    return result
  }

  /// How the weights of n-grams are fitted, in the n-gram layer and in the bag of words.
  public var ngramWeights: NgramWeights { self == .best ? .ensemble : .tfidf }

  /// How a bag of words is fitted.
  public var bagOfWords: BagOfWordsSettings {
    self == .best
      ? BagOfWordsSettings(
        weights: ngramWeights, characters: CharacterLengths(3, 5), fitsValidationRows: true)
      : BagOfWordsSettings()
  }

  /// The settings of the stage `train`.
  /// - Parameter batch: the number of rows of a batch, if the user has chosen it.
  public func trainingSettings(for size: TrainingDataSize, batch: Int? = nil) -> TrainingSettings {
    let automatic = AutomaticSettings(for: size, batch: batch)
    var result = TrainingSettings()
    result.batch = automatic.batch
    result.epochs = automatic.epochs
    result.learningRate = automatic.learningRate
    guard self == .best else { return result }
    result.wordDropout = 0.2
    result.mixing = 0
    result.vectorRate = 0.5
    result.emaDecay = 0.99
    result.keepsBest = false
    result.fitsValidationRows = bagOfWords.fitsValidationRows
    return result
  }

  /// The settings of the stage `finetune`.
  /// - Parameter batch: the number of rows of a batch, if the user has chosen it.
  public func fineTuningSettings(for size: TrainingDataSize, batch: Int? = nil) -> TrainingSettings
  {
    var result = trainingSettings(for: size, batch: batch)
    result.mixing = 1
    return result
  }
}
