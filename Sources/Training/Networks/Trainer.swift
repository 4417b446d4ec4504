import DLNC
import Shards
import Support

/// Trains a network on one or more tasks; each batch holds rows of one task.
final class Trainer<R: Real> {
  let parameters: Parameters<R>
  /// The parameters after the best epoch.
  let best: Parameters<R>
  let optimizer: Adam<R>
  /// The moving averages, which are validated and kept in place of the parameters, if enabled.
  let averages: ParameterAverages<R>
  let trainsWeights: Bool
  private let data: [TaskDataset]
  /// The weights of classes by task.
  private let classWeights: [String: [Double]]
  private let settings: TrainingSettings
  private let run: TrainingRun
  private let runner: DataParallelRunner<R>
  private let gradients: Gradients<R>
  /// The sampler of candidates for the next word, if the network is a language model.
  private let sampler: CandidateSampler?

  /// - Parameters:
  ///   - trains: whether a parameter is trained.
  ///   - trainsWeights: whether the encoder's weights and the word vectors are trained.
  ///   - sampler: the sampler of candidates for the next word; nil for a classifier.
  init(
    _ parameters: Parameters<R>, _ data: [TaskDataset], _ settings: TrainingSettings,
    _ run: TrainingRun, trains: @escaping (ParameterSpec) -> Bool = { _ in true },
    trainsWeights: Bool = true, sampler: CandidateSampler? = nil
  ) {
    (self.parameters, self.data, self.settings, self.run) = (parameters, data, settings, run)
    self.sampler = sampler
    classWeights = data.reduce(into: [:]) { $0[$1.train.task] = $1.weights }
    self.trainsWeights = trainsWeights
    best = Parameters(parameters.configuration, embedding: parameters.embedding.array)
    runner = DataParallelRunner(
      parameters, microBatches: settings.microBatches, threads: run.threads,
      communicator: run.communicator, isFrozen: !trainsWeights,
      precision: settings.precision ?? .float32)
    gradients = Gradients(parameters, trained: trains)
    optimizer = Adam(
      parameters, trainsVectors: trainsWeights, vectorRate: settings.vectorRate,
      encoderRate: settings.encoderRate, decay: settings.weightDecay, threads: run.threads)
    averages = ParameterAverages(
      parameters, decay: settings.emaDecay, trainsVectors: trainsWeights)
  }

  /// Trains until the last epoch or early stopping, from the checkpoint if there is one. Leaves the
  /// values of the best epoch in the parameters.
  /// - Throws: ``UserError`` with exit status `data` if the loss diverges or the checkpoint is not of
  ///   this training, and the errors of the checkpointer and of ``TrainingRun/onEpoch``.
  func train(stage: String) throws -> LearningCurve {
    let order = BatchOrder(data.map(\.train), settings)
    let totalSteps = settings.epochs * order.count
    var state = TrainingState(curve: LearningCurve(stage: stage))
    if let file = try run.checkpointer.load() {
      state = try restore(file, epochs: settings.epochs, steps: totalSteps)
    }
    while state.epoch <= settings.epochs, !isEarlyStopping(state) {
      for batch in order.batches(epoch: state.epoch - 1).dropFirst(state.batch) {
        let metrics = runner.forwardBackward(
          completed(batch, state), dropout: dropout(state),
          trainsWeights: trainsWeights && state.epoch > settings.unfreezeAfter, into: gradients)
        let norm = gradients.norm(threads: run.threads)
        try check(metrics.loss.isFinite && norm.isFinite, state)
        averages.update(gradients.words, step: state.step)
        let rate = settings.rate(step: state.step, total: totalSteps)
        optimizer.step(gradients, rate: rate, scale: settings.gradientScale(norm: norm))
        state.add(metrics, task: batch.shard.task)
        run.onStep(state.report(settings, totalSteps, rows: metrics.rows, rate: rate))
        try run.checkpointer.save(after: state.step) { try checkpoint(state) }
      }
      averages.withAverages(step: state.step) {
        state.curve.points += validate(state)
        let criterion = settings.keepBy ?? .accuracy
        if !settings.keepsBest || state.curve.improves(at: state.epoch, by: criterion) {
          state.curve.bestEpoch = state.epoch
          best.copy(from: parameters)
        }
      }
      try check(state.curve.points.suffix(data.count).allSatisfy(\.isFinite), state)
      state.startNextEpoch()
      try run.onEpoch(state.curve, state.epoch - 1)
    }
    if state.curve.bestEpoch > 0 { parameters.copy(from: best) }
    return state.curve
  }

  private func isEarlyStopping(_ state: TrainingState) -> Bool {
    settings.patience > 0 && state.epoch - 1 - state.curve.bestEpoch >= settings.patience
  }

  private func dropout(_ state: TrainingState) -> RandomDropout {
    RandomDropout(
      key: PRNGKey(seed: settings.seed).foldIn("dropout").foldIn(state.step),
      perSequence: parameters.configuration.variationalDropout)
  }

  /// The batch with what the head needs beyond its rows.
  private func completed(_ batch: Batch, _ state: TrainingState) -> Batch {
    var batch = batch
    batch.candidates = sampler?.draw(
      PRNGKey(seed: settings.seed).foldIn("candidates").foldIn(state.step))
    batch.classWeights = classWeights[batch.shard.task]
    batch.ngramLogits = data.first { $0.train.task == batch.shard.task }?.ngramLogits
    return batch
  }

  /// The points of the learning curve for the current epoch, one per task.
  private func validate(_ state: TrainingState) -> [LearningCurve.Point] {
    data.map { task in
      let train = state.sums[task.train.task] ?? BatchMetrics()
      let validation = task.validation.map { rows -> (metrics: BatchMetrics, macroF1: Double?) in
        guard sampler == nil else {
          return (runner.predictWords(rows, maxLength: settings.maximumLength), nil)
        }
        let (probabilities, metrics) = runner.predict(rows, maxLength: settings.maximumLength)
        return (metrics, macroF1(probabilities, rows))
      }
      return LearningCurve.Point(
        epoch: state.epoch, task: task.train.task, trainLoss: train.meanLoss,
        trainAccuracy: train.accuracy, validationLoss: validation?.metrics.meanLoss,
        validationAccuracy: validation?.metrics.accuracy,
        validationMacroF1: validation?.macroF1)
    }
  }

  private func check(_ isFinite: Bool, _ state: TrainingState) throws {
    guard !isFinite else { return }
    throw UserError(
      .data, at: "training, epoch \(state.epoch), step \(state.step)",
      problem: "the loss or the gradient is not a finite number", expected: "a loss that falls",
      hint: "use a lower --learning-rate or a smaller --max-grad-norm")
  }
}
