import DLNC
import Shards
import Support

/// Assigns tasks to models: of the models of one variant and seed, only the first is evaluated on
/// each task.
///
/// Models trained jointly on different splits of one task share their other tasks. Evaluating each of
/// them would give several runs of one seed for one cell of the table.
struct EvaluationPlan {
  /// A cell of the table.
  private struct Cell {
    let variant: ModelVariant
    let task: EvaluationTask
    /// The models that are evaluated.
    var runs: Set<Run> = []
    /// The other tasks of each model that is evaluated.
    var evaluated: [[EvaluationTask]] = []
    /// The other tasks of each model that is left out.
    var skipped: [[EvaluationTask]] = []
  }

  /// A model is evaluated only once in a cell for each seed and fold.
  private struct Run: Hashable {
    let seed: Int
    let fold: Fold?
  }

  private var cells: [Cell] = []

  /// Returns those of a model's tasks that it is to be evaluated on.
  /// - Parameter folds: the folds of the tasks that are cross-validated.
  /// - Throws: ``UserError`` with exit status `data` if there are none.
  mutating func assign(
    _ tasks: [EvaluationTask], folds: [EvaluationTask: Fold] = [:], to variant: ModelVariant,
    seed: Int, at path: String
  ) throws -> [EvaluationTask] {
    let assigned = tasks.filter { task in
      let index =
        cells.firstIndex { $0.variant == variant && $0.task == task } ?? cells.endIndex
      if index == cells.endIndex { cells.append(Cell(variant: variant, task: task)) }
      let isNew = cells[index].runs.insert(Run(seed: seed, fold: folds[task])).inserted
      let others = tasks.filter { $0 != task }
      if isNew {
        cells[index].evaluated.append(others)
      } else {
        cells[index].skipped.append(others)
      }
      return isNew
    }
    guard !assigned.isEmpty else {
      throw UserError(
        .data, at: path,
        problem: "a second \(variant.title) of seed \(seed) for "
          + tasks.map(\.title).joined(separator: " and "),
        expected: "one model of each kind and seed for each task",
        hint: "leave one of them out, or evaluate it into a separate report")
    }
    return assigned
  }

  /// A note for each cell for which models were skipped.
  var notes: [String] {
    cells.filter { !$0.skipped.isEmpty }.map { cell in
      "\(cell.task.title), \(cell.variant.title): the numbers are of models that learned it "
        + "\(Self.describe(cell.evaluated)). Left out, being of the same seeds: models that learned it "
        + "\(Self.describe(cell.skipped))."
    }
  }

  /// Groups models by the other tasks that they learned, as in `with EI-reg (official), 5 of them`.
  private static func describe(_ models: [[EvaluationTask]]) -> String {
    models.unique.map { others in
      let count = models.count { $0 == others }
      let titles = others.map(\.title).joined(separator: ", ")
      return (others.isEmpty ? "alone" : "with \(titles)") + ", \(count) of them"
    }.joined(separator: "; ")
  }
}

/// Names models of one kind that learned the same tasks, as in a search or an ablation, by the
/// options in which they differ from the first of them.
struct VariantLabeler {
  private struct Group: Hashable {
    var kind: ModelVariant
    var tasks: [EvaluationTask]
  }

  private var firstOptions: [Group: [NamedValue]] = [:]
  /// The kinds of models of which ways to share parameters among tasks are compared.
  var comparedKinds: Set<String> = []

  /// The variant of a model without its detail.
  func kind(of model: any Classifier) -> ModelVariant {
    ModelVariant(
      model.name, model.stage == "finetune" ? .fineTuned : .trained,
      sharing: comparedKinds.contains(model.kind.rawValue) ? TrainingHistory(model).sharing : nil)
  }

  /// Returns the kind; its detail lists the options that differ from the first model of its group.
  mutating func label(
    _ kind: ModelVariant, _ tasks: [EvaluationTask], options: [NamedValue]
  ) -> ModelVariant {
    let group = Group(kind: kind, tasks: tasks)
    guard let first = firstOptions[group] else {
      firstOptions[group] = options
      return kind
    }
    let different = options.filter { !first.contains($0) }
    // Options that the first lacks follow from another difference, if there is one.
    let changed = different.filter { option in first.contains { $0.name == option.name } }
    return ModelVariant(
      kind.name, kind.training,
      detail: (changed.isEmpty ? different : changed).map { "\($0.name) \($0.value)" }.joined(
        separator: ", "),
      sharing: kind.sharing)
  }
}
