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
  ///   - data: the rows of the task.
  ///   - calibrates: whether a temperature is fitted.
  ///   - predict: returns the probabilities of a model that did not learn from `validation`, [rows, classes].
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  init(
    to validation: TokenShard, _ data: TaskDataset, calibrates: Bool = true, threads: Int,
    predict: () -> [Float]
  ) throws {
    if validation.count >= TemperatureScaling.fewestRows {
      shift = try ValidationShift(data, threads: threads)
    }
    guard shift == nil else { return }
    let probabilities = predict()
    temperature = calibrates ? TemperatureScaling(probabilities, of: validation) : nil
    thresholds = LabelThresholds(
      temperature?.apply(to: probabilities, of: validation).probabilities ?? probabilities,
      of: validation)
  }
}

extension Model {
  /// Learns from validation rows what they give a trained network: its calibration and then, if it is to
  /// be fitted to them, too, its n-gram layers; nothing if they are not like the training rows.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  func fitValidationRows(
    _ data: [TaskDataset], _ features: BagOfWordsFeatures, _ settings: TrainingSettings,
    threads: Int
  ) throws {
    try calibrate(data, calibrates: settings.calibrates == true, threads: threads)
    guard settings.fitsValidationRows == true, configuration.ngrams != nil else { return }
    var data = data
    for (index, rows) in data.enumerated() {
      let task = parameters.configuration.tasks.firstIndex { $0.name == rows.train.task }
      guard let task, parameters.configuration.tasks[task].validationShift == nil,
        let all = rows.withoutValidation
      else { continue }
      data[index] = all
      parameters.configuration.tasks[task].record(try rows.digest(fitsValidationRows: true))
    }
    try configuration.refitNgramLayers(
      &parameters.ngramLayers, to: data, features, threads: threads)
  }

  /// Fits the factors of n-gram layers and the temperatures of tasks to their validation rows and chooses
  /// the thresholds of labels on them.
  /// - Parameter calibrates: whether factors and temperatures are fitted.
  private func calibrate(_ data: [TaskDataset], calibrates: Bool, threads: Int) throws {
    for index in parameters.configuration.tasks.indices {
      var task = parameters.configuration.tasks[index]
      guard calibrates || task.isMultiLabel,
        let data = data.first(where: { $0.train.task == task.name }), let rows = data.validation
      else { continue }
      var ngramFactor: Double?
      let fit = try CalibrationFit(to: rows, data, calibrates: calibrates, threads: threads) {
        if calibrates { ngramFactor = scaleNgramLayer(rows, threads: threads) }
        return predict(rows, threads: threads).probabilities
      }
      (task.calibration, task.validationShift) = (fit.temperature, fit.shift)
      task.calibration?.ngramFactor = ngramFactor
      task.labelThresholds = fit.thresholds ?? task.labelThresholds
      parameters.configuration.tasks[index] = task
    }
  }

  /// Multiplies the scales of a task's n-gram layer by the best factor for its validation rows.
  /// - Returns: the factor; nil without such a layer or with too few rows.
  private func scaleNgramLayer(_ rows: TokenShard, threads: Int) -> Double? {
    let offsets = parameters.layout.tasks[rows.task]
    guard let offsets, let scale = offsets.ngramScale else { return nil }
    let whole = predict(rows, threads: threads).probabilities
    let scales = UnsafeMutableBufferPointer(
      start: parameters.values.start + scale, count: offsets.classCount)
    let learned = Array(scales)
    scales.update(repeating: 0)
    let network = predict(rows, threads: threads).probabilities
    let factor = TemperatureScaling.ngramFactor(whole, without: network, of: rows)
    for (k, value) in learned.enumerated() { scales[k] = value * Float(factor ?? 1) }
    return factor
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
    let fit = try CalibrationFit(to: shard, dataset.data, threads: threads) { probabilities }
    (summary.calibration, summary.validationShift) = (fit.temperature, fit.shift)
    summary.labelThresholds = fit.thresholds ?? summary.labelThresholds
  }
}
