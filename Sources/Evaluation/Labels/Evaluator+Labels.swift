import DLNC
import Datasets
import Shards
import Support
import Tokenization
import Training

/// The training and validation rows of a task. Near-equal texts have one text ID.
private struct LabelledRows {
  let shard: TokenShard
  let texts: [String]
  /// The number of training rows, which come first.
  let trainCount: Int
}

extension Evaluator {
  /// The file with all suspects, in the output.
  static let suspectFile = "suspects.csv"

  /// Looks for wrong labels among the training and validation rows of the evaluated tasks and writes them
  /// to `suspects.csv`.
  /// - Parameter log: called with a line for each task.
  /// - Throws: ``UserError`` with exit status `data`, `usage` if a fit does not converge, or `io`.
  public mutating func checkLabels(in output: AtomicDirectory, log: (String) -> Void) throws {
    for (task, dataset) in singleLabelDatasets(for: "check-labels", log) {
      guard let rows = try labelledRows(task, dataset) else { continue }
      let check = LabelCheck(
        task, rows.shard,
        probabilities: try dataset.heldOutProbabilities(rows.shard, threads: threads),
        split: { $0 < rows.trainCount ? .train : .validation }, text: { rows.texts[$0] })
      log("\(task.title): \(check.summary)")
      input.labelChecks.append(check)
    }
    try output.write(LabelCheck.csv(input.labelChecks), to: Self.suspectFile)
  }

  /// Estimates for each evaluated task how much more labelled rows would help.
  /// - Parameter log: called with a line for each task.
  /// - Throws: ``UserError`` with exit status `data`, or `usage` if a fit does not converge.
  public mutating func measureSizes(log: (String) -> Void) throws {
    for (task, dataset) in singleLabelDatasets(for: "size-curve", log) {
      guard let rows = try labelledRows(task, dataset) else { continue }
      guard rows.shard.count >= SizeCurve.fewestRows else {
        let note =
          "\(task.title) has \(NumberFormat.count(rows.shard.count, "labelled row")), too few to "
          + "estimate how much more of them would help: at least \(SizeCurve.fewestRows) are needed."
        notes.append(note)
        log(note)
        continue
      }
      let curve = SizeCurve(
        task, rows: rows.shard.count,
        try dataset.heldOutErrors(rows.shard, shares: SizeCurve.shares, threads: threads))
      log("\(task.title): \(curve.text)")
      input.sizeCurves.append(curve)
    }
  }

  /// The datasets whose rows have one class each. Notes that the others are left out.
  private mutating func singleLabelDatasets(
    for flag: String, _ log: (String) -> Void
  ) -> [(task: EvaluationTask, dataset: TokenizedDataset)] {
    for (task, _) in labelledDatasets where task.isMultiLabel {
      let note =
        "--\(flag) leaves out \(task.title): its rows have any number of labels, and it needs rows with "
        + "one class each."
      notes.append(note)
      log(note)
    }
    return labelledDatasets.filter { !$0.task.isMultiLabel }
  }

  private func labelledRows(
    _ task: EvaluationTask, _ dataset: TokenizedDataset
  ) throws -> LabelledRows? {
    let shards = try [Split.train, .validation].filter(splits.contains).compactMap {
      try dataset.shard(task.name, $0)
    }
    guard var all = shards.first else { return nil }
    let trainCount = all.split == .train ? all.count : 0
    for shard in shards.dropFirst() { all.append(try shard.mapped(to: all.classNames)) }
    let texts = (0..<all.count).map { text(of: $0, in: all, dataset.vocabulary) }
    var groups: [[UInt8]: Int32] = [:]
    all.textIDs = texts.map { text in
      let key = nearDuplicateKey(Array(text.utf8))
      let group = groups[key] ?? Int32(truncatingIfNeeded: groups.count)
      groups[key] = group
      return group
    }
    return LabelledRows(shard: all, texts: texts, trainCount: trainCount)
  }
}
