import DLNC
import Shards
import Support
import Tokenization

/// How a trained network is fine-tuned on one task: a further one, or one that it knows.
public struct FineTuningOptions: Codable, Equatable, Sendable {
  /// Which parameters are trained.
  public enum Scope: String, Codable, CaseIterable, Sendable {
    /// The task's norms in the encoder and its classification part, as in the paper.
    case norms
    /// All parameters that the task uses, including the encoder's weights and the word vectors.
    case all
  }

  /// The task whose norms and classification part a new task starts from; nil to initialise them. A
  /// known task starts from its own.
  public var source: String?
  /// Which parameters are trained.
  public var scope = Scope.norms
  /// Whether the task trains the shared classification cell instead of a copy; this changes the
  /// predictions of the other tasks that use it.
  public var sharesCell = false
  /// Whether a known task gets the classes of its rows that it does not have.
  public var addsClasses = false

  /// No source, the paper's scope, an own cell, no new classes.
  public init() {}
}

/// The effect of fine-tuning, or of a start from a pretrained encoder, on each parameter.
public struct TransferReport: Codable, Equatable, Sendable {
  /// The parameters of the task that were copied, as `name <- source name`.
  public var copied: [String] = []
  /// The parameters of the task that were initialised.
  public var initialized: [String] = []
  /// The parameters that are trained.
  public var trained: [String] = []
  /// The parameters that remain bytewise identical.
  public var frozen: [String] = []
  /// The number of words that the model already had.
  public var oldWords = 0
  /// The number of words that the dataset adds.
  public var newWords = 0
  /// The domains of a pretrained encoder that the norms of each task started from; nil without one.
  public var domains: [DomainChoice]?

  private enum CodingKeys: String, CodingKey {
    case copied = "taken"
    case initialized = "fresh"
    case trained, frozen, oldWords, newWords, domains
  }
}

extension Model {
  /// Fine-tunes the model on one task, of which a known one continues from its parameters.
  ///
  /// Unless options say otherwise, nothing that the other tasks use is changed, so that their
  /// predictions stay bytewise identical. They also ignore the words that the dataset adds.
  /// - Parameter dataset: a dataset with the task, whose vocabulary extends that of the model.
  /// - Returns: the model with the task, and what became of each parameter.
  /// - Throws: ``UserError`` with exit status `usage`, `noInput` or `data`, and the errors of the
  ///   checkpointer and of ``TrainingRun/onEpoch``.
  public func finetune(
    _ task: String, dataset: TokenizedDataset, options: FineTuningOptions,
    settings: TrainingSettings, run: TrainingRun
  ) throws -> (Model, TransferReport) {
    try checkFineTuning(task, dataset, options)
    try run.communicator.check(microBatches: settings.microBatches)
    let given = try dataset.data(for: task, settings.classWeights)
    let description = try description(of: task, given, dataset, options)
    var mapped = given
    mapped.train = try given.train.mapped(to: description.classNames)
    mapped.validation = try given.validation?.mapped(to: description.classNames)
    var data = [mapped]
    try settings.classWeights?.check(data)
    let (extended, report) = transfer(
      to: description, dataset, options, settings: settings)
    run.onTransfer(report)
    let features = try dataset.features(of: configuration.ngrams, for: data)
    extended.ngramLayers.merge(
      try configuration.fitNgramLayers(
        to: &data, features, seed: settings.seed, threads: run.threads)
    ) { $1 }
    let trainer = Trainer(
      extended, data, settings, run, trains: { options.trains($0, for: description) },
      trainsWeights: options.scope == .all)
    let curve = try trainer.train(stage: "finetune")
    var allSettings = self.settings
    allSettings["finetune"] = settings
    let model = Model(
      extended, vocabulary: dataset.vocabulary, curves: curves + [curve], settings: allSettings)
    try model.fitValidationRows(data, features, settings, threads: run.threads)
    return (model, report)
  }

  /// The task as it will be: with its present classes first, then new ones.
  private func description(
    of task: String, _ data: TaskDataset, _ dataset: TokenizedDataset, _ options: FineTuningOptions
  ) throws -> TaskDescription {
    let digest = try TrainingDataDigest(data.train)
    guard var result = configuration.task(task) else {
      return TaskDescription(
        of: data.train, ownCell: !options.sharesCell || configuration.variant == .separateCell,
        digest)
    }
    guard result.isMultiLabel == data.train.isMultiLabel else {
      throw kindError(data.train, isMultiLabel: result.isMultiLabel)
    }
    let new = data.train.classNames.filter { !result.classNames.contains($0) }
    guard new.isEmpty || options.addsClasses else {
      throw UserError(
        .data, at: "\(dataset.path)/\(task)",
        problem: "classes that “\(task)” of the model does not have: "
          + new.map { "“\($0)”" }.joined(separator: ", "),
        expected: result.classNames.map { "“\($0)”" }.joined(separator: ", "),
        hint: "map the labels to these classes with ingest --labels; if the classes are new, add "
          + "--add-classes, or train the model again on all rows")
    }
    result.classNames += new
    if !result.ownCell, configuration.variant.hasClassificationCell {
      // Without other users, the shared cell is the task's own.
      result.ownCell = configuration.tasks.contains { $0.name != task && !$0.ownCell }
    }
    // Copies of what it shares with other tasks are trained.
    (result.sharesNorms, result.sharedHead) = (nil, nil)
    result.earlierTrainingData = (result.earlierTrainingData ?? []) + [result.trainingData]
    result.record(digest)
    (result.vocabularySize, result.maximumLength) = (nil, nil)
    (result.calibration, result.validationShift) = (nil, nil)
    if result.isMultiLabel {
      result.labelThresholds = LabelThresholds(classCount: result.classNames.count)
    }
    return result
  }

  /// Adds a task to the network, or prepares a known one.
  /// - Returns: the extended network and a report on each of its parameters.
  private func transfer(
    to task: TaskDescription, _ dataset: TokenizedDataset, _ options: FineTuningOptions,
    settings: TrainingSettings
  ) -> (Parameters<Float>, TransferReport) {
    let isKnown = configuration.task(task.name) != nil
    let source = isKnown ? task.name : options.source
    let vectors = parameters.embedding.array
    let extended = Parameters<Float>(
      configuration(with: task, dataset, settings),
      embedding: vectors + dataset.embedding.values[vectors.count...])
    extended.ngramLayers = parameters.ngramLayers
    var report = TransferReport()
    report.oldWords = vocabulary.count
    report.newWords = dataset.vocabulary.count - vocabulary.count
    let old = Dictionary(uniqueKeysWithValues: parameters.layout.specs.map { ($0.name, $0) })
    for spec in extended.layout.specs {
      let origin = old[spec.name] ?? counterpart(of: spec, in: source)
      // Also if there is an origin with fewer classes.
      if origin?.count != spec.count {
        extended.initialize([spec], seed: settings.seed)
        report.initialized.append(spec.name)
      }
      if let origin {
        copy(origin, to: spec, of: extended)
        if origin.name != spec.name { report.copied.append("\(spec.name) <- \(origin.name)") }
      }
      if spec.part == .ngrams, spec.owner == .task(task.name),
        let factor = configuration.task(task.name)?.calibration?.ngramFactor
      {
        // The training continues from the scales that it learned.
        for k in 0..<spec.count { extended.values.start[spec.offset + k] /= Float(factor) }
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

  /// Copies a parameter, of a shared linear layer in the task's order of classes.
  private func copy(
    _ origin: ParameterSpec, to spec: ParameterSpec, of extended: Parameters<Float>
  ) {
    let (from, to) = (parameters.values.start + origin.offset, extended.values.start + spec.offset)
    guard case (.headGroup, .task(let name)) = (origin.owner, spec.owner),
      let rows = configuration.task(name)?.headRows
    else { return to.update(from: from, count: min(origin.count, spec.count)) }
    let width = spec.count / spec.shape[0]
    for (index, row) in rows.enumerated() {
      (to + index * width).update(from: from + row * width, count: width)
    }
  }

  /// The configuration with a task added or replaced. The other tasks keep the words and the length
  /// of rows that their predictions depend on.
  private func configuration(
    with task: TaskDescription, _ dataset: TokenizedDataset, _ settings: TrainingSettings
  ) -> ModelConfiguration {
    var result = configuration
    for index in result.tasks.indices {
      if dataset.vocabulary.count > vocabulary.count, result.tasks[index].vocabularySize == nil {
        result.tasks[index].vocabularySize = vocabulary.count
      }
      if let length = maximumLength(of: result.tasks[index]), length != settings.maximumLength {
        result.tasks[index].maximumLength = length
      }
    }
    if let index = result.tasks.firstIndex(where: { $0.name == task.name }) {
      result.tasks[index] = task
    } else {
      result.tasks.append(task)
    }
    return result
  }

  /// The parameter of the source task that a task's parameter is copied from, or nil if there is no
  /// source or the parameter belongs to one set of classes.
  private func counterpart(of spec: ParameterSpec, in source: String?) -> ParameterSpec? {
    guard let source = source.flatMap({ configuration.task($0) }) else { return nil }
    switch spec.part {
    case .ngrams, .languageModel: return nil
    case .head where spec.owner != .task(source.name): return nil
    case .head, .encoder, .classifier, .taskEmbedding:
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
    case (.norms, .shared): spec.part == .classifier && spec.isUsed(by: task)
    // A fine-tuned task shares neither.
    case (.norms, .normGroup), (.norms, .headGroup): false
    }
  }
}

extension TransferReport {
  mutating func note(_ name: String, isTrained: Bool) {
    if isTrained { trained.append(name) } else { frozen.append(name) }
  }
}
