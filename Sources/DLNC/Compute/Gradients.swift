/// The gradients of a batch: of the parameters of its task, and of the vectors of its words.
///
/// They are the sum over the micro-batches, reduced in a binary tree. The tree does not depend on how
/// the micro-batches are distributed to threads and processes.
package final class Gradients<R: Real> {
  package let values: AlignedBuffer<R>
  /// The trained parameters of the batch's task.
  package private(set) var specs: [ParameterSpec] = []

  private let parameters: Parameters<R>
  private let trained: (ParameterSpec) -> Bool
  /// Buffers for the exchange with other processes.
  private let packed = AlignedBuffer<R>(), received = AlignedBuffer<R>()
  private var sums: [SparseEmbeddingGradient<R>] = []
  /// The metrics of the micro-batches of this process; nil if it had none of this batch.
  private(set) var metrics: BatchMetrics?

  /// The unique tokens of the batch and, in the same order, the gradients of their vectors.
  package var words: [Int32] { sums.first?.words ?? [] }
  package var vectors: AlignedBuffer<R> { sums[0].vectors }

  /// - Parameter trained: whether a parameter is trained.
  @_specialize(where R == Float)
  package init(
    _ parameters: Parameters<R>,
    trained: @escaping (ParameterSpec) -> Bool = { _ in true }
  ) {
    self.parameters = parameters
    self.trained = trained
    values = AlignedBuffer(parameters.layout.size, filledWith: 0)
    sums = [emptySum]
  }

  private var emptySum: SparseEmbeddingGradient<R> {
    SparseEmbeddingGradient(
      vocabularySize: parameters.vocabularySize, size: parameters.configuration.input)
  }

  /// Sums the gradients of the micro-batches of all processes. Overwrites those of the micro-batches.
  /// - Parameters:
  ///   - words: whether the encoder's weights and the word vectors are trained.
  ///   - isPresent: whether a process has any micro-batch.
  /// - Returns: the metrics of the batch.
  func reduce(
    _ microBatches: [MicroBatch<R>], task: String, words: Bool, threads: Int,
    communicator: any Communicator, isPresent: (Int) -> Bool = { _ in true }
  ) -> BatchMetrics {
    specs = (parameters.layout.tasks[task]?.specs ?? []).filter {
      trained($0) && (words || !$0.isEncoderWeight)
    }
    nonisolated(unsafe) let target = values.start
    let pieces = specs.flatMap(\.chunks)
    parallelFor(microBatches.isEmpty ? 0 : pieces.count, threads: threads) { index in
      let (count, offset) = (pieces[index].count, pieces[index].lowerBound)
      treeReduce(microBatches.count) { left, right in
        R.kernels.add(
          Int64(count), microBatches[right].gradients.start + offset,
          microBatches[left].gradients.start + offset)
      }
      (target + offset).update(from: microBatches[0].gradients.start + offset, count: count)
    }
    reduceVectors(words ? microBatches : [])
    var partial = microBatches.map(\.metrics)
    treeReduce(microBatches.count) { partial[$0] = partial[$0] + partial[$1] }
    metrics = partial.first
    allReduce(communicator, isPresent: isPresent)
    return metrics ?? BatchMetrics()
  }

  /// The global norm of all gradients.
  @_specialize(where R == Float)
  package func norm(threads: Int) -> Double {
    let vectors = (vectors.start, words.count * parameters.configuration.input)
    let runs = specs.map { (values.start + $0.offset, $0.count) } + [vectors]
    let squares = AlignedBuffer(runs.count, filledWith: 0.0)
    nonisolated(unsafe) let (from, to) = (runs, squares.start)
    parallelFor(runs.count, threads: threads) {
      to[$0] = R.kernels.sumOfSquares(Int64(from[$0].1), from[$0].0)
    }
    return squares.array.reduce(0, +).squareRoot()
  }

  private func reduceVectors(_ microBatches: [MicroBatch<R>]) {
    while sums.count < microBatches.count { sums.append(emptySum) }
    sums.forEach { $0.removeAll() }
    for (microBatch, sum) in zip(microBatches, sums) {
      sum.add(microBatch.sequence?.words ?? [], microBatch.encoder.vectorGradient.start)
      let languageModel = microBatch.languageModel
      sum.add(languageModel.candidates, languageModel.candidateGradient.start)
    }
    treeReduce(microBatches.count) { sums[$0].add(sums[$1].words, sums[$1].vectors.start) }
  }

  /// Sums the gradients of all processes, so that each has the sum of the whole tree.
  private func allReduce(_ communicator: any Communicator, isPresent: (Int) -> Bool) {
    guard communicator.count > 1 else { return }
    allReduceValues(communicator, isPresent: isPresent)
    var distance = 1
    while distance < communicator.count {
      let partner = communicator.rank ^ distance
      accumulate(
        MessageBuffer(communicator.sendReceive(message(), with: partner)),
        isLower: partner < communicator.rank)
      distance *= 2
    }
  }

  /// Sums the gradients of the parameters by recursive halving and doubling (Rabenseifner 2004), with
  /// the nearest partner first, as the tree requires: each process sends twice their size, whatever the
  /// number of processes.
  private func allReduceValues(_ communicator: any Communicator, isPresent: (Int) -> Bool) {
    let size = specs.reduce(0) { $0 + $1.count }
    let (mine, theirs) = (packed.reserve(size), received.reserve(size))
    forEachRun { (mine + $1).update(from: values.start + $0.offset, count: $0.count) }
    func exchange(
      _ ours: Range<Int>, for range: Range<Int>, in target: UnsafeMutablePointer<R>, _ partner: Int
    ) {
      communicator.sendReceive(
        UnsafeRawBufferPointer(
          UnsafeBufferPointer(start: mine + ours.lowerBound, count: ours.count)),
        into: UnsafeMutableRawBufferPointer(
          UnsafeMutableBufferPointer(start: target + range.lowerBound, count: range.count)),
        with: partner)
    }
    var (range, wholes) = (0..<size, [Range<Int>]())
    var distance = 1
    while distance < communicator.count {
      let partner = communicator.rank ^ distance
      let (own, other) = range.halves(first: communicator.rank < partner)
      exchange(other, for: own, in: theirs, partner)
      // If any process of a side has a micro-batch, the first one does.
      let (us, them) = (communicator.rank & ~(distance - 1), partner & ~(distance - 1))
      if isPresent(us), isPresent(them) {
        R.kernels.add(Int64(own.count), theirs + own.lowerBound, mine + own.lowerBound)
      } else if isPresent(them) {
        (mine + own.lowerBound).update(from: theirs + own.lowerBound, count: own.count)
      }
      wholes.append(range)
      (range, distance) = (own, 2 * distance)
    }
    for whole in wholes.reversed() {
      distance /= 2
      let partner = communicator.rank ^ distance
      let (own, other) = whole.halves(first: communicator.rank < partner)
      exchange(own, for: other, in: mine, partner)
    }
    forEachRun { (values.start + $0.offset).update(from: mine + $1, count: $0.count) }
  }

  /// Calls `body` with each parameter and its offset when they are stored contiguously.
  private func forEachRun(_ body: (ParameterSpec, Int) -> Void) {
    var offset = 0
    for spec in specs {
      body(spec, offset)
      offset += spec.count
    }
  }

  /// The metrics and the gradients of word vectors as a message.
  private func message() -> [UInt8] {
    guard let metrics else { return [] }
    var message = MessageBuffer()
    message.write(metrics.numbers)
    message.write([Int64(words.count)])
    message.write(words)
    message.write(vectors.start, words.count * parameters.configuration.input)
    return message.bytes
  }

  /// Adds the message of another process, which has a lower or a higher rank.
  private func accumulate(_ message: MessageBuffer, isLower: Bool) {
    guard !message.bytes.isEmpty else { return }
    var message = message
    let theirs = BatchMetrics(message.read(BatchMetrics.numberCount))
    metrics = metrics.map { $0 + theirs } ?? theirs
    let count: [Int64] = message.read(1)
    let words: [Int32] = message.read(Int(count[0]))
    let vectors: [R] = message.read(words.count * parameters.configuration.input)
    addVectors(words, vectors, isLower: isLower)
  }

  /// The words of the process with the lower rank come first, as in the reduction of micro-batches.
  private func addVectors(_ words: [Int32], _ vectors: [R], isLower: Bool) {
    if isLower {
      let sum = emptySum
      sum.removeAll()
      sum.add(words, vectors)
      sum.add(self.words, self.vectors.start)
      sums[0] = sum
    } else {
      sums[0].add(words, vectors)
    }
  }
}

/// Calls `accumulate` for all pairs of a fixed binary tree over `count` elements, to add the right
/// element of each pair to the left one.
func treeReduce(_ count: Int, _ accumulate: (_ left: Int, _ right: Int) -> Void) {
  var width = 1
  while width < count {
    for left in stride(from: 0, to: count - width, by: 2 * width) { accumulate(left, left + width) }
    width *= 2
  }
}

extension Range<Int> {
  /// The two halves, in this order if `first`, else in reverse.
  fileprivate func halves(first: Bool) -> (Range, Range) {
    let middle = lowerBound + count / 2
    let (low, high) = (lowerBound..<middle, middle..<upperBound)
    return first ? (low, high) : (high, low)
  }
}

/// The gradient of the embedding matrix: the gradients of its rows for unique tokens, in the order of
/// their first occurrence.
final class SparseEmbeddingGradient<R: Real> {
  private(set) var words: [Int32] = []
  /// The gradients of the rows, [words, size].
  private(set) var vectors = AlignedBuffer<R>()
  private let size: Int
  private let indices: UniqueTokens

  /// An empty gradient for a vocabulary and vectors of these sizes.
  init(vocabularySize: Int, size: Int) {
    self.size = size
    indices = UniqueTokens(vocabularySize: vocabularySize)
  }

  /// Removes all gradients.
  func removeAll() {
    words = []
    indices.removeAll()
  }

  /// Adds the gradients [tokens.count, size] of unique tokens; new tokens are appended.
  func add(_ tokens: [Int32], _ gradients: UnsafePointer<R>) {
    reserve(words.count + tokens.count)
    for (row, token) in tokens.enumerated() {
      let index = indices.index(of: token, next: words.count)
      let (source, target) = (gradients + row * size, vectors.start + index * size)
      if index == words.count {
        words.append(token)
        target.update(from: source, count: size)
      } else {
        R.kernels.add(Int64(size), source, target)
      }
    }
  }

  private func reserve(_ count: Int) {
    guard vectors.count < count * size else { return }
    let larger = AlignedBuffer<R>()
    larger.reserve(count * size).update(from: vectors.start, count: words.count * size)
    vectors = larger
  }
}
