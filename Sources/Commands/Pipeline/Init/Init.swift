import ArgumentParser
import Datasets
import Foundation
import PipelineKit
import Shards
import StageKit
import Support

extension Pipeline {
  /// Writes a manifest for labelled text of the user, and runs it.
  struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes a manifest for your own labelled text and, with --run, runs it.",
      discussion: """
        Each input is a task: a CSV, TSV, JSON or fastText file, an archive, or a folder, which may have \
        a folder for each class, or files or folders for train and test. The columns are chosen by \
        their names and values and printed with the reasons; flags replace the choice. Several tasks \
        share one model.

        EXAMPLES
          pipeline init tickets.csv --run
          pipeline init tickets.csv reviews.jsonl intents/ --run
          pipeline init tickets.csv --text-column body --label-column team
          pipeline init tickets.csv --folds 5 --run
          pipeline init a.csv b.csv --label-column a:stars --label-column b:mood
          pipeline init old=2024/mails.csv new=2025/mails.csv
        """)

    @Argument(
      help: ArgumentHelp(
        "A file, archive or folder for each task; NAME=PATH names the task.",
        valueName: "path"),
      completion: .file())
    var inputs: [String]

    @Flag(
      name: .customLong("run"), help: "Run the manifest: train, and write a report.")
    var runs = false
    @Flag(help: "Replace a manifest that is there already.")
    var force = false
    @Option(help: "The name of the manifest and of its outputs. (default: the names of the tasks)")
    var name: String?
    @Option(
      help: ArgumentHelp(
        "The manifest to write. (default: NAME.yaml in the current folder)", valueName: "file"))
    var output: String?

    @OptionGroup(title: "Columns") var columns: ColumnOptions
    @OptionGroup(title: "Files") var file: TextFileFlags
    @Option(help: "How bad rows are handled: stop, or skip and count them. (default: stop)")
    var onError: RowErrorPolicy?

    @Option(help: "Cross-validation with this number of folds, such as 5, for few rows.")
    var folds: Int?

    @Option(
      help: ArgumentHelp(
        "A file of word vectors such as GloVe's. (default: none)", valueName: "file"))
    var vectors: String?
    @Option(help: "The settings of the models, by name; see “train --help”.")
    var recipe = "best"

    @OptionGroup var folders: FolderOptions

    func validate() throws {
      guard !inputs.isEmpty else { throw ValidationError("Name a file or a folder.") }
      try validate(ranges: ["folds": .integers(Fold.counts)])
      if let name, name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9_-]{0,63}/) == nil {
        throw ValidationError(
          "--name is “\(name)”; it must be letters, digits, - and _, beginning with a letter or digit."
        )
      }
    }

    func run() async throws {
      try await reportingErrors(of: "pipeline") { try await writeManifest() }
    }

    private func writeManifest() async throws {
      let tasks = try inspectedTasks()
      let arguments = ["run", path(tasks)] + folders.arguments
      let draft = DraftManifest(
        name: manifestName(tasks), tasks: tasks, vectors: vectors == "none" ? nil : vectors,
        recipe: recipe, ingestFlags: ingestFlags,
        command: folders.executables.commandLine("pipeline", arguments))
      try draft.write(to: path(tasks), force: force)
      print(tasks.map(\.table).joined(separator: "\n\n") + "\n")
      guard runs else {
        return print("Wrote \(path(tasks)). To train and to write a report:\n  \(draft.command)")
      }
      print("Wrote \(path(tasks)), and running it\n")
      // What follows goes to standard error.
      fflush(nil)
      try await Pipeline.Run.parse(Array(arguments.dropFirst())).run()
      print("\n" + (try predictions(of: tasks, in: "\(folders.outputRoot)/\(draft.name)")))
    }

    // MARK: Tasks

    private func inspectedTasks() throws -> [InspectedTask] {
      let tasks = try TaskInput.parse(inputs)
      try columns.check(for: tasks.map(\.name))
      let options = try TextFileOptions(
        encoding: file.encoding, delimiter: file.delimiter, quote: file.quote,
        skipLines: file.skipLines, sheet: file.sheet)
      let inspections = try tasks.map { task in
        let log = Log(level: .normal, stage: "pipeline")
        let archive = try Archive(
          task.paths.map { ArchiveInput($0) },
          progress: log.reading(task.paths.joined(separator: ", ")))
        return try TableInspection(archive, options: options, given: columns.names(of: task.name))
      }
      let inspected = try zip(tasks, inspections).map { task, inspection in
        if let bad = inspection.badRows, onError != .skip {
          var error = bad.first
          let rows = bad.count > 1 ? "the \(bad.count) bad rows" : "the row"
          error.hint = "correct \(rows), or pass over such rows with --on-error skip"
          throw error
        }
        let known = Set(inspections.flatMap(\.columns).map(\.name))
        let given = columns.given(
          for: task.name, of: tasks.map(\.name), among: inspection, known: known)
        return InspectedTask(
          input: task, inspection: inspection, columns: try inspection.choose(given), folds: folds)
      }
      if let separator = columns.labelSeparator,
        inspected.allSatisfy({ $0.columns.labelSeparator == nil })
      {
        throw UserError(
          .usage, at: "--label-separator '\(separator)'", problem: "no label has it",
          expected: "what separates several labels in a value of the column of the label",
          hint: "name the column with --label-column, or leave the flag out")
      }
      return inspected
    }

    private var ingestFlags: [(flag: String, value: String)] {
      [
        ("encoding", file.encoding), ("delimiter", file.delimiter), ("quote", file.quote),
        ("skip-lines", file.skipLines.map(String.init)), ("on-error", onError?.rawValue),
        ("folds", folds.map(String.init)),
      ].compactMap { flag, value in value.map { (flag, $0) } }
    }

    private func manifestName(_ tasks: [InspectedTask]) -> String {
      if let name { return name }
      let names = tasks.map(\.name).joined(separator: "-")
      return names.count <= 40
        ? names : "\(tasks[0].name.prefix(30))-and-\(tasks.count - 1)-more"
    }

    private func path(_ tasks: [InspectedTask]) -> String {
      output ?? "\(manifestName(tasks)).yaml"
    }

    // MARK: Predictions

    /// How to predict the classes of new texts with the models in a folder.
    private func predictions(of tasks: [InspectedTask], in folder: String) throws -> String {
      let command = folders.executables.commandLine
      let models = try ChosenModel.all(inReportAt: "\(folder)/report/report.json")
      var lines = ["To predict the classes of new texts, one a line, or of the rows of a file:"]
      for task in tasks.prefix(5) {
        guard let model = models[task.name] else { continue }
        lines.append("\(task.name), with \(model.phrase):")
        let arguments =
          ["--checkpoint", "\(folder)/\(model.stage)" + (folds == nil ? "" : "/fold=all")]
          + (tasks.count > 1 ? ["--task", task.name] : [])
          + (task.htmlExample == nil ? [] : ["--markup", "html"])
        lines.append("  echo 'A text' | \(command("predict", arguments))")
        // A file without a line of names has no column to name.
        guard task.inspection.hasColumns, task.inspection.hasHeader else { continue }
        let names = task.columns.text.flatMap { ["--column", $0.name] }
        lines.append("  \(command("predict", arguments + names + ["--with-text"])) FILE")
      }
      return lines.joined(separator: "\n")
    }
  }
}
