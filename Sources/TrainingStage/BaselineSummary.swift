import Network
import Stage

/// What `train` reports of a simple model.
public struct BaselineSummary: StageSummary {
  /// Which it is.
  public var model: Baseline
  /// How many numbers were learned.
  public var parameters: Int
  /// How many words and pairs each task has weights for.
  public var features: [Int]
  /// The tasks, and how the strength of each task's penalty was chosen.
  public var tasks: [LinearTask]

  /// The summary of a model.
  public init(_ model: LinearModel) {
    self.model = model.baseline
    (parameters, features, tasks) = (model.parameterCount, model.features, model.tasks)
  }

  /// A table of the fits, and which one was kept.
  public var text: String {
    var lines = ["\(model.rawValue): \(parameters) parameters"]
    if model == .bagOfWords {
      lines[0] += ", on words and pairs of words of whole rows (--maximum-length cuts none)"
    }
    lines.append(
      line(
        "task", "features", "penalty", " ", "train loss", "accuracy", "validation loss", "accuracy")
    )
    for (task, features) in zip(tasks, features) {
      lines += task.trials.enumerated().map { index, trial in
        line(
          task.name, "\(features)", trial.penalty.map { "\($0)" } ?? "-",
          index == task.kept && task.trials.count > 1 ? "*" : " ",
          decimal(trial.trainLoss, 4), percent(trial.trainAccuracy),
          trial.validationLoss.map { decimal($0, 4) } ?? "-",
          trial.validationAccuracy.map(percent) ?? "-")
      }
    }
    if tasks.contains(where: { $0.trials.count > 1 }) {
      lines.append("kept what is best on validation rows (*)")
    }
    return lines.joined(separator: "\n")
  }

  private func line(
    _ task: String, _ features: String, _ penalty: String, _ mark: String, _ trainLoss: String,
    _ trainAccuracy: String, _ validationLoss: String, _ validationAccuracy: String
  ) -> String {
    task.padded(to: 14) + padded(features, 10) + padded(penalty, 11) + mark
      + padded(trainLoss, 12) + padded(trainAccuracy, 10) + padded(validationLoss, 18)
      + padded(validationAccuracy, 10)
  }
}

/// One fit as a line of progress.
public func progress(_ task: String, _ trial: LinearTask.Trial) -> String {
  let penalty = trial.penalty.map { ", penalty \($0), \(trial.steps) steps" } ?? ""
  let validation = trial.validationAccuracy.map { ", validation \(percent($0))" } ?? ""
  return "\(task)\(penalty): loss \(decimal(trial.trainLoss, 3)) "
    + "train \(percent(trial.trainAccuracy))\(validation)"
}
