import DLNC
import Foundation
import Shards
import Support
import Tokenization

/// A trained model of any kind, which classifies texts:
///
/// ```swift
/// let classifier = try TextClassifier(contentsOf: url)
/// let answer = try classifier.predict("The waiter was rude.")
/// print(answer.label, answer.probabilities[answer.label] ?? 0)
/// ```
///
/// It never changes: many threads can use one classifier at the same time. Texts are without markup and
/// are normalized and tokenized as those of the training. The answers are those of the program `predict`.
public struct TextClassifier: Sendable {
  /// A task of a model.
  public struct Task: Hashable, Sendable {
    /// The name.
    public let name: String
    /// The names of the classes.
    public let classNames: [String]
    /// Whether a text can have any number of classes, also none.
    public let isMultiLabel: Bool
  }

  /// The precision of matrix products: single precision, or less precise and faster.
  public typealias Precision = ProductPrecision

  /// All tasks that the model knows, in the order in which it learned them.
  public let tasks: [Task]
  /// The task of an answer if no other is named: the last one that the model was trained on.
  public let defaultTask: Task

  package let model: any Classifier
  private let location: String
  private let sessions = SessionPool()

  /// Reads a model.
  /// - Parameters:
  ///   - url: the output folder of `train`, `finetune` or `export`, or the `model.safetensors` in it.
  ///   - precision: the precision of the matrix products of a network; a bag of words has none.
  /// - Throws: ``ClassifierError`` if there is no such file, or if it is no trained model that this version
  ///   can read.
  public init(contentsOf url: URL, precision: Precision = .float32) throws {
    try self.init(path: url.path, precision: precision)
  }

  package init(path: String, precision: Precision = .float32) throws {
    let model = try trainedModel(at: path, precision: precision)
    tasks = model.knownTasks.map { name in
      Task(
        name: name, classNames: model.classNames(of: name) ?? [],
        isMultiLabel: model.labelThresholds(of: name) != nil)
    }
    let last = model.learnedTasks.last ?? model.knownTasks.last
    guard let task = tasks.first(where: { $0.name == last }) else {
      throw UserError(
        .data, at: path, problem: "a model without a task", expected: "a trained model")
    }
    (defaultTask, self.model, location) = (task, model, path)
  }

  /// Classifies a text.
  /// - Parameter task: the name of one of ``tasks``; nil for ``defaultTask``.
  /// - Throws: ``ClassifierError`` if the model does not know the task, or if a result is not a number.
  public func predict(_ text: String, task: String? = nil) throws -> Classification {
    try predict([text], task: task)[0]
  }

  /// Classifies texts. The answer to a text does not depend on the others.
  /// - Parameters:
  ///   - task: the name of one of ``tasks``; nil for ``defaultTask``.
  ///   - threads: the number of threads, which does not change the answers; from 1 to 1024, which is the
  ///     nearest one to any other number.
  /// - Returns: the answers in the order of the texts.
  /// - Throws: ``ClassifierError`` if the model does not know the task, or if a result is not a number.
  public func predict(
    _ texts: [String], task: String? = nil, threads: Int = 1
  ) throws -> [Classification] {
    let (task, rows) = (try self.task(named: task), rows(of: texts))
    let probabilities = try self.probabilities(
      of: rows, task, threads: min(max(threads, 1), 1024))
    let (thresholds, width) = (model.labelThresholds(of: task.name), task.classNames.count)
    return rows.indices.map { row in
      Classification(
        probabilities[row * width..<(row + 1) * width], task, thresholds,
        known: knownFraction(of: rows[row], task))
    }
  }

  /// The words that moved the answer to a text, the strongest first.
  /// - Parameters:
  ///   - task: the name of one of ``tasks``; nil for ``defaultTask``.
  ///   - count: the number of words, at most.
  /// - Throws: ``ClassifierError`` if the model does not know the task, or is the majority class, which no
  ///   word moves.
  public func explain(
    _ text: String, task: String? = nil, count: Int = 5
  ) throws -> [WordContribution] {
    Array(
      try explain(rows(of: [text]), self.task(named: task), threads: 1)[0].prefix(max(count, 0)))
  }

  private func rows(of texts: [String]) -> [TokenRow] {
    let buffer = TokenBuffer()
    return texts.map { tokens(of: normalizeText(Array($0.utf8)), using: buffer) }
  }
}

/// An error of a ``TextClassifier``: the location, the problem, what was expected, and what to do.
public typealias ClassifierError = UserError

extension TextClassifier {
  /// The task with a name, or the default one.
  /// - Throws: ``UserError`` with exit status `usage`.
  package func task(named name: String?) throws -> Task {
    guard let name else { return defaultTask }
    guard let task = tasks.first(where: { $0.name == name }) else {
      throw UserError(
        .usage, at: "task “\(name)”", problem: "a task that the model does not know",
        expected: "one of: \(tasks.map(\.name).joined(separator: ", "))")
    }
    return task
  }

  /// The tokens of a normalized text.
  package func tokens(of text: [UInt8], using buffer: TokenBuffer) -> TokenRow {
    text.withUnsafeBufferPointer { model.vocabulary.row(of: $0, using: buffer) }
  }

  /// The fraction of the tokens that the model knows for a task.
  package func knownFraction(of row: TokenRow, _ task: Task) -> Double {
    let size = (model as? Model)?.configuration.task(task.name)?.vocabularySize ?? .max
    let known = row.ids.count { $0 != 0 && Int($0) < size }
    return Double(known) / Double(max(row.ids.count, 1))
  }

  /// The probabilities of the classes, row-major [rows, classes]. The result of a row does not depend on
  /// the other rows.
  /// - Throws: ``UserError`` with exit status `data` if a result is not a probability.
  package func probabilities(of rows: [TokenRow], _ task: Task, threads: Int) throws -> [Float] {
    let shard = shard(rows, task)
    let plain = try sessions.classify(shard, model, threads: threads)
    let probabilities =
      model.calibration(of: task.name)?.apply(to: plain, of: shard).probabilities
      ?? plain
    // Rounding in softmax can exceed 1 slightly.
    if let bad = probabilities.first(where: { !($0 >= 0 && $0 <= 1.001) }) {
      throw UserError(
        .data, at: location, problem: "the probability \(bad)", expected: "a number from 0 to 1",
        hint: "the model may have diverged during training; train it again")
    }
    return probabilities
  }

  /// The words that moved the prediction of each of some texts; see ``Classifier/explain(_:threads:)``.
  /// - Throws: ``UserError`` with exit status `usage` if the model does not read words.
  package func explain(
    _ rows: [TokenRow], _ task: Task, threads: Int
  ) throws -> [[WordContribution]] {
    guard let words = try model.explain(shard(rows, task), threads: threads) else {
      throw UserError(
        .usage, at: location, problem: "a model of the majority class, which no word moves",
        expected: "a network or a bag of words, for explanations")
    }
    return words
  }

  private func shard(_ rows: [TokenRow], _ task: Task) -> TokenShard {
    var builder = ShardBuilder<Int32>(
      ShardHeader(
        task: task.name, split: .test, classNames: task.classNames,
        isMultiLabel: task.isMultiLabel))
    for row in rows {
      builder.append(row.ids, label: 0, textID: 0, unknownWords: row.unknownWords)
    }
    return builder.shard
  }
}
