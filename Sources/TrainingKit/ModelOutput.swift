import DLNC
import Foundation
import Safetensors
import StageKit
import Support

extension AtomicDirectory {
  /// Writes the learning curve of the epochs so far: `metrics.jsonl`, and files for TensorBoard below
  /// `tensorboard`. Called after each epoch, so that they can be watched in the staging directory.
  /// - Throws: ``UserError`` with exit status `io`.
  public func write(_ curve: LearningCurve) throws {
    try write(try curve.jsonLines(), to: "metrics.jsonl")
    for file in curve.tensorBoardFiles { try write(file.bytes, to: file.name) }
  }

  /// Writes a model: the model file, its model card and its learning curve.
  /// - Parameter settings: the options of the stage that made it.
  /// - Throws: ``UserError`` with exit status `io`.
  public func write(_ model: some Classifier, settings: [FingerprintEntry]) throws {
    try write(model.document().encoded(), to: "model.safetensors")
    try write(ModelCard(model, settings: settings).text, to: "README.md")
    if let curve = model.curve { try write(curve) }
  }

  /// Writes a model that was made smaller: the model file and its model card.
  /// - Parameter settings: the options of the stage that did it.
  /// - Returns: the size of the model file in bytes.
  /// - Throws: ``UserError`` with exit status `io`, or `data` if a weight is not a finite number.
  public func write(
    _ model: some Classifier, weights: WeightType, settings: [FingerprintEntry]
  ) throws -> Int {
    let file = try model.document(weights: weights).encoded()
    try write(file, to: "model.safetensors")
    try write(ModelCard(model, settings: settings, isExported: true).text, to: "README.md")
    return file.count
  }
}

extension LearningCurve {
  /// Returns the points as JSON lines, one for each epoch and task, with the keys of `summary.json`.
  /// - Throws: only if a number is not finite.
  func jsonLines() throws -> String {
    try points.map { try JSONEncoder.canonical.text(of: $0) + "\n" }.joined()
  }

  /// The points as TensorBoard files by name. Training and validation are separate files, so that
  /// TensorBoard draws both as lines of one chart: `loss/<task>` and `accuracy/<task>` over epochs.
  var tensorBoardFiles: [(name: String, bytes: Data)] {
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
