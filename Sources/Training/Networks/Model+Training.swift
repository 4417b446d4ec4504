import DLNC
import Support
import Tokenization

/// How a training is run: the resources that it uses and the functions that it calls. Nothing here
/// changes the result.
public struct TrainingRun {
  /// The number of threads per process.
  public var threads: Int
  /// The processes that train together.
  public var communicator: any Communicator
  /// Where checkpoints are saved and resumed from.
  public var checkpointer: Checkpointer
  /// Called before fine-tuning or a training from a pretrained encoder starts.
  public var onTransfer: (TransferReport) -> Void = { _ in }
  /// Called after each step.
  public var onStep: (StepReport) -> Void = { _ in }
  /// Called after each epoch with the curve so far and the epoch.
  public var onEpoch: (LearningCurve, Int) throws -> Void = { _, _ in }

  /// A run without callbacks.
  public init(
    threads: Int, communicator: any Communicator = SingleProcess(),
    checkpointer: Checkpointer = .none
  ) {
    self.threads = threads
    self.communicator = communicator
    self.checkpointer = checkpointer
  }
}

/// Which parameters tasks share in addition to the weights of the encoder and of the classification cell.
public struct ParameterSharing: Sendable {
  /// Whether all tasks have one set of gains and shifts.
  public var norms: Bool
  /// Whether tasks with the same class names, in any order, have one linear layer. They keep their task
  /// embeddings, by which the shared layer can tell them apart.
  public var heads: Bool

  /// By default nothing, as in the paper.
  public init(norms: Bool = false, heads: Bool = false) {
    (self.norms, self.heads) = (norms, heads)
  }
}

extension Model {
  /// Trains a new network on tasks of a dataset.
  /// - Parameters:
  ///   - configuration: the configuration; `input` and `tasks` are taken from the dataset.
  ///   - start: the pretrained encoder to start from; nil to start from random numbers.
  /// - Throws: ``UserError`` with exit status `noInput`, `data` or `usage`, and the errors of the
  ///   checkpointer and of ``TrainingRun/onEpoch``.
  public static func train(
    _ configuration: ModelConfiguration, tasks: [String], dataset: TokenizedDataset,
    sharing: ParameterSharing = ParameterSharing(), settings: TrainingSettings, run: TrainingRun,
    from start: PretrainedStart? = nil
  ) throws -> Model {
    var data = try tasks.map { try dataset.data(for: $0, settings.classWeights) }
    try settings.classWeights?.check(data)
    let configuration = try configuration.completed(from: dataset, data, sharing)
    guard configuration.variant != .lstmLinear || tasks.count == 1 else {
      throw UserError(
        .usage, at: "lstm-linear",
        problem: "\(tasks.count) tasks: \(tasks.joined(separator: ", "))",
        expected: "one task: the paper trains LSTM+linear on each task alone",
        hint: "give --task once, and run train again for the other")
    }
    try configuration.checkMemory(
      vectors: dataset.embedding.values.count, averages: settings.emaDecay > 0)
    try run.communicator.check(microBatches: settings.microBatches)
    try start?.check(configuration, dataset)
    let parameters = Parameters<Float>(
      configuration, embedding: start?.vectors(for: dataset) ?? dataset.embedding.values)
    parameters.initialize(parameters.layout.specs, seed: settings.seed)
    if let start {
      run.onTransfer(
        start.transfer(
          to: parameters, data, maximumLength: settings.maximumLength, threads: run.threads))
    }
    let features = try dataset.features(of: configuration.ngrams, for: data)
    parameters.ngramLayers = try configuration.fitNgramLayers(
      to: &data, features, seed: settings.seed, threads: run.threads)
    let curve = try Trainer(
      parameters, data, settings, run, trainsWeights: start?.scope != .norms
    ).train(stage: "train")
    var allSettings = ["train": settings]
    allSettings[PretrainedEncoder.stage] = start?.encoder.settings
    let model = Model(
      parameters, vocabulary: dataset.vocabulary, curves: [curve], settings: allSettings)
    try model.fitValidationRows(data, features, settings, threads: run.threads)
    return model
  }
}

extension ModelConfiguration {
  /// The configuration with the input size and the tasks of the data.
  fileprivate func completed(
    from dataset: TokenizedDataset, _ data: [TaskDataset], _ sharing: ParameterSharing
  ) throws -> ModelConfiguration {
    var result = self
    result.input = dataset.embedding.dimension
    result.tasks = try data.map {
      TaskDescription(
        of: $0.train, ownCell: variant == .separateCell, try TrainingDataDigest($0.train))
    }
    if sharing.norms {
      for index in result.tasks.indices { result.tasks[index].sharesNorms = true }
    }
    if sharing.heads {
      for pool in try LinearModel.pools(data, for: "--heads shared", at: dataset.path)
      where pool.count > 1 {
        let head = SharedHead(name: pool[0], classNames: result.task(pool[0])?.classNames ?? [])
        for index in result.tasks.indices where pool.contains(result.tasks[index].name) {
          result.tasks[index].sharedHead = head
        }
      }
    }
    try result.check(at: dataset.path)
    return result
  }
}
