import Shards

/// Options of the n-gram layer: for each task a fixed linear classifier of the row's n-grams (see
/// ``TfidfVectorizer``), whose logits, each multiplied by a learned scale, are added to those of the
/// network. A part beyond the paper.
///
/// While training, the logits of a row are those of a classifier fitted without that row (see
/// `CrossFit`). A classifier has seen the labels of its training rows, and its logits for them would
/// leave the network no errors to learn from.
public struct NgramOptions: Codable, Equatable, Sendable {
  /// The probability that a row is trained without the layer, so that the network also learns to
  /// classify alone. The logits of the other rows are not scaled up.
  public var dropout: Double
  /// How the weights are fitted; nil for `tfidf`.
  public var weights: NgramWeights?
  /// The lengths of character n-grams; nil for none.
  public var characters: CharacterLengths?

  /// Options of a layer.
  public init(
    dropout: Double = 0, weights: NgramWeights? = nil, characters: CharacterLengths? = nil
  ) {
    (self.dropout, self.weights, self.characters) = (dropout, weights, characters)
  }
}

extension TaskDescription {
  /// The n-gram layer in a model file: that of the task or, if it shares its linear layer, of all tasks
  /// that share it.
  func ngramLayer(_ options: NgramOptions) -> TaskClassifier {
    var result = TaskClassifier(
      name: sharedHead.map { "\($0.name).shared" } ?? name,
      classNames: sharedHead?.classNames ?? classNames)
    result.characters = options.characters
    return result
  }
}

extension LinearClassifier {
  /// The logits of one row of a shard, [classes]. Rows are not truncated.
  func logits<R: Real>(ofRow row: Int, in shard: TokenShard, into target: UnsafeMutablePointer<R>) {
    let classCount = summary.classNames.count
    let cells = ngrams.rows(shard, row..<row + 1).cells(0)
    for k in 0..<classCount {
      var sum = 0.0
      for cell in cells {
        sum += cell.value * Double(weights[Int(cell.column) * classCount + k])
      }
      target[k] = R(sum)
    }
  }
}
