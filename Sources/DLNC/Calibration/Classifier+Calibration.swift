import Shards
import Support
import Tokenization

extension Classifier {
  /// Computes the class probabilities of each row of a shard with the temperature of its task,
  /// [rows, C], and the mean cross-entropy.
  /// - Parameter threads: the number of threads; does not change the result.
  /// - Throws: ``UserError`` with exit status `data` if the model does not know the shard's task and
  ///   classes.
  public func classify(
    _ shard: TokenShard, threads: Int
  ) throws -> (probabilities: [Float], loss: Double) {
    let plain = try classifyUncalibrated(shard, threads: threads)
    return calibration(of: shard.task)?.apply(to: plain.probabilities, of: shard) ?? plain
  }

  /// The temperature of each calibrated task of the last stage.
  public var temperatures: [String: Double] {
    learnedTasks.reduce(into: [:]) { $0[$1] = calibration(of: $1)?.temperature }
  }

  /// For each task of the last stage what became of its calibration, and how a multi-label task decides,
  /// one sentence each.
  /// - Parameter dataset: the dataset that the model was trained on.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  public func calibrationNotes(_ dataset: TokenizedDataset) throws -> [String] {
    if kind == .baseline(.majority) { return [] }
    let decisions = learnedTasks.compactMap { task in
      labelThresholds(of: task).map {
        "\(task): multi-label, so its accuracy is micro-F1 with the threshold ½; "
          + ($0.rows > 0
            ? "predictions have thresholds with the best F1 of each label on "
              + "\(NumberFormat.grouped($0.rows)) validation rows"
            : "so is the threshold of predictions, because "
              + (validationShift(of: task) == nil
                ? "there are no validation rows"
                : "its validation rows are not like its training rows"))
      }
    }
    return try decisions
      + learnedTasks.map { task in
        if let scaling = calibration(of: task) {
          return "\(task): calibrated on \(NumberFormat.grouped(scaling.rows)) validation rows, "
            + "temperature \(NumberFormat.fixed(scaling.temperature, 3)), loss "
            + "\(NumberFormat.fixed(scaling.lossBefore, 4)) to \(NumberFormat.fixed(scaling.loss, 4))"
        }
        if let shift = validationShift(of: task) {
          return
            "\(task): not calibrated, because \(shift); ingest --validation takes validation rows "
            + "from the training rows"
        }
        let rows = try dataset.shard(task, .validation)?.count ?? 0
        return "\(task): not calibrated, for which it would need \(TemperatureScaling.fewestRows) "
          + "validation rows and has \(rows)"
      }
  }
}

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
