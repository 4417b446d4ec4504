/// How loss and accuracy of one run developed on one task, epoch by epoch.
public struct LearningCurve: Sendable, Equatable {
  /// The state after one epoch. Accuracies are fractions of 1; losses are mean cross entropies in
  /// nats. What was not measured is nil.
  public struct Point: Sendable, Equatable {
    /// The epoch, counted from 1; 0 is the state before training.
    public var epoch: Int
    /// The mean loss on the training rows.
    public var trainLoss: Double?
    /// The accuracy on the training rows.
    public var trainAccuracy: Double?
    /// The mean loss on the validation rows.
    public var validationLoss: Double?
    /// The accuracy on the validation rows.
    public var validationAccuracy: Double?

    /// A point of these values.
    public init(
      epoch: Int, trainLoss: Double? = nil, trainAccuracy: Double? = nil,
      validationLoss: Double? = nil, validationAccuracy: Double? = nil
    ) {
      self.epoch = epoch
      self.trainLoss = trainLoss
      self.trainAccuracy = trainAccuracy
      self.validationLoss = validationLoss
      self.validationAccuracy = validationAccuracy
    }
  }

  /// The model that was trained or fine-tuned.
  public var model: Model
  /// The seed it was trained from.
  public var seed: Int
  /// The task and how it was split.
  public var column: EvaluationTask
  /// The epochs in order.
  public var points: [Point]
  /// The epoch whose parameters were kept, if the run chose one.
  public var bestEpoch: Int?

  /// A curve of these parts.
  public init(
    model: Model, seed: Int, column: EvaluationTask, points: [Point], bestEpoch: Int? = nil
  ) {
    self.model = model
    self.seed = seed
    self.column = column
    self.points = points
    self.bestEpoch = bestEpoch
  }
}
