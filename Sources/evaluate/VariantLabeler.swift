import Evaluation
import StageKit

/// Tells models of one kind apart that learned the same rows, as those of a search or of an
/// ablation did: by the settings in which they differ from the first of them.
struct VariantLabeler {
  private struct Kind: Hashable {
    var model: Evaluation.Model
    var columns: [EvaluationTask]
  }

  private var firsts: [Kind: [FingerprintEntry]] = [:]

  /// The model with what sets it apart from the first of its kind with these columns.
  mutating func distinguish(
    _ model: Evaluation.Model, _ columns: [EvaluationTask], from path: String
  ) -> Evaluation.Model {
    let settings = ProvenanceCollector.learning(of: path)
    let kind = Kind(model: model, columns: columns)
    guard let first = firsts[kind] else {
      firsts[kind] = settings
      return model
    }
    let different = settings.filter { !first.contains($0) }
    return Evaluation.Model(
      model.name, model.training,
      detail: different.map { "\($0.name) \($0.value ?? "(default)")" }.joined(separator: ", "))
  }
}
