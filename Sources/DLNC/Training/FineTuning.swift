import Shards
import Support
import Tokenization

/// How a trained network is fine-tuned on a further task.
public struct FineTuningOptions: Codable, Equatable, Sendable {
  /// Which parameters are trained.
  public enum Scope: String, Codable, CaseIterable, Sendable {
    /// The new task's norms in the encoder and its classification part, as in the paper.
    case norms
    /// All parameters that the new task uses, including the encoder's weights and the word vectors.
    case all
  }

  /// The task whose norms and classification part the new task starts from; nil to initialise them.
  public var source: String?
  /// Which parameters are trained.
  public var scope = Scope.norms
  /// Whether the new task trains the shared classification cell instead of a copy; this changes
  /// the predictions of the other tasks.
  public var sharesCell = false

  /// No source, the paper's scope, an own cell.
  public init() {}
}

/// The effect of fine-tuning on each parameter.
public struct TransferReport: Codable, Equatable, Sendable {
  /// The parameters of the new task that were copied from the source task, as `name <- source name`.
  public var copied: [String] = []
  /// The parameters of the new task that were initialised.
  public var initialized: [String] = []
  /// The parameters that are trained.
  public var trained: [String] = []
  /// The parameters that remain bytewise identical.
  public var frozen: [String] = []
  /// The number of words that the model already had.
  public var oldWords = 0
  /// The number of words that the dataset adds.
  public var newWords = 0

  private enum CodingKeys: String, CodingKey {
    case copied = "taken"
    case initialized = "fresh"
    case trained, frozen, oldWords, newWords
  }
}

extension Model {
  /// Fine-tunes the model on a further task.
  /// - Parameter dataset: a dataset with the task, whose vocabulary extends that of the model.
  /// - Returns: the model with the new task, and what became of each parameter.
  /// - Throws: ``UserError`` with exit status `usage`, `noInput` or `data`, and the errors of the
  ///   checkpointer and of ``TrainingRun/onEpoch``.
  public func finetune(
    _ task: String, dataset: TokenizedDataset, options: FineTuningOptions,
    settings: TrainingSettings, run: TrainingRun
  ) throws -> (Model, TransferReport) {
    try check(task, dataset, options)
    try run.communicator.check(microBatches: settings.microBatches)
    var data = [try dataset.data(for: task)]
    let description = TaskDescription(
      name: task, classNames: data[0].train.classNames,
      ownCell: !options.sharesCell || configuration.variant == .separateCell,
      trainingData: try TrainingDataDigest(data[0].train))
    let (extended, report) = addTask(description, dataset, options, seed: settings.seed)
    run.onTransfer(report)
    extended.ngramLayers.merge(
      try configuration.fitNgramLayers(
        to: &data, embedding: dataset.embedding, seed: settings.seed, threads: run.threads)
    ) { $1 }
    let trainer = Trainer(
      extended, data, settings, run, trains: { options.trains($0, for: description) },
      trainsWeights: options.scope == .all)
    let curve = try trainer.train(stage: "finetune")
    var allSettings = self.settings
    allSettings["finetune"] = settings
    let model = Model(
      extended, vocabulary: dataset.vocabulary, curves: curves + [curve], settings: allSettings)
    return (model, report)
  }

  private func check(
    _ task: String, _ dataset: TokenizedDataset, _ options: FineTuningOptions
  ) throws {
    let tasks = configuration.tasks.map(\.name).joined(separator: ", ")
    guard configuration.variant != .lstmLinear else {
      throw UserError(
        .usage, at: "the model", problem: "lstm-linear, which has no norms of a task to fine-tune",
        expected: "dlnc, no-task-embedding or separate-cell",
        hint: "train lstm-linear from scratch on the new task with the stage train")
    }
    guard configuration.task(task) == nil else {
      throw UserError(
        .usage, at: "--task", problem: "“\(task)”, which the model has learned already",
        expected: "a task that is not among: \(tasks)")
    }
    if let source = options.source, configuration.task(source) == nil {
      throw UserError(
        .usage, at: "--source", problem: "“\(source)”", expected: "a task of the model: \(tasks)")
    }
    guard dataset.vocabulary.extends(vocabulary), dataset.embedding.dimension == configuration.input
    else {
      throw UserError(
        .data, at: dataset.path,
        problem:
          "a vocabulary of \(dataset.vocabulary.count) words that does not begin with the model's "
          + "\(vocabulary.count)",
        expected: "the model's vocabulary, extended",
        hint: "run vocab with --base on the vocabulary that the model was trained with")
    }
  }

  /// Adds a task to the network.
  /// - Returns: the extended network and a report on each of its parameters.
  private func addTask(
    _ task: TaskDescription, _ dataset: TokenizedDataset, _ options: FineTuningOptions, seed: Int
  ) -> (Parameters<Float>, TransferReport) {
    var configuration = configuration
    configuration.tasks.append(task)
    let vectors = parameters.embedding.array
    let extended = Parameters<Float>(
      configuration, embedding: vectors + dataset.embedding.values[vectors.count...])
    extended.ngramLayers = parameters.ngramLayers
    var report = TransferReport()
    report.oldWords = vocabulary.count
    report.newWords = dataset.vocabulary.count - vocabulary.count
    let old = Dictionary(uniqueKeysWithValues: parameters.layout.specs.map { ($0.name, $0) })
    for spec in extended.layout.specs {
      if let origin = old[spec.name] ?? counterpart(of: spec, in: options.source) {
        (extended.values.start + spec.offset).update(
          from: parameters.values.start + origin.offset, count: spec.count)
        if origin.name != spec.name { report.copied.append("\(spec.name) <- \(origin.name)") }
      } else {
        extended.initialize([spec], seed: seed)
        report.initialized.append(spec.name)
      }
      report.note(spec.name, isTrained: options.trains(spec, for: task))
    }
    if configuration.ngrams != nil {
      report.initialized.append("ngrams.\(task.name).weight")
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
