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
      "task            features   penalty  train loss  accuracy   validation loss  accuracy")
    for (task, features) in zip(tasks, features) {
      lines += task.trials.enumerated().map { index, trial in
        task.name.padded(to: 14) + padded("\(features)", 10)
          + padded(trial.penalty.map { "\($0)" } ?? "-", 9)
          + (index == task.kept ? "*" : " ")
          + padded(decimal(trial.trainLoss, 4), 12) + padded(percent(trial.trainAccuracy), 10)
          + padded(trial.validationLoss.map { decimal($0, 4) } ?? "-", 18)
          + padded(trial.validationAccuracy.map(percent) ?? "-", 10)
      }
    }
    if tasks.contains(where: { $0.trials.count > 1 }) {
      lines.append("kept what is best on validation rows (*)")
    }
    return lines.joined(separator: "\n")
  }
}

/// One fit as a line of progress.
public func progress(_ task: String, _ trial: LinearTask.Trial) -> String {
  let penalty = trial.penalty.map { ", penalty \($0), \(trial.steps) steps" } ?? ""
  let validation = trial.validationAccuracy.map { ", validation \(percent($0))" } ?? ""
  return "\(task)\(penalty): loss \(decimal(trial.trainLoss, 3)) "
    + "train \(percent(trial.trainAccuracy))\(validation)"
}
