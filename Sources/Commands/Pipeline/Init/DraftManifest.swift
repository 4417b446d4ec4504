import Datasets
import Foundation
import PipelineKit
import StageKit
import Support

/// The manifest that `init` writes: ingestion of each task, one vocabulary, a network of all tasks and
/// a bag of words beside it, and a report.
struct DraftManifest {
  let name: String
  let tasks: [InspectedTask]
  /// The file of word vectors, if there is one.
  let vectors: String?
  /// The recipe of both models.
  let recipe: String
  /// Flags of `ingest` that the user gave for all tasks.
  let ingestFlags: [(flag: String, value: String)]
  /// The command that runs the manifest.
  let command: String

  private static let stages = ["vocab", "train", "bag-of-words", "report"]

  /// The stage that ingests a task.
  private func stage(of task: InspectedTask) -> String {
    Self.stages.contains(task.name) ? "\(task.name)-rows" : task.name
  }

  var text: String {
    let names = tasks.map(stage).joined(separator: ", ")
    // With folds, each stage has a job for each fold.
    func each(_ upstream: String) -> String {
      tasks[0].folds == nil ? "" : "\n    each: \(upstream)"
    }
    let vectorInput = vectors.map { ", vectors: \(Self.quoted($0))" } ?? ""
    // Words that no training row has get their weights by their vectors.
    let extraWords = vectors == nil ? "" : "\n    with: { extra-words: 30000 }"
    return """
      # Written by “pipeline init”. Change it as you like; this runs it:
      #   \(command)
      name: \(name)

      stages:
      \(tasks.map(ingest).joined(separator: "\n"))
        # The words of the training texts. As the input “vectors”, name vectors of words that were learned
        # from much text, such as GloVe's: they help, most of all with few rows.
        vocab:
          run: vocab\(each(stage(of: tasks[0])))
          inputs: { examples: [\(names)]\(vectorInput) }\(extraWords)

        # The network\(tasks.count > 1 ? ": one model of all tasks" : "").
        train:
          run: train\(each("vocab"))
          inputs: { vocab: vocab }
          with: { recipe: \(Self.quoted(recipe)) }

        # A linear model of words and pairs of words, to compare the network with.
        bag-of-words:
          run: train\(each("vocab"))
          inputs: { vocab: vocab }
          with: { model: bag-of-words, recipe: \(Self.quoted(recipe)) }

        report:
          run: evaluate
          inputs: { models: [train, bag-of-words], vocab: [vocab] }
          with: { title: \(Self.quoted(name)) }

      """
  }

  private func ingest(_ task: InspectedTask) -> String {
    let stage = stage(of: task)
    let stages = Self.stages + tasks.map { self.stage(of: $0) }
    let paths = task.input.paths.map { path in
      // A name without a slash would mean the stage.
      Self.quoted(stages.contains(path) ? "./\(path)" : path)
    }
    let options = options(of: task).map { "      \($0)\n" }.joined()
    return """
        # \(comment(task))
        \(stage):
          run: ingest
          inputs: { archive: \(paths.count > 1 ? "[\(paths.joined(separator: ", "))]" : paths[0]) }
          with:
      \(options)
      """
  }

  private func comment(_ task: InspectedTask) -> String {
    let classes = task.columns.label.profile.distinct
    return escapingControlCharacters(
      "\(task.inspection.rowPhrase), \(classes) classes"
        + (task.keepsSplits ? ", divided already" : ""))
  }

  /// The lines under `with`.
  private func options(of task: InspectedTask) -> [String] {
    var lines = ["name: \(task.name)"]
    func add(_ flag: String, _ value: String) { lines.append("\(flag): \(Self.quoted(value))") }
    let inspection = task.inspection
    if !inspection.isFormatEvident { add("format", inspection.format.rawValue) }
    if let sheet = inspection.sheet { add("sheet", sheet) }
    if !inspection.hasHeader {
      add("header", inspection.columns.map(\.name).joined(separator: ","))
      if inspection.format == .csv, !ingestFlags.contains(where: { $0.flag == "delimiter" }),
        let delimiter = inspection.delimiter
      {
        add("delimiter", delimiter == 0x09 ? "tab" : String(UnicodeScalar(delimiter)))
      }
    }
    if inspection.hasColumns {
      let text = task.columns.text.map { Self.quoted($0.name) }
      // `ingest` may know more about a format with these names than the names.
      if text != ["text"] {
        lines.append(
          "text-column: \(text.count > 1 ? "[\(text.joined(separator: ", "))]" : text[0])")
      }
      let classColumns = task.columns.classColumns
      if !classColumns.isEmpty {
        add("label-columns", String(CSV.row(classColumns).dropLast()))
      } else if task.columns.label.name != "label" {
        add("label-column", task.columns.label.name)
      }
      if let id = task.columns.id { add("id-column", id.name) }
      if let split = task.splitColumn { add("split-column", split.name) }
    }
    if task.columns.isMultiLabel { lines.append("multi-label: true") }
    if let separator = task.columns.labelSeparator { add("label-separator", separator) }
    if task.keepsNamedSplits { add("split", "official") }
    if task.keepsSplits, !task.splits.contains(.test) {
      lines.append("test: 0  # there are no test rows")
    }
    if let example = task.htmlExample {
      lines.append("markup: html  # for texts with \(escapingControlCharacters(example))")
    }
    for (flag, value) in ingestFlags { add(flag, value) }
    return lines + labelHint(task)
  }

  /// How to rename and join the classes, if they are few and need no quotes.
  private func labelHint(_ task: InspectedTask) -> [String] {
    let values = task.columns.label.profile.values.map(\.name).sorted()
    guard values.count <= 6,
      values.allSatisfy({ $0.wholeMatch(of: /[A-Za-z0-9_.-]{1,30}/) != nil })
    else { return [] }
    return [
      "# LABEL=CLASS renames and joins; \(task.columns.isMultiLabel ? "" : "rows of ")labels that are not "
        + "listed are left out:",
      "# labels: \"\(values.map { "\($0)=\($0)" }.joined(separator: ","))\"",
    ]
  }

  /// A value of a manifest, in quotes unless it is plain.
  private static func quoted(_ text: String) -> String {
    let isPlain = text.wholeMatch(of: /[A-Za-z0-9.\/_][A-Za-z0-9.\/_-]*/) != nil
    if isPlain, !["true", "false", "null"].contains(text.lowercased()) { return text }
    // Braces would name a setting.
    let escaped = text.replacing("{", with: "{{").replacing("}", with: "}}")
    return quotedAsJSON(escaped)
  }
}

extension DraftManifest {
  /// Writes the manifest. A file of the same content is left as it is.
  /// - Parameter force: whether a file with other content is replaced.
  /// - Throws: ``UserError`` with exit status `cannotCreate`.
  func write(to path: String, force: Bool) throws {
    let data = Data(text.utf8)
    if let old = FileManager.default.contents(atPath: path) {
      guard old != data else { return }
      guard force else { throw exists(path) }
    } else if isDirectory(path) == true {
      throw exists(path)
    }
    do {
      let folder = path.parentPath
      if !folder.isEmpty {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true)
      }
      // Another file may have been written meanwhile.
      try data.write(
        to: URL(fileURLWithPath: path), options: force ? .atomic : .withoutOverwriting)
    } catch {
      throw UserError(
        .cannotCreate, at: path, problem: "cannot be written: \(systemMessage(error))",
        hint: "choose another file with --output")
    }
  }

  private func exists(_ path: String) -> UserError {
    UserError(
      .cannotCreate, at: path, problem: "a manifest or another file that is there already",
      expected: "no file, because it may have been edited",
      hint: "run it as it is with pipeline run \(path), replace it with --force, or choose another "
        + "--name or --output")
  }
}
