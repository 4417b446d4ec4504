import ArgumentParser
import DLNC
import StageKit

/// The flags of what keeps a network from learning its rows by heart, all of it off by default.
public struct RegularizationOptions: ParsableArguments {
  @Option(help: "The chance of a word of a row to be read as the unknown word while training.")
  var wordDropout: Double = TrainingSettings().wordDropout

  @Option(help: "Dropout on word vectors; a word keeps its mask throughout a batch.")
  var vectorDropout: Double = TrainingSettings().vectorDropout

  @Option(help: "The share of the target spread evenly over all classes; losses stay plain.")
  var labelSmoothing: Double = TrainingSettings().labelSmoothing

  @Option(help: "Shrink matrices and the batch's word vectors by this times the rate each step.")
  var weightDecay: Double = TrainingSettings().weightDecay

  @Option(
    help: "Keep and validate a moving average of the parameters of this decay a step, as 0.999.")
  var emaDecay: Double = TrainingSettings().emaDecay

  /// For ArgumentParser.
  public init() {}

  /// Puts the flags into settings.
  func apply(to settings: inout TrainingSettings) {
    settings.wordDropout = wordDropout
    settings.vectorDropout = vectorDropout
    settings.labelSmoothing = labelSmoothing
    settings.weightDecay = weightDecay
    settings.emaDecay = emaDecay
  }

  /// The flags that shape the output, for the fingerprint.
  var fingerprint: [Setting] {
    [
      Setting("word-dropout", wordDropout), Setting("vector-dropout", vectorDropout),
      Setting("label-smoothing", labelSmoothing), Setting("weight-decay", weightDecay),
      Setting("ema-decay", emaDecay),
    ]
  }

  /// Refuses values that make no sense.
  /// - Throws: `ValidationError`, which becomes exit status 64.
  public func validate() throws {
    for (name, value) in [
      ("word-dropout", wordDropout), ("vector-dropout", vectorDropout),
      ("label-smoothing", labelSmoothing), ("ema-decay", emaDecay),
    ] where !(value >= 0 && value < 1) {
      throw ValidationError("--\(name) is \(value); it must be from 0 to below 1.")
    }
    guard (0...1).contains(weightDecay) else {
      throw ValidationError("--weight-decay is \(weightDecay); it must be from 0 to 1.")
    }
  }
}
