import DLNC
import Support

extension Predictions {
  /// The predictions of the models of several folds, as those of one model for the rows of all folds.
  ///
  /// Equal texts are always in one fold, so texts of different folds get different identifiers.
  /// - Parameter folds: the predictions on each fold, in the order of the folds.
  /// - Returns: nil without any.
  /// - Throws: ``UserError`` with exit status `data` if the folds have different classes.
  init?(pooling folds: [Predictions]) throws {
    guard let first = folds.first else { return nil }
    if let other = folds.first(where: { $0.classNames != first.classNames }) {
      throw UserError(
        .data, at: "\(first.task.title), \(first.variant.title)",
        problem: "folds with the classes \(first.classNames) and \(other.classNames)",
        expected: "folds of one division", hint: "make all folds with one run of ingest --folds")
    }
    (variant, seed, task, split) = (first.variant, first.seed, first.task, first.split)
    classNames = first.classNames
    labels = folds.flatMap(\.labels)
    predicted = folds.flatMap(\.predicted)
    confidences = folds.flatMap(\.confidences)
    let uncalibrated = folds.map(\.uncalibrated)
    self.uncalibrated =
      uncalibrated.contains { $0 == nil }
      ? nil : uncalibrated.flatMap { $0 ?? [] }
    labelPredictions = LabelPredictions(pooling: folds.compactMap(\.labelPredictions))
    var (textIDs, texts, ids): ([Int], [Int: String], [Int: String]) = ([], [:], [:])
    var because: [Int: [WordContribution]] = [:]
    var next = 0
    for fold in folds {
      for (row, text) in fold.texts { texts[textIDs.count + row] = text }
      for (row, id) in fold.ids { ids[textIDs.count + row] = id }
      for (row, words) in fold.because { because[textIDs.count + row] = words }
      textIDs += fold.textIDs.map { $0 + next }
      next += (fold.textIDs.max() ?? -1) + 1
    }
    (self.textIDs, self.texts, self.ids, self.because) = (textIDs, texts, ids, because)
  }
}
