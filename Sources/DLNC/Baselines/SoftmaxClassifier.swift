import Safetensors
import Shards

/// A linear classifier of one task's rows: softmax(x W), with x the row's n-grams.
struct SoftmaxClassifier: Sendable {
  /// What it belongs to and how it was chosen.
  var summary: TaskClassifier
  /// The columns of x but the last, which is always 1.
  let ngrams: TfidfVectorizer
  /// W, [features + 1, classes]; the last row is the intercepts.
  let weights: [Float]

  /// The score of a class that no training row has: its probability is 0 in single precision, and
  /// the cross-entropy of a row that has it nevertheless is a number.
  static let never: Float = -200

  /// What a head makes of rows.
  struct BatchMetrics {
    /// The probabilities of the classes, [rows, classes].
    var probabilities: [Float] = []
    /// The summed cross-entropy.
    var sum = 0.0
    /// How many rows are classified rightly; of equal classes the first is chosen.
    var right = 0
    /// How many rows there are.
    var rows = 0

    /// The mean cross-entropy.
    var loss: Double { sum / Double(max(1, rows)) }
    /// The share of rows that are classified rightly.
    var accuracy: Double { Double(right) / Double(max(1, rows)) }
  }

  /// Classifies all rows of a shard, whose classes must be the head's. Rows are not cut.
  /// - Parameter threads: how many to use; changes no byte.
  func predict(_ shard: TokenShard, threads: Int) -> BatchMetrics {
    var outcome = BatchMetrics()
    // Some rows at a time, so that memory does not grow with the shard.
    for start in stride(from: 0, to: shard.count, by: 4096) {
      let range = start..<min(shard.count, start + 4096)
      let rows = ngrams.rows(shard, range)
      classify(rows, targets: shard.labels[range], into: &outcome, threads: threads)
    }
    return outcome
  }

  /// x W of rows of this head's n-grams, [rows, classes].
  func scores(_ rows: CSRMatrix, threads: Int) -> [Double] {
    let classCount = summary.classNames.count
    var values = [Double](repeating: 0, count: rows.count * classCount)
    rows.times(weights.map(Double.init), by: classCount, into: &values, threads: threads)
    return values
  }

  /// Classifies rows of this head's n-grams and adds what comes of it to `outcome`.
  func classify(
    _ rows: CSRMatrix, targets: some Sequence<Int32>, into outcome: inout BatchMetrics, threads: Int
  ) {
    let classCount = summary.classNames.count
    var values = scores(rows, threads: threads)
    for (row, target) in targets.enumerated() {
      let range = row * classCount..<(row + 1) * classCount
      outcome.sum += softmax(&values, range, target: Int(target))
      let chosen = range.dropFirst().reduce(range.lowerBound) {
        Float(values[$1]) > Float(values[$0]) ? $1 : $0
      }
      if chosen - range.lowerBound == Int(target) { outcome.right += 1 }
    }
    outcome.rows += rows.count
    outcome.probabilities += values.map { Float($0) }
  }
}
