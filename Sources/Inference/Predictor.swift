import DLNC
import Shards
import Support
import Tokenization

/// A trained model of any kind, ready to classify new texts of one of its tasks.
public struct Predictor {
  /// The task.
  public let task: String
  /// The names of the task's classes.
  public let classNames: [String]
  /// The probabilities from which on a text gets the labels of a multi-label task; nil if a text gets one
  /// class.
  public let labelThresholds: LabelThresholds?
  /// The other tasks of the model.
  public let otherTasks: [String]
  /// The tokenizer of the model.
  public var tokenizer: Tokenizer { model.vocabulary.tokenizer }
  /// The name of the model.
  public var name: String { model.name }

  private let path: String
  private let model: any Classifier
  private let threads: Int
  private let tokens = TokenBuffer()

  /// Reads a model.
  /// - Parameters:
  ///   - path: a file, or a folder with `model.safetensors`.
  ///   - task: a task of the model; by default the last one that it was trained on.
  ///   - threads: the number of threads, which does not change the results.
  /// - Throws: ``UserError`` with exit status `noInput`, `data` or, for an unknown task, `usage`.
  public init(path: String, task: String? = nil, threads: Int) throws {
    let model = try trainedModel(at: path)
    guard let last = model.learnedTasks.last ?? model.knownTasks.last else {
      throw UserError(
        .data, at: path, problem: "a model without a task", expected: "a trained model")
    }
    let task = task ?? last
    guard let classNames = model.classNames(of: task) else {
      throw UserError(
        .usage, at: "--task \(task)", problem: "a task that the model does not know",
        expected: "one of: \(model.knownTasks.joined(separator: ", "))")
    }
    otherTasks = model.knownTasks.filter { $0 != task }
    labelThresholds = model.labelThresholds(of: task)
    (self.task, self.classNames, self.path) = (task, classNames, path)
    (self.model, self.threads) = (model, threads)
  }

  /// The tokens of a normalized text, the same as those of the stage `vocab`.
  public func tokens(of text: [UInt8]) -> TokenRow {
    text.withUnsafeBufferPointer { model.vocabulary.row(of: $0, using: tokens) }
  }

  /// The fraction of the tokens that the model knows for its task.
  func knownFraction(of row: TokenRow) -> Double {
    let size = (model as? Model)?.configuration.task(task)?.vocabularySize ?? .max
    let known = row.ids.count { $0 != 0 && Int($0) < size }
    return Double(known) / Double(max(row.ids.count, 1))
  }

  /// The lowest confidence from which on the answers reached a precision on validation rows, and the
  /// number of these rows.
  /// - Throws: ``UserError`` with exit status `data` if the task is not calibrated, or `usage` if no
  ///   confidence reached the precision or the task is multi-label.
  public func threshold(precision: Double) throws -> (point: CoverageCurve.Point, rows: Int) {
    guard labelThresholds == nil else {
      throw UserError(
        .usage, at: "--precision \(precision)",
        problem: "“\(task)” is a multi-label task, whose labels have a threshold each",
        expected: "--threshold, the same one for each label",
        hint: "leave it out; the thresholds of the model have the best F1 on validation rows")
    }
    guard let scaling = model.calibration(of: task) else {
      throw UserError(
        .data, at: path,
        problem: "no calibration of the task “\(task)”, so the precision of its answers is unknown",
        expected:
          "a model calibrated on \(TemperatureScaling.fewestRows) or more validation rows",
        hint: "train it again with validation rows and without --no-calibrate, or give --threshold")
    }
    if let point = scaling.thresholds.first(accuracy: precision) { return (point, scaling.rows) }
    let highest = scaling.thresholds.last?.accuracy
    throw UserError(
      .usage, at: "--precision \(precision)",
      problem: "no confidence from which on this fraction of the answers was right on the "
        + "\(NumberFormat.grouped(scaling.rows)) validation rows of “\(task)”",
      expected: "at most \(NumberFormat.fixed(highest, 3)), the highest precision of "
        + "\(CoverageCurve.fewestAnswers) or more answers",
      hint: "give a lower precision, or --threshold")
  }

  /// The probabilities of the classes for texts given as tokens, row-major [rows, classes]. The result
  /// of a row does not depend on the other rows.
  /// - Throws: ``UserError`` with exit status `data` if a result is not a probability.
  public func probabilities(of rows: [TokenRow]) throws -> [Float] {
    let probabilities = try model.classify(shard(rows), threads: threads).probabilities
    // Rounding in softmax can exceed 1 slightly.
    if let bad = probabilities.first(where: { !($0 >= 0 && $0 <= 1.001) }) {
      throw UserError(
        .data, at: path, problem: "the probability \(bad)", expected: "a number from 0 to 1",
        hint: "the model may have diverged during training; train it again")
    }
    return probabilities
  }

  /// The words that moved the prediction of each of some texts; see ``Classifier/explain(_:threads:)``.
  /// - Throws: ``UserError`` with exit status `usage` if the model does not read words.
  public func explain(_ rows: [TokenRow]) throws -> [[WordContribution]] {
    guard let words = try model.explain(shard(rows), threads: threads) else {
      throw UserError(
        .usage, at: "--explain",
        problem: "\(path) is a model of the majority class, which no word moves",
        expected: "a network or a bag of words", hint: "leave it out, or name another --checkpoint")
    }
    return words
  }

  private func shard(_ rows: [TokenRow]) -> TokenShard {
    var builder = ShardBuilder<Int32>(
      ShardHeader(
        task: task, split: .test, classNames: classNames, isMultiLabel: labelThresholds != nil))
    for row in rows {
      builder.append(row.ids, label: 0, textID: 0, unknownWords: row.unknownWords)
    }
    return builder.shard
  }
}
