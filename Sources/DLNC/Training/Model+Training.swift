import Support
import Tokenization

extension Model {
  /// Trains a fresh network on the given tasks of a lexicon.
  /// - Parameters:
  ///   - configuration: everything but `input` and `tasks`, which follow from the data.
  ///   - crew: the processes that train together, each with so many threads.
  ///   - keeper: where the state is kept, and where an interrupted training goes on.
  ///   - watch: is told after each step.
  ///   - report: is told after each epoch.
  /// - Throws: ``UserError`` of kind `noInput`, `data` or `usage`, and what `report` throws.
  public static func train(
    _ configuration: ModelConfiguration, tasks: [String], lexicon: TokenizedDataset,
    settings: TrainingSettings, threads: Int, crew: any Communicator = SingleProcess(),
    keeper: Checkpointer = .none, watch: (StepReport) -> Void = { _ in },
    report: (LearningCurve, Int) throws -> Void
  ) throws -> Model {
    var configuration = configuration
    configuration.input = lexicon.embedding.dimension
    var data = try tasks.map { try lexicon.data(for: $0) }
    configuration.tasks = try data.map {
      TaskDescription(
        name: $0.train.task, classNames: $0.train.classNames,
        ownCell: configuration.variant == .separateCell,
        trainingData: try TrainingDataDigest($0.train))
    }
    try configuration.check(at: lexicon.path)
    guard configuration.variant != .lstmLinear || tasks.count == 1 else {
      throw UserError(
        .usage, at: "lstm-linear",
        problem: "\(tasks.count) tasks: \(tasks.joined(separator: ", "))",
        expected: "one task: the paper trains LSTM+linear on each by itself",
        hint: "give --task once, and run train again for the other")
    }
    try configuration.checkMemory(vectors: lexicon.embedding.values.count, averages: settings.emaDecay > 0)
    try crew.check(microBatches: settings.microBatches)
    let parameters = Parameters<Float>(configuration, embedding: lexicon.embedding.values)
    parameters.initialize(parameters.layout.specs, seed: settings.seed)
    parameters.ngramLayers = try configuration.fitNgramLayers(
      to: &data, seed: settings.seed, threads: threads)
    let trainer = Trainer(parameters, data, settings, threads: threads, crew: crew)
    let curve = try trainer.run(stage: "train", keeper: keeper, watch: watch, report: report)
    return Model(
      parameters, vocabulary: lexicon.vocabulary, curves: [curve], settings: ["train": settings])
  }
}
