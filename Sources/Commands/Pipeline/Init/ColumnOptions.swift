import ArgumentParser
import Datasets
import Support

/// The flags that name columns: `COLUMN` for every input that has it, `TASK:COLUMN` for one.
struct ColumnOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The column or key of the text; several are joined. TASK:COLUMN names it for one task.",
      valueName: "column"))
  var textColumn: [String] = []
  @Option(help: ArgumentHelp("The column of the label, likewise.", valueName: "column"))
  var labelColumn: [String] = []
  @Option(help: ArgumentHelp("The column with a name for each row, likewise.", valueName: "column"))
  var idColumn: [String] = []
  @Option(
    help: ArgumentHelp(
      "The column with train, validation or test, likewise.", valueName: "column"))
  var splitColumn: [String] = []
  @Option(
    help: ArgumentHelp(
      "The text between several labels in a value of the label, such as '|'.", valueName: "text"))
  var labelSeparator: String?

  private var all: [(flag: String, values: [String])] {
    [
      ("text-column", textColumn), ("label-column", labelColumn), ("id-column", idColumn),
      ("split-column", splitColumn),
    ]
  }

  /// Checks that each flag, but that of the text, names one column for a task.
  /// - Throws: ``UserError`` with exit status `usage`.
  func check(for tasks: [String]) throws {
    for (flag, values) in all.dropFirst() {
      for task in tasks {
        let own = values.filter { $0.hasPrefix("\(task):") }
        let others = values.filter { value in !tasks.contains { value.hasPrefix("\($0):") } }
        guard own.count > 1 || own.isEmpty && others.count > 1 && tasks.count == 1 else { continue }
        throw UserError(
          .usage, at: "--\(flag)",
          problem: "several columns for the task “\(task)”: "
            + (own.isEmpty ? others : own).joined(separator: ", "), expected: "one")
      }
    }
  }

  /// All columns that a task may be meant to have.
  func names(of task: String) -> [String] {
    all.flatMap(\.values).map {
      $0.hasPrefix("\(task):") ? String($0.dropFirst(task.count + 1)) : $0
    }
  }

  /// The columns of a task.
  /// - Parameters:
  ///   - tasks: all tasks.
  ///   - known: the columns of all tasks. One that none has is passed on, to be reported.
  func given(
    for task: String, of tasks: [String], among inspection: TableInspection, known: Set<String>
  ) -> GivenColumns {
    func columns(_ values: [String]) -> [String] {
      let own = values.filter { $0.hasPrefix("\(task):") }.map {
        String($0.dropFirst(task.count + 1))
      }
      guard own.isEmpty else { return own }
      return values.filter { name in
        !tasks.contains { name.hasPrefix("\($0):") }
          && (inspection.columns.contains { $0.name == name } || !known.contains(name))
      }
    }
    var given = GivenColumns()
    given.text = columns(textColumn)
    given.label = columns(labelColumn).first
    given.id = columns(idColumn).first
    given.split = columns(splitColumn).first
    given.labelSeparator = labelSeparator
    return given
  }
}
