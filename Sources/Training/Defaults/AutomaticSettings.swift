import DLNC
import Shards
import Tokenization

/// The size of the training data, from which ``AutomaticSettings`` follow.
public struct TrainingDataSize: Equatable, Sendable {
  /// The number of training rows of each task.
  public var rows: [Int]
  /// The mean number of tokens of a row over all tasks.
  public var tokensPerRow: Double
  /// The largest number of classes of a task.
  public var classes: Int

  /// A size.
  public init(rows: [Int], tokensPerRow: Double, classes: Int) {
    (self.rows, self.tokensPerRow, self.classes) = (rows, tokensPerRow, classes)
  }

  /// The size of these tasks' training rows, of which only the first `maximumLength` tokens count.
  /// - Throws: ``UserError`` with exit status `noInput` if a task has no training rows, or `data`.
  public init(of tasks: [String], in dataset: TokenizedDataset, maximumLength: Int) throws {
    let shards = try tasks.map { try dataset.data(for: $0).train }
    rows = shards.map(\.count)
    let tokens = shards.reduce(0) { $0 + $1.lengths.reduce(0) { $0 + min(maximumLength, $1) } }
    tokensPerRow = Double(tokens) / Double(max(rows.reduce(0, +), 1))
    classes = shards.map(\.classNames.count).max() ?? 0
  }
}

/// The settings that are chosen by the size of the training data. The article Defaults explains how
/// the rule was found.
public struct AutomaticSettings: Equatable, Sendable {
  /// The number of rows of a batch.
  public var batch: Int
  /// The number of epochs.
  public var epochs: Int
  /// The peak learning rate.
  public var learningRate: Double

  /// The number of steps that a training of few rows has, unless that takes too many epochs.
  static let minSteps = 400
  /// The range of the number of epochs.
  static let epochRange = 6...40
  /// The number of rows from which batches are large.
  static let manyRows = 1000

  /// The settings for training data of this size.
  /// - Parameter batch: the number of rows of a batch, if the user has chosen it.
  public init(for size: TrainingDataSize, batch: Int? = nil) {
    let rows = size.rows.reduce(0, +)
    let batch = batch ?? (rows < Self.manyRows ? 16 : 32)
    let stepsPerEpoch = size.rows.reduce(0) { $0 + ($1 + batch - 1) / batch }
    self.batch = batch
    let wanted = (Self.minSteps + max(stepsPerEpoch, 1) - 1) / max(stepsPerEpoch, 1)
    epochs = min(max(wanted, Self.epochRange.lowerBound), Self.epochRange.upperBound)
    learningRate = 0.004
  }
}
