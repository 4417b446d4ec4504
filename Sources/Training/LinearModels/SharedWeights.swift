import DLNC
import Shards
import Tokenization

/// Weights that tasks with the same classes share in part (Daumé 2007, as regularisation: Evgeniou and
/// Pontil 2004). The weights of a task are the sum of a shared part and a private part. Both are fitted
/// together: each feature of a row has a copy for all tasks and one for the task of the row. The penalty
/// of the private part is `ratio` times that of the shared part; with a large ratio, tasks are pooled.
struct SharedWeights {
  /// The features of the rows of all tasks, without the intercept.
  private let featureCount: Int
  /// The column of the copy of each feature that a task has rows with, by task; the last feature is the
  /// task's part of the intercept.
  private let columns: [[Int32: Int32]]
  /// The rows with the copies of their features, and the intercept last.
  private let rows: CSRMatrix
  /// The factor of the copies, by which one penalty is a stronger one for them.
  private let factor: Double

  /// - Parameters:
  ///   - rows: the rows of all tasks, whose last column is 1.
  ///   - tasks: the task of each row, from 0.
  ///   - ratio: the penalty of the private part, as a multiple of that of the shared part.
  init(_ rows: CSRMatrix, tasks: [Int], ratio: Double) {
    var columns: [[Int32: Int32]] = (0...(tasks.max() ?? 0)).map { _ in [:] }
    let factor = 1 / ratio.squareRoot()
    var width = rows.width - 1
    for (row, task) in tasks.enumerated() {
      for cell in rows.cells(row) where columns[task][cell.column] == nil {
        columns[task][cell.column] = Int32(truncatingIfNeeded: width)
        width += 1
      }
    }
    var augmented = CSRMatrix(width: width + 1)
    for (row, task) in tasks.enumerated() {
      let cells = rows.cells(row)
      let copies = cells.map { (columns[task][$0.column] ?? 0, $0.value * factor) }
        .sorted { $0.0 < $1.0 }
      augmented.append(cells.dropLast() + copies + [(Int32(truncatingIfNeeded: width), 1)])
    }
    (featureCount, self.columns, self.rows, self.factor) = (
      rows.width - 1, columns, augmented, factor
    )
  }

  /// The weights of each task for its features and the intercept, [features + 1, classes].
  /// - Parameters:
  ///   - targets: the class of each row, below `classCount`.
  ///   - rowWeights: how much each row counts; nil for 1.
  ///   - penalty: the penalty of the shared part, as in scikit-learn.
  /// - Returns: the weights of each task and the number of steps; nil if the fit does not converge.
  func weights(
    _ targets: [Int], rowWeights: [Double]? = nil, classCount: Int, penalty: Double, threads: Int
  ) -> (weights: [[Double]], steps: Int)? {
    let regression = SoftmaxRegression(
      rows, transposed: rows.transposed, targets: targets, rowWeights: rowWeights,
      classCount: classCount,
      penalty: classCount == 2 ? 2 * penalty : penalty, threads: threads)
    guard let fit = regression.minimum() else { return nil }
    func weight(_ column: Int, _ label: Int) -> Double { fit.weights[column * classCount + label] }
    let byTask = columns.map { columns in
      (0...featureCount).flatMap { feature in
        let shared = feature < featureCount ? feature : rows.width - 1
        let own = columns[Int32(truncatingIfNeeded: feature)].map { Int($0) }
        return (0..<classCount).map { label in
          weight(shared, label) + (own.map { factor * weight($0, label) } ?? 0)
        }
      }
    }
    return (byTask, fit.steps)
  }
}

extension LinearClassifier {
  /// Fits classifiers with a shared part of the weights to tasks with the same class names, in any order.
  /// The validation rows of all tasks together choose the penalty.
  /// - Parameters:
  ///   - features: the features, with the weights `tfidf`.
  ///   - ratio: see ``SharedWeights``.
  /// - Returns: the classifier of each task, with the features of all tasks.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  static func sharing(
    _ tasks: [TaskDataset], _ features: BagOfWordsFeatures = BagOfWordsFeatures(), ratio: Double,
    penalties: [Double], keepBy: SelectionCriterion = .accuracy, threads: Int,
    report: (TaskClassifier.PenaltyFit) -> Void
  ) throws -> [LinearClassifier] {
    let rows = try SharedRows(tasks, features, ratio: ratio)
    let fits = try penalties.map { penalty in
      let fit = try rows.fit(penalty, threads: threads)
      report(mean(fit, rows.byTask))
      return fit
    }
    let means = fits.map { mean($0, rows.byTask) }
    let best = means.indices.dropFirst().reduce(0) {
      means[$1].improves(on: means[$0], by: keepBy) ? $1 : $0
    }
    let kept =
      if tasks.contains(where: \.fitsValidationRows) {
        try SharedRows(tasks.map { $0.allRows ?? $0 }, features, ratio: ratio)
          .fit(penalties[best], threads: threads)
      } else {
        fits[best]
      }
    return tasks.indices.map { task in
      var result = kept[task]
      result.summary.trials = fits.flatMap { $0[task].summary.trials }
      result.summary.kept = best
      result.calibrate(by: fits[best][task], rows.byTask[task], threads: threads)
      result.summary.ownPenaltyRatio = ratio
      result.summary.set(features)
      return result
    }
  }

  /// The results of fits with one penalty over the rows of all tasks.
  private static func mean(
    _ fits: [LinearClassifier], _ rows: [TfidfDataset]
  ) -> TaskClassifier.PenaltyFit {
    let trials = fits.flatMap(\.summary.trials)
    func mean(_ value: (TaskClassifier.PenaltyFit) -> Double?, _ counts: [Int]) -> Double? {
      let total = counts.reduce(0, +)
      guard total > 0 else { return nil }
      return zip(trials, counts).reduce(0) { $0 + (value($1.0) ?? 0) * Double($1.1) }
        / Double(total)
    }
    let (train, validation) = (rows.map(\.train.count), rows.map { $0.validation?.count ?? 0 })
    var result = trials[0]
    result.trainLoss = mean(\.trainLoss, train) ?? 0
    result.trainAccuracy = mean(\.trainAccuracy, train) ?? 0
    result.validationLoss = mean(\.validationLoss, validation)
    result.validationAccuracy = mean(\.validationAccuracy, validation)
    result.validationMacroF1 = mean(\.validationMacroF1, validation)
    return result
  }
}

/// The rows of tasks that share a part of their weights.
private struct SharedRows {
  /// The rows of each task by the features of all.
  let byTask: [TfidfDataset]
  private let pooled: TfidfDataset
  private let shared: SharedWeights

  init(_ tasks: [TaskDataset], _ features: BagOfWordsFeatures, ratio: Double) throws {
    let pooled = TfidfDataset(try TaskDataset(pooling: tasks), features)
    self.pooled = pooled
    byTask = tasks.map { TfidfDataset($0, pooled.ngrams) }
    shared = SharedWeights(
      pooled.train,
      tasks: tasks.indices.flatMap { task in [Int](repeating: task, count: tasks[task].train.count)
      },
      ratio: ratio)
  }

  /// The classifier of each task with one penalty.
  /// - Throws: ``UserError`` with exit status `usage` if the fit does not converge.
  func fit(_ penalty: Double, threads: Int) throws -> [LinearClassifier] {
    let train = pooled.data.train
    let fit = LinearClassifier.weights(
      of: train, width: pooled.train.width, sets: byTask.count
    ) {
      shared.weights(
        $0, rowWeights: pooled.data.rowWeights(label: $1), classCount: $2, penalty: penalty,
        threads: threads)
    }
    guard let fit else { throw LinearClassifier.doesNotConverge(penalty, train.task) }
    return zip(byTask, fit.weights).map { rows, weights in
      let all = LinearClassifier(
        summary: TaskClassifier(of: train), ngrams: pooled.ngrams, weights: weights)
      var result = all.assigned(to: TaskClassifier(of: rows.data.train))
      result.summary.trials = [
        result.evaluate(rows, penalty: penalty, steps: fit.steps, threads: threads)
      ]
      return result
    }
  }
}
