import Foundation
import Shards

/// A unigram or bigram with a number that says how strongly it speaks for a class.
public struct WeightedNgram: Equatable, Sendable {
  /// The ids of one or two words of the vocabulary.
  public let tokens: [Int]
  /// The weight; n-grams are only compared within one class.
  public let weight: Double

  fileprivate init(key: UInt64, weight: Double) {
    tokens = (key >> 32 == 0 ? [key] : [key >> 32, key & 0xFFFF_FFFF]).map {
      Int(truncatingIfNeeded: $0)
    }
    self.weight = weight
  }
}

extension Classifier {
  /// The n-grams that speak most for each class of a task by the weights of the model's linear part: a
  /// bag of words, or the n-gram layer of a network.
  /// - Parameter count: the maximum number for each class.
  /// - Returns: for each class its n-grams of positive weight, the strongest first; nil if the model
  ///   has no such part.
  public func strongestNgrams(of task: String, count: Int) -> [[WeightedNgram]]? {
    linearPart(of: task)?.strongestNgrams(
      count, scales: (self as? Model)?.parameter(.ngrams, .scale, of: task)?.values ?? [])
  }
}

extension LinearClassifier {
  /// - Parameter scales: the factor of each class's logit; 1 if there is none.
  fileprivate func strongestNgrams(_ count: Int, scales: [Float] = []) -> [[WeightedNgram]] {
    let classCount = summary.classNames.count
    return (0..<classCount).map { label in
      let scale = scales.indices.contains(label) ? Double(scales[label]) : 1
      var top = StrongestNgrams(count)
      for (feature, key) in ngrams.keys.enumerated() {
        top.add(key, Double(weights[feature * classCount + label]) * scale)
      }
      return top.ngrams
    }
  }
}

extension TokenShard {
  /// The n-grams that distinguish the rows of each class from all others, without a model.
  ///
  /// The weight is the logarithm of the odds ratio of containing the n-gram, divided by its standard
  /// error, with ½ added to each of the four counts. Only n-grams in at least two rows count.
  /// - Parameter count: the maximum number for each class.
  /// - Returns: for each class its n-grams of positive weight, the strongest first.
  public func distinctiveNgrams(_ count: Int) -> [[WeightedNgram]] {
    var rows = [Int](repeating: 0, count: header.classNames.count)
    // One entry for each n-gram of a row and class; -1 for a row without a class.
    var found: [(key: UInt64, label: Int32, isFirstOfRow: Bool)] = []
    for row in 0..<self.count {
      let classes = classes(of: row)
      for label in classes { rows[Int(label)] += 1 }
      let labels = classes.isEmpty ? [-1] : classes
      for (key, _) in TfidfVectorizer.ngramCounts(self.row(row)) {
        found += labels.map { (key, $0, $0 == labels.first) }
      }
    }
    found.sort { ($0.key, $0.label) < ($1.key, $1.label) }
    var top = [StrongestNgrams](repeating: StrongestNgrams(count), count: header.classNames.count)
    var start = 0
    while start < found.count {
      let key = found[start].key
      let end = found[start...].firstIndex { $0.key != key } ?? found.endIndex
      let count = found[start..<end].count { $0.isFirstOfRow }
      if count > 1 {
        for (label, inside) in runLengths(found[start..<end].map { Int($0.label) })
        where label >= 0 {
          let outside = count - inside
          let cells = [
            inside, rows[label] - inside, outside, self.count - rows[label] - outside,
          ].map { Double($0) + 0.5 }
          let ratio = log(cells[0] / cells[1] / (cells[2] / cells[3]))
          top[label].add(key, ratio / cells.reduce(0) { $0 + 1 / $1 }.squareRoot())
        }
      }
      start = end
    }
    return top.map(\.ngrams)
  }
}

/// The n-grams of the greatest positive weights among those added. Of equal weights, the n-gram that
/// was added first wins.
private struct StrongestNgrams {
  private(set) var ngrams: [WeightedNgram] = []
  private let count: Int

  init(_ count: Int) { self.count = count }

  mutating func add(_ key: UInt64, _ weight: Double) {
    guard weight > 0, ngrams.count < count || weight > (ngrams.last?.weight ?? .infinity) else {
      return
    }
    let index = ngrams.firstIndex { $0.weight < weight } ?? ngrams.endIndex
    ngrams.insert(WeightedNgram(key: key, weight: weight), at: index)
    if ngrams.count > count { ngrams.removeLast() }
  }
}
