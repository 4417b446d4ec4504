import DLNC
import Shards

extension TaskDataset {
  /// A temperature, if there are enough validation rows, and the thresholds of labels; neither if these
  /// rows are not like the training rows.
  /// - Parameters:
  ///   - calibrates: whether a temperature is fitted.
  ///   - predict: returns the probabilities of a model that did not learn from the rows, [rows, classes].
  fileprivate func calibration(
    calibrates: Bool = true, predict: (TokenShard) -> [Float]
  ) -> (temperature: TemperatureScaling?, thresholds: LabelThresholds?) {
    guard let validation, validationShift == nil else { return (nil, nil) }
    let probabilities = predict(validation)
    let temperature = calibrates ? TemperatureScaling(probabilities, of: validation) : nil
    let calibrated = temperature?.apply(to: probabilities, of: validation).probabilities
    return (temperature, LabelThresholds(calibrated ?? probabilities, of: validation))
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
    let fits = settings.fitsValidationRows == true && configuration.ngrams != nil
    let data = try data.map { try $0.comparingSplits(fitsValidationRows: fits, threads: threads) }
    calibrate(data, calibrates: settings.calibrates == true, threads: threads)
    guard fits else { return }
    for rows in data where rows.fitsValidationRows {
      let task = parameters.configuration.tasks.firstIndex { $0.name == rows.train.task }
      if let task { parameters.configuration.tasks[task].record(try rows.digest) }
    }
    try configuration.refitNgramLayers(
      &parameters.ngramLayers, to: data.map { $0.allRows ?? $0 }, features, threads: threads)
  }

  /// Fits the factors of n-gram layers and the temperatures of tasks to their validation rows and chooses
  /// the thresholds of labels on them.
  /// - Parameter calibrates: whether factors and temperatures are fitted.
  private func calibrate(_ data: [TaskDataset], calibrates: Bool, threads: Int) {
    for index in parameters.configuration.tasks.indices {
      var task = parameters.configuration.tasks[index]
      guard calibrates || task.isMultiLabel,
        let data = data.first(where: { $0.train.task == task.name })
      else { continue }
      var ngramFactor: Double?
      let fit = data.calibration(calibrates: calibrates) {
        if calibrates { ngramFactor = scaleNgramLayer($0, threads: threads) }
        return predict($0, threads: threads).probabilities
      }
      (task.calibration, task.validationShift) = (fit.temperature, data.validationShift)
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
  mutating func calibrate(by fit: LinearClassifier, _ dataset: TfidfDataset, threads: Int) {
    guard let rows = dataset.validation else { return }
    var metrics = BatchMetrics()
    let fit = dataset.data.calibration {
      fit.classify(rows, of: $0, threads: threads, adding: &metrics).map { Float($0) }
    }
    (summary.calibration, summary.validationShift) = (fit.temperature, dataset.data.validationShift)
    summary.labelThresholds = fit.thresholds ?? summary.labelThresholds
  }
}
