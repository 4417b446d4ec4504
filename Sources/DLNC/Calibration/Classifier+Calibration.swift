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
            + "temperature \(NumberFormat.fixed(scaling.temperature, 3)), "
            + (scaling.ngramFactor.map { "n-gram layer times \(NumberFormat.fixed($0, 3)), " } ?? "")
            + "loss \(NumberFormat.fixed(scaling.lossBefore, 4)) to \(NumberFormat.fixed(scaling.loss, 4))"
        }
        if let shift = validationShift(of: task) {
          return
            "\(task): not calibrated nor fitted to validation rows, because \(shift); ingest --validation "
            + "takes validation rows from the training rows"
        }
        let rows = try dataset.shard(task, .validation)?.count ?? 0
        return "\(task): not calibrated, for which it would need \(TemperatureScaling.fewestRows) "
          + "validation rows and has \(rows)"
      }
  }
}
