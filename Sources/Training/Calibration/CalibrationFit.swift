import DLNC
import Shards

/// The temperature and the thresholds of a task, fitted to its validation rows.
private struct CalibrationFit {
  private(set) var temperature: TemperatureScaling?
  private(set) var thresholds: LabelThresholds?
  private(set) var shift: ValidationShift?

  /// Fits a temperature, if there are enough rows, and chooses the thresholds of labels; neither if the
  /// validation rows are not like the training rows.
  /// - Parameters:
  ///   - probabilities: those of a model that did not learn from `validation`, [rows, classes].
  ///   - data: the rows of the task.
  ///   - calibrates: whether a temperature is fitted.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  init(
    _ probabilities: [Float], of validation: TokenShard, _ data: TaskDataset,
    calibrates: Bool = true, threads: Int
  ) throws {
    if validation.count >= TemperatureScaling.fewestRows {
      shift = try ValidationShift(data, threads: threads)
    }
    guard shift == nil else { return }
    temperature = calibrates ? TemperatureScaling(probabilities, of: validation) : nil
    thresholds = LabelThresholds(
      temperature?.apply(to: probabilities, of: validation).probabilities ?? probabilities,
      of: validation)
  }
}

extension Model {
  /// Fits the temperatures of tasks to their validation rows and chooses the thresholds of labels on
  /// them.
  /// - Parameter calibrates: whether temperatures are fitted.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  func calibrate(_ data: [TaskDataset], calibrates: Bool, threads: Int) throws {
    for index in parameters.configuration.tasks.indices {
      var task = parameters.configuration.tasks[index]
      guard calibrates || task.isMultiLabel,
        let data = data.first(where: { $0.train.task == task.name }), let rows = data.validation
      else { continue }
      let fit = try CalibrationFit(
        predict(rows, threads: threads).probabilities, of: rows, data, calibrates: calibrates,
        threads: threads)
      (task.calibration, task.validationShift) = (fit.temperature, fit.shift)
      task.labelThresholds = fit.thresholds ?? task.labelThresholds
      parameters.configuration.tasks[index] = task
    }
  }
}

extension LinearClassifier {
  /// Sets the temperature of a task and the thresholds of labels by the predictions for its validation
  /// rows.
  /// - Parameter fit: the classifier that was not fitted to these rows.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  mutating func calibrate(by fit: LinearClassifier, _ dataset: TfidfDataset, threads: Int) throws {
    guard let rows = dataset.validation, let shard = dataset.data.validation else { return }
    var metrics = BatchMetrics()
    let probabilities = fit.classify(rows, of: shard, threads: threads, adding: &metrics)
      .map { Float($0) }
    let fit = try CalibrationFit(probabilities, of: shard, dataset.data, threads: threads)
    (summary.calibration, summary.validationShift) = (fit.temperature, fit.shift)
    summary.labelThresholds = fit.thresholds ?? summary.labelThresholds
  }
}
