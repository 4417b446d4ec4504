/// The learning curve of a training: one point per task and epoch.
public struct LearningCurve: Codable, Equatable, Sendable {
  /// The metrics of one task after one epoch.
  public struct Point: Codable, Equatable, Sendable {
    /// The epoch, from 1.
    public var epoch: Int
    /// The task.
    public var task: String
    /// The mean cross-entropy over the epoch's training batches, with dropout.
    public var trainLoss: Double
    /// The accuracy over the epoch's training batches, with dropout.
    public var trainAccuracy: Double
    /// The mean cross-entropy on the validation rows, without dropout; nil without validation rows.
    public var validationLoss: Double?
    /// The accuracy on the validation rows; nil without validation rows.
    public var validationAccuracy: Double?
    /// The mean F1 score of the classes on the validation rows; nil without validation rows.
    public var validationMacroF1: Double?

    /// A point of these metrics.
    public init(
      epoch: Int, task: String, trainLoss: Double, trainAccuracy: Double,
      validationLoss: Double? = nil, validationAccuracy: Double? = nil,
      validationMacroF1: Double? = nil
    ) {
      (self.epoch, self.task) = (epoch, task)
      (self.trainLoss, self.trainAccuracy) = (trainLoss, trainAccuracy)
      (self.validationLoss, self.validationAccuracy) = (validationLoss, validationAccuracy)
      self.validationMacroF1 = validationMacroF1
    }

    /// Whether all losses are finite.
    package var isFinite: Bool { trainLoss.isFinite && validationLoss?.isFinite ?? true }
  }

  /// The stage, `train` or `finetune`.
  public var stage: String
  /// The points, epoch by epoch.
  public var points: [Point] = []
  /// The epoch whose parameters were kept; 0 if there was none.
  public var bestEpoch = 0

  /// A curve of these points.
  public init(stage: String, points: [Point] = [], bestEpoch: Int = 0) {
    (self.stage, self.points, self.bestEpoch) = (stage, points, bestEpoch)
  }

  /// The validation score of an epoch, as means over the tasks. Nil without validation rows.
  func score(epoch: Int) -> ValidationScore? {
    let points = points.filter { $0.epoch == epoch }
    func mean(_ values: [Double]) -> Double? {
      values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
    guard let accuracy = mean(points.compactMap(\.validationAccuracy)),
      let loss = mean(points.compactMap(\.validationLoss))
    else { return nil }
    return ValidationScore(
      accuracy: accuracy, macroF1: mean(points.compactMap(\.validationMacroF1)), loss: loss)
  }

  /// Whether `epoch` has a better score than the best epoch so far.
  package func improves(at epoch: Int, by criterion: SelectionCriterion = .accuracy) -> Bool {
    guard let score = score(epoch: epoch), let best = self.score(epoch: bestEpoch) else {
      return true
    }
    return criterion.prefers(score, to: best)
  }
}
