import DLNC
import StageKit
import Support
import Tokenization
import Training

/// The summary of a stage that trains a network.
public struct TrainingSummary: StageSummary {
  /// The variant of the model.
  public var model: Variant
  /// The number of parameters without word vectors.
  public var parameters: Int
  /// The number of parameters including word vectors.
  public var parametersWithVectors: Int
  /// The learning curve.
  public var curve: LearningCurve
  /// The parameters that fine-tuning copied, froze and initialised; nil after training from scratch.
  public var transfer: TransferReport?
  /// The settings of the stage.
  public var settings: TrainingSettings?
  /// The recipe, and the flags that follow from it or from the data.
  public var automatic: String
  /// The temperatures of the trained tasks that are calibrated.
  public var temperatures: [String: Double]
  /// A sentence about the calibration of each task.
  public var calibration: [String]
  /// Signs that the model is useless.
  public var warnings: [String]
  private let fitsValidationRows: Bool

  private enum CodingKeys: String, CodingKey {
    case model, parameters, parametersWithVectors, curve, settings, temperatures
    case transfer = "adoption"
  }

  /// Summarises the last stage of a model that was trained on a dataset.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  public init(
    _ model: Model, _ dataset: TokenizedDataset, transfer: TransferReport?, automatic: String
  ) throws {
    self.model = model.configuration.variant
    (parameters, parametersWithVectors) = model.parameterCounts
    curve = model.curves.last ?? LearningCurve(stage: "none")
    settings = model.settings[model.stage]
    fitsValidationRows = model.fitsValidationRows
    (self.transfer, self.automatic, temperatures) = (transfer, automatic, model.temperatures)
    calibration = settings?.calibrates == true ? try model.calibrationNotes(dataset) : []
    warnings = try model.trainingWarnings(dataset)
  }

  /// A table of the epochs, and the epoch that was kept.
  public var text: String { text(of: curve.points) }

  /// The same with the epoch that was kept alone.
  public var brief: String { text(of: curve.points.filter { $0.epoch == curve.bestEpoch }) }

  private func text(of points: [LearningCurve.Point]) -> String {
    let count = "\(parameters) parameters, \(parametersWithVectors) with the word vectors"
    let head = ["epoch ", "task", "train loss", "accuracy", "validation loss", "accuracy"]
    let rows = points.map { point in
      [
        "\(point.epoch)\(point.epoch == curve.bestEpoch ? "*" : " ")", point.task,
        NumberFormat.fixed(point.trainLoss, 4), percent(point.trainAccuracy),
        NumberFormat.fixed(point.validationLoss, 4), percent(point.validationAccuracy),
      ]
    }
    let isValidated = curve.points.isEmpty || curve.points.contains { $0.validationLoss != nil }
    let columns = isValidated ? head.count : 4
    let choices = (transfer?.domains ?? []).filter { $0.perplexities != nil }.map(\.text)
    let lines = [
      "\(model.rawValue): \(count)", automatic,
      TextTable.text(([head] + rows).map { Array($0.prefix(columns)) }, numeric: [0, 2, 3, 4, 5]),
      "kept epoch \(curve.bestEpoch) (*)\(isValidated ? "" : ", the last: there are no validation rows")",
    ]
    let refit =
      fitsValidationRows ? ["fitted the n-gram layer again, to training and validation rows"] : []
    return (lines + calibration + refit + choices).joined(separator: "\n")
  }
}

/// The summary of a stage that trains a baseline.
public struct BaselineSummary: StageSummary {
  /// The kind of baseline.
  public var model: Baseline
  /// The number of parameters.
  public var parameters: Int
  /// The number of words and pairs of words that each task has weights for.
  public var features: [Int]
  /// The tasks, each with the fits among which its penalty was chosen.
  public var tasks: [TaskClassifier]
  /// A sentence about the calibration of each task.
  public var calibration: [String]
  /// Signs that the model is useless.
  public var warnings: [String]

  private enum CodingKeys: CodingKey { case model, parameters, features, tasks }

  /// Summarises a model that was trained on a dataset.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  public init(_ model: LinearModel, _ dataset: TokenizedDataset, calibrates: Bool) throws {
    self.model = model.baseline
    (parameters, features, tasks) = (model.parameterCount, model.features, model.tasks)
    calibration = calibrates ? try model.calibrationNotes(dataset) : []
    warnings = try model.trainingWarnings(dataset)
    for index in tasks.indices { tasks[index].calibration?.thresholds = [] }
  }

  /// A table of the fits, and the fits that were kept.
  public var text: String { text(isBrief: false) }

  /// The same with the fits that were kept alone.
  public var brief: String { text(isBrief: true) }

  private func text(isBrief: Bool) -> String {
    var lines = ["\(model.rawValue): \(parameters) parameters"]
    if model == .bagOfWords, !isBrief {
      let characters =
        tasks.compactMap(\.characters).first.map { ", and on \($0) characters," } ?? ""
      lines[0] +=
        ", on words and pairs of words\(characters) of whole rows (--maximum-length cuts none)"
    }
    let head = [
      "task", "features", "penalty ", "train loss", "accuracy", "validation loss", "accuracy",
    ]
    let rows = zip(tasks, features).flatMap { task, features in
      task.trials.enumerated().filter { !isBrief || $0.offset == task.kept }.map { index, trial in
        let mark = index == task.kept && task.trials.count > 1 ? "*" : " "
        return [
          task.name, "\(features)", (trial.penalty.map { "\($0)" } ?? NumberFormat.none) + mark,
          NumberFormat.fixed(trial.trainLoss, 4), percent(trial.trainAccuracy),
          NumberFormat.fixed(trial.validationLoss, 4), percent(trial.validationAccuracy),
        ]
      }
    }
    let isValidated = tasks.flatMap(\.trials).contains { $0.validationLoss != nil }
    let columns = isValidated ? head.count : 5
    lines.append(
      TextTable.text(
        ([head] + rows).map { Array($0.prefix(columns)) }, numeric: [1, 2, 3, 4, 5, 6]))
    if tasks.contains(where: { $0.trials.count > 1 }) {
      lines.append("kept the fit that is best on validation rows (*)")
    }
    if tasks.contains(where: { $0.trainingData?.validationRows != nil }) {
      lines.append(
        "fitted again with that penalty to the training and validation rows; the figures are of the fit "
          + "to the training rows")
    }
    lines += calibration
    return lines.joined(separator: "\n")
  }
}

/// Returns one epoch as a line of progress.
public func progress(_ curve: LearningCurve, epoch: Int, of epochs: Int) -> String {
  let tasks = curve.points.filter { $0.epoch == epoch }.map { point in
    let validation = point.validationAccuracy.map { ", validation \(percent($0))" } ?? ""
    return "\(point.task) loss \(NumberFormat.fixed(point.trainLoss, 3)) "
      + "train \(percent(point.trainAccuracy))\(validation)"
  }
  return "epoch \(epoch) of \(epochs): \(tasks.joined(separator: "; "))"
}

extension Log {
  /// Reports what became of each parameter before a training.
  /// - Parameter name: the task that is fine-tuned, or the name of what is transferred.
  public func report(_ transfer: TransferReport, of name: String) {
    for (state, names) in [
      ("copied", transfer.copied), ("initialised", transfer.initialized),
      ("trained", transfer.trained), ("frozen", transfer.frozen),
    ] {
      for name in names { info("\(state) \(name)") }
    }
    for choice in transfer.domains ?? [] {
      if choice.perplexities == nil { info(choice.text) } else { notice(choice.text) }
    }
    notice(
      "\(name): \(transfer.copied.count) parameters copied, "
        + "\(transfer.initialized.count) initialised, \(transfer.trained.count) trained, "
        + "\(transfer.frozen.count) frozen; "
        + "\(NumberFormat.count(transfer.newWords, "new word")) in addition to \(transfer.oldWords)"
    )
  }
}

extension DomainChoice {
  /// The choice as a sentence, with the perplexity of the closest domains if they were compared.
  var text: String {
    guard let perplexities else { return "\(task) starts from the norms of the domain \(domain)" }
    let closest = perplexities.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.prefix(3)
      .map { "\($0.key) \(NumberFormat.fixed($0.value, 1))" }.joined(separator: ", ")
    return "\(task) starts from the norms of the closest domain, \(domain) (perplexity: \(closest))"
  }
}

/// Returns one fit of a baseline as a line of progress.
public func progress(_ task: String, _ trial: TaskClassifier.PenaltyFit) -> String {
  let penalty = trial.penalty.map { ", penalty \($0), \(trial.steps) steps" } ?? ""
  let validation = trial.validationAccuracy.map { ", validation \(percent($0))" } ?? ""
  return "\(task)\(penalty): loss \(NumberFormat.fixed(trial.trainLoss, 3)) "
    + "train \(percent(trial.trainAccuracy))\(validation)"
}

/// Returns a fraction in percent with one decimal.
func percent(_ fraction: Double?) -> String {
  fraction.map { "\(NumberFormat.percent($0)) %" } ?? NumberFormat.none
}
