import Shards
import Support
import Tokenization

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
    let description = TaskDescription(
      name: task, classNames: data[0].train.classNames,
      ownCell: !how.sharesCell || configuration.variant == .separateCell,
      trainingData: try TrainingDataDigest(data[0].train))
    let (grown, adoption) = addTask(description, lexicon, how, seed: settings.seed)
    describe(adoption)
    grown.ngramLayers.merge(
      try configuration.fitNgramLayers(to: &data, seed: settings.seed, threads: threads)
    ) { $1 }
    let trainer = Trainer(
      grown, data, settings, trained: { how.trains($0, for: description) },
      trainsWeights: how.scope == .all, threads: threads, crew: crew)
    let curve = try trainer.run(stage: "finetune", keeper: keeper, watch: watch, report: report)
    var history = self.settings
    history["finetune"] = settings
    return (
      Model(grown, vocabulary: lexicon.vocabulary, curves: curves + [curve], settings: history),
      adoption
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
    guard lexicon.vocabulary.extends(vocabulary), lexicon.embedding.dimension == configuration.input
    else {
      throw UserError(
        .data, at: lexicon.path,
        problem:
          "a vocabulary of \(lexicon.vocabulary.count) words that does not begin with the model's \(vocabulary.count)",
        expected: "the model's vocabulary, extended",
        hint: "run vocab with --base on the vocabulary that the model was trained with")
    }
  }

  /// Adds a task to the network.
  /// - Returns: the extended network and a report on each of its parameters.
  private func addTask(
    _ task: TaskDescription, _ lexicon: TokenizedDataset, _ options: FineTuningOptions, seed: Int
  ) -> (Parameters<Float>, TransferReport) {
    var configuration = configuration
    configuration.tasks.append(task)
    let vectors = parameters.embedding.array
    let extended = Parameters<Float>(
      configuration, embedding: vectors + lexicon.embedding.values[vectors.count...])
    extended.ngramLayers = parameters.ngramLayers
    var report = TransferReport()
    report.oldWords = vocabulary.count
    report.newWords = lexicon.vocabulary.count - vocabulary.count
    let old = Dictionary(uniqueKeysWithValues: parameters.layout.specs.map { ($0.name, $0) })
    for spec in extended.layout.specs {
      if let origin = old[spec.name] ?? counterpart(of: spec, in: options.source) {
        (extended.values.start + spec.offset).update(
          from: parameters.values.start + origin.offset, count: spec.count)
        if origin.name != spec.name { report.taken.append("\(spec.name) <- \(origin.name)") }
      } else {
        extended.initialize([spec], seed: seed)
        report.fresh.append(spec.name)
      }
      report.note(spec.name, isTrained: options.trains(spec, for: task))
    }
    if configuration.ngrams != nil {
      report.fresh.append("ngrams.\(task.name).weight")
      report.note("ngrams.\(task.name).weight", isTrained: false)
    }
    report.note("embedding.weight", isTrained: options.scope == .all)
    return (extended, report)
  }

  /// The parameter of the source task that a new task's parameter is copied from, or nil if there is
  /// no source or the parameter belongs to one set of classes.
  private func counterpart(of spec: ParameterSpec, in source: String?) -> ParameterSpec? {
    guard let source = source.flatMap({ configuration.task($0) }) else { return nil }
    switch spec.part {
    case .head, .ngrams: return nil
    case .encoder, .classifier, .taskEmbedding:
      return parameters.layout.specs.first {
        $0.part == spec.part && $0.role == spec.role && $0.isUsed(by: source)
      }
    }
  }
}

extension FineTuningOptions {
  /// Whether fine-tuning on `task` trains a parameter.
  fileprivate func trains(_ spec: ParameterSpec, for task: TaskDescription) -> Bool {
    switch (scope, spec.owner) {
    case (.all, _): spec.isUsed(by: task)
    case (.norms, .task(let owner)): owner == task.name
    case (.norms, .shared): sharesCell && spec.part == .classifier
    }
  }
}

extension TransferReport {
  fileprivate mutating func note(_ name: String, isTrained: Bool) {
    if isTrained { trained.append(name) } else { frozen.append(name) }
  }
}
