import DLNC
import Shards
import Support

/// How many rows of a split repeat texts that a model was trained on.
struct RepeatedTexts {
  let task: EvaluationTask
  let split: Split
  let variant: ModelVariant
  let rows: Int
  /// The number of rows with a text of the training; nil if it is unknown.
  let repeated: Int?
  /// The measure of the task on the other rows; nil without any.
  let scoreOnOthers: Double?

  init(_ predictions: Predictions, _ repeats: [Bool]?) {
    (task, split) = (predictions.task, predictions.split)
    (variant, rows) = (predictions.variant, predictions.labels.count)
    repeated = repeats?.count { $0 }
    let others = (repeats ?? []).enumerated().filter { !$0.element }.map(\.offset)
    scoreOnOthers = predictions.terms.score(others)
  }

  /// The subject of a sentence: one model, or all models without a repeated row.
  private struct Subject: Hashable {
    let split: Split
    let repeated: Int?
    let variant: ModelVariant?
  }

  private var subject: Subject {
    Subject(
      split: split, repeated: repeated, variant: (repeated ?? 0) == 0 ? nil : variant)
  }

  /// One sentence for each subject, over the seeds.
  static func texts(_ all: [RepeatedTexts]) -> [String] {
    all.map(\.subject).unique.map { subject in text(all.filter { $0.subject == subject }) }
  }

  /// The sentence about models with the same number of repeated rows.
  private static func text(_ group: [RepeatedTexts]) -> String {
    guard let first = group.first else { return "" }
    let names = group.map(\.variant.title).unique.joined(separator: " or ")
    let split = first.split.rawValue
    guard let repeated = first.repeated else {
      return "Whether its \(split) rows repeat texts that \(names) was trained on is unknown; name "
        + "the outputs of vocab of the training with --vocab to find out."
    }
    let score = mean(group.compactMap(\.scoreOnOthers))
    let isTelling = repeated > 0 && score != nil
    return
      "\(NumberFormat.grouped(repeated)) of its \(NumberFormat.count(first.rows, "\(split) row")) "
      + "repeat a text that \(names) was trained on"
      + (isTelling
        ? "; on the others its \(first.task.measure.rawValue) is "
          + "\(NumberFormat.percent(score)) %." : ".")
  }
}

extension Evaluator {
  /// Evaluates a model on those new rows whose task it knows.
  mutating func evaluateNewRows(
    _ model: any Classifier, at path: String, _ origin: ModelOrigin, _ log: (String) -> Void
  ) throws {
    for rows in newRows where model.knownTasks.contains(rows.task) {
      usedFolders.insert(rows.path)
      let task = newTask(rows)
      var kind = labeler.kind(of: model)
      // A task of an earlier stage is as that stage left it.
      if !model.learnedTasks.contains(rows.task) { kind.training = .trained }
      let variant = labeler.label(kind, [task], options: origin.options)
      let isKnown = input.models.contains {
        ($0.variant, $0.seed) == (variant, model.seed) && $0.tasks == [task]
      }
      if isKnown {
        if model.learnedTasks.contains(rows.task) {
          notes.append(
            "\(task.title): \(path) is left out, a second \(variant.title) of this seed.")
        }
        continue
      }
      input.models.append(
        ModelFile(
          variant: variant, seed: model.seed, tasks: [task],
          size: try ModelSize(model, at: path), origin: origin))
      let shards = try rows.shards(for: model, at: path)
      for shard in shards {
        input.predictions.append(
          try predictions(
            of: model, variant, task, on: shard, showsRows: shard.split == shards.last?.split,
            log))
        try summarize(shard, task, nil)
        try noteRepeats(in: shard, of: model)
      }
    }
    guard testSets.isEmpty, !newRows.contains(where: { model.knownTasks.contains($0.task) }) else {
      return
    }
    throw UserError(
      .data, at: path,
      problem: "a model of \(model.knownTasks.map { "“\($0)”" }.joined(separator: ", "))",
      expected: "a task of --rows: " + newRows.map { "“\($0.task)”" }.joined(separator: ", "),
      hint: "give ingest the --name of the model's task")
  }

  /// The column of new rows, which is never that of rows held out from a training.
  private func newTask(_ rows: NewRows) -> EvaluationTask {
    let isOnly = newRows.count { $0.task == rows.task } == 1
    return EvaluationTask(
      name: rows.task,
      splitScheme: isOnly ? "new rows" : "new rows, \(rows.path.lastPathName)",
      isMultiLabel: rows.isMultiLabel)
  }

  /// Records whether the rows that were just evaluated repeat texts of the training.
  mutating func noteRepeats(in shard: TokenShard, of model: any Classifier) throws {
    guard shard.split != .train, let predictions = input.predictions.last else { return }
    let repeats = try testSets.repeatsTraining(shard, of: model)
    usedFolders.formUnion(repeats?.folders ?? [])
    repeatedTexts.append(RepeatedTexts(predictions, repeats?.rows))
  }

  /// Explains new rows, and counts those that repeat texts of the training.
  var newRowsNotes: [String] {
    newRows.filter { usedFolders.contains($0.path) }.map { rows in
      let task = newTask(rows)
      let repeats = RepeatedTexts.texts(repeatedTexts.filter { $0.task == task })
      return
        ([
          "\(task.title): the rows of \(rows.path). They are no held-out part of the data that the models "
            + "were trained on, so results also show how far the texts have changed since."
        ] + repeats).joined(separator: " ")
    }
  }

  /// Warnings about held-out rows of one training that are training rows of an earlier one, and about
  /// new rows of no model.
  var newRowsWarnings: [String] {
    let heldOut = repeatedTexts.filter { repeats in
      !newRows.contains { newTask($0) == repeats.task } && repeats.repeated != 0
    }
    return heldOut.map(\.task).unique.flatMap { task in
      RepeatedTexts.texts(heldOut.filter { $0.task == task }).map { "\(task.title): \($0)" }
    }
      + newRows.filter { !usedFolders.contains($0.path) }.map {
        "--rows \($0.path) is not used: no model knows its task “\($0.task)”; give ingest the --name of "
          + "the model's task"
      }
  }
}
