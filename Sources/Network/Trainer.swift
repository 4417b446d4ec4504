import Tensors

/// What one task brings to a training.
public struct TaskData: Sendable {
  /// The rows to learn from.
  public var train: TokenShard
  /// The rows that decide when to stop, if there are any.
  public var validation: TokenShard?

  /// The data of one task.
  public init(train: TokenShard, validation: TokenShard?) {
    self.train = train
    self.validation = validation
  }
}

/// Trains a network on several tasks in turn, and keeps the parameters of the best epoch.
final class Trainer<R: Real> {
  private let parameters: Parameters<R>
  private let best: Parameters<R>
  private let data: [TaskData]
  private let settings: TrainingSettings
  private let network: Network<R>
  private let gradients: Gradients<R>
  private let adam: Adam<R>
  private let trainsWeights: Bool
  private let threads: Int
  private var step = 0

  /// - Parameters:
  ///   - trained: which parameters learn.
  ///   - trainsWeights: whether the encoder's weights and the word vectors are among them.
  init(
    _ parameters: Parameters<R>, _ data: [TaskData], _ settings: TrainingSettings,
    trained: @escaping (Layout.Entry) -> Bool = { _ in true }, trainsWeights: Bool = true,
    threads: Int
  ) {
    self.parameters = parameters
    self.data = data
    self.settings = settings
    self.trainsWeights = trainsWeights
    self.threads = threads
    best = Parameters(parameters.configuration, embedding: parameters.embedding.array)
    network = Network(parameters, slices: settings.slices, threads: threads)
    gradients = Gradients(parameters, trained: trained)
    adam = Adam(parameters, trainsVectors: trainsWeights)
  }

  /// Trains to the end and leaves the best epoch's values in the parameters.
  /// - Parameter report: is told after each epoch what it gave.
  /// - Throws: ``Refusal`` of kind `data` if the loss is no longer a number.
  func run(
    stage: String, report: (LearningCurve, Int) -> Void
  ) throws -> LearningCurve {
    let order = BatchOrder(data.map(\.train), settings)
    var curve = LearningCurve(stage: stage)
    for epoch in 1...max(1, settings.epochs) {
      try learn(order.batches(epoch: epoch - 1), epoch: epoch, of: order.count, into: &curve)
      if !settings.keepsBest || curve.improves(at: epoch) {
        curve.bestEpoch = epoch
        best.copy(from: parameters)
      }
      report(curve, epoch)
      if settings.patience > 0, epoch - curve.bestEpoch >= settings.patience { break }
    }
    parameters.copy(from: best)
    return curve
  }

  /// One epoch: every batch, then validation.
  private func learn(
    _ batches: [Batch], epoch: Int, of batchesPerEpoch: Int, into curve: inout LearningCurve
  ) throws {
    let total = settings.epochs * batchesPerEpoch
    let key = RandomKey(seed: settings.seed).derived("dropout")
    var sums: [String: Network<R>.Outcome] = [:]
    for batch in batches {
      let dropout = RandomDropout(
        key: key.derived(step), perSequence: parameters.configuration.maskPerSequence)
      let outcome = network.learn(
        batch, dropout: dropout, trainsWeights: trainsWeights, into: gradients)
      let norm = gradients.norm
      guard outcome.loss.isFinite, norm.isFinite else { throw diverged(epoch) }
      adam.step(
        gradients, rate: settings.rate(step: step, total: total), vectorRate: settings.vectorRate,
        factor: settings.clipping(norm: norm), threads: threads)
      sums[batch.shard.task, default: .init()] = sums[batch.shard.task, default: .init()] + outcome
      step += 1
    }
    for task in data {
      let sum = sums[task.train.task] ?? .init()
      let validation = task.validation.map {
        network.predict($0, longest: settings.maximumLength).outcome
      }
      curve.points.append(
        .init(
          epoch: epoch, task: task.train.task, trainLoss: sum.loss / Double(max(1, sum.rows)),
          trainAccuracy: Double(sum.correct) / Double(max(1, sum.rows)),
          validationLoss: validation.map { $0.loss / Double(max(1, $0.rows)) },
          validationAccuracy: validation.map { Double($0.correct) / Double(max(1, $0.rows)) }))
    }
  }

  private func diverged(_ epoch: Int) -> Refusal {
    Refusal(
      .data, at: "training, epoch \(epoch), step \(step)",
      saw: "a loss or gradient that is no number",
      expected: "a loss that falls", advice: "take a lower --learning-rate or a smaller --clip")
  }
}
