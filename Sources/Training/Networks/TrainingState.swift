import DLNC

/// The progress of a training, without the parameters and the state of the optimizer. All random
/// numbers follow from the seed and these values.
struct TrainingState: Codable, Equatable {
  /// The current epoch, from 1.
  var epoch = 1
  /// The number of completed batches of the epoch.
  var batch = 0
  /// The number of completed steps of the training.
  var step = 0
  /// The summed metrics of the epoch's batches by task.
  var sums: [String: BatchMetrics] = [:]
  /// The learning curve of the completed epochs.
  var curve: LearningCurve

  init(curve: LearningCurve) { self.curve = curve }

  /// Counts a completed step.
  mutating func add(_ metrics: BatchMetrics, task: String) {
    sums[task] = (sums[task] ?? BatchMetrics()) + metrics
    step += 1
    batch += 1
  }

  mutating func startNextEpoch() { (epoch, batch, sums) = (epoch + 1, 0, [:]) }

  /// A report on the last step.
  func report(
    _ settings: TrainingSettings, _ totalSteps: Int, rows: Int, rate: Double
  ) -> StepReport {
    let sum = sums.values.reduce(BatchMetrics(), +)
    return StepReport(
      epoch: epoch, epochs: settings.epochs, step: step, steps: totalSteps, rows: rows, rate: rate,
      loss: sum.meanLoss, accuracy: sum.accuracy)
  }

  /// Whether a training of this many epochs and steps can be in this state.
  func isPossible(epochs: Int, steps: Int) -> Bool {
    (1...epochs + 1).contains(epoch) && (0...steps).contains(step) && (0...step).contains(batch)
      && (0..<epoch).contains(curve.bestEpoch)
      && sums.values.allSatisfy {
        (0...Self.maxRows).contains($0.rows)
          && (-$0.rows...Self.maxRows).contains($0.surplus ?? 0)
          && (0...$0.decisions).contains($0.correct) && $0.loss.isFinite
      }
  }

  /// More rows than any epoch has.
  private static let maxRows = 1 << 53
}

/// The progress of a training after a step.
public struct StepReport: Sendable {
  /// The current epoch, from 1.
  public var epoch: Int
  /// The maximum number of epochs.
  public var epochs: Int
  /// The number of completed steps.
  public var step: Int
  /// The maximum number of steps.
  public var steps: Int
  /// The number of rows of the step's batch; of a language model, that of predicted words.
  public var rows: Int
  /// The learning rate of the step.
  public var rate: Double
  /// The mean training loss of the epoch so far, over all tasks, with dropout.
  public var loss: Double
  /// The training accuracy of the epoch so far.
  public var accuracy: Double
}
