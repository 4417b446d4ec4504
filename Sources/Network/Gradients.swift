/// The gradients of a whole batch: of the parameters its task uses, and of the vectors of its words.
///
/// They are the sum over the batch's slices, added up in a tree: neighbours first, then neighbouring
/// pairs, and so on. The tree is the same however the slices are shared out to threads and processes.
final class Gradients<R: Real> {
  let values: Buffer<R>
  /// The parameters that the batch's task uses and that learn.
  private(set) var entries: [Layout.Entry] = []
  /// The squares of the gradients that the n-gram layer's ``NgramLesson`` holds, added up.
  var ngramSquares = 0.0

  private let parameters: Parameters<R>
  private let trained: (Layout.Entry) -> Bool
  private var sums: [WordGradients<R>] = []
  /// What the slices of this process gave; nothing if it had none of this batch.
  private(set) var outcome: Outcome?

  /// The distinct words of the batch and, in the same order, the gradients of their vectors.
  var words: [Int32] { sums.first?.words ?? [] }
  var vectors: Buffer<R> { sums[0].vectors }

  /// - Parameter trained: which parameters learn; the others' gradients are left out.
  init(_ parameters: Parameters<R>, trained: @escaping (Layout.Entry) -> Bool = { _ in true }) {
    self.parameters = parameters
    self.trained = trained
    values = Buffer(parameters.layout.size, filledWith: 0)
    sums = [emptySum]
  }

  private var emptySum: WordGradients<R> {
    WordGradients(
      vocabularySize: parameters.vocabularySize, size: parameters.configuration.input)
  }

  /// Adds up the slices' gradients, which they lose on the way, and those of the crew.
  /// - Parameter words: whether the encoder's weights and the word vectors are among what learns.
  /// - Returns: what all slices gave.
  func gather(
    from slices: [Slice<R>], task: String, words: Bool, threads: Int, crew: any Crew
  ) -> Outcome {
    entries = parameters.layout.used(by: task).filter {
      trained($0) && (words || !$0.isEncoderWeight)
    }
    nonisolated(unsafe) let target = values.start
    let pieces = entries.flatMap(\.pieces)
    concurrently(slices.isEmpty ? 0 : pieces.count, threads: threads) { index in
      let (count, offset) = (pieces[index].count, pieces[index].lowerBound)
      inTree(slices.count) { left, right in
        R.kernels.add(
          Int64(count), slices[right].gradients.start + offset,
          slices[left].gradients.start + offset)
      }
      (target + offset).update(from: slices[0].gradients.start + offset, count: count)
    }
    gatherVectors(from: words ? slices : [])
    var outcomes = slices.map(\.outcome)
    inTree(slices.count) { outcomes[$0] = outcomes[$0] + outcomes[$1] }
    outcome = outcomes.first
    join(crew)
    return outcome ?? Outcome()
  }

  /// The global norm over everything gathered.
  func norm(threads: Int) -> Double {
    let vectors = (vectors.start, words.count * parameters.configuration.input)
    let runs = entries.map { (values.start + $0.offset, $0.count) } + [vectors]
    let squares = Buffer(runs.count, filledWith: 0.0)
    nonisolated(unsafe) let (from, to) = (runs, squares.start)
    concurrently(runs.count, threads: threads) {
      to[$0] = R.kernels.sumOfSquares(Int64(from[$0].1), from[$0].0)
    }
    return (squares.array.reduce(0, +) + ngramSquares).squareRoot()
  }

  private func gatherVectors(from slices: [Slice<R>]) {
    while sums.count < slices.count { sums.append(emptySum) }
    sums.forEach { $0.clear() }
    for (slice, sum) in zip(slices, sums) {
      sum.add(slice.packed?.words ?? [], slice.encoder.vectorGradient.start)
    }
    inTree(slices.count) { sums[$0].add(sums[$1].words, sums[$1].vectors.start) }
  }

  /// Adds up with the other processes, with one twice as far away each time, so that in the end all
  /// have the whole tree's sum.
  private func join(_ crew: any Crew) {
    var distance = 1
    while distance < crew.count {
      let partner = crew.rank ^ distance
      let theirs = crew.exchange(parcel(), with: partner)
      open(Parcel(theirs), isLower: partner < crew.rank)
      distance *= 2
    }
  }

  private func parcel() -> [UInt8] {
    guard let outcome else { return [] }
    var parcel = Parcel()
    parcel.put([outcome.loss, Double(outcome.correct), Double(outcome.rows)])
    for entry in entries { parcel.put(values.start + entry.offset, entry.count) }
    parcel.put([Int64(words.count)])
    parcel.put(words)
    parcel.put(vectors.start, words.count * parameters.configuration.input)
    return parcel.bytes
  }

  private func open(_ parcel: Parcel, isLower: Bool) {
    guard !parcel.bytes.isEmpty else { return }
    var parcel = parcel
    let isFirst = outcome == nil
    let sums: [Double] = parcel.take(3)
    let theirs = Outcome(loss: sums[0], correct: Int(sums[1]), rows: Int(sums[2]))
    outcome = outcome.map { $0 + theirs } ?? theirs
    for entry in entries {
      let further: [R] = parcel.take(entry.count)
      if isFirst {
        (values.start + entry.offset).update(from: further, count: entry.count)
      } else {
        R.kernels.add(Int64(entry.count), further, values.start + entry.offset)
      }
    }
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
