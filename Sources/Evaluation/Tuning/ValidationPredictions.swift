import DLNC
import Foundation
import Shards
import Support
import Tokenization

/// The predictions of a training for the validation rows of its tasks; of cross-validation, those of all
/// folds.
public struct ValidationPredictions: Sendable {
  /// The predictions for the rows of a task.
  struct Task: Sendable {
    let name: String
    let classNames: [String]
    /// The measure in place of accuracy, micro-F1, for a multi-label task.
    var measure = Measure.accuracy
    /// The true classes of each row, one or, in a multi-label task, any number; [rows].
    var labels: [[Int]] = []
    /// An identifier of the text of each row, equal for equal texts; [rows].
    var textIDs: [Int] = []
    /// The most probable class of each row or, in a multi-label task, its predicted labels; [rows].
    var predicted: [[Int]] = []
    /// The cross-entropy of each row; in a multi-label task, the sum of those of its labels; [rows].
    var losses: [Double] = []
  }

  /// The tasks that have validation rows, by name.
  var tasks: [Task]

  init(tasks: [Task]) { self.tasks = tasks }

  /// Lets models classify the validation rows of the tasks that their last stage learned. No other rows
  /// are classified.
  /// - Parameters:
  ///   - models: the outputs of one training; several for the folds of a cross-validation.
  ///   - vocab: the outputs of `vocab` that they were trained on.
  ///   - threads: the number of threads; does not change the predictions.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`, also if there are no validation rows.
  public init(models: [String], vocab: [String], threads: Int) throws {
    let sets = try TestSets(paths: vocab)
    var tasks: [String: Task] = [:]
    for path in models {
      let model = try trainedModel(at: path)
      for name in model.learnedTasks {
        let (dataset, _) = try sets.find(name, for: model, at: path)
        guard
          let rows = try dataset.shard(name, .validation)?
            .mapped(to: model.classNames(of: name) ?? [])
        else { continue }
        let task =
          tasks[name]
          ?? Task(
            name: name, classNames: rows.classNames,
            measure: model.labelThresholds(of: name) == nil ? .accuracy : .microF1)
        tasks[name] = try task.adding(rows, predictedBy: model, threads: threads)
      }
    }
    guard !tasks.isEmpty else {
      throw UserError(
        .noInput, at: vocab.joined(separator: ", "), problem: "no validation rows",
        expected: "rows by which settings can be compared",
        hint: "set some aside with ingest --validation")
    }
    self.tasks = tasks.values.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// The number of rows.
  var rows: Int { tasks.reduce(0) { $0 + $1.labels.count } }
}

extension ValidationPredictions.Task {
  /// With the predictions of a model for more rows.
  fileprivate func adding(
    _ rows: TokenShard, predictedBy model: any Classifier, threads: Int
  ) throws -> ValidationPredictions.Task {
    guard rows.classNames == classNames else {
      throw UserError(
        .data, at: name, problem: "folds with the classes \(classNames) and \(rows.classNames)",
        expected: "folds of one division", hint: "make all folds with one run of ingest --folds")
    }
    var result = self
    let count = classNames.count
    let probabilities = try model.classify(rows, threads: threads).probabilities
    let thresholds = model.labelThresholds(of: name)
    let nextID = (textIDs.max() ?? -1) + 1
    for row in 0..<rows.count {
      let (start, labels) = (row * count, rows.classes(of: row).map { Int($0) })
      let values = probabilities[start..<start + count]
      result.labels.append(labels)
      result.textIDs.append(nextID + Int(rows.textIDs[row]))
      result.predicted.append(
        thresholds?.labels(values) ?? [
          (1..<max(count, 1)).reduce(0) {
            probabilities[start + $1] > probabilities[start + $0] ? $1 : $0
          }
        ])
      let answers =
        thresholds == nil
        ? labels.map { Double(probabilities[start + $0]) }
        : values.enumerated().map { label, value in
          labels.contains(label) ? Double(value) : 1 - Double(value)
        }
      // As in single precision, so that a certain error has a finite loss.
      result.losses.append(
        answers.reduce(0) { $0 - log(max($1, Double(Float.leastNormalMagnitude))) })
    }
    return result
  }

  /// The measure over the rows, each counted as often as `weights` says; [rows]. The accuracy is that of
  /// the task, see ``measure``.
  func score(_ measure: SelectionCriterion, weights: [Int]) -> Double {
    var (total, loss) = (0, 0.0)
    var (hits, actual, guessed) = (
      [Int](repeating: 0, count: classNames.count), [Int](repeating: 0, count: classNames.count),
      [Int](repeating: 0, count: classNames.count)
    )
    for row in labels.indices where weights[row] > 0 {
      let weight = weights[row]
      total += weight
      for label in labels[row] {
        actual[label] += weight
        if predicted[row].contains(label) { hits[label] += weight }
      }
      for label in predicted[row] { guessed[label] += weight }
      loss += Double(weight) * losses[row]
    }
    switch measure {
    case .accuracy:
      // Micro-F1, which with one class a row is the accuracy.
      let sum = actual.reduce(0, +) + guessed.reduce(0, +)
      return Double(2 * hits.reduce(0, +)) / Double(max(sum, 1))
    case .loss: return loss / Double(max(total, 1))
    case .macroF1:
      let scores = classNames.indices.compactMap { index in
        ClassScores(
          correct: hits[index], predictedCount: guessed[index], actualCount: actual[index]
        ).f1
      }
      return mean(scores) ?? 0
    }
  }
}

extension ValidationPredictions {
  /// The mean of a measure over the tasks.
  public func score(_ measure: SelectionCriterion) -> Double {
    mean(tasks.map { $0.score(measure, weights: [Int](repeating: 1, count: $0.labels.count)) })
      ?? 0
  }
}

extension SelectionCriterion {
  /// A score as a number of which more is better.
  func merit(_ score: Double) -> Double { self == .loss ? -score : score }

  /// The name for readers.
  var title: String {
    switch self {
    case .accuracy: "accuracy"
    case .macroF1: "macro-F1"
    case .loss: "loss"
    }
  }

  /// A score as text: a loss with four decimals, others in percent.
  func text(_ score: Double?) -> String {
    self == .loss ? NumberFormat.fixed(score, 4) : NumberFormat.percent(score)
  }

  /// A difference of scores as text, with its sign.
  func difference(_ value: Double) -> String {
    guard self == .loss else { return NumberFormat.points(value) }
    let text = NumberFormat.fixed(abs(value), 4)
    return (text == "0.0000" ? "" : value < 0 ? "−" : "+") + text
  }
}
