import DLNC
import StageKit
import Safetensors
import Support

extension AtomicDirectory {
  /// Writes what the finished epochs gave: `metrics.jsonl`, and below `tensorboard` the files of
  /// TensorBoard. Written again after each epoch, they can be watched in the workplace.
  /// - Throws: ``UserError`` of kind `io`.
  public func write(_ curve: LearningCurve) throws {
    try write(try curve.lines, to: "metrics.jsonl")
    for file in curve.eventFiles { try write(file.bytes, to: file.name) }
  }

  /// Writes a model as a folder that can be given away: the model, its card, and how it learned.
  /// - Parameter settings: those of the stage that made it.
  /// - Throws: ``UserError`` of kind `io`.
  public func write(_ model: some Classifier, settings: [Setting]) throws {
    try write(model.document().encoded(), to: "model.safetensors")
    try write(ModelCard(model, settings: settings).text, to: "README.md")
    if let curve = model.curve { try write(curve) }
  }
}
