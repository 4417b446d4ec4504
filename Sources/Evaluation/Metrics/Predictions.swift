import DLNC
import Shards
import Support

/// The predictions of one model, trained from one seed, for every row of one split of a task.
struct Predictions: Sendable {
  var variant: ModelVariant
  let seed: Int
  let task: EvaluationTask
  let split: Split
  let classNames: [String]
  /// The true class of each row, an index into `classNames`; -1 in a multi-label task; [rows].
  let labels: [Int]
  /// An identifier of the text of each row, equal for equal texts; [rows].
  let textIDs: [Int]
  /// The most probable class of each row, the first of equals; empty in a multi-label task; [rows].
  var predicted: [Int]
  /// The probability of the predicted class of each row, at most 1; in a multi-label task, see
  /// ``LabelPredictions/confidences``; [rows].
  let confidences: [Double]
  /// The same without the temperature of the model; nil for a model that is not calibrated, and in a
  /// multi-label task; [rows].
  var uncalibrated: [Double]?
  /// The labels of a multi-label task; nil for any other.
  var labelPredictions: LabelPredictions?
  /// The texts of some rows by row number, as they were written.
  var texts: [Int: String] = [:]
  /// The IDs of the same rows.
  var ids: [Int: String] = [:]
  /// The words that moved the predictions of the same rows most, the strongest first.
  var because: [Int: [WordContribution]] = [:]

  /// Checks that the parts fit together.
  /// - Parameters:
  ///   - labels: the true class of each row; -1 in a multi-label task.
  ///   - labelSets: the true labels of each row of a multi-label task; nil for any other.
  ///   - thresholds: the thresholds of a multi-label task; nil for any other.
  ///   - probabilities: the probability of each class for each row; [rows, classes], row-major.
  ///   - uncalibrated: the same without the temperature of the model; nil if it has none.
  /// - Throws: ``UserError`` with exit status `data` if lengths differ, a label is out of range, or a
  ///   probability is not a number between 0 and 1.
  init(
    variant: ModelVariant, seed: Int, task: EvaluationTask, split: Split, classNames: [String],
    labels: [Int], labelSets: LabelSets? = nil, thresholds: LabelThresholds? = nil,
    probabilities: [Float], uncalibrated: [Float]? = nil, textIDs: [Int]
  ) throws {
    func error(_ problem: String, expected: String) -> UserError {
      UserError(
        .data,
        at: "predictions of \(variant.title), seed \(seed), for \(task.title), \(split.rawValue)",
        problem: problem, expected: expected)
    }
    let (count, overflow) = labels.count.multipliedReportingOverflow(by: classNames.count)
    guard !classNames.isEmpty, !overflow, probabilities.count == count,
      (uncalibrated ?? probabilities).count == count, textIDs.count == labels.count
    else {
      throw error(
        "\(classNames.count) classes, \(labels.count) rows, \(textIDs.count) text identifiers and "
          + "\(probabilities.count) probabilities",
        expected: "at least one class, a text identifier for each row and a probability for each "
          + "row and class")
    }
    let isMultiLabel = task.isMultiLabel
    guard labelSets?.count == (isMultiLabel ? labels.count : nil),
      thresholds?.values.count == (isMultiLabel ? classNames.count : nil)
    else {
      throw error(
        "\(labelSets?.count ?? 0) label sets and \(thresholds?.values.count ?? 0) thresholds",
        expected: isMultiLabel
          ? "a label set for each row and a threshold for each class" : "one class for each row")
    }
    let allowed = isMultiLabel ? -1..<0 : classNames.indices
    if let row = labels.firstIndex(where: { !allowed.contains($0) }) {
      throw error(
        "class \(labels[row]) in row \(row)", expected: "a class from 0 to \(classNames.count - 1)")
    }
    // Rounding can leave a softmax slightly above 1.
    if let index = probabilities.firstIndex(where: { !($0 >= 0 && $0 <= 1.001) }) {
      throw error(
        "the probability \(probabilities[index]) in row \(index / classNames.count)",
        expected: "a number from 0 to 1; the model may have diverged during training")
    }
    (self.variant, self.seed, self.task, self.split) = (variant, seed, task, split)
    (self.classNames, self.labels, self.textIDs) = (classNames, labels, textIDs)
    if let labelSets, let thresholds {
      let labelPredictions = LabelPredictions(
        actual: labelSets, thresholds, probabilities: probabilities, uncalibrated: uncalibrated)
      (predicted, self.confidences) = ([], labelPredictions.confidences)
      self.labelPredictions = labelPredictions
      return
    }
    predicted = labels.indices.map { row in
      let start = row * classNames.count
      return classNames.indices.dropFirst().reduce(0) {
        probabilities[start + $1] > probabilities[start + $0] ? $1 : $0
      }
    }
    func confidences(_ predicted: [Int], _ probabilities: [Float]) -> [Double] {
      predicted.enumerated().map { row, predicted in
        min(1, Double(probabilities[row * classNames.count + predicted]))
      }
    }
    self.confidences = confidences(predicted, probabilities)
    self.uncalibrated = uncalibrated.map { confidences(predicted, $0) }
  }

  /// The most frequent class of these rows, the first of equals; not in a multi-label task.
  private var majorityClass: Int {
    var counts = [Int](repeating: 0, count: classNames.count)
    for label in labels { counts[label] += 1 }
    return counts.indices.reduce(0) { counts[$1] > counts[$0] ? $1 : $0 }
  }

  /// The answer which, given for every row, is the best by the measure of the task: the most frequent
  /// class or, in a multi-label task, any number of labels.
  var bestConstant: [Int] {
    labelPredictions.map { $0.bestConstant.map { Int($0) } } ?? [majorityClass]
  }

  /// The same rows, each predicted as ``bestConstant``.
  var allOfBestConstant: Predictions {
    var result = self
    result.variant = ModelVariant(ModelKind.baseline(.majority).rawValue)
    if let labelPredictions {
      let constant = labelPredictions.bestConstant
      result.labelPredictions?.predicted = LabelSets(labels.map { _ in constant })
    } else {
      result.predicted = [Int](repeating: majorityClass, count: labels.count)
    }
    return result
  }

  /// Whether the predicted class of each row is the true one or, in a multi-label task, all labels are;
  /// [rows].
  var correct: [Bool] {
    labelPredictions?.correct ?? zip(predicted, labels).map { $0 == $1 }
  }

  /// The terms of the measure of the task.
  var terms: MeasureTerms {
    labelPredictions.map { MeasureTerms($0) } ?? MeasureTerms(correct: correct)
  }

  /// Whether the model is calibrated.
  var isCalibrated: Bool { uncalibrated != nil || labelPredictions?.uncalibrated != nil }

  /// The true classes of a row.
  func actualClasses(of row: Int) -> [String] {
    (labelPredictions.map { $0.actual[row].map { Int($0) } } ?? [labels[row]])
      .map { classNames[$0] }
  }

  /// The predicted classes of a row.
  func predictedClasses(of row: Int) -> [String] {
    (labelPredictions.map { $0.predicted[row].map { Int($0) } } ?? [predicted[row]])
      .map { classNames[$0] }
  }

  /// Returns at most `count` misclassified rows, the most confident first, one for each text.
  func mostConfidentErrors(_ count: Int) -> [Int] {
    let rows = correct.enumerated().filter { !$0.element }.map(\.offset)
    let sorted = rows.map { (row: $0, confidence: confidences[$0]) }.sorted {
      $0.confidence != $1.confidence ? $0.confidence > $1.confidence : $0.row < $1.row
    }
    var seen: Set<Int> = []
    return Array(sorted.map(\.row).filter { seen.insert(textIDs[$0]).inserted }.prefix(count))
  }
}
