import DLNC
import Evaluation
import StageKit
import Safetensors
import Shards
import Support
import Tokenization

/// Puts models to the test: collects predictions, learning curves and the facts of the data.
struct Evaluator {
  private(set) var predictions: [Predictions] = []
  private(set) var curves: [Evaluation.LearningCurve] = []
  private(set) var data: [DataSummary] = []
  private(set) var tested: [ModelFile] = []

  private let rows: TestSets
  private let splits: [Split]
  private let threads: Int
  private var rota = EvaluationPlan()
  private var distinction = VariantLabeler()
  private var described: Set<String> = []

  /// - Parameters:
  ///   - rows: what models can be tested on.
  ///   - splits: what is looked at of them; nothing else is read.
  init(rows: TestSets, splits: [Split], threads: Int) {
    self.rows = rows
    self.splits = splits
    self.threads = threads
  }

  /// What the reader has to know about who was tested on what.
  var remarks: [String] { rota.remarks }

  /// Tests a model on the tasks that its last stage learned and that no model like it was tested on.
  /// - Throws: ``UserError`` of kind `noInput` or `data`.
  mutating func examine(
    _ model: any Classifier, from path: String, report: (String) -> Void
  ) throws {
    guard !model.learnedTasks.isEmpty else {
      throw UserError(
        .data, at: path, problem: "a model that has learned nothing", expected: "a trained model")
    }
    let kind = Evaluation.Model(model.name, model.stage == "finetune" ? .fineTuned : .trained)
    let learned = try model.learnedTasks.map { task in
      let (lexicon, splitScheme) = try rows.find(task, for: model, at: path)
      return (column: EvaluationTask(task: task, splitScheme: splitScheme), lexicon: lexicon)
    }
    let row = distinction.distinguish(kind, learned.map(\.column), from: path)
    let open = try rota.enter(row, seed: model.seed, learned: learned.map(\.column), at: path)
    tested.append(
      ModelFile(
        model: row, seed: model.seed, columns: open, stage: ProvenanceCollector.title(of: path),
        sha256: try digests(of: path).first {
          $0.path.hasSuffix("model.safetensors") || $0.path == path
        }?.sha256 ?? ""))
    for (column, lexicon) in learned where open.contains(column) {
      let shards = try self.shards(of: column, in: lexicon)
      for (split, shard) in shards {
        try check(shard, model, path: path)
        try test(model, as: row, on: shard, column, split, lexicon.vocabulary, report: report)
        describe(shard, column, split, try lexicon.coverage(shard.task, split.rawValue))
      }
      if let curve = model.curve { add(curve, of: row, seed: model.seed, column) }
    }
  }

  /// The chosen splits of a task that there are.
  private func shards(
    of column: EvaluationTask, in lexicon: TokenizedDataset
  ) throws -> [(split: Split, shard: TokenShard)] {
    let shards = try splits.compactMap { split in
      try lexicon.shard(column.task, split).map { (split: split, shard: $0) }
    }
    let strange = shards.first { $0.shard.splitScheme != column.splitScheme }
    guard strange == nil else {
      throw UserError(
        .data, at: "\(lexicon.path)/\(column.task)",
        problem:
          "rows divided as “\(strange?.shard.splitScheme ?? "")” beside training rows divided as "
          + "“\(column.splitScheme)”",
        expected: "splits of one division", hint: "run vocab again")
    }
    guard !shards.isEmpty else {
      throw UserError(
        .noInput, at: "\(lexicon.path)/\(column.task)",
        problem: "no rows to \(splits.map(\.rawValue).joined(separator: " or ")) with",
        expected: "some rows of --splits", hint: "choose other splits")
    }
    return shards
  }

  private mutating func test(
    _ model: any Classifier, as row: Evaluation.Model, on shard: TokenShard,
    _ column: EvaluationTask,
    _ split: Split, _ vocabulary: Vocabulary, report: (String) -> Void
  ) throws {
    let (probabilities, loss) = try model.classify(shard, threads: threads)
    var prediction = try Predictions(
      model: row, seed: model.seed, column: column, split: split, classNames: shard.classNames,
      gold: shard.labels.map { Int($0) }, probabilities: probabilities,
      groups: shard.textIDs.map { Int($0) })
    for mistake in prediction.mostConfidentMistakes(20) where split == splits.last {
      prediction.texts[mistake] = text(shard.row(mistake), vocabulary)
    }
    let right = prediction.correct.count { $0 }
    report(
      "\(row.title), \(column.title), \(split.rawValue): \(right) of \(shard.count) right, "
        + "mean loss \(NumberFormat.fixed(loss, 4))")
    predictions.append(prediction)
  }

  private func check(_ shard: TokenShard, _ model: any Classifier, path: String) throws {
    let classNames = model.classNames(of: shard.task) ?? []
    guard classNames == shard.classNames else {
      throw UserError(
        .data, at: path, problem: "classes \(classNames) of “\(shard.task)”",
        expected: "\(shard.classNames), as in the rows to test on",
        hint: "train the model again on these rows")
    }
  }

  private mutating func describe(
    _ shard: TokenShard, _ column: EvaluationTask, _ split: Split, _ coverage: Coverage?
  ) {
    guard described.insert("\(column.title) \(split.rawValue)").inserted else { return }
    let lengths = shard.lengths
    var rows = Array(repeating: 0, count: shard.classNames.count)
    for label in shard.labels { rows[Int(label)] += 1 }
    data.append(
      DataSummary(
        column: column, split: split, classNames: shard.classNames, rows: rows,
        tokens: shard.tokenCount, lengths: DataSummary.histogram(lengths),
        tokenCoverage: coverage?.tokenFraction, typeCoverage: coverage?.typeFraction,
        duplicates: shard.count - Set(shard.groups).count))
  }

  private mutating func add(
    _ curve: DLNC.LearningCurve, of row: Evaluation.Model, seed: Int, _ column: EvaluationTask
  ) {
    let points = curve.points.filter { $0.task == column.task }.map {
      Evaluation.LearningCurve.Point(
        epoch: $0.epoch, trainLoss: $0.trainLoss, trainAccuracy: $0.trainAccuracy,
        validationLoss: $0.validationLoss, validationAccuracy: $0.validationAccuracy)
    }
    curves.append(
      Evaluation.LearningCurve(
        model: row, seed: seed, column: column, points: points, bestEpoch: curve.bestEpoch))
  }

  /// A row's words, joined by spaces.
  private func text(_ row: some Collection<Int32>, _ vocabulary: Vocabulary) -> String {
    row.prefix(80).map { vocabulary.word(Int($0)) ?? "" }.joined(separator: " ") + (row.count > 80 ? " …" : "")
  }
}
