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
    return calibration(of: shard.task)?.apply(
      to: plain.probabilities, labels: shard.labels, classCount: shard.classNames.count) ?? plain
  }

  /// The temperature of each calibrated task of the last stage.
  public var temperatures: [String: Double] {
    learnedTasks.reduce(into: [:]) { $0[$1] = calibration(of: $1)?.temperature }
  }

  /// For each task of the last stage what became of its calibration, one sentence each.
  /// - Parameter dataset: the dataset that the model was trained on.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  public func calibrationNotes(_ dataset: TokenizedDataset) throws -> [String] {
    if kind == .baseline(.majority) { return [] }
    return try learnedTasks.map { task in
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
  /// Fits the temperatures of tasks to their validation rows.
  func calibrate(_ data: [TaskDataset], threads: Int) {
    for index in parameters.configuration.tasks.indices {
      let name = parameters.configuration.tasks[index].name
      guard let rows = data.first(where: { $0.train.task == name })?.validation else { continue }
      parameters.configuration.tasks[index].calibration = TemperatureScaling(
        predict(rows, threads: threads).probabilities, labels: rows.labels,
        classCount: rows.classNames.count)
    }
  }
}

extension SoftmaxClassifier {
  /// The temperature that is fitted to validation rows; nil for too few.
  func calibration(_ dataset: TfidfDataset, threads: Int) -> TemperatureScaling? {
    guard let rows = dataset.validation, let shard = dataset.data.validation else { return nil }
    var metrics = BatchMetrics()
    let probabilities = classify(rows, labels: shard.labels, threads: threads, adding: &metrics)
    return TemperatureScaling(
      probabilities.map { Float($0) }, labels: shard.labels, classCount: shard.classNames.count)
  }
}
