import DLNC
import Foundation
import Safetensors
import Support

/// Loads and saves checkpoints of a training, so that an interrupted training can be resumed and ends
/// in the same bytes.
public struct Checkpointer {
  /// Returns the checkpoint of an interrupted run with the same settings and inputs, or nil.
  public var load: () throws -> SafetensorsFile?
  /// Replaces the checkpoint.
  public var save: (SafetensorsDocument) throws -> Void
  /// Returns whether to save a checkpoint after this number of steps.
  public var isDue: (Int) -> Bool
  /// Returns the error to stop the training with after saving a checkpoint, or nil to continue.
  public var stopError: () -> (any Error)?

  /// A checkpointer of these functions.
  public init(
    load: @escaping () throws -> SafetensorsFile?,
    save: @escaping (SafetensorsDocument) throws -> Void,
    isDue: @escaping (Int) -> Bool, stopError: @escaping () -> (any Error)?
  ) {
    self.load = load
    self.save = save
    self.isDue = isDue
    self.stopError = stopError
  }

  /// A checkpointer without checkpoints.
  public static var none: Checkpointer {
    Checkpointer(load: { nil }, save: { _ in }, isDue: { _ in false }, stopError: { nil })
  }

  /// Saves a checkpoint if it is due or if the training is to stop.
  func save(after step: Int, _ checkpoint: () throws -> SafetensorsDocument) throws {
    let error = stopError()
    if error != nil || isDue(step) { try save(try checkpoint()) }
    if let error { throw error }
  }
}

extension Trainer {
  /// The name under which programs find the progress, too.
  private static var stateKey: String { "state" }

  /// The numbers that change during training, by their names in a checkpoint.
  private func buffers(withBest: Bool) -> [(name: String, buffer: AlignedBuffer<R>)] {
    var buffers = [
      ("parameters", parameters.values), ("adam.m", optimizer.m), ("adam.v", optimizer.v),
    ]
    if withBest { buffers.append(("best.parameters", best.values)) }
    for (name, average) in averages.all {
      buffers.append(("average.\(name)", average.means))
    }
    guard trainsWeights else { return buffers }
    buffers += [
      ("vectors", parameters.embedding), ("adam.vectors.m", optimizer.vectorM),
      ("adam.vectors.v", optimizer.vectorV),
    ]
    if withBest { buffers.append(("best.vectors", best.embedding)) }
    return buffers
  }

  /// The whole state of the training: parameters, those of the best epoch, the moments of Adam,
  /// moving averages, and the progress.
  func checkpoint(_ state: TrainingState) throws -> SafetensorsDocument {
    var document = SafetensorsDocument(metadata: [Self.stateKey: try encode(state)])
    for (name, buffer) in buffers(withBest: state.curve.bestEpoch > 0) {
      document.set(name, shape: [buffer.count], buffer.array)
    }
    let steps = optimizer.steps + [optimizer.vectorSteps]
    document.set("adam.steps", shape: [steps.count], steps.map { Int64($0) })
    for (name, average) in averages.all {
      document.set("average.\(name).steps", shape: [average.steps.count], average.steps.array)
    }
    return document
  }

  /// Restores a checkpoint of a training of this many epochs and steps.
  /// - Throws: ``UserError`` with exit status `data` if it is not a checkpoint of this training.
  func restore(_ file: SafetensorsFile, epochs: Int, steps total: Int) throws -> TrainingState {
    let text = file.metadata[Self.stateKey] ?? ""
    guard let state = try? JSONDecoder().decode(TrainingState.self, from: Data(text.utf8)),
      state.isPossible(epochs: epochs, steps: total)
    else {
      throw Self.mismatch(
        "\(file.path): metadata “\(Self.stateKey)”", "not the state of this training")
    }
    for (name, buffer) in buffers(withBest: state.curve.bestEpoch > 0) {
      try file.withValues(name, shape: [buffer.count], as: R.self) { values in
        guard let base = values.baseAddress else { return }
        buffer.start.update(from: base, count: buffer.count)
      }
    }
    let steps = try Self.steps("adam.steps", optimizer.steps.count + 1, in: file, total: total)
    optimizer.restore(steps: steps.dropLast(), vectorSteps: steps.last ?? 0)
    for (name, average) in averages.all {
      let steps = try Self.steps(
        "average.\(name).steps", average.steps.count, in: file, total: total)
      for (row, step) in steps.enumerated() { average.steps.start[row] = Int64(step) }
    }
    return state
  }

  /// Numbers of steps from 0 to `total`.
  private static func steps(
    _ name: String, _ count: Int, in file: SafetensorsFile, total: Int
  ) throws -> [Int] {
    let steps = try file.values(name, shape: [count], as: Int64.self).map { Int($0) }
    if let bad = steps.first(where: { !(0...total).contains($0) }) {
      throw mismatch("\(file.path): tensor “\(name)”", "\(bad) steps of \(total)")
    }
    return steps
  }

  private static func mismatch(_ location: String, _ problem: String) -> UserError {
    UserError(
      .data, at: location, problem: problem,
      hint: "remove this file; the training then starts from the beginning")
  }
}
