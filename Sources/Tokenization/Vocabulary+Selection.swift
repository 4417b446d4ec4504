import Shards

extension Vocabulary {
  /// The ids of `<unk>` and of the `count - 1` most frequent other words, ascending. Of equally frequent
  /// words the first ones count as more frequent.
  /// - Parameter shards: rows of several tasks. The frequency of a word is then the greatest fraction of
  ///   the tokens of one task that it is, so that a task with few rows keeps its words. If empty, it is the
  ///   number of occurrences in all training text.
  public func mostFrequent(_ count: Int, in shards: [TokenShard] = []) -> [Int] {
    let frequencies =
      shards.isEmpty ? counts.map { Double($0) } : greatestFrequencies(in: shards)
    let others = (1..<max(self.count, 1)).sorted {
      frequencies[$0] != frequencies[$1] ? frequencies[$0] > frequencies[$1] : $0 < $1
    }
    return [0] + others.prefix(max(count - 1, 0)).sorted()
  }

  private func greatestFrequencies(in shards: [TokenShard]) -> [Double] {
    var result = counts.map { _ in 0.0 }
    for shard in shards {
      var occurrences = result.map { _ in 0 }
      for token in shard.elements where occurrences.indices.contains(Int(token)) {
        occurrences[Int(token)] += 1
      }
      for (id, number) in occurrences.enumerated() {
        result[id] = max(result[id], Double(number) / Double(max(shard.elementCount, 1)))
      }
    }
    return result
  }

  /// The vocabulary of some of the words, which get new ids in the same order.
  /// - Parameter ids: the ids of the words, ascending, 0 among them. All others become unknown.
  public func keeping(_ ids: [Int]) -> Vocabulary {
    var result = Vocabulary(tokenizer: tokenizer)
    let dropped = Set(0..<count).subtracting(ids.dropFirst())
    for id in dropped { result.addOccurrences(counts[id], of: 0) }
    result.append(ids.dropFirst().map { (self[$0], counts[$0]) }[...])
    return result
  }

  /// For each word of another vocabulary its id in this one, or 0 if it is unknown; nil unless this one
  /// has only words of the other, in the same order, and the same tokenizer.
  public func ids(inPartOf other: Vocabulary) -> [Int32]? {
    guard tokenizer == other.tokenizer else { return nil }
    let ids = (0..<other.count).map { id(of: other[$0]) }
    let found = ids.filter { $0 != 0 }
    return found.count == count - 1 && zip(found, found.dropFirst()).allSatisfy(<) ? ids : nil
  }

  /// Whether a model with this vocabulary can read rows with the tokens of another one: it has all of its
  /// words, or was made from it by leaving out words.
  package func reads(_ other: Vocabulary) -> Bool {
    extends(other) || ids(inPartOf: other) != nil
  }

  /// The rows of a dataset as a model with this vocabulary reads them; see ``reads(_:)``.
  package func mapped(_ shard: TokenShard, from dataset: TokenizedDataset) -> TokenShard {
    guard !extends(dataset.vocabulary), let ids = ids(inPartOf: dataset.vocabulary) else {
      return shard
    }
    return shard.renumbered(ids) { dataset.vocabulary[$0] }
  }
}
