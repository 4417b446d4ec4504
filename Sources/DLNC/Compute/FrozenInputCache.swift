import Safetensors
import Shards

/// The input side of a frozen encoder: W_x e(word), normalised but before gain and shift, of each
/// word that was met. Neither changes while the encoder is frozen, so each is computed once.
///
/// `@unchecked Sendable`: extended first, then read by all.
final class FrozenInputCache<R: Real>: @unchecked Sendable {
  /// One row a word, [words met, 4H].
  private let rows = AlignedBuffer<R>()
  private let scale = AlignedBuffer<R>(), vectors = AlignedBuffer<R>()
  /// The row of each word of the vocabulary; -1 for words not met yet.
  private var places: [Int32]
  private var count = 0
  private let parameters: Parameters<R>
  private let layout: ParameterLayout.CellOffsets
  private let width: Int

  /// Nothing if the network has no norms or so many words that the rows could take over 512 MB;
  /// memory is taken word by word as they are met.
  init?(_ parameters: Parameters<R>) {
    guard let layout = parameters.layout.tasks.values.first?.encoder, layout.x != nil,
      case let numbers = parameters.vocabularySize.multipliedReportingOverflow(
        by: 4 * parameters.configuration.hidden),
      !numbers.overflow, numbers.partialValue <= 1 << 29 / MemoryLayout<R>.stride
    else { return nil }
    (self.parameters, self.layout) = (parameters, layout)
    width = 4 * parameters.configuration.hidden
    places = Array(repeating: -1, count: parameters.vocabularySize)
    rows.reserve(numbers.partialValue)
  }

  /// The row of a word that was met, [4H].
  func row(of word: Int32) -> UnsafePointer<R> {
    UnsafePointer(rows.start + Int(places[Int(word)]) * width)
  }

  /// Meets the words of the rows `indices` of a shard, cut after `longest` words, and the unknown
  /// word, which any of them may become.
  func meet(
    _ shard: TokenShard, _ indices: some Sequence<Int>, longest: Int, weights: PackedTaskWeights<R>,
    threads: Int
  ) {
    var words: [Int32] = []
    func meet(_ word: Int32) {
      guard places[Int(word)] < 0 else { return }
      places[Int(word)] = Int32(count + words.count)
      words.append(word)
    }
    meet(0)
    for index in indices { shard.row(index).prefix(longest).forEach(meet) }
    project(words, weights, threads: threads)
  }

  private func project(_ words: [Int32], _ weights: PackedTaskWeights<R>, threads: Int) {
    let (size, width, groups) = (layout.inputSize, width, parameters.configuration.groups)
    let epsilon = R(parameters.configuration.epsilon)
    let x = vectors.reserve(words.count * size)
    parameters.copyVectors(of: words, to: x)
    nonisolated(unsafe) let (from, rows, scale) = (
      x, rows.start + count * width, scale.reserve(words.count * groups)
    )
    let few = 32  // words at a time
    parallelFor((words.count + few - 1) / few, threads: threads) { piece in
      let range = piece * few..<min(words.count, (piece + 1) * few)
      let target = rows + range.lowerBound * width
      weights.encoder.x.forward(from + range.lowerBound * size, rows: range.count, into: target)
      R.kernels.normalize(
        Int32(range.count), Int32(width), Int32(groups), epsilon, target,
        scale + range.lowerBound * groups)
    }
    count += words.count
  }
}
