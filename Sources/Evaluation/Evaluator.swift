import DLNC
import Shards
import Support
import Tokenization

/// Evaluates models and collects what the report needs.
public struct Evaluator {
  var input = ReportInput()
  var notes: [String] = []
  /// The models that learned tasks from the validation rows, too.
  private var refits: [(variant: ModelVariant, task: EvaluationTask)] = []
  let testSets: TestSets
  /// The dataset of each evaluated task.
  var datasets: [EvaluationTask: TokenizedDataset] = [:]
  /// The dataset with all rows of each task that is cross-validated.
  private var undividedDatasets: [EvaluationTask: TokenizedDataset] = [:]
  /// The rows that are not part of the data of any training.
  let newRows: [NewRows]
  /// How many of the evaluated rows repeat texts of a training.
  var repeatedTexts: [RepeatedTexts] = []
  /// The folders of `testSets` that models were trained on, and those of `newRows` that were used.
  var usedFolders: Set<String> = []
  /// The paths of the models by the digests of their files.
  private var paths: [String: String] = [:]
  let splits: [Split]
  private let precision: ProductPrecision
  let threads: Int
  private let tables: PredictionTables?
  var plan = EvaluationPlan()
  var labeler = VariantLabeler()
  private var folds = FoldEvaluations()

  /// - Parameters:
  ///   - vocab: outputs of `vocab` with the rows to evaluate on.
  ///   - rows: outputs of `ingest` with new rows of tasks that models know.
  ///   - splits: the splits to read, in ascending order.
  ///   - precision: the precision of the matrix products of networks.
  ///   - threads: the number of threads; does not change the results.
  ///   - tables: receive the predictions for each row of the last split.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  public init(
    vocab: [String], rows: [String] = [], splits: [Split], precision: ProductPrecision = .float32,
    threads: Int, tables: PredictionTables? = nil
  ) throws {
    self.precision = precision
    (testSets, self.splits, self.threads) = (try TestSets(paths: vocab), splits, threads)
    newRows = try rows.map { try NewRows(path: $0, splits: splits) }
    self.tables = tables
  }

  /// Evaluates a model on the tasks that its last stage learned, except those on which a model of
  /// the same variant and seed has been evaluated, and on new rows of all tasks that it knows.
  /// - Parameters:
  ///   - path: a model file, or a folder with one.
  ///   - log: called with a line for each task and split.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`, also for a model a second time, or
  ///   `io`.
  public mutating func evaluate(
    modelAt path: String, origin: ModelOrigin, log: (String) -> Void
  ) throws {
    let model = try trainedModel(at: path, precision: precision)
    guard !model.learnedTasks.isEmpty else {
      throw UserError(.data, at: path, problem: "an untrained model", expected: "a trained model")
    }
    if !origin.sha256.isEmpty, let other = paths.updateValue(path, forKey: origin.sha256) {
      throw UserError(
        .data, at: path, problem: "the same model as \(other)", expected: "each model once",
        hint: "leave one of them out")
    }
    if !testSets.isEmpty { try evaluateHeldOutRows(model, at: path, origin, log) }
    try evaluateNewRows(model, at: path, origin, log)
  }

  private mutating func evaluateHeldOutRows(
    _ model: any Classifier, at path: String, _ origin: ModelOrigin, _ log: (String) -> Void
  ) throws {
    let sources = try model.learnedTasks.map { name in
      let (dataset, splitScheme) = try testSets.find(name, for: model, at: path)
      return LearnedTask(
        task: EvaluationTask(
          name: name, rowsSplitBy: splitScheme,
          isMultiLabel: model.labelThresholds(of: name) != nil),
        splitScheme: splitScheme, dataset: dataset,
        fitsValidationRows: model.trainingData(of: name)?.validationRows != nil)
    }
    usedFolders.formUnion(sources.map(\.dataset.path))
    let tasks = sources.map(\.task)
    let variant = labeler.label(labeler.kind(of: model), tasks, options: origin.options)
    let taskFolds: [EvaluationTask: Fold] = sources.reduce(into: [:]) { $0[$1.task] = $1.fold }
    let assigned = try plan.assign(
      tasks, folds: taskFolds, to: variant, seed: model.seed, at: path)
    func isFinal(_ task: EvaluationTask) -> Bool {
      taskFolds[task].map { $0.number == nil } ?? false
    }
    input.models.append(
      ModelFile(
        variant: variant, seed: model.seed, tasks: assigned.filter { !isFinal($0) },
        size: try ModelSize(model, at: path), origin: origin)
    )
    for source in sources where assigned.contains(source.task) && isFinal(source.task) {
      let task = source.task
      undividedDatasets[task] = source.dataset
      folds.addFinalModel(variant, task, name: origin.name ?? path)
    }
    for source in sources where assigned.contains(source.task) && !isFinal(source.task) {
      let (task, dataset) = (source.task, source.dataset)
      datasets[task] = dataset
      collectWords(of: model, variant, task)
      var shards = try source.shards(splits, at: path)
      // Training and validation rows of the folds overlap.
      if source.fold != nil { shards = Array(shards.suffix(1)) }
      if source.fitsValidationRows, source.fold == nil, splits.contains(.validation) {
        refits.append((variant, task))
      }
      let remarks = [
        source.note(splits, evaluatedOn: shards.map(\.split)),
        model.validationShift(of: task.name).map {
          "\(task.title) is not calibrated nor fitted to validation rows, because \($0)."
        },
      ]
      for note in remarks.compactMap({ $0 }) where !notes.contains(note) {
        notes.append(note)
        log("\(path): \(note)")
      }
      for shard in shards {
        let shard = try mapped(shard, of: dataset, to: model, at: path)
        let predictions = try predictions(
          of: model, variant, task, on: shard, showsRows: shard.split == shards.last?.split, log)
        if let fold = source.fold {
          folds.add(predictions, fold)
          try folds.add(shard, task, fold, dataset.coverage(shard.task, shard.split))
        } else {
          input.predictions.append(predictions)
          try summarize(shard, task, dataset)
          if !model.earlierTrainingData(of: task.name).isEmpty {
            try noteRepeats(in: shard, of: model)
          }
        }
      }
      // The validation rows of the folds overlap with the test rows of others.
      if source.fold == nil, let score = model.validationScore(of: task.name) {
        input.validationScores.append(
          ValidationScore(variant: variant, task: task, accuracy: score.accuracy))
      }
      if let curve = model.curve {
        input.curves.append(
          RunCurve(
            variant: variant, seed: model.seed, fold: source.fold?.number, task: task, curve: curve)
        )
      }
    }
  }

  /// The evaluated tasks with the datasets of their training and validation rows.
  var labelledDatasets: [(task: EvaluationTask, dataset: TokenizedDataset)] {
    EvaluationTask.ordered(input.models.flatMap(\.tasks)).compactMap { task in
      (undividedDatasets[task] ?? datasets[task]).map { (task, $0) }
    }
  }

  /// Summarizes all evaluations.
  /// - Parameters:
  ///   - reference: the kind of model that the others are compared with.
  ///   - provenance: the stages that made the inputs.
  ///   - sources: the files that the examples were read from.
  ///   - configurationDigest: one digest for all settings and inputs.
  /// - Throws: ``UserError`` with exit status `data`.
  public func report(
    title: String? = nil, reference: String = "dlnc", provenance: [Provenance] = [],
    sources: [SourceFile] = [], configurationDigest: String? = nil
  ) throws -> Report {
    var input = input
    input.notes = notes + [refitNote].compactMap { $0 } + plan.notes + newRowsNotes
    input.warnings = testSets.unused(except: usedFolders) + newRowsWarnings
    (input.provenance, input.configurationDigest) = (provenance, configurationDigest)
    try folds.pool(into: &input)
    let tasks = EvaluationTask.ordered(input.predictions.map(\.task))
    for task in tasks where !input.words.contains(where: { $0.task == task }) {
      if let words = try typicalWords(of: task) { input.words.append(words) }
    }
    let names = tasks.map(\.name).unique
    input.sources = sources.unique.filter { names.contains($0.task) }
    let title = title ?? "Results: \(abbreviated(tasks.map(\.title).unique, limit: 5))"
    return try Report(title: title, reference: reference, input)
  }

  /// The remark about models without a result on validation rows.
  private var refitNote: String? {
    guard !refits.isEmpty else { return nil }
    let models = refits.map(\.variant).unique.map { variant in
      let tasks = refits.filter { $0.variant == variant }.map(\.task.title).unique
      return "\(variant.title) (\(tasks.joined(separator: ", ")))"
    }
    return "No result on validation rows, because it learned from them, too: "
      + models.joined(separator: "; ") + ". Its model card has the accuracy of a fit without them."
  }

  /// The rows with the words and classes of a model. The classes of an update may be fewer, in another
  /// order.
  private func mapped(
    _ shard: TokenShard, of dataset: TokenizedDataset, to model: any Classifier, at path: String
  ) throws -> TokenShard {
    let classNames = model.classNames(of: shard.task) ?? []
    let shard = model.vocabulary.mapped(shard, from: dataset)
    guard let mapped = try? shard.mapped(to: classNames) else {
      throw UserError(
        .data, at: path, problem: "classes \(classNames) of “\(shard.task)”",
        expected: "\(shard.classNames), as in the rows to evaluate on",
        hint: "train the model again on these rows")
    }
    return mapped
  }

  func predictions(
    of model: any Classifier, _ variant: ModelVariant, _ task: EvaluationTask, on shard: TokenShard,
    showsRows: Bool, _ log: (String) -> Void
  ) throws -> Predictions {
    let plain = try model.classifyUncalibrated(shard, threads: threads)
    let scaled = model.calibration(of: shard.task)?.apply(to: plain.probabilities, of: shard)
    let (probabilities, loss) = scaled ?? plain
    var predictions = try Predictions(
      variant: variant, seed: model.seed, task: task, split: shard.split,
      classNames: shard.classNames, labels: shard.labels.map { Int($0) },
      labelSets: shard.labelSets, thresholds: model.labelThresholds(of: shard.task),
      probabilities: probabilities, uncalibrated: scaled.map { _ in plain.probabilities },
      textIDs: shard.textIDs.map { Int($0) })
    if showsRows {
      let errors = predictions.mostConfidentErrors(Misclassification.listed)
      let because =
        errors.isEmpty ? nil : try model.explain(shard.rows(errors), threads: threads)
      for (index, row) in errors.enumerated() {
        predictions.ids[row] = shard.id(of: row)
        predictions.texts[row] = text(of: row, in: shard, model.vocabulary)
        predictions.because[row] = because.map {
          Array($0[index].prefix(Misclassification.listedWords))
        }
      }
      try tables?.append(
        predictions, probabilities: probabilities, id: shard.id(of:),
        text: { text(of: $0, in: shard, model.vocabulary) })
    }
    let microF1 = predictions.labelPredictions.map { _ in
      ", micro-F1 \(NumberFormat.percent(predictions.terms.score)) %"
    }
    log(
      "\(variant.title), \(task.title), \(shard.split.rawValue): "
        + "\(predictions.correct.count { $0 }) of \(shard.count) correct\(microF1 ?? ""), "
        + "mean loss \(NumberFormat.fixed(loss, 4))")
    return predictions
  }

  /// The text of a row as it was written or, if it is not kept, its tokens, joined by spaces.
  func text(of row: Int, in shard: TokenShard, _ vocabulary: Vocabulary) -> String {
    if let source = shard.source(of: row) { return source }
    var unknown = (shard.unknownWords(of: row)?.split(separator: UInt8(ascii: " ")) ?? [])[...]
    return shard.row(row).map { token in
      if token == 0, let word = unknown.popFirst() { return String(decoding: word, as: UTF8.self) }
      return vocabulary.word(Int(token)) ?? ""
    }.joined(separator: " ")
  }

  /// - Parameter dataset: the folder of the rows; nil if they are new.
  mutating func summarize(
    _ shard: TokenShard, _ task: EvaluationTask, _ dataset: TokenizedDataset?
  ) throws {
    guard !input.datasets.contains(where: { $0.task == task && $0.split == shard.split }) else {
      return
    }
    input.datasets.append(
      DatasetSummary(shard, task, try dataset?.coverage(shard.task, shard.split)))
  }
}
