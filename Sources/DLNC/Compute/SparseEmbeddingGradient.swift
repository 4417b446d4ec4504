/// Gradients of the vectors of distinct words, in the order in which the words were met.
final class SparseEmbeddingGradient<R: Real> {
  private(set) var words: [Int32] = []
  /// The gradients, [words, size].
  private(set) var vectors = AlignedBuffer<R>()
  private let size: Int
  private let numbering: UniqueTokens

  /// None yet, for words below `vocabularySize` with vectors of `size` numbers.
  init(vocabularySize: Int, size: Int) {
    self.size = size
    numbering = UniqueTokens(vocabularySize: vocabularySize)
  }

  /// Forgets all.
  func clear() {
    words = []
    numbering.begin()
  }

  /// Adds the gradients [words.count, size] of distinct words: of known ones to what is there, new
  /// ones behind it.
  func add(_ further: [Int32], _ gradients: UnsafePointer<R>) {
    makeRoom(for: words.count + further.count)
    for (row, word) in further.enumerated() {
      let number = numbering.number(of: word, next: words.count)
      let (source, target) = (gradients + row * size, vectors.start + number * size)
      if number == words.count {
        words.append(word)
        target.update(from: source, count: size)
      } else {
        R.kernels.add(Int64(size), source, target)
      }
    }
  }

  private func makeRoom(for count: Int) {
    guard vectors.count < count * size else { return }
    let larger = AlignedBuffer<R>()
    larger.reserve(count * size).update(from: vectors.start, count: words.count * size)
    vectors = larger
  }
}
