import Evaluation
import Support

/// Who is tested on what: of the models of one kind and seed only the first on each task.
///
/// Joint models of several divisions of one task have their other task in common. Testing that with
/// each of them would give one cell of the table several runs of one seed.
struct EvaluationPlan {
  /// A row of the report, a seed and a column: a cell's single run.
  private struct Run: Hashable {
    var model: Model
    var seed: Int
    var column: EvaluationTask
  }

  /// What a model learned beside the task that it was tested on, or left out for.
  private struct Cell {
    var model: Model
    var column: EvaluationTask
    var tested: [[EvaluationTask]] = []
    var leftOut: [[EvaluationTask]] = []
  }

  private var runs: Set<Run> = []
  private var cells: [Cell] = []

  /// Of the columns that a model learned together those that it is to be tested on.
  /// - Throws: ``UserError`` of kind `data` if there is none.
  mutating func enter(
    _ model: Model, seed: Int, learned: [EvaluationTask], at path: String
  ) throws -> [EvaluationTask] {
    let open = learned.filter { column in
      let isOpen = runs.insert(Run(model: model, seed: seed, column: column)).inserted
      note(model, column, isOpen ? \.tested : \.leftOut, beside: learned.filter { $0 != column })
      return isOpen
    }
    guard !open.isEmpty else {
      throw UserError(
        .data, at: path,
        problem: "a second \(model.title) of seed \(seed) for "
          + learned.map(\.title).joined(separator: " and "),
        expected: "one model of each kind and seed for each task",
        hint: "leave one of them out, or test it into a report of its own")
    }
    return open
  }

  private mutating func note(
    _ model: Model, _ column: EvaluationTask, _ list: WritableKeyPath<Cell, [[EvaluationTask]]>,
    beside others: [EvaluationTask]
  ) {
    let place = cells.firstIndex { $0.model == model && $0.column == column } ?? cells.count
    if place == cells.count { cells.append(Cell(model: model, column: column)) }
    cells[place][keyPath: list].append(others)
  }

  /// A remark for each cell of which models were left out.
  var remarks: [String] {
    cells.filter { !$0.leftOut.isEmpty }.map { cell in
      "\(cell.column.title), \(cell.model.title): the numbers are of models that learned it "
        + "\(Self.models(cell.tested)). Left out, being of the same seeds: models that learned it "
        + "\(Self.models(cell.leftOut))."
    }
  }

  /// Such as `with EI-reg (official), 5 of them`.
  private static func models(_ companies: [[EvaluationTask]]) -> String {
    var counts: [(company: [EvaluationTask], count: Int)] = []
    for company in companies {
      if let place = counts.firstIndex(where: { $0.company == company }) {
        counts[place].count += 1
      } else {
        counts.append((company, 1))
      }
    }
    return counts.map { company, count in
      let others = company.map(\.title).joined(separator: ", ")
      return (company.isEmpty ? "alone" : "with \(others)") + ", \(count) of them"
    }.joined(separator: "; ")
  }
}
