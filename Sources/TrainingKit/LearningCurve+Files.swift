import Foundation
import DLNC

// A learning curve in the forms that other tools read.

extension LearningCurve {
  /// The points as JSON lines, one an epoch and task, with the keys of `summary.json`.
  /// - Throws: only if a number is none.
  var lines: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return try points.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }
        .joined()
    }
  }

  /// The points as TensorBoard's files, by their names: one for the training rows and one for the
  /// validation rows, so that it draws both as two lines of one chart; `loss/<task>` and
  /// `accuracy/<task>` over epochs.
  var eventFiles: [(name: String, bytes: Data)] {
    var (train, validation) = (TensorBoardWriter(), TensorBoardWriter())
    for point in points {
      func scalars(_ loss: Double, _ accuracy: Double) -> [(tag: String, value: Double)] {
        [("loss/\(point.task)", loss), ("accuracy/\(point.task)", accuracy)]
      }
      train.append(step: point.epoch, scalars(point.trainLoss, point.trainAccuracy))
      if let loss = point.validationLoss, let accuracy = point.validationAccuracy {
        validation.append(step: point.epoch, scalars(loss, accuracy))
      }
    }
    let isValidated = points.contains { $0.validationLoss != nil }
    let files = [("train", train)] + (isValidated ? [("validation", validation)] : [])
    return files.map { ("tensorboard/\($0.0)/events.out.tfevents.0", $0.1.bytes) }
  }
}
