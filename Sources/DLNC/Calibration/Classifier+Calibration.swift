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
            : "so is the threshold of predictions, because there are no validation rows")
      }
    }
    return try decisions
      + learnedTasks.map { task in
        if let scaling = calibration(of: task) {
          return "\(task): calibrated on \(NumberFormat.grouped(scaling.rows)) validation rows, "
            + "temperature \(NumberFormat.fixed(scaling.temperature, 3)), loss "
            + "\(NumberFormat.fixed(scaling.lossBefore, 4)) to \(NumberFormat.fixed(scaling.loss, 4))"
        }
        let rows = try dataset.shard(task, .validation)?.count ?? 0
        return "\(task): not calibrated, for which it would need \(TemperatureScaling.fewestRows) "
          + "validation rows and has \(rows)"
      }
  }
}

extension Model {
  /// Fits the temperatures of tasks to their validation rows and chooses the thresholds of labels on
  /// them.
  /// - Parameter calibrates: whether temperatures are fitted.
  func calibrate(_ data: [TaskDataset], calibrates: Bool, threads: Int) {
    for index in parameters.configuration.tasks.indices {
      let task = parameters.configuration.tasks[index]
      guard calibrates || task.isMultiLabel,
        let rows = data.first(where: { $0.train.task == task.name })?.validation
      else { continue }
      let probabilities = predict(rows, threads: threads).probabilities
      let scaling = calibrates ? TemperatureScaling(probabilities, of: rows) : nil
      parameters.configuration.tasks[index].calibration = scaling
      parameters.configuration.tasks[index].labelThresholds = LabelThresholds(
        scaling?.apply(to: probabilities, of: rows).probabilities ?? probabilities, of: rows)
    }
  }
}

extension LinearClassifier {
  /// Sets the temperature of a task, unless there are too few validation rows, and the thresholds of
  /// labels by the predictions for its validation rows.
  /// - Parameter fit: the classifier that was not fitted to these rows.
  mutating func calibrate(by fit: LinearClassifier, _ dataset: TfidfDataset, threads: Int) {
    guard let rows = dataset.validation, let shard = dataset.data.validation else { return }
    var metrics = BatchMetrics()
    let probabilities = fit.classify(rows, of: shard, threads: threads, adding: &metrics)
      .map { Float($0) }
    let scaling = TemperatureScaling(probabilities, of: shard)
    summary.calibration = scaling
    summary.labelThresholds = LabelThresholds(
      scaling?.apply(to: probabilities, of: shard).probabilities ?? probabilities, of: shard)
  }
}
