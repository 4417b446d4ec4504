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
  /// The true class of each row, an index into `classNames`; [rows].
  let labels: [Int]
  /// An identifier of the text of each row, equal for equal texts; [rows].
  let textIDs: [Int]
  /// The most probable class of each row, the first of equals; [rows].
  var predicted: [Int]
  /// The probability of the predicted class of each row, at most 1; [rows].
  let confidences: [Double]
  /// The same without the temperature of the model; nil for a model that is not calibrated; [rows].
  var uncalibrated: [Double]?
  /// The texts of some rows by row number, as they were written.
  var texts: [Int: String] = [:]
  /// The IDs of the same rows.
  var ids: [Int: String] = [:]
  /// The words that moved the predictions of the same rows most, the strongest first.
  var because: [Int: [WordContribution]] = [:]

  /// Checks that the parts fit together.
  /// - Parameters:
  ///   - probabilities: the probability of each class for each row; [rows, classes], row-major.
  ///   - uncalibrated: the same without the temperature of the model; nil if it has none.
  /// - Throws: ``UserError`` with exit status `data` if lengths differ, a label is out of range, or a
  ///   probability is not a number between 0 and 1.
  init(
    variant: ModelVariant, seed: Int, task: EvaluationTask, split: Split, classNames: [String],
    labels: [Int], probabilities: [Float], uncalibrated: [Float]? = nil, textIDs: [Int]
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
    if let row = labels.firstIndex(where: { !classNames.indices.contains($0) }) {
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

  /// The most frequent class of these rows, the first of equals.
  var majorityClass: Int {
    var counts = [Int](repeating: 0, count: classNames.count)
    for label in labels { counts[label] += 1 }
    return counts.indices.reduce(0) { counts[$1] > counts[$0] ? $1 : $0 }
  }

  /// The same rows, each predicted as the most frequent class.
  var allOfMajorityClass: Predictions {
    var result = self
    result.variant = ModelVariant(ModelKind.baseline(.majority).rawValue)
    result.predicted = [Int](repeating: majorityClass, count: labels.count)
    return result
  }

  /// Whether the predicted class of each row is the true one; [rows].
  var correct: [Bool] { zip(predicted, labels).map { $0 == $1 } }

  /// Returns at most `count` misclassified rows, the most confident first, one for each text.
  func mostConfidentErrors(_ count: Int) -> [Int] {
    let rows = labels.indices.filter { predicted[$0] != labels[$0] }
    let sorted = rows.map { (row: $0, confidence: confidences[$0]) }.sorted {
      $0.confidence != $1.confidence ? $0.confidence > $1.confidence : $0.row < $1.row
    }
    var seen: Set<Int> = []
    return Array(sorted.map(\.row).filter { seen.insert(textIDs[$0]).inserted }.prefix(count))
  }
}
