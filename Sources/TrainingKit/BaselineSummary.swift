import DLNC
import StageKit
import Support

/// What `train` reports of a simple model.
public struct BaselineSummary: StageSummary {
  /// Which it is.
  public var model: Baseline
  /// How many numbers were learned.
  public var parameters: Int
  /// How many words and pairs each task has weights for.
  public var features: [Int]
  /// The tasks, and how the strength of each task's penalty was chosen.
  public var tasks: [TaskClassifier]

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
    let head = [
      "task", "features", "penalty ", "train loss", "accuracy", "validation loss", "accuracy",
    ]
    let rows = zip(tasks, features).flatMap { task, features in
      task.trials.enumerated().map { index, trial in
        let mark = index == task.kept && task.trials.count > 1 ? "*" : " "
        return [
          task.name, "\(features)", (trial.penalty.map { "\($0)" } ?? NumberFormat.none) + mark,
          NumberFormat.fixed(trial.trainLoss, 4), percent(trial.trainAccuracy),
          NumberFormat.fixed(trial.validationLoss, 4), percent(trial.validationAccuracy),
        ]
      }
    }
    lines.append(aligned([head] + rows, numeric: [1, 2, 3, 4, 5, 6]))
    if tasks.contains(where: { $0.trials.count > 1 }) {
      lines.append("kept what is best on validation rows (*)")
    }
    return lines.joined(separator: "\n")
  }
}

/// One fit as a line of progress.
public func progress(_ task: String, _ trial: TaskClassifier.PenaltyFit) -> String {
  let penalty = trial.penalty.map { ", penalty \($0), \(trial.steps) steps" } ?? ""
  let validation = trial.validationAccuracy.map { ", validation \(percent($0))" } ?? ""
  return "\(task)\(penalty): loss \(NumberFormat.fixed(trial.trainLoss, 3)) "
    + "train \(percent(trial.trainAccuracy))\(validation)"
}
