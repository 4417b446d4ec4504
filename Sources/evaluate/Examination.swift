import Network
import Reports
import Tensors

/// Puts models to the test: collects predictions, learning curves and the facts of the data.
struct Examination {
  private(set) var predictions: [Predictions] = []
  private(set) var curves: [Reports.LearningCurve] = []
  private(set) var data: [DataSummary] = []

  private let lexicons: [LexiconFolder]
  private let threads: Int
  private var described: Set<String> = []

  init(lexicons: [LexiconFolder], threads: Int) {
    self.lexicons = lexicons
    self.threads = threads
  }

  /// Tests a model on all splits of the tasks that its last stage learned.
  /// - Throws: ``Refusal`` of kind `noInput` or `data`.
  mutating func examine(
    _ model: any TrainedModel, from path: String, report: (String) -> Void
  ) throws {
    guard !model.learnedTasks.isEmpty else {
      throw Refusal(
        .data, at: path, saw: "a model that has learned nothing", expected: "a trained model")
    }
    let row = Reports.Model(
      model.name, model.stage == "finetune" ? .fineTuned : .trained)
    for task in model.learnedTasks {
      let lexicon = try lexicon(for: task, of: model, at: path)
      var column = Column(task: task)
      for split in Split.allCases {
        guard let shard = try lexicon.shard(task, split.rawValue) else { continue }
        try check(shard, model, path: path)
        column = Column(task: task, setup: shard.setup)
        let (probabilities, loss) = try model.classify(shard, threads: threads)
        var prediction = try Predictions(
          model: row, seed: model.seed, column: column, split: split, labels: shard.labels,
          gold: shard.classes.map { Int($0) }, probabilities: probabilities,
          groups: shard.groups.map { Int($0) })
        for mistake in prediction.mostConfidentMistakes(20) where split == .test {
          prediction.texts[mistake] = text(shard.row(mistake), lexicon.words)
        }
        let right = prediction.correct.count { $0 }
        report(
          "\(row.title), \(column.title), \(split.rawValue): \(right) of \(shard.count) right, "
            + "mean loss \(Numeral.fixed(loss, 4))")
        predictions.append(prediction)
        describe(shard, column, split)
      }
      if let curve = model.curve { add(curve, of: row, seed: model.seed, task: task, column) }
    }
  }

  private func lexicon(
    for task: String, of model: any TrainedModel, at path: String
  ) throws -> LexiconFolder {
    let holders = lexicons.filter { $0.tasks.contains(task) }
    guard let lexicon = holders.first(where: { model.words.extends($0.words) }) else {
      throw Refusal(
        holders.isEmpty ? .noInput : .data, at: path,
        saw: holders.isEmpty
          ? "a model of the task “\(task)”, and no --tokens with its rows"
          : "a model of the task “\(task)” with another vocabulary than \(holders[0].path)",
        expected: "the output of vocab that the model was trained on",
        advice: "add it with --tokens")
    }
    return lexicon
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

  private mutating func describe(_ shard: TokenShard, _ column: Column, _ split: Split) {
    guard described.insert("\(column.title) \(split.rawValue)").inserted else { return }
    let lengths = (0..<shard.count).map { shard.row($0).count }
    var rows = Array(repeating: 0, count: shard.labels.count)
    for label in shard.classes { rows[Int(label)] += 1 }
    data.append(
      DataSummary(
        column: column, split: split, labels: shard.labels, rows: rows,
        tokens: shard.tokens.count, lengths: DataSummary.histogram(lengths),
        duplicates: shard.count - Set(shard.groups).count))
  }

  private mutating func add(
    _ curve: Network.LearningCurve, of row: Reports.Model, seed: Int, task: String, _ column: Column
  ) {
    let points = curve.points.filter { $0.task == task }.map {
      Reports.LearningCurve.Point(
        epoch: $0.epoch, trainLoss: $0.trainLoss, trainAccuracy: $0.trainAccuracy,
        validationLoss: $0.validationLoss, validationAccuracy: $0.validationAccuracy)
    }
    curves.append(
      Reports.LearningCurve(
        model: row, seed: seed, column: column, points: points, bestEpoch: curve.bestEpoch))
  }

  /// A row's words, joined by spaces.
  private func text(_ row: ArraySlice<Int32>, _ words: WordList) -> String {
    row.prefix(80).map { words.word(Int($0)) }.joined(separator: " ") + (row.count > 80 ? " …" : "")
  }
}
