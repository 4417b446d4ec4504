import Shards
import Support
import Tokenization

/// A task of a model and the rows that it learned it from.
struct LearnedTask {
  let task: EvaluationTask
  let splitScheme: String
  let dataset: TokenizedDataset
  /// Whether it learned it from the validation rows, too.
  let fitsValidationRows: Bool

  var fold: Fold? { Fold(splitScheme: splitScheme) }

  /// A remark if a task lacks the split that its results would be reported on.
  func note(_ splits: [Split], evaluatedOn found: [Split]) -> String? {
    let missing = splits.filter {
      $0 > found.last ?? .test && ($0 == .test || !fitsValidationRows)
    }
    guard let last = found.last, !missing.isEmpty else { return nil }
    let names = missing.map(\.rawValue).reversed().joined(separator: " and no ")
    return "\(task.title) has no \(names) rows: "
      + (last == .train
        ? "its \(task.measure.rawValue) on the training rows says little about other texts."
        : "its \(task.measure.rawValue) on the validation rows, on which the model was chosen, may be too high.")
  }

  /// The chosen splits, as far as they exist; without the validation rows if the
  /// model learned from them.
  func shards(_ splits: [Split], at path: String) throws -> [TokenShard] {
    let chosen = splits.filter { $0 != .validation || !fitsValidationRows }
    guard !chosen.isEmpty else {
      throw UserError(
        .usage, at: path,
        problem: "a model that learned “\(task.name)” from the validation rows, too",
        expected: "rows that it did not learn from",
        hint: "choose test rows with --splits, or train with --no-fit-validation-rows")
    }
    let shards = try chosen.compactMap { try dataset.shard(task.name, $0) }
    if let other = shards.first(where: { $0.splitScheme != splitScheme }) {
      throw UserError(
        .data, at: "\(dataset.path)/\(task.name)",
        problem: "rows split as “\(other.splitScheme)” and training rows split as "
          + "“\(splitScheme)”",
        expected: "rows of one split scheme", hint: "run vocab again")
    }
    guard !shards.isEmpty else {
      throw UserError(
        .noInput, at: "\(dataset.path)/\(task.name)",
        problem: "no \(splits.map(\.rawValue).joined(separator: " or ")) rows",
        expected: "rows of at least one split in --splits", hint: "choose other splits")
    }
    return shards
  }
}
