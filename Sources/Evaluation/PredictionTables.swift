import Foundation
import Shards
import Support

/// Writes `predictions/TASK.csv`: a table with a row for each prediction of the evaluated split.
///
/// The columns are those of ``columns`` and `p:CLASS` for each class. Models follow each other in the
/// order in which they were evaluated, rows in that of the split. Memory holds one block of rows.
public final class PredictionTables {
  private let output: AtomicDirectory
  /// The tables that have a line of names.
  private var headers: Set<String> = []

  /// The first columns: the run; the row, with its text as it was written; the true class, the most
  /// probable class and its probability. In a multi-label task, the true and the predicted labels, as
  /// ``joinedLabels(_:)`` writes them, and no confidence.
  static let columns = [
    "task", "model", "seed", "split", "id", "text", "label", "prediction", "confidence",
  ]
  /// The number of bytes after which rows are written.
  private static let blockSize = 1 << 20

  /// Tables in the folder `predictions` of an output.
  public init(in output: AtomicDirectory) { self.output = output }

  /// The path of the table of a task in the output. Names of tasks have no dot, so no two are equal.
  static func path(of task: EvaluationTask) -> String {
    "predictions/"
      + [task.name, task.splitScheme, "csv"].filter { !$0.isEmpty }
      .joined(separator: ".")
  }

  /// Adds the predictions of a model to the table of their task.
  /// - Parameters:
  ///   - probabilities: the probability of each class for each row; [rows, classes], row-major.
  ///   - ids: the ID of a row.
  ///   - text: the text of a row.
  /// - Throws: ``UserError`` with exit status `io`.
  func append(
    _ predictions: Predictions, probabilities: [Float], id: (Int) -> String,
    text: (Int) -> String
  ) throws {
    let path = Self.path(of: predictions.task)
    let classNames = predictions.classNames
    func answer(_ row: Int) -> [String] {
      let classes = [predictions.actualClasses(of: row), predictions.predictedClasses(of: row)]
      if predictions.task.isMultiLabel { return classes.map(joinedLabels) + [""] }
      let confidence = probabilities[row * classNames.count + predictions.predicted[row]]
      return classes.flatMap { $0 } + ["\(confidence)"]
    }
    var block = ""
    if headers.insert(path).inserted {
      block = CSV.row(Self.columns + classNames.map { "p:\($0)" })
    }
    for row in predictions.labels.indices {
      let start = row * classNames.count
      block += CSV.row(
        [
          predictions.task.name, predictions.variant.title, "\(predictions.seed)",
          predictions.split.rawValue, id(row), text(row),
        ] + answer(row) + probabilities[start..<start + classNames.count].map { "\($0)" })
      if block.utf8.count >= Self.blockSize {
        try output.append(Data(block.utf8), to: path)
        block = ""
      }
    }
    if !block.isEmpty { try output.append(Data(block.utf8), to: path) }
  }
}
