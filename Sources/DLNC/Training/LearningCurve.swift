/// How a network learned: one point a task and epoch.
public struct LearningCurve: Codable, Equatable, Sendable {
  /// The state of one task after one epoch.
  public struct Point: Codable, Equatable, Sendable {
    /// The epoch, counted from 1.
    public var epoch: Int
    /// The task.
    public var task: String
    /// Mean cross-entropy over the epoch's training batches, with dropout on.
    public var trainLoss: Double
    /// Share of them classified rightly.
    public var trainAccuracy: Double
    /// Mean cross-entropy on the validation rows, without dropout; nothing if there are none.
    public var validationLoss: Double?
    /// Share of them classified rightly.
    public var validationAccuracy: Double?
  }

  /// Which stage learned, `train` or `finetune`.
  public var stage: String
  /// The points, epoch by epoch.
  public var points: [Point] = []
  /// The epoch whose parameters were kept.
  public var bestEpoch = 0

  /// No point yet.
  public init(stage: String) { self.stage = stage }

  /// How good an epoch was on validation data: the mean over the tasks of the accuracy, and of the
  /// loss to tell equals apart. Nothing without validation data.
  func score(epoch: Int) -> (accuracy: Double, loss: Double)? {
    let points = points.filter { $0.epoch == epoch }
    let accuracies = points.compactMap(\.validationAccuracy)
    let losses = points.compactMap(\.validationLoss)
    guard !accuracies.isEmpty else { return nil }
    return (
      accuracies.reduce(0, +) / Double(accuracies.count), losses.reduce(0, +) / Double(losses.count)
    )
  }

  /// Whether `epoch` is better than the best one so far.
  func improves(at epoch: Int) -> Bool {
    guard let now = score(epoch: epoch), let best = score(epoch: bestEpoch) else { return true }
    return (now.accuracy, -now.loss) > (best.accuracy, -best.loss)
  }
}
