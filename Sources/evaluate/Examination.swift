import Network
import Reports
import Stage
import Tensors

/// Puts models to the test: collects predictions, learning curves and the facts of the data.
struct Examination {
  private(set) var predictions: [Predictions] = []
  private(set) var curves: [Reports.LearningCurve] = []
  private(set) var data: [DataSummary] = []
  private(set) var tested: [TestedModel] = []

  private let rows: TestRows
  private let splits: [Split]
  private let threads: Int
  private var rota = Rota()
  private var distinction = Distinction()
  private var described: Set<String> = []

  /// - Parameters:
  ///   - rows: what models can be tested on.
  ///   - splits: what is looked at of them; nothing else is read.
  init(rows: TestRows, splits: [Split], threads: Int) {
    self.rows = rows
    self.splits = splits
    self.threads = threads
  }

  /// What the reader has to know about who was tested on what.
  var remarks: [String] { rota.remarks }

  /// Tests a model on the tasks that its last stage learned and that no model like it was tested on.
  /// - Throws: ``Refusal`` of kind `noInput` or `data`.
  mutating func examine(
    _ model: any TrainedModel, from path: String, report: (String) -> Void
  ) throws {
    guard !model.learnedTasks.isEmpty else {
      throw Refusal(
        .data, at: path, saw: "a model that has learned nothing", expected: "a trained model")
    }
    let kind = Reports.Model(model.name, model.stage == "finetune" ? .fineTuned : .trained)
    let learned = try model.learnedTasks.map { task in
      let (lexicon, setup) = try rows.find(task, for: model, at: path)
      return (column: Column(task: task, setup: setup), lexicon: lexicon)
    }
    let row = distinction.distinguish(kind, learned.map(\.column), from: path)
    let open = try rota.enter(row, seed: model.seed, learned: learned.map(\.column), at: path)
    tested.append(
      TestedModel(
        model: row, seed: model.seed, columns: open, stage: Lineage.title(of: path),
        sha256: try digests(of: path).first {
          $0.path.hasSuffix("model.safetensors") || $0.path == path
        }?.sha256 ?? ""))
    for (column, lexicon) in learned where open.contains(column) {
      let shards = try self.shards(of: column, in: lexicon)
      for (split, shard) in shards {
        try check(shard, model, path: path)
        try test(model, as: row, on: shard, column, split, lexicon.words, report: report)
        describe(shard, column, split, KnownWords(folder: lexicon.path))
      }
      if let curve = model.curve { add(curve, of: row, seed: model.seed, column) }
    }
  }

  /// The chosen splits of a task that there are.
  private func shards(
    of column: Column, in lexicon: LexiconFolder
  ) throws -> [(split: Split, shard: TokenShard)] {
    let shards = try splits.compactMap { split in
      try lexicon.shard(column.task, split.rawValue).map { (split: split, shard: $0) }
    }
    let strange = shards.first { $0.shard.setup != column.setup }
    guard strange == nil else {
      throw Refusal(
        .data, at: "\(lexicon.path)/\(column.task)",
        saw: "rows divided as “\(strange?.shard.setup ?? "")” beside training rows divided as "
          + "“\(column.setup)”",
        expected: "splits of one division", advice: "run vocab again")
    }
    guard !shards.isEmpty else {
      throw Refusal(
        .noInput, at: "\(lexicon.path)/\(column.task)",
        saw: "no rows to \(splits.map(\.rawValue).joined(separator: " or ")) with",
        expected: "some rows of --splits", advice: "choose other splits")
    }
    return shards
  }

  private mutating func test(
    _ model: any TrainedModel, as row: Reports.Model, on shard: TokenShard, _ column: Column,
    _ split: Split, _ words: WordList, report: (String) -> Void
  ) throws {
    let (probabilities, loss) = try model.classify(shard, threads: threads)
    var prediction = try Predictions(
      model: row, seed: model.seed, column: column, split: split, labels: shard.labels,
      gold: shard.classes.map { Int($0) }, probabilities: probabilities,
      groups: shard.groups.map { Int($0) })
    for mistake in prediction.mostConfidentMistakes(20) where split == splits.last {
      prediction.texts[mistake] = text(shard.row(mistake), words)
    }
    let right = prediction.correct.count { $0 }
    report(
      "\(row.title), \(column.title), \(split.rawValue): \(right) of \(shard.count) right, "
        + "mean loss \(Numeral.fixed(loss, 4))")
    predictions.append(prediction)
  }

  private func check(_ shard: TokenShard, _ model: any TrainedModel, path: String) throws {
    let labels = model.labels(of: shard.task) ?? []
    guard labels == shard.labels else {
      throw Refusal(
        .data, at: path, saw: "classes \(labels) of “\(shard.task)”",
        expected: "\(shard.labels), as in the rows to test on",
        advice: "train the model again on these rows")
    }
  }

  private mutating func describe(
    _ shard: TokenShard, _ column: Column, _ split: Split, _ known: KnownWords
  ) {
    guard described.insert("\(column.title) \(split.rawValue)").inserted else { return }
    let lengths = shard.lengths
    var rows = Array(repeating: 0, count: shard.labels.count)
    for label in shard.classes { rows[Int(label)] += 1 }
    let shares = known.shares(shard.task, split.rawValue)
    data.append(
      DataSummary(
        column: column, split: split, labels: shard.labels, rows: rows,
        tokens: shard.tokenCount, lengths: DataSummary.histogram(lengths),
        tokenCoverage: shares.tokens, typeCoverage: shares.types,
        duplicates: shard.count - Set(shard.groups).count))
  }

  private mutating func add(
    _ curve: Network.LearningCurve, of row: Reports.Model, seed: Int, _ column: Column
  ) {
    let points = curve.points.filter { $0.task == column.task }.map {
      Reports.LearningCurve.Point(
        epoch: $0.epoch, trainLoss: $0.trainLoss, trainAccuracy: $0.trainAccuracy,
        validationLoss: $0.validationLoss, validationAccuracy: $0.validationAccuracy)
    }
    curves.append(
      Reports.LearningCurve(
        model: row, seed: seed, column: column, points: points, bestEpoch: curve.bestEpoch))
  }

  /// A row's words, joined by spaces.
  private func text(_ row: some Collection<Int32>, _ words: WordList) -> String {
    row.prefix(80).map { words.word(Int($0)) }.joined(separator: " ") + (row.count > 80 ? " …" : "")
  }
}
