import Shards
import Support

/// How a trained network takes up a further task.
public struct FineTuningOptions: Codable, Equatable, Sendable {
  /// Which parameters learn.
  public enum Scope: String, Codable, CaseIterable, Sendable {
    /// The new task's norms in the encoder and its classification part, as in the paper.
    case norms
    /// Everything that the new task uses, the encoder's weights and the word vectors included.
    case all
  }

  /// The task whose norms and classification part the new task starts from; nothing for fresh ones.
  public var source: String?
  /// Which parameters learn.
  public var scope = Scope.norms
  /// Whether the new task trains the shared classification cell rather than a copy of its own; the
  /// old tasks' predictions then change.
  public var sharesCell = false

  /// From nothing, the paper's scope, an own cell.
  public init() {}
}

/// What fine-tuning did with each parameter.
public struct TransferReport: Codable, Equatable, Sendable {
  /// Parameters of the new task copied from the source task, as `name <- source name`.
  public var taken: [String] = []
  /// Parameters of the new task drawn afresh.
  public var fresh: [String] = []
  /// Parameters that learn.
  public var trained: [String] = []
  /// Parameters that stay as they are, to the byte.
  public var frozen: [String] = []
  /// Word vectors that the model had, and that came from the lexicon.
  public var oldWords = 0
  /// See `oldWords`.
  public var newWords = 0
}

extension Model {
  /// Teaches the model a further task.
  /// - Parameters:
  ///   - lexicon: a lexicon that extends the model's words and holds the task's shards.
  ///   - describe: is told what was taken, frozen and fresh before learning starts.
  ///   - watch: is told after each step.
  ///   - report: is told after each epoch.
  /// - Throws: ``UserError`` of kind `usage`, `noInput` or `data`, and what `report` throws.
  public func finetune(
    _ task: String, lexicon: TokenizedDataset, how: FineTuningOptions, settings: TrainingSettings,
    threads: Int, crew: any Communicator = SingleProcess(), keeper: Checkpointer = .none,
    describe: (TransferReport) -> Void, watch: (StepReport) -> Void = { _ in },
    report: (LearningCurve, Int) throws -> Void
  ) throws -> (Model, TransferReport) {
    try check(task, lexicon, how)
    try crew.check(microBatches: settings.microBatches)
    var data = [try lexicon.data(for: task)]
    let (grown, adoption) = try grow(data[0].train, lexicon, how, seed: settings.seed)
    describe(adoption)
    let learned = Set(adoption.trained)
    grown.ngramLayers.merge(
      try configuration.fitNgramLayers(to: &data, seed: settings.seed, threads: threads)
    ) { $1 }
    let trainer = Trainer(
      grown, data, settings, trained: { learned.contains($0.name) },
      trainsWeights: how.scope == .all, threads: threads, crew: crew)
    let curve = try trainer.run(stage: "finetune", keeper: keeper, watch: watch, report: report)
    var history = self.settings
    history["finetune"] = settings
    return (
      Model(grown, words: lexicon.words, curves: curves + [curve], settings: history), adoption
    )
  }

  private func check(_ task: String, _ lexicon: TokenizedDataset, _ how: FineTuningOptions) throws {
    guard configuration.variant != .lstmLinear else {
      throw UserError(
        .usage, at: "the model", problem: "lstm-linear, which has nothing that belongs to a task",
        expected: "dlnc, no-task-embedding or separate-cell",
        hint: "train lstm-linear from scratch on the new task with the stage train")
    }
    guard configuration.task(task) == nil else {
      throw UserError(
        .usage, at: "--task", problem: "“\(task)”, which the model has learned already",
        expected:
          "a task that is not among: \(configuration.tasks.map(\.name).joined(separator: ", "))")
    }
    if let source = how.source, configuration.task(source) == nil {
      throw UserError(
        .usage, at: "--source", problem: "“\(source)”",
        expected: "a task of the model: \(configuration.tasks.map(\.name).joined(separator: ", "))")
    }
    guard lexicon.words.extends(words), lexicon.dimension == configuration.input else {
      throw UserError(
        .data, at: lexicon.path,
        problem:
          "a vocabulary of \(lexicon.words.count) words that does not begin with the model's \(words.count)",
        expected: "the model's vocabulary, extended",
        hint: "run vocab with --base on the vocabulary that the model was trained with")
    }
  }

  /// The network with the new task added, and what became of each parameter.
  private func grow(
    _ shard: TokenShard, _ lexicon: TokenizedDataset, _ how: FineTuningOptions, seed: Int
  ) throws -> (Parameters<Float>, TransferReport) {
    var configuration = configuration
    let task = shard.task
    configuration.tasks.append(
      TaskDescription(
        name: task, classNames: shard.classNames,
        ownCell: !how.sharesCell || configuration.variant == .separateCell,
        trainingData: try TrainingDataDigest(shard)))
    let known = parameters.embedding.count
    let grown = Parameters<Float>(
      configuration, embedding: parameters.embedding.array + lexicon.vectors[known...])
    grown.ngramLayers = parameters.ngramLayers
    var adoption = TransferReport()
    adoption.oldWords = words.count
    adoption.newWords = lexicon.words.count - words.count
    let old = Dictionary(uniqueKeysWithValues: parameters.layout.specs.map { ($0.name, $0) })
    for entry in grown.layout.specs {
      let origin = how.source.flatMap { old[sourceName(of: entry.name, task: task, source: $0)] }
      if let same = old[entry.name] ?? (entry.name.hasPrefix("head.") ? nil : origin) {
        (grown.values.start + entry.offset).update(
          from: parameters.values.start + same.offset, count: entry.count)
        if same.name != entry.name { adoption.taken.append("\(entry.name) <- \(same.name)") }
      } else {
        grown.initialize([entry], seed: seed)
        adoption.fresh.append(entry.name)
      }
      if learns(entry, task: task, how, used: grown.layout.used(by: task)) {
        adoption.trained.append(entry.name)
      } else {
        adoption.frozen.append(entry.name)
      }
    }
    if configuration.ngrams != nil {
      adoption.fresh.append("ngrams.\(task).weight")
      adoption.frozen.append("ngrams.\(task).weight")
    }
    if how.scope == .all {
      adoption.trained.append("embedding.weight")
    } else {
      adoption.frozen.append("embedding.weight")
    }
    return (grown, adoption)
  }

  private func learns(
    _ entry: ParameterLayout.ParameterSpec, task: String, _ how: FineTuningOptions,
    used: [ParameterLayout.ParameterSpec]
  ) -> Bool {
    if how.scope == .all { return used.contains(entry) }
    return entry.task == task
      || (how.sharesCell && ["classifier.w_x", "classifier.w_h"].contains(entry.name))
  }

  /// The name of the source task's parameter that plays the part of the new task's `name`.
  private func sourceName(of name: String, task: String, source: String) -> String {
    let own = configuration.task(source)?.ownCell ?? false
    var parts = name.split(separator: ".").map(String.init)
    // Only whole components that stand where a task's name stands are exchanged.
    if parts.first == "classifier", parts.count > 1, parts[1] == task {
      parts.replaceSubrange(1...1, with: own ? [source] : [])
    } else if own, parts.first == "classifier" {
      parts.insert(source, at: 1)
    }
    if let norm = parts.firstIndex(of: "ln"), norm + 1 < parts.count, parts[norm + 1] == task {
      parts[norm + 1] = source
    } else if parts.count == 2, parts[0] == "task_embedding" {
      parts[1] = source
    }
    return parts.joined(separator: ".")
  }
}
