import Shards
import Support
import Tokenization

/// What one task brings to a training.
public struct TaskDataset: Sendable {
  /// The rows to learn from.
  public var train: TokenShard
  /// The rows that decide when to stop, if there are any.
  public var validation: TokenShard?
  /// The logits that the n-gram layer adds to each training row, [rows, classes].
  var ngramLogits: [Double]?

  /// The data of one task.
  public init(train: TokenShard, validation: TokenShard?) {
    self.train = train
    self.validation = validation
  }
}

extension TokenizedDataset {
  /// The training and validation rows of a task.
  /// - Throws: ``UserError`` with exit status `noInput` if the task has no training rows, or `data`.
  public func data(for task: String) throws -> TaskDataset {
    guard let train = try shard(task, "train") else {
      throw UserError(
        .noInput, at: path, problem: "no training rows for the task “\(task)”",
        expected: "one of: \(tasks.joined(separator: ", "))",
        hint: "name a task of this folder, or run vocab with its examples")
    }
    return TaskDataset(train: train, validation: try shard(task, "validation"))
  }
}

/// Trains a network on several tasks in turn, and keeps the parameters of the best epoch.
final class Trainer<R: Real> {
  let parameters: Parameters<R>
  let best: Parameters<R>
  private let data: [TaskDataset]
  private let settings: TrainingSettings
  private let network: DataParallelRunner<R>
  private let gradients: Gradients<R>
  let adam: Adam<R>
  /// The averages of what learns, if these are what is kept.
  let averages: [String: ExponentialMovingAverage<R>]
  let trainsWeights: Bool
  private let threads: Int

  /// - Parameters:
  ///   - trained: which parameters learn.
  ///   - trainsWeights: whether the encoder's weights and the word vectors are among them.
  init(
    _ parameters: Parameters<R>, _ data: [TaskDataset], _ settings: TrainingSettings,
    trained: @escaping (ParameterSpec) -> Bool = { _ in true },
    trainsWeights: Bool = true,
    threads: Int, crew: any Communicator = SingleProcess()
  ) {
    self.parameters = parameters
    self.data = data
    self.settings = settings
    self.trainsWeights = trainsWeights
    self.threads = threads
    best = Parameters(parameters.configuration, embedding: parameters.embedding.array)
    network = DataParallelRunner(
      parameters, microBatches: settings.microBatches, threads: threads, crew: crew,
      isFrozen: !trainsWeights)
    gradients = Gradients(parameters, trained: trained)
    adam = Adam(parameters, trainsVectors: trainsWeights)
    averages = Self.averages(
      parameters, decay: settings.emaDecay, trainsVectors: trainsWeights)
  }

  /// Trains to the end and leaves the best epoch's values in the parameters.
  /// - Parameters:
  ///   - keeper: where the state is kept from time to time, and where an interrupted run goes on.
  ///   - watch: is told after each step how far it is.
  ///   - report: is told after each epoch what it gave.
  /// - Throws: ``UserError`` of kind `data` if the loss is no longer a number, and what the keeper
  ///   and `report` throw.
  func run(
    stage: String, keeper: Checkpointer = .none, watch: (StepReport) -> Void = { _ in },
    report: (LearningCurve, Int) throws -> Void
  ) throws -> LearningCurve {
    let order = BatchOrder(data.map(\.train), settings)
    let total = settings.epochs * order.count
    var progress = TrainingState(curve: LearningCurve(stage: stage))
    if let file = keeper.load() {
      progress = try restore(file, epochs: settings.epochs, steps: total)
    }
    while progress.epoch <= settings.epochs, !isPatienceOver(progress) {
      let batches = order.batches(epoch: progress.epoch - 1)
      while progress.batch < batches.count {
        var batch = batches[progress.batch]
        batch.ngramLogits = data.first { $0.train.task == batch.shard.task }?.ngramLogits
        try learn(batch, of: total, &progress)
        watch(moment(progress, rows: batch.indices.count, of: total))
        try keeper.keep(step: progress.step) { try snapshot(progress) }
      }
      try finishEpoch(&progress)
      try report(progress.curve, progress.epoch - 1)
    }
    if progress.curve.bestEpoch > 0 { parameters.copy(from: best) }
    return progress.curve
  }

  private func moment(_ progress: TrainingState, rows: Int, of total: Int) -> StepReport {
    let sum = progress.sums.values.reduce(BatchMetrics(), +)
    return StepReport(
      epoch: progress.epoch, epochs: settings.epochs, step: progress.step, steps: total, rows: rows,
      rate: settings.rate(step: progress.step - 1, total: total),
      loss: sum.loss / Double(max(1, sum.rows)),
      accuracy: Double(sum.correct) / Double(max(1, sum.rows)))
  }

  private func isPatienceOver(_ progress: TrainingState) -> Bool {
    settings.patience > 0 && progress.epoch - 1 - progress.curve.bestEpoch >= settings.patience
  }

  /// One step on one batch.
  private func learn(_ batch: Batch, of total: Int, _ progress: inout TrainingState) throws {
    let dropout = RandomDropout(
      key: PRNGKey(seed: settings.seed).foldIn("dropout").foldIn(progress.step),
      perSequence: parameters.configuration.variationalDropout)
    let outcome = network.learn(
      batch, dropout: dropout,
      trainsWeights: trainsWeights && progress.epoch > settings.unfreezeAfter, into: gradients)
    let norm = gradients.norm(threads: threads)
    guard outcome.loss.isFinite, norm.isFinite else { throw diverged(progress) }
    let rate = settings.rate(step: progress.step, total: total)
    let factor = settings.clipping(norm: norm)
    follow(gradients, step: progress.step)
    adam.step(
      gradients, rate: rate, vectorRate: settings.vectorRate,
      encoderRate: settings.encoderRate, decay: settings.weightDecay, factor: factor,
      threads: threads)
    progress.sums[batch.shard.task, default: BatchMetrics()] =
      progress.sums[batch.shard.task, default: BatchMetrics()] + outcome
    progress.step += 1
    progress.batch += 1
  }

  /// Validates, keeps the parameters if they are the best, and goes on to the next epoch.
  /// - Throws: ``UserError`` of kind `data` if the last step left a network that gives no numbers.
  private func finishEpoch(_ progress: inout TrainingState) throws {
    averaged(after: progress.step) { judge(&progress) }
    let isSound = progress.curve.points.suffix(data.count).allSatisfy {
      $0.trainLoss.isFinite && $0.validationLoss?.isFinite ?? true
    }
    guard isSound else { throw diverged(progress) }
    (progress.epoch, progress.batch, progress.sums) = (progress.epoch + 1, 0, [:])
  }

  private func judge(_ progress: inout TrainingState) {
    for task in data {
      let sum = progress.sums[task.train.task] ?? BatchMetrics()
      let validation = task.validation.map {
        network.predict($0, maxLength: settings.maximumLength).metrics
      }
      progress.curve.points.append(
        .init(
          epoch: progress.epoch, task: task.train.task,
          trainLoss: sum.loss / Double(max(1, sum.rows)),
          trainAccuracy: Double(sum.correct) / Double(max(1, sum.rows)),
          validationLoss: validation.map { $0.loss / Double(max(1, $0.rows)) },
          validationAccuracy: validation.map { Double($0.correct) / Double(max(1, $0.rows)) }))
    }
    if !settings.keepsBest || progress.curve.improves(at: progress.epoch) {
      progress.curve.bestEpoch = progress.epoch
      best.copy(from: parameters)
    }
  }

  private func diverged(_ progress: TrainingState) -> UserError {
    UserError(
      .data, at: "training, epoch \(progress.epoch), step \(progress.step)",
      problem: "a loss or gradient that is no number",
      expected: "a loss that falls",
      hint: "take a lower --learning-rate or a smaller --max-grad-norm")
  }
}
