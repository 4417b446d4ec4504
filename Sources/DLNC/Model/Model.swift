import Shards
import Tokenization

/// A trained network with everything that is needed to use it or to train it further. One file holds
/// it.
public struct Model {
  /// The configuration, including the tasks and their classes.
  public var configuration: ModelConfiguration { parameters.configuration }
  /// The vocabulary, and how text is tokenized.
  public let vocabulary: Vocabulary
  /// The learning curves, one per stage.
  public var curves: [LearningCurve]
  /// The settings of each stage by its name.
  public var settings: [String: TrainingSettings]

  let parameters: Parameters<Float>

  init(
    _ parameters: Parameters<Float>, vocabulary: Vocabulary, curves: [LearningCurve] = [],
    settings: [String: TrainingSettings] = [:]
  ) {
    self.parameters = parameters
    self.vocabulary = vocabulary
    self.curves = curves
    self.settings = settings
  }

  /// Computes the class probabilities of each row of a shard, [rows, C], and the mean cross-entropy.
  /// - Parameters:
  ///   - maxLength: the maximum number of tokens of a row; by default that of the last training.
  ///   - threads: the number of threads; does not change the result.
  public func predict(
    _ shard: TokenShard, maxLength: Int? = nil, threads: Int
  ) -> (probabilities: [Float], loss: Double) {
    let runner = DataParallelRunner(
      parameters, microBatches: threads, threads: threads, isFrozen: true)
    let limit = maxLength ?? settings[curves.last?.stage ?? ""]?.maximumLength ?? .max
    let (probabilities, metrics) = runner.predict(shard, maxLength: limit)
    return (probabilities, metrics.meanLoss)
  }

  /// The number of parameters, without and with the word vectors.
  public var parameterCounts: (network: Int, withVectors: Int) {
    let network =
      parameters.layout.specs.reduce(0) { $0 + $1.count }
      + parameters.ngramLayers.values.reduce(0) { $0 + $1.weights.count }
    return (network, network + vocabulary.count * configuration.input)
  }
}
