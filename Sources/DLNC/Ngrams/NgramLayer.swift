import Shards

/// The linear layer of one task over n-grams: their weights, and one more row of weights that every
/// row of text has, the intercepts.
final class NgramLayer<R: Real> {
  /// The columns.
  let ngrams: TfidfVectorizer
  /// How many classes there are.
  let classCount: Int
  /// [features + 1, classes]; the last row is the intercepts.
  let weights: AlignedBuffer<R>

  /// A layer of these weights, [features + 1, classes]; all zero if there are none.
  init(_ ngrams: TfidfVectorizer, classCount: Int, weights: [R]? = nil) {
    (self.ngrams, self.classCount) = (ngrams, classCount)
    self.weights = AlignedBuffer((ngrams.count + 1) * classCount, filledWith: 0)
    for (index, value) in (weights ?? []).enumerated() { self.weights.start[index] = value }
  }

  /// Another layer of the same values.
  func copy() -> NgramLayer {
    let copy = NgramLayer(ngrams, classCount: classCount)
    copy.weights.start.update(from: weights.start, count: weights.count)
    return copy
  }

  /// What a row of text adds to the logits, [classes]. Rows are not cut: their n-grams are those of
  /// the bag of words.
  func scores(_ row: Int, of shard: TokenShard, into target: UnsafeMutablePointer<R>) {
    scores(ngrams.rows(shard, row..<row + 1).cells(0), into: target)
  }

  /// The same from the row's cells.
  func scores(_ cells: [(column: Int32, value: Double)], into target: UnsafeMutablePointer<R>) {
    for k in 0..<classCount {
      var sum = 0.0
      for cell in cells {
        sum += cell.value * Double(weights.start[Int(cell.column) * classCount + k])
      }
      target[k] = R(sum)
    }
  }
}
