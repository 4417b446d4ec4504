import ArgumentParser
import Foundation
import Network
import Stage

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
  var clip: Double = TrainingSettings().clip

  @Option(help: "Rows are cut after so many tokens.")
  var maximumLength: Int = TrainingSettings().maximumLength

  @Option(help: "Stop after so many epochs without a better validation; 0 for never.")
  var patience: Int = TrainingSettings().patience

  @Flag(inversion: .prefixedNo, help: "Keep the epoch that was best on validation, not the last.")
  var keepBest: Bool = TrainingSettings().keepsBest

  @Option(help: "Into how many slices a batch is cut; threads share the slices.")
  var slices: Int = TrainingSettings().slices

  @Option(help: "The seed of everything random.")
  var seed: Int = TrainingSettings().seed

  @Option(help: "How many threads to use; changes no byte. By default one a processor.")
  var threads: Int = ProcessInfo.processInfo.activeProcessorCount

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
    settings.clip = clip
    settings.maximumLength = maximumLength
    settings.patience = patience
    settings.keepsBest = keepBest
    settings.slices = slices
    settings.seed = seed
    return settings
  }

  /// How many threads to use.
  public var threadCount: Int { threads }

  /// The flags that shape the output, for the fingerprint.
  public var fingerprint: [Setting] {
    [
      Setting("batch", batch), Setting("epochs", epochs), Setting("learning-rate", learningRate),
      Setting("vector-rate", vectorRate), Setting("warmup", warmup), Setting("decay", decay),
      Setting("clip", clip),
      Setting("maximum-length", maximumLength), Setting("patience", patience),
      Setting("keep-best", keepBest),
      Setting("slices", slices), Setting("seed", seed),
    ]
  }

  /// Refuses values that make no sense.
  /// - Throws: `ValidationError`, which becomes exit status 64.
  public mutating func validate() throws {
    for (name, value, least) in [
      ("batch", batch, 1), ("epochs", epochs, 0), ("warmup", warmup, 0),
      ("maximum-length", maximumLength, 1), ("patience", patience, 0), ("slices", slices, 1),
      ("threads", threads, 1),
    ] where value < least {
      throw ValidationError("--\(name) is \(value); it must be at least \(least).")
    }
    guard learningRate > 0, learningRate.isFinite else {
      throw ValidationError("--learning-rate is \(learningRate); it must be above 0.")
    }
    guard vectorRate >= 0, vectorRate.isFinite else {
      throw ValidationError("--vector-rate is \(vectorRate); it must be 0 or above.")
    }
    guard checkpointSeconds >= 0 else {
      throw ValidationError("--checkpoint-seconds is \(checkpointSeconds); it must be 0 or above.")
    }
    guard clip >= 0, clip.isFinite else {
      throw ValidationError("--clip is \(clip); it must be 0 (no clipping) or above.")
    }
    guard slices <= 256, threads <= 1024 else {
      throw ValidationError("--slices may be at most 256 and --threads at most 1024.")
    }
  }
}
