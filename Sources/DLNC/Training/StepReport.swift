/// How far a training has come, after one of its steps.
public struct StepReport: Sendable {
  /// The epoch at work, counted from 1.
  public var epoch: Int
  /// How many epochs there are to be.
  public var epochs: Int
  /// How many steps are done in all.
  public var step: Int
  /// How many steps there are to be.
  public var steps: Int
  /// How many rows the step learned from.
  public var rows: Int
  /// The learning rate of the step.
  public var rate: Double
  /// The mean cross-entropy of the epoch's steps so far, over all tasks, with dropout on.
  public var loss: Double
  /// Share of their rows classified rightly.
  public var accuracy: Double
}
