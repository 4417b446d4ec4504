import Shards

/// The accuracies that the paper prints, as fractions of 1.
public struct PaperResults: Sendable, Equatable {
  /// The name of the model, as in ``Model/name``.
  public var model: String
  /// The name of the task.
  public var task: String
  /// The accuracy on the training rows, if the paper gives it.
  public var train: Double?
  /// The accuracy on the test rows.
  public var test: Double
  /// What has to be known to read the number, if anything.
  public var note: String?

  /// Table 1, and the accuracies of fine-tuning from section IV.
  public static let table = [
    PaperResults(model: "dlnc", task: "yelp", train: 0.983, test: 0.852),
    PaperResults(model: "dlnc", task: "ei-reg", train: 0.917, test: 0.786),
    PaperResults(model: "dlnc", task: "imdb", train: 0.889, test: 0.725),
    PaperResults(model: "lstm-linear", task: "yelp", train: 0.779, test: 0.636),
    PaperResults(model: "lstm-linear", task: "ei-reg", train: 0.602, test: 0.514),
    PaperResults(
      model: "lstm-linear", task: "imdb", train: nil, test: 0.309,
      note: "the paper says “not better than”"),
    PaperResults(model: "no-task-embedding", task: "yelp", train: 0.925, test: 0.833),
    PaperResults(model: "no-task-embedding", task: "ei-reg", train: 0.851, test: 0.724),
    PaperResults(model: "separate-cell", task: "yelp", train: 0.991, test: 0.839),
    PaperResults(model: "separate-cell", task: "ei-reg", train: 0.937, test: 0.768),
  ]

  /// The paper's line for a model and a column, if it has one that can be compared. The paper does
  /// not say how it divided EI-reg; it names no official split, so `random` is the likeliest, and the
  /// stricter ones ask another question.
  public static func line(model: Model, column: EvaluationTask) -> PaperResults? {
    guard ["", "random"].contains(column.splitScheme), model.detail.isEmpty else { return nil }
    return table.first { $0.model == model.name && $0.task == column.task }
  }

  /// The paper's accuracy of a model on a column and a split, if it gives one.
  public static func accuracy(model: Model, column: EvaluationTask, split: Split) -> Double? {
    let line = line(model: model, column: column)
    return switch split {
    case .train: line?.train
    case .validation: nil
    case .test: line?.test
    }
  }
}
