/// The gradients of a whole batch: of the parameters its task uses, and of the vectors of its words.
///
/// They are the sum over the batch's slices, added up in a tree: neighbours first, then neighbouring
/// pairs, and so on. The tree is the same however the slices are shared out to threads and processes.
final class Gradients<R: Real> {
  let values: AlignedBuffer<R>
  /// The parameters that the batch's task uses and that learn.
  private(set) var specs: [ParameterSpec] = []

  private let parameters: Parameters<R>
  private let trained: (ParameterSpec) -> Bool
  /// The parameters' gradients on their way between processes.
  private let gathered = AlignedBuffer<R>(), received = AlignedBuffer<R>()
  private var sums: [SparseEmbeddingGradient<R>] = []
  /// What the slices of this process gave; nothing if it had none of this batch.
  private(set) var outcome: BatchMetrics?

  /// The distinct words of the batch and, in the same order, the gradients of their vectors.
  var words: [Int32] { sums.first?.words ?? [] }
  var vectors: AlignedBuffer<R> { sums[0].vectors }

  /// - Parameter trained: which parameters learn; the others' gradients are left out.
  init(
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

  /// Adds up the slices' gradients, which they lose on the way, and those of the crew.
  /// - Parameters:
  ///   - words: whether the encoder's weights and the word vectors are among what learns.
  ///   - isPresent: whether a process of the crew has any slice of the batch.
  /// - Returns: what all slices gave.
  func gather(
    from microBatches: [MicroBatch<R>], task: String, words: Bool, threads: Int,
    crew: any Communicator,
    isPresent: (Int) -> Bool = { _ in true }
  ) -> BatchMetrics {
    specs = (parameters.layout.tasks[task]?.specs ?? []).filter {
      trained($0) && (words || !$0.isEncoderWeight)
    }
    nonisolated(unsafe) let target = values.start
    let pieces = specs.flatMap(\.chunks)
    parallelFor(microBatches.isEmpty ? 0 : pieces.count, threads: threads) { index in
      let (count, offset) = (pieces[index].count, pieces[index].lowerBound)
      inTree(microBatches.count) { left, right in
        R.kernels.add(
          Int64(count), microBatches[right].gradients.start + offset,
          microBatches[left].gradients.start + offset)
      }
      (target + offset).update(from: microBatches[0].gradients.start + offset, count: count)
    }
    gatherVectors(from: words ? microBatches : [])
    var outcomes = microBatches.map(\.outcome)
    inTree(microBatches.count) { outcomes[$0] = outcomes[$0] + outcomes[$1] }
    outcome = outcomes.first
    join(crew, isPresent: isPresent)
    return outcome ?? BatchMetrics()
  }

  /// The global norm over everything gathered.
  func norm(threads: Int) -> Double {
    let vectors = (vectors.start, words.count * parameters.configuration.input)
    let runs = specs.map { (values.start + $0.offset, $0.count) } + [vectors]
    let squares = AlignedBuffer(runs.count, filledWith: 0.0)
    nonisolated(unsafe) let (from, to) = (runs, squares.start)
    parallelFor(runs.count, threads: threads) {
      to[$0] = R.kernels.sumOfSquares(Int64(from[$0].1), from[$0].0)
    }
    return squares.array.reduce(0, +).squareRoot()
  }

  private func gatherVectors(from microBatches: [MicroBatch<R>]) {
    while sums.count < microBatches.count { sums.append(emptySum) }
    sums.forEach { $0.clear() }
    for (slice, sum) in zip(microBatches, sums) {
      sum.add(slice.packed?.words ?? [], slice.encoder.vectorGradient.start)
    }
    inTree(microBatches.count) { sums[$0].add(sums[$1].words, sums[$1].vectors.start) }
  }

  /// Adds up with the other processes, so that in the end all have the whole tree's sum.
  /// - Parameter isPresent: whether a process had any slice of the batch.
  private func join(_ crew: any Communicator, isPresent: (Int) -> Bool) {
    guard crew.count > 1 else { return }
    joinValues(crew, isPresent: isPresent)
    var distance = 1
    while distance < crew.count {
      let partner = crew.rank ^ distance
      open(MessageBuffer(crew.exchange(parcel(), with: partner)), isLower: partner < crew.rank)
      distance *= 2
    }
  }

  /// Adds up the parameters' gradients: with the neighbour first, each taking one half, then the
  /// halves of that half with the one twice as far away, and so on; then the sums go back the same
  /// way (Rabenseifner 2004, with the nearest partner first, as the tree asks). So each process sends
  /// twice their size, however many processes there are.
  private func joinValues(_ crew: any Communicator, isPresent: (Int) -> Bool) {
    let size = specs.reduce(0) { $0 + $1.count }
    let (mine, theirs) = (gathered.reserve(size), received.reserve(size))
    forEachRun { (mine + $1).update(from: values.start + $0.offset, count: $0.count) }
    func exchange(
      _ ours: Range<Int>, for place: Range<Int>, in target: UnsafeMutablePointer<R>, _ partner: Int
    ) {
      crew.exchange(
        UnsafeRawBufferPointer(
          UnsafeBufferPointer(start: mine + ours.lowerBound, count: ours.count)),
        for: UnsafeMutableRawBufferPointer(
          UnsafeMutableBufferPointer(start: target + place.lowerBound, count: place.count)),
        with: partner)
    }
    var (range, wholes) = (0..<size, [Range<Int>]())
    var distance = 1
    while distance < crew.count {
      let partner = crew.rank ^ distance
      let (own, other) = range.halves(first: crew.rank < partner)
      exchange(other, for: own, in: theirs, partner)
      // Of each side's processes the first is the first to have a slice.
      let (us, them) = (crew.rank & ~(distance - 1), partner & ~(distance - 1))
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
      let partner = crew.rank ^ distance
      let (own, other) = whole.halves(first: crew.rank < partner)
      exchange(own, for: other, in: mine, partner)
    }
    forEachRun { (values.start + $0.offset).update(from: mine + $1, count: $0.count) }
  }

  /// Calls `body` with each of the entries and its place when they lie one behind the other.
  private func forEachRun(_ body: (ParameterSpec, Int) -> Void) {
    var place = 0
    for entry in specs {
      body(entry, place)
      place += entry.count
    }
  }

  /// What the slices gave, and the gradients of the words' vectors.
  private func parcel() -> [UInt8] {
    guard let outcome else { return [] }
    var parcel = MessageBuffer()
    parcel.put([outcome.loss, Double(outcome.correct), Double(outcome.rows)])
    parcel.put([Int64(words.count)])
    parcel.put(words)
    parcel.put(vectors.start, words.count * parameters.configuration.input)
    return parcel.bytes
  }

  private func open(_ parcel: MessageBuffer, isLower: Bool) {
    guard !parcel.bytes.isEmpty else { return }
    var parcel = parcel
    let sums: [Double] = parcel.take(3)
    let theirs = BatchMetrics(loss: sums[0], correct: Int(sums[1]), rows: Int(sums[2]))
    outcome = outcome.map { $0 + theirs } ?? theirs
    let count: [Int64] = parcel.take(1)
    let words: [Int32] = parcel.take(Int(count[0]))
    let vectors: [R] = parcel.take(words.count * parameters.configuration.input)
    addVectors(words, vectors, isLower: isLower)
  }

  /// The words of the lower process come first, as those of lower slices do.
  private func addVectors(_ words: [Int32], _ vectors: [R], isLower: Bool) {
    if isLower {
      let sum = emptySum
      sum.clear()
      sum.add(words, vectors)
      sum.add(self.words, self.vectors.start)
      sums[0] = sum
    } else {
      sums[0].add(words, vectors)
    }
  }
}

/// Calls `join` with the pairs of a fixed tree over `count` things: neighbours, then neighbours of
/// neighbours, the right one of each to be added to the left.
func inTree(_ count: Int, _ join: (Int, Int) -> Void) {
  var width = 1
  while width < count {
    for left in stride(from: 0, to: count - width, by: 2 * width) { join(left, left + width) }
    width *= 2
  }
}

extension Range<Int> {
  /// The two halves, the first one first if `first`, else the second one.
  fileprivate func halves(first: Bool) -> (Range, Range) {
    let middle = lowerBound + count / 2
    let (low, high) = (lowerBound..<middle, middle..<upperBound)
    return first ? (low, high) : (high, low)
  }
}
