import Shards
import Support

/// What one model, trained from one seed, said of every row of one split of a task.
public struct Predictions: Sendable {
  /// The model that was asked.
  public let model: Model
  /// The seed it was trained from.
  public let seed: Int
  /// The task and how it was split.
  public let column: EvaluationTask
  /// The rows that were predicted.
  public let split: Split
  /// The names of the classes.
  public let classNames: [String]
  /// The true class of each row, an index into `classNames`; [n].
  public let gold: [Int]
  /// The probability of each class of each row; [n, classes], row by row.
  public let probabilities: [Float]
  /// A number for the text of each row, equal for equal texts; [n].
  public let groups: [Int]
  /// The class of each row that is most probable, the first of equals; [n].
  public let predicted: [Int]
  /// The texts of some rows by row number, to be quoted among the mistakes of the HTML page. See
  /// ``mostConfidentMistakes(_:)`` for the rows that are worth it.
  public var texts: [Int: String] = [:]

  /// Checks that the parts fit together.
  /// - Throws: ``UserError`` of kind `data` when lengths differ, a class is unknown, or a probability
  ///   is not a number between 0 and 1.
  public init(
    model: Model, seed: Int, column: EvaluationTask, split: Split, classNames: [String],
    gold: [Int],
    probabilities: [Float], groups: [Int]
  ) throws {
    let place =
      "predictions of \(model.title), seed \(seed), for \(column.title), \(split.rawValue)"
    func refuse(_ problem: String, _ expected: String) -> UserError {
      UserError(.data, at: place, problem: problem, expected: expected)
    }
    let (count, overflow) = gold.count.multipliedReportingOverflow(by: classNames.count)
    guard !classNames.isEmpty, !overflow, probabilities.count == count, groups.count == gold.count
    else {
      throw refuse(
        "\(classNames.count) classes, \(gold.count) rows, \(groups.count) text groups and "
          + "\(probabilities.count) probabilities",
        "at least one class, a group for each row and a probability for each row and class")
    }
    if let row = gold.firstIndex(where: { !classNames.indices.contains($0) }) {
      throw refuse("class \(gold[row]) in row \(row)", "a class from 0 to \(classNames.count - 1)")
    }
    // A hair above 1 is what rounding leaves of a softmax.
    if let bad = probabilities.firstIndex(where: { !($0 >= 0 && $0 <= 1.001) }) {
      throw refuse(
        "the probability \(probabilities[bad]) in row \(bad / classNames.count)",
        "a number from 0 to 1; the model may have diverged while it was trained")
    }
    (self.model, self.seed, self.column, self.split) = (model, seed, column, split)
    (self.classNames, self.gold, self.groups) = (classNames, gold, groups)
    self.probabilities = probabilities
    predicted = gold.indices.map { row in
      let start = row * classNames.count
      return classNames.indices.dropFirst().reduce(0) {
        probabilities[start + $1] > probabilities[start + $0] ? $1 : $0
      }
    }
  }

  /// How probable the model held the class it chose for `row`; at most 1.
  public func confidence(_ row: Int) -> Double {
    min(1, Double(probabilities[row * classNames.count + predicted[row]]))
  }

  /// For each row whether the predicted class is the true one; [n].
  public var correct: [Bool] { zip(predicted, gold).map { $0 == $1 } }

  /// The rows that the model got wrong, the most confident first, at most `count` of them. Only one
  /// row of a text is listed.
  public func mostConfidentMistakes(_ count: Int) -> [Int] {
    let wrong = gold.indices.filter { predicted[$0] != gold[$0] }
    let order = wrong.map { (row: $0, confidence: confidence($0)) }.sorted {
      $0.confidence != $1.confidence ? $0.confidence > $1.confidence : $0.row < $1.row
    }
    var seen: Set<Int> = []
    var result: [Int] = []
    for (row, _) in order where result.count < count && seen.insert(groups[row]).inserted {
      result.append(row)
    }
    return result
  }
}
