import DLNC
import Datasets
import Shards

/// The accuracies of one model on one data set in the paper, as fractions of 1.
struct PaperResult: Sendable {
  let model: ModelKind
  let dataset: Dataset
  /// The accuracy on the training rows; nil if the paper does not give it.
  let train: Double?
  /// The accuracy on the test rows.
  let test: Double
  /// Whether the paper gives `test` as an upper bound (“not better than”).
  var isUpperBound = false

  /// Table 1, and the accuracies of fine-tuning from section IV.
  static let all = [
    PaperResult(model: .network(.dlnc), dataset: .yelp, train: 0.983, test: 0.852),
    PaperResult(model: .network(.dlnc), dataset: .eiReg, train: 0.917, test: 0.786),
    PaperResult(model: .network(.dlnc), dataset: .imdb, train: 0.889, test: 0.725),
    PaperResult(model: .network(.lstmLinear), dataset: .yelp, train: 0.779, test: 0.636),
    PaperResult(model: .network(.lstmLinear), dataset: .eiReg, train: 0.602, test: 0.514),
    PaperResult(
      model: .network(.lstmLinear), dataset: .imdb, train: nil, test: 0.309, isUpperBound: true),
    PaperResult(model: .network(.noTaskEmbedding), dataset: .yelp, train: 0.925, test: 0.833),
    PaperResult(model: .network(.noTaskEmbedding), dataset: .eiReg, train: 0.851, test: 0.724),
    PaperResult(model: .network(.separateCell), dataset: .yelp, train: 0.991, test: 0.839),
    PaperResult(model: .network(.separateCell), dataset: .eiReg, train: 0.937, test: 0.768),
  ]

  /// Returns the paper's result that a model's result on a task can be compared with, if any.
  ///
  /// The paper does not say how it split EI-reg and mentions no official split, so `random` is the
  /// most likely reading; the stricter splits answer a different question.
  static func find(_ variant: ModelVariant, _ task: EvaluationTask) -> PaperResult? {
    guard ["", "random"].contains(task.splitScheme), variant.detail.isEmpty,
      variant.sharing == nil, !task.isMultiLabel
    else { return nil }
    return all.first { $0.model.rawValue == variant.name && $0.dataset.rawValue == task.name }
  }

  /// The accuracy on a split, if the paper gives it.
  func accuracy(on split: Split) -> Double? {
    switch split {
    case .train: train
    case .validation, .unlabelled: nil
    case .test: test
    }
  }
}
