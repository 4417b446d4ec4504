/// The gradients of a whole batch: of the parameters its task uses, and of the vectors of its words.
final class Gradients<R: Real> {
  let values: Buffer<R>
  /// The distinct words of the batch and, in the same order, the gradients of their vectors.
  private(set) var words: [Int32] = []
  let vectors = Buffer<R>()
  /// The parameters that the batch's task uses and that learn.
  private(set) var entries: [Layout.Entry] = []
  /// The squares of the gradients that the n-gram layer's ``NgramLesson`` holds, added up.
  var ngramSquares = 0.0

  private let parameters: Parameters<R>
  private let trained: (Layout.Entry) -> Bool
  private let numbering: WordNumbering

  /// - Parameter trained: which parameters learn; the others' gradients are left out.
  init(_ parameters: Parameters<R>, trained: @escaping (Layout.Entry) -> Bool = { _ in true }) {
    self.parameters = parameters
    self.trained = trained
    values = Buffer(parameters.layout.size, filledWith: 0)
    numbering = WordNumbering(vocabularySize: parameters.vocabularySize)
  }

  /// Adds up the slices' gradients, in their order.
  /// - Parameter words: whether the encoder's weights and the word vectors are among what learns.
  func gather(from slices: [Slice<R>], task: String, words: Bool, threads: Int) {
    entries = parameters.layout.used(by: task).filter {
      trained($0) && (words || !$0.isEncoderWeight)
    }
    nonisolated(unsafe) let target = values.start
    let entries = entries
    concurrently(entries.count, threads: threads) { index in
      let entry = entries[index]
      (target + entry.offset).update(
        from: slices[0].gradients.start + entry.offset, count: entry.count)
      for slice in slices.dropFirst() {
        R.kernels.add(
          Int64(entry.count), slice.gradients.start + entry.offset, target + entry.offset)
      }
    }
    self.words = []
    if words { gatherVectors(from: slices) }
  }

  /// The global norm over everything gathered.
  var norm: Double {
    var sum = 0.0
    for entry in entries {
      sum += R.kernels.sumOfSquares(Int64(entry.count), values.start + entry.offset)
    }
    let size = words.count * parameters.configuration.input
    return (sum + R.kernels.sumOfSquares(Int64(size), vectors.start) + ngramSquares).squareRoot()
  }

  private func gatherVectors(from slices: [Slice<R>]) {
    let size = parameters.configuration.input
    let most = slices.reduce(0) { $0 + ($1.packed?.words.count ?? 0) }
    vectors.reserveZeros(most * size)
    numbering.begin()
    for slice in slices {
      for (row, word) in (slice.packed?.words ?? []).enumerated() {
        let number = numbering.number(of: word, next: words.count)
        if number == words.count { words.append(word) }
        R.kernels.add(
          Int64(size), slice.encoder.vectorGradient.start + row * size,
          vectors.start + number * size)
      }
    }
  }
}
