import Shards
import Support

/// Options of the n-gram layer: for each task a fixed linear classifier of the row's n-grams (see
/// ``TfidfVectorizer``), whose logits, each multiplied by a learned scale, are added to those of the
/// network. A part beyond the paper.
///
/// While training, the logits of a row are those of a classifier fitted without that row (see
/// ``CrossFit``). A classifier has seen the labels of its training rows, and its logits for them would
/// leave the network no errors to learn from.
public struct NgramOptions: Codable, Equatable, Sendable {
  /// The probability that a row is trained without the layer, so that the network also learns to
  /// classify alone. The logits of the other rows are not scaled up.
  public var dropout: Double

  /// Options of a layer with this dropout rate.
  public init(dropout: Double = 0) { self.dropout = dropout }
}

extension SoftmaxClassifier {
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

extension ModelConfiguration {
  /// Adds the logits of cross-fitted n-gram classifiers to the training rows of each task, if the
  /// network has an n-gram layer.
  /// - Parameters:
  ///   - seed: determines the folds.
  ///   - threads: the number of threads; does not change the result.
  /// - Returns: the classifiers by task, fitted to all training rows; empty without the layer.
  /// - Throws: ``UserError`` with exit status `usage` if a fit does not converge.
  func fitNgramLayers(
    to data: inout [TaskDataset], seed: Int, threads: Int
  ) throws -> [String: SoftmaxClassifier] {
    guard ngrams != nil else { return [:] }
    var layers: [String: SoftmaxClassifier] = [:]
    for index in data.indices {
      let fit = try CrossFit(data[index].train, seed: seed, threads: threads)
      layers[data[index].train.task] = fit.classifier
      data[index].ngramLogits = fit.logits
    }
    return layers
  }
}
