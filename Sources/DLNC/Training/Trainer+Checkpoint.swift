import Foundation
import Safetensors
import Shards
import Support

/// The whole state of a training as a file: parameters, the best epoch's, Adam's moments, averages,
/// and how far it has come.
extension Trainer {
  private static var progressName: String { "progress" }

  /// The numbers that change while training, by the names under which they are kept.
  private func buffers(withBest: Bool) -> [(name: String, buffer: AlignedBuffer<R>)] {
    var buffers = [("parameters", parameters.values), ("adam.m", adam.m), ("adam.v", adam.v)]
    if withBest { buffers.append(("best.parameters", best.values)) }
    for (name, average) in sortedAverages { buffers.append(("average.\(name)", average.means)) }
    guard trainsWeights else { return buffers }
    buffers += [
      ("vectors", parameters.embedding), ("adam.vectors.m", adam.vectorM),
      ("adam.vectors.v", adam.vectorV),
    ]
    if withBest { buffers.append(("best.vectors", best.embedding)) }
    return buffers
  }

  private var sortedAverages: [(key: String, value: ExponentialMovingAverage<R>)] {
    averages.sorted { $0.key < $1.key }
  }

  /// The state after the steps that `progress` counts.
  func snapshot(_ progress: TrainingState) throws -> SafetensorsDocument {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var document = SafetensorsDocument(metadata: [
      Self.progressName: String(decoding: try encoder.encode(progress), as: UTF8.self)
    ])
    for (name, buffer) in buffers(withBest: progress.curve.bestEpoch > 0) {
      document.set(name, shape: [buffer.count], buffer.array)
    }
    let steps = adam.steps + [adam.vectorSteps]
    document.set("adam.steps", shape: [steps.count], steps.map { Int64($0) })
    for (name, average) in sortedAverages {
      document.set("average.\(name).steps", shape: [average.steps.count], average.steps.array)
    }
    return document
  }

  /// Takes up a kept state.
  /// - Parameters:
  ///   - epochs: how many the training has.
  ///   - total: how many steps it has.
  /// - Throws: ``UserError`` of kind `data` if it is not one of this training.
  func restore(_ file: SafetensorsFile, epochs: Int, steps total: Int) throws -> TrainingState {
    let text = file.metadata[Self.progressName] ?? ""
    guard let progress = try? JSONDecoder().decode(TrainingState.self, from: Data(text.utf8)),
      progress.isPossible(epochs: epochs, steps: total)
    else {
      throw Self.foreign("\(file.path): metadata “\(Self.progressName)”", "no state of a training")
    }
    for (name, buffer) in buffers(withBest: progress.curve.bestEpoch > 0) {
      try file.withValues(name, shape: [buffer.count], as: R.self) { values in
        guard let base = values.baseAddress else { return }
        buffer.start.update(from: base, count: buffer.count)
      }
    }
    let steps = try Self.steps("adam.steps", adam.steps.count + 1, of: file, upTo: total)
    adam.restore(steps: steps.dropLast(), vectorSteps: steps.last ?? 0)
    for (name, average) in sortedAverages {
      let steps = try Self.steps(
        "average.\(name).steps", average.steps.count, of: file, upTo: total)
      for (row, step) in steps.enumerated() { average.steps.start[row] = Int64(step) }
    }
    return progress
  }

  /// Numbers of steps, of which a training has at most `total`.
  private static func steps(
    _ name: String, _ count: Int, of file: SafetensorsFile, upTo total: Int
  ) throws -> [Int] {
    let steps = try file.values(name, shape: [count], as: Int64.self).map { Int($0) }
    if let bad = steps.first(where: { !(0...total).contains($0) }) {
      throw foreign("\(file.path): tensor “\(name)”", "\(bad) steps of \(total)")
    }
    return steps
  }

  private static func foreign(_ place: String, _ problem: String) -> UserError {
    UserError(
      .data, at: place, problem: problem,
      hint: "remove this file; the training then starts from the beginning")
  }
}
