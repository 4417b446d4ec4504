import Safetensors
import Shards

/// The n-gram layer on one packing of rows, forward and backward, with the memory that takes.
final class NgramLayerPass<R: Real> {
  /// The packed rows, as rows of their shard; none if the task has no such layer.
  private(set) var rows: [Int] = []
  /// The gradient of what the layer adds to the packed rows' logits, [rows, classes].
  let gradient = AlignedBuffer<R>()

  /// What the layer makes of each packed row, before its scale, [rows, classes].
  private let scores = AlignedBuffer<R>()
  /// Whether the row has the layer's say, [rows].
  private let keep = AlignedBuffer<UInt8>()

  /// Adds the layer's part to the logits of packed rows, if the task has such a layer.
  /// - Parameters:
  ///   - rows: the packed rows, as rows of `shard`.
  ///   - lesson: what is known of training rows; nothing while predicting.
  func forward(
    _ packed: PackedSequence, rows: [Int], of shard: TokenShard, _ parameters: Parameters<R>,
    _ layout: ParameterLayout.TaskOffsets, lesson: NgramLesson<R>?, dropout: (any DropoutSource)?,
    into logits: UnsafeMutablePointer<R>
  ) {
    guard let branch = parameters.branches[shard.task] else { return self.rows = [] }
    self.rows = rows
    let classCount = layout.classCount
    scores.reserve(rows.count * classCount)
    draw(packed, dropout, rate: parameters.configuration.ngrams?.dropout ?? 0)
    for (place, row) in rows.enumerated() {
      let target = scores.start + place * classCount
      if let lesson {
        lesson.scores(row, branch, into: target)
      } else {
        branch.scores(row, of: shard, into: target)
      }
      guard keep.start[place] == 1 else { continue }
      for k in 0..<classCount {
        let scale = layout.ngramScale.map { parameters.values.start[$0 + k] } ?? 1
        logits[place * classCount + k] += scale * target[k]
      }
    }
  }

  /// Keeps the gradient of the layer's part, given that of the logits, and adds that of its scale,
  /// if it has one, to `gradients`.
  func backward(
    _ d: UnsafePointer<R>, _ layout: ParameterLayout.TaskOffsets, gradients: UnsafeMutablePointer<R>
  ) {
    let classCount = layout.classCount
    gradient.reserve(rows.count * classCount)
    for index in 0..<rows.count * classCount {
      gradient.start[index] = R(keep.start[index / classCount]) * d[index]
      if let scale = layout.ngramScale {
        gradients[scale + index % classCount] += gradient.start[index] * scores.start[index]
      }
    }
  }

  /// Decides which rows have to do without the layer.
  private func draw(_ packed: PackedSequence, _ dropout: (any DropoutSource)?, rate: Double) {
    keep.reserve(packed.count).update(repeating: 1, count: packed.count)
    guard let dropout, rate > 0 else { return }
    for row in 0..<packed.count {
      dropout.fill(
        keep.start + row, count: 1, site: .ngrams, row: packed.places[row], step: 0, rate: rate)
    }
  }
}
