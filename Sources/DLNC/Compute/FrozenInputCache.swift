import Shards

/// A cache of a frozen encoder's input projections: W_x e(token), normalised, computed once per token
/// since neither W_x nor the vectors change. If the norms of a task do not change either, its gain and
/// shift are applied, too.
///
/// `@unchecked Sendable`: filled by one thread, then read by all.
final class FrozenInputCache<R: Real>: @unchecked Sendable {
  /// One row per cached token, [count, 4H].
  private let rows = AlignedBuffer<R>()
  private let scale = AlignedBuffer<R>(), vectors = AlignedBuffer<R>()
  /// The row of each token of the vocabulary; -1 if it is not cached.
  private var rowIndices: [Int32]
  private var count = 0
  private let parameters: Parameters<R>
  private let layout: ParameterLayout.CellOffsets
  /// The gain and shift of the norm that are applied; nil if the cell has to apply them.
  private let norm: ParameterLayout.NormOffsets?
  private let width: Int

  /// An empty cache; nil if the network has no norms, or if all rows would take more than 512 MB.
  /// Pages of the buffer get memory when their rows are written.
  /// - Parameter task: the task whose gain and shift are applied; nil for none.
  init?(_ parameters: Parameters<R>, task: String? = nil) {
    let tasks = parameters.layout.tasks
    guard let layout = (task.map { tasks[$0] } ?? tasks.values.first)?.encoder, layout.x != nil,
      case let size = parameters.vocabularySize.multipliedReportingOverflow(
        by: 4 * parameters.configuration.hidden),
      !size.overflow, size.partialValue <= 1 << 29 / MemoryLayout<R>.stride
    else { return nil }
    (self.parameters, self.layout) = (parameters, layout)
    norm = task == nil ? nil : layout.x
    width = 4 * parameters.configuration.hidden
    rowIndices = Array(repeating: -1, count: parameters.vocabularySize)
    rows.reserve(size.partialValue)
  }

  /// The row of a cached token, [4H].
  func row(of token: Int32) -> UnsafePointer<R> {
    UnsafePointer(rows.start + Int(rowIndices[Int(token)]) * width)
  }

  /// Whether gain and shift are applied, so that a cell can read the rows as they are.
  var isComplete: Bool { norm != nil }

  /// All rows, [count, 4H], and the index of the row of each of some cached tokens.
  func rows(
    of tokens: some Sequence<Int32>
  ) -> (rows: UnsafePointer<R>, indices: [Int32]) {
    (UnsafePointer(rows.start), tokens.map { rowIndices[Int($0)] })
  }

  /// Caches the tokens of the rows `indices` of a shard, truncated to `maxLength` tokens, and the unknown
  /// token, which word dropout may put in place of any of them.
  func insert(
    _ shard: TokenShard, _ indices: some Sequence<Int>, maxLength: Int,
    weights: PackedTaskWeights<R>,
    threads: Int
  ) {
    var tokens: [Int32] = []
    func insert(_ token: Int32) {
      guard rowIndices[Int(token)] < 0 else { return }
      rowIndices[Int(token)] = Int32(count + tokens.count)
      tokens.append(token)
    }
    insert(0)
    for index in indices { shard.row(index).prefix(maxLength).forEach(insert) }
    project(tokens, weights, threads: threads)
  }

  private func project(_ tokens: [Int32], _ weights: PackedTaskWeights<R>, threads: Int) {
    let (size, width, groups) = (layout.inputSize, width, parameters.configuration.groups)
    let epsilon = R(parameters.configuration.epsilon)
    let x = vectors.reserve(tokens.count * size)
    parameters.copyVectors(of: tokens, to: x)
    nonisolated(unsafe) let (from, rows, scale, values) = (
      x, rows.start + count * width, scale.reserve(tokens.count * groups), parameters.values.start
    )
    let chunk = 32
    parallelFor((tokens.count + chunk - 1) / chunk, threads: threads) { index in
      let range = index * chunk..<min(tokens.count, (index + 1) * chunk)
      let target = rows + range.lowerBound * width
      weights.encoder.x.forward(from + range.lowerBound * size, rows: range.count, into: target)
      R.kernels.normalize(
        Int32(range.count), Int32(width), Int32(groups), epsilon, target,
        scale + range.lowerBound * groups)
      guard let norm else { return }
      R.kernels.scaleShift(
        Int32(range.count), Int32(width), target, values + norm.gain, values + norm.shift, target)
    }
    count += tokens.count
  }
}
