import Network
import Stage
import Tensors

/// What a stage that learns reports at its end.
public struct LearningSummary: StageSummary {
  /// The kind of model.
  public var model: Variant
  /// How many numbers the network holds, without and with its word vectors.
  public var parameters: Int
  /// See `parameters`.
  public var parametersWithVectors: Int
  /// How it learned.
  public var curve: LearningCurve
  /// What fine-tuning took, froze and drew afresh; nothing after training from scratch.
  public var adoption: Adoption?

  /// The summary of a model's last stage.
  public init(_ model: Model, adoption: Adoption? = nil) {
    self.model = model.configuration.variant
    (parameters, parametersWithVectors) = model.parameterCounts
    curve = model.curves.last ?? LearningCurve(stage: "none")
    self.adoption = adoption
  }

  /// A table of the epochs, and which one was kept.
  public var text: String {
    let count = "\(parameters) parameters, \(parametersWithVectors) with the word vectors"
    var lines = ["\(model.rawValue): \(count)"]
    lines.append("epoch  task            train loss  accuracy   validation loss  accuracy")
    for point in curve.points {
      let mark = point.epoch == curve.bestEpoch ? "*" : " "
      lines.append(
        "\(padded("\(point.epoch)", 4))\(mark)  \(point.task.padded(to: 14))"
          + "\(padded(decimal(point.trainLoss, 4), 12))\(padded(percent(point.trainAccuracy), 10))"
          + "\(padded(point.validationLoss.map { decimal($0, 4) } ?? "-", 18))"
          + "\(padded(point.validationAccuracy.map(percent) ?? "-", 10))")
    }
    lines.append("kept epoch \(curve.bestEpoch) (*)")
    return lines.joined(separator: "\n")
  }
}

/// One epoch as a line of progress.
public func progress(_ curve: LearningCurve, epoch: Int, of epochs: Int) -> String {
  let parts = curve.points.filter { $0.epoch == epoch }.map { point in
    let validation = point.validationAccuracy.map { ", validation \(percent($0))" } ?? ""
    return
      "\(point.task) loss \(decimal(point.trainLoss, 3)) train \(percent(point.trainAccuracy))\(validation)"
  }
  return "epoch \(epoch) of \(epochs): \(parts.joined(separator: "; "))"
}

/// A share in per cent with one decimal.
func percent(_ share: Double) -> String { decimal(100 * share, 1) + " %" }

/// A number with so many decimals, whatever the locale.
func decimal(_ value: Double, _ places: Int) -> String {
  guard value.isFinite, abs(value) < 1e9 else { return "\(value)" }
  let scale = (0..<places).reduce(1) { power, _ in power * 10 }
  let units = Int((abs(value) * Double(scale)).rounded())
  let fraction = String(units % scale)
  let sign = value < 0 && units > 0 ? "-" : ""
  let zeros = String(repeating: "0", count: places - fraction.count)
  return "\(sign)\(units / scale).\(zeros)\(fraction)"
}

/// The text with spaces before it.
func padded(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}

extension String {
  /// The text with spaces behind it.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
