import ArgumentParser
import DLNC
import StageKit
import Training

/// The flags of a training that starts from a pretrained encoder.
struct PretrainedOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The output of pretrain, whose encoder, word vectors and norms the network starts from.",
      valueName: "folder"))
  var pretrained: InputPath?

  @Option(
    help: """
      The domain whose norms all tasks start from. By default the one of the task's name or, without \
      one, that in which the task's texts have the lowest perplexity.
      """)
  var domain: String?

  @Option(help: "The parameters to train: norms and classification part, or all.")
  var learn = FineTuningOptions.Scope.all

  @Option(help: "The factor of the learning rate for the encoder's weights (--learn all).")
  var encoderRate = TrainingSettings().encoderRate

  @Option(help: "Freeze the encoder's weights and the word vectors for this many epochs.")
  var unfreezeAfter = TrainingSettings().unfreezeAfter

  /// The flags that shape nothing without ``pretrained``.
  static let flags = ["domain", "learn", "encoder-rate", "unfreeze-after"]

  /// Reads the encoder and adds the flags to the settings; nil if none is given.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  func start(_ settings: inout TrainingSettings) throws -> PretrainedStart? {
    guard let pretrained else { return nil }
    settings.encoderRate = encoderRate
    settings.unfreezeAfter = unfreezeAfter
    var start = PretrainedStart(try PretrainedEncoder(path: pretrained.path))
    (start.domain, start.scope) = (domain, learn)
    return start
  }

  func validate() throws {
    try validate(ranges: ["encoderRate": .nonNegative, "unfreezeAfter": .nonNegative])
    guard pretrained == nil,
      let flag = [
        ("domain", domain != nil), ("learn", learn != .all), ("encoder-rate", encoderRate != 1),
        ("unfreeze-after", unfreezeAfter != 0),
      ].first(where: \.1)
    else { return }
    throw ValidationError("--\(flag.0) is given without --pretrained, which it belongs to.")
  }
}
