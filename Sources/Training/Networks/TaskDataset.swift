import DLNC
import Shards
import Support
import Tokenization

/// The data of one task in a training.
public struct TaskDataset: Sendable {
  /// The training rows.
  public var train: TokenShard
  /// The validation rows, which select the best epoch; nil without any.
  public var validation: TokenShard?
  /// The logits that the n-gram layer adds to each training row, [rows, C]; nil without that layer.
  var ngramLogits: [Double]?
  /// How much the rows of each class count; nil for the same.
  public var classWeights: ClassWeights?
  /// How the validation rows differ from the training rows, see ``comparingSplits(fitsValidationRows:threads:)``.
  private(set) var validationShift: ValidationShift?
  /// Whether a model is fitted to the validation rows, too, in the end.
  private(set) var fitsValidationRows = false

  /// The data of one task.
  public init(train: TokenShard, validation: TokenShard?) {
    self.train = train
    self.validation = validation
  }
}

extension TokenizedDataset {
  /// The training and validation rows of a task.
  /// - Parameter classWeights: how much the rows of each class count; nil for the same.
  /// - Throws: ``UserError`` with exit status `noInput` if the task has no training rows, or `data`.
  public func data(for task: String, _ classWeights: ClassWeights? = nil) throws -> TaskDataset {
    guard let train = try shard(task, .train) else {
      if tasks.contains(task) {
        throw UserError(
          .noInput, at: path, problem: "no training rows for the task “\(task)”, only others",
          expected: "training rows",
          hint: "run ingest without --train 0, then vocab, or name another task")
      }
      throw UserError(
        .noInput, at: path, problem: "no training rows for the task “\(task)”",
        expected: "one of: \(tasks.joined(separator: ", "))",
        hint: "name a task of this folder, or run vocab with its examples")
    }
    var data = TaskDataset(train: train, validation: try shard(task, .validation))
    data.classWeights = classWeights
    return data
  }
}

extension TaskDataset {
  /// The data after a check that the validation rows are like the training rows; a model learns nothing
  /// from validation rows that are not.
  /// - Parameter fitsValidationRows: whether a model is to be fitted to the validation rows, too.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  func comparingSplits(fitsValidationRows: Bool, threads: Int) throws -> TaskDataset {
    var result = self
    result.validationShift = try ValidationShift(self, threads: threads)
    result.fitsValidationRows =
      fitsValidationRows && validation != nil && result.validationShift == nil
    return result
  }

  /// All rows as training rows, for the last fit; nil if it has the training rows alone.
  var allRows: TaskDataset? {
    guard fitsValidationRows, let validation else { return nil }
    var all = self
    all.train.append(validation)
    all.validation = nil
    return all
  }

  /// The digest of the rows that a model is fitted to.
  /// - Throws: ``UserError`` with exit status `data`.
  var digest: TrainingDataDigest {
    get throws { try TrainingDataDigest(train, fitsValidationRows ? validation : nil) }
  }

  /// The weight of each class, see ``ClassWeights/weights(of:)``; nil if all are 1.
  var weights: [Double]? { classWeights?.weights(of: train) }

  /// The weight of each training row; nil if all are 1.
  /// - Parameter label: the label of a multi-label task that is fitted; nil for any other task.
  func rowWeights(label: Int? = nil) -> [Double]? {
    guard let weights else { return nil }
    let output = OutputFunction(isMultiLabel: label != nil)
    return (0..<train.count).map {
      output.weight(ofLogit: label ?? 0, in: weights, classes: train.classes(of: $0))
    }
  }
}

extension ClassWeights {
  /// Checks that each named class is one of some task.
  /// - Throws: ``UserError`` with exit status `usage`.
  func check(_ data: [TaskDataset]) throws {
    guard let unknown = unknownClass(data.flatMap(\.train.classNames)) else { return }
    throw UserError(
      .usage, at: "--class-weights \(rawValue)", problem: "“\(unknown)”, which is no class",
      expected: "classes of "
        + data.map { "\($0.train.task): \(abbreviated($0.train.classNames))" }
        .joined(separator: "; "),
      hint: "correct the name, or give balanced")
  }
}
