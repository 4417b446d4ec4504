import Tensors

/// The linear layer of one task over n-grams: their weights, and one more row of weights that every
/// row of text has, the intercepts.
final class NgramBranch<R: Real> {
  /// The columns.
  let ngrams: NgramTable
  /// How many classes there are.
  let classes: Int
  /// [features + 1, classes]; the last row is the intercepts.
  let weights: Buffer<R>

  /// A layer of these weights, [features + 1, classes]; all zero if there are none.
  init(_ ngrams: NgramTable, classes: Int, weights: [R]? = nil) {
    (self.ngrams, self.classes) = (ngrams, classes)
    self.weights = Buffer((ngrams.count + 1) * classes, filledWith: 0)
    for (index, value) in (weights ?? []).enumerated() { self.weights.start[index] = value }
  }

  /// Another layer of the same values.
  func copy() -> NgramBranch {
    let copy = NgramBranch(ngrams, classes: classes)
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
    for k in 0..<classes {
      var sum = 0.0
      for cell in cells {
        sum += cell.value * Double(weights.start[Int(cell.column) * classes + k])
      }
      target[k] = R(sum)
    }
  }
}
