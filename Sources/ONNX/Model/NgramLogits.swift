import DLNC

extension LinearClassifier {
  /// The logits of the classifier as part of a graph, [N, C].
  /// - Parameters:
  ///   - tokens: the IDs of the words, [N, T]; -1 after the end of a text.
  ///   - characters: the numbers of the character n-grams of all words, [N, K], -1 after the end; nil
  ///     for a classifier without them.
  func logits(
    _ tokens: Value<Int>, characters: Value<Int>?, in graph: Graph
  ) -> Value<Float> {
    let classCount = summary.classNames.count
    let intercepts = graph.constant(Array(weights.suffix(classCount)), [1, classCount])
    let words = ngrams.keys.count
    var parts: [Value<Float>] = []
    if words > 0 {
      let singles = ngrams.keys.prefix { $0 >> 32 == 0 }
      let pairs = ngrams.keys.dropFirst(singles.count).flatMap { [$0 >> 32, $0 & 0xFFFF_FFFF] }
      let counts = tokens.counts(
        of: singles.map { Int(truncatingIfNeeded: $0) },
        pairs: pairs.map { Int(truncatingIfNeeded: $0) })
      parts.append(logits(counts, idf: ngrams.idf, features: 0..<words, in: graph))
    }
    if let characters, let idf = ngrams.characters?.idf, !idf.isEmpty {
      let counts = characters.counts(of: Array(idf.indices))
      parts.append(
        logits(counts, idf: idf, features: words..<words + idf.count, in: graph))
    }
    return parts.reduce(intercepts, +)
  }

  /// The share of a range of features in the logits: their tf-idf values, as a vector of length 1, times
  /// their weights.
  private func logits(
    _ counts: Value<Float>, idf: [Float], features: Range<Int>, in graph: Graph
  ) -> Value<Float> {
    let classCount = summary.classNames.count
    let one = graph.constant(1)
    // 1 + log n, and 0 for features that a text does not have.
    let frequencies = (counts.maximum(one).logarithm + one) * counts.minimum(one)
    let values = frequencies * graph.constant(idf, [1, idf.count])
    let matrix = graph.constant(
      Array(weights[features.lowerBound * classCount..<features.upperBound * classCount]),
      [features.count, classCount])
    // A text without features has the length 0.
    return values.times(matrix) / values.rowLengths.maximum(graph.constant(.leastNormalMagnitude))
  }
}
