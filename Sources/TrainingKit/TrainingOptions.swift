import ArgumentParser
import Foundation
import DLNC
import StageKit

/// The flags of everything that learns: how, how long and with which chance. The defaults are those
/// of ``TrainingSettings``.
public struct TrainingOptions: ParsableArguments {
  @Option(help: "Rows in a batch; each batch holds rows of one task.")
  var batch: Int = TrainingSettings().batch

  @Option(help: "The most passes over the training rows; 0 leaves the parameters as drawn.")
  var epochs: Int = TrainingSettings().epochs

  @Option(help: "Adam's learning rate at its peak.")
  var learningRate: Double = TrainingSettings().learningRate

  @Option(help: "What the learning rate is multiplied by for word vectors.")
  var vectorRate: Double = TrainingSettings().vectorRate

  @Option(help: "Steps in which the learning rate rises to its peak.")
  var warmup: Int = TrainingSettings().warmup

  @Flag(inversion: .prefixedNo, help: "Let the learning rate fall linearly to zero.")
  var decay: Bool = TrainingSettings().decay

  @Option(help: "The largest norm of a gradient; 0 for no clipping.")
  var maxGradNorm: Double = TrainingSettings().maxGradientNorm

  @Option(help: "Rows are cut after so many tokens.")
  var maximumLength: Int = TrainingSettings().maximumLength

  @Option(help: "Stop after so many epochs without a better validation; 0 for never.")
  var patience: Int = TrainingSettings().patience

  @Flag(inversion: .prefixedNo, help: "Keep the epoch that was best on validation, not the last.")
  var keepBest: Bool = TrainingSettings().keepsBest

  @OptionGroup(title: "Regularisation") var regularization: RegularizationOptions

  @Option(help: "Into how many slices a batch is cut; threads share the slices.")
  var microBatches: Int = TrainingSettings().microBatches

  @Option(help: "The seed of everything random.")
  var seed: Int = TrainingSettings().seed

  @Option(help: "How many threads to use; changes no byte. By default one a processor.")
  var threads: Int = processorCount

  @Option(help: "Keep the state for going on after an interruption every so many seconds.")
  var checkpointSeconds = 60.0

  /// For ArgumentParser.
  public init() {}

  /// The flags as settings; the caller adds what only its stage has.
  public var settings: TrainingSettings {
    var settings = TrainingSettings()
    settings.batch = batch
    settings.epochs = epochs
    settings.learningRate = learningRate
    settings.vectorRate = vectorRate
    settings.warmup = warmup
    settings.decay = decay
    settings.maxGradientNorm = maxGradNorm
    settings.maximumLength = maximumLength
    settings.patience = patience
    settings.keepsBest = keepBest
    settings.microBatches = microBatches
    settings.seed = seed
    regularization.apply(to: &settings)
    return settings
  }

  /// How many threads to use.
  public var threadCount: Int { threads }

  /// The flags that shape the output, for the fingerprint.
  public var fingerprint: [Setting] {
    [
      Setting("batch", batch), Setting("epochs", epochs), Setting("learning-rate", learningRate),
      Setting("vector-rate", vectorRate), Setting("warmup", warmup), Setting("decay", decay),
      Setting("max-grad-norm", maxGradNorm),
      Setting("maximum-length", maximumLength), Setting("patience", patience),
      Setting("keep-best", keepBest),
      Setting("micro-batches", microBatches), Setting("seed", seed),
    ] + regularization.fingerprint
  }

  /// Refuses values that make no sense.
  /// - Throws: `ValidationError`, which becomes exit status 64.
  public mutating func validate() throws {
    let most = 1_000_000_000
    for (name, value, range) in [
      ("batch", batch, 1...most), ("epochs", epochs, 0...most), ("warmup", warmup, 0...most),
      ("maximum-length", maximumLength, 1...most), ("patience", patience, 0...most),
      ("micro-batches", microBatches, 1...256), ("threads", threads, 1...1024),
    ] where !range.contains(value) {
      throw ValidationError(
        "--\(name) is \(value); it must be from \(range.lowerBound) to \(range.upperBound).")
    }
    guard learningRate > 0, learningRate.isFinite else {
      throw ValidationError("--learning-rate is \(learningRate); it must be above 0.")
    }
    for (name, value) in [
      ("vector-rate", vectorRate), ("max-grad-norm", maxGradNorm),
      ("checkpoint-seconds", checkpointSeconds),
    ] where !(0...Double(most)).contains(value) {
      throw ValidationError("--\(name) is \(value); it must be from 0 to \(most).")
    }
  }
}
