import Foundation
import Shards
import Tokenization

/// A trained network with all that is needed to use it or to learn on: its configuration, its
/// parameters, its words, and how it came to be. One file holds it.
public struct Model {
  /// Sizes, readings of the paper, tasks and class names.
  public var configuration: ModelConfiguration { parameters.configuration }
  /// The words that it knows, with their tokenizer.
  public let vocabulary: Vocabulary
  /// How it learned, one curve a stage.
  public var curves: [LearningCurve]
  /// The settings of each stage that it went through, by the stage's name.
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

  /// The probabilities of the classes for each row of a shard, row-major [rows, classes], and the
  /// mean cross-entropy.
  /// - Parameters:
  ///   - maxLength: rows are cut after so many tokens; by default as in the model's last training.
  ///   - threads: how many to use; changes no byte of the result.
  public func predict(
    _ shard: TokenShard, maxLength: Int? = nil, threads: Int
  ) -> (probabilities: [Float], loss: Double) {
    let network = DataParallelRunner(
      parameters, microBatches: threads, threads: threads, isFrozen: true)
    let limit = maxLength ?? settings[curves.last?.stage ?? ""]?.maximumLength ?? .max
    let (probabilities, outcome) = network.predict(shard, maxLength: limit)
    return (probabilities, outcome.loss / Double(max(1, outcome.rows)))
  }

  /// How many numbers the network holds, without and with its word vectors.
  public var parameterCounts: (network: Int, withVectors: Int) {
    let network =
      parameters.layout.specs.reduce(0) { $0 + $1.count }
      + parameters.ngramLayers.values.reduce(0) { $0 + $1.weights.count }
    return (network, network + vocabulary.count * configuration.input)
  }
}
