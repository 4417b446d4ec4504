import DLNC
import StageKit
import Support

/// What a stage that learns reports at its end.
public struct TrainingSummary: StageSummary {
  /// The kind of model.
  public var model: Variant
  /// How many numbers the network holds, without and with its word vectors.
  public var parameters: Int
  /// See `parameters`.
  public var parametersWithVectors: Int
  /// How it learned.
  public var curve: LearningCurve
  /// What fine-tuning took, froze and drew afresh; nothing after training from scratch.
  public var adoption: TransferReport?

  /// The summary of a model's last stage.
  public init(_ model: Model, adoption: TransferReport? = nil) {
    self.model = model.configuration.variant
    (parameters, parametersWithVectors) = model.parameterCounts
    curve = model.curves.last ?? LearningCurve(stage: "none")
    self.adoption = adoption
  }

  /// A table of the epochs, and which one was kept.
  public var text: String {
    let count = "\(parameters) parameters, \(parametersWithVectors) with the word vectors"
    var lines = ["\(model.rawValue): \(count)"]
    let head = ["epoch ", "task", "train loss", "accuracy", "validation loss", "accuracy"]
    let rows = curve.points.map { point in
      [
        "\(point.epoch)\(point.epoch == curve.bestEpoch ? "*" : " ")", point.task,
        NumberFormat.fixed(point.trainLoss, 4), percent(point.trainAccuracy),
        NumberFormat.fixed(point.validationLoss, 4), percent(point.validationAccuracy),
      ]
    }
    lines.append(aligned([head] + rows, numeric: [0, 2, 3, 4, 5]))
    lines.append("kept epoch \(curve.bestEpoch) (*)")
    return lines.joined(separator: "\n")
  }
}

/// One epoch as a line of progress.
public func progress(_ curve: LearningCurve, epoch: Int, of epochs: Int) -> String {
  let parts = curve.points.filter { $0.epoch == epoch }.map { point in
    let validation = point.validationAccuracy.map { ", validation \(percent($0))" } ?? ""
    return
      "\(point.task) loss \(NumberFormat.fixed(point.trainLoss, 3)) train \(percent(point.trainAccuracy))\(validation)"
  }
  return "epoch \(epoch) of \(epochs): \(parts.joined(separator: "; "))"
}

/// A share in per cent with one decimal.
func percent(_ share: Double?) -> String {
  share.map { "\(NumberFormat.percent($0)) %" } ?? NumberFormat.none
}
