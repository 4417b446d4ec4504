import DLNC
import Datasets
import Shards
import Support
import TextClassification
import Tokenization

/// A trained model of any kind and one of its tasks.
public struct Predictor {
  /// The task.
  public let task: TextClassifier.Task
  /// The probabilities from which on a text gets the labels of a multi-label task; nil if a text gets one
  /// class.
  public let labelThresholds: LabelThresholds?
  /// The names of the other tasks of the model.
  public var otherTasks: [String] { classifier.tasks.map(\.name).filter { $0 != task.name } }
  /// The tokenizer of the model.
  public var tokenizer: Tokenizer { classifier.model.vocabulary.tokenizer }
  /// The name of the model.
  public var name: String { classifier.model.name }

  private let classifier: TextClassifier
  private let path: String
  /// The number of threads, which does not change any result.
  let threads: Int

  /// Reads a model.
  /// - Parameters:
  ///   - path: a file, or a folder with `model.safetensors`.
  ///   - task: a task of the model; by default the last one that it was trained on.
  ///   - precision: the precision of the matrix products of a network; nil for single precision.
  ///   - threads: the number of threads, which does not change the results.
  /// - Throws: ``UserError`` with exit status `noInput`, `data` or, for an unknown task or a precision of
  ///   a model without such products, `usage`.
  public init(
    path: String, task: String? = nil, precision: ProductPrecision? = nil, threads: Int
  ) throws {
    classifier = try TextClassifier(path: path, precision: precision ?? .float32)
    if let precision, case .baseline(let kind) = classifier.model.kind {
      throw UserError(
        .usage, at: "--precision \(precision.rawValue), \(path)",
        problem: "a model of the kind \(kind.rawValue), which has no matrix products",
        expected: "a network", hint: "leave it out, or name another --checkpoint")
    }
    do {
      self.task = try classifier.task(named: task)
    } catch var error as UserError {
      error.location = task.map { "--task \($0)" } ?? error.location
      throw error
    }
    labelThresholds = classifier.model.labelThresholds(of: self.task.name)
    (self.path, self.threads) = (path, threads)
  }

  /// Normalizes texts and splits them into tokens, on all threads.
  /// - Parameter normalizers: one for each thread.
  func prepared(_ texts: [[UInt8]], _ normalizers: [TextNormalizer]) -> [PreparedText] {
    let classifier = classifier
    nonisolated(unsafe) let workers = normalizers.map { ($0, TokenBuffer()) }
    return parallelMap(texts.count, threads: threads) { index, thread in
      let (bytes, (normalizer, buffer)) = (texts[index], workers[thread])
      let text = bytes.withUnsafeBytes { normalizer($0) }
      return PreparedText(
        text: text, tokens: classifier.tokens(of: text, using: buffer),
        isUTF8: !bytes.contains { $0 >= 0x80 } || String(validating: bytes, as: UTF8.self) != nil)
    }
  }

  /// The fraction of the tokens that the model knows for its task.
  func knownFraction(of row: TokenRow) -> Double { classifier.knownFraction(of: row, task) }

  /// The probabilities of the classes for texts given as tokens, row-major [rows, classes]. The result
  /// of a row does not depend on the other rows.
  /// - Throws: ``UserError`` with exit status `data` if a result is not a probability.
  public func probabilities(of rows: [TokenRow]) throws -> [Float] {
    try classifier.probabilities(of: rows, task, threads: threads)
  }

  /// The words that moved the prediction of each of some texts; see ``Classifier/explain(_:threads:)``.
  /// - Throws: ``UserError`` with exit status `usage` if the model does not read words.
  public func explain(_ rows: [TokenRow]) throws -> [[WordContribution]] {
    do {
      return try classifier.explain(rows, task, threads: threads)
    } catch var error as UserError where error.exitStatus == .usage {
      error.location = "--explain, \(path)"
      error.hint = "leave it out, or name another --checkpoint"
      throw error
    }
  }

  /// The lowest confidence from which on the answers reached a precision on validation rows, and the
  /// number of these rows.
  /// - Throws: ``UserError`` with exit status `data` if the task is not calibrated, or `usage` if no
  ///   confidence reached the precision or the task is multi-label.
  public func threshold(precision: Double) throws -> (point: CoverageCurve.Point, rows: Int) {
    guard labelThresholds == nil else {
      throw UserError(
        .usage, at: "--precision \(precision)",
        problem: "“\(task.name)” is a multi-label task, whose labels have a threshold each",
        expected: "--threshold, the same one for each label",
        hint: "leave it out; the thresholds of the model have the best F1 on validation rows")
    }
    guard let scaling = classifier.model.calibration(of: task.name) else {
      throw UserError(
        .data, at: path,
        problem:
          "no calibration of the task “\(task.name)”, so the precision of its answers is unknown",
        expected:
          "a model calibrated on \(TemperatureScaling.fewestRows) or more validation rows",
        hint: classifier.model.validationShift(of: task.name) == nil
          ? "train it again with validation rows and without --no-calibrate, or give --threshold"
          : "its validation rows are not like its training rows: take others by ingest --validation, and "
            + "train it again, or give --threshold")
    }
    if let point = scaling.thresholds.first(accuracy: precision) { return (point, scaling.rows) }
    let highest = scaling.thresholds.last?.accuracy
    throw UserError(
      .usage, at: "--precision \(precision)",
      problem: "no confidence from which on this fraction of the answers was right on the "
        + "\(NumberFormat.grouped(scaling.rows)) validation rows of “\(task.name)”",
      expected: "at most \(NumberFormat.fixed(highest, 3)), the highest precision of "
        + "\(CoverageCurve.fewestAnswers) or more answers",
      hint: "give a lower precision, or --threshold")
  }
}

/// A normalized text and its tokens.
struct PreparedText {
  let text: [UInt8]
  let tokens: TokenRow
  /// Whether the bytes before were valid UTF-8.
  let isUTF8: Bool
}

/// The results of `body` for the items 0, 1, … in their order.
/// - Parameter body: called with the item and the number of its thread, which is below `threads`.
func parallelMap<Result: Sendable>(
  _ count: Int, threads: Int, _ body: @Sendable (_ item: Int, _ thread: Int) -> Result
) -> [Result] {
  // Starting a thread takes as long as a few items.
  let workers = min(threads, (count + 31) / 32)
  guard workers > 1 else { return (0..<count).map { body($0, 0) } }
  var parts = [[Result]](repeating: [], count: workers)
  parts.withUnsafeMutableBufferPointer { buffer in
    nonisolated(unsafe) let parts = buffer
    parallelFor(workers, threads: workers) { worker in
      let items = count * worker / workers..<count * (worker + 1) / workers
      parts[worker] = items.map { body($0, worker) }
    }
  }
  return Array(parts.joined())
}
