import Tokenization

extension LinearClassifier {
  /// The classifier with the n-grams of some words.
  /// - Parameters:
  ///   - ids: the ids of the words, ascending.
  ///   - vocabulary: these words under their new ids.
  func keeping(words ids: [Int], _ vocabulary: Vocabulary) -> LinearClassifier {
    let newIDs = Dictionary(
      uniqueKeysWithValues: ids.enumerated().map { (UInt64($1), UInt64($0)) })
    /// The key of the same words; nil if one of them is not kept.
    func newKey(_ key: UInt64) -> UInt64? {
      guard let first = newIDs[key >> 32], let second = newIDs[key & 0xFFFF_FFFF] else {
        return nil
      }
      return first << 32 | second
    }
    let words = ngrams.keys.indices.filter { newKey(ngrams.keys[$0]) != nil }
    var result = keeping(features: words + Array(ngrams.keys.count..<ngrams.count))
    result.ngrams = TfidfVectorizer(
      keys: result.ngrams.keys.compactMap(newKey), idf: result.ngrams.idf)
    result.ngrams.characters = ngrams.characters?.reading(vocabulary)
    return result
  }

  /// The classifier with at most `count` n-grams, those that can change a prediction most.
  func keeping(ngrams count: Int) -> LinearClassifier {
    guard count < ngrams.count else { return self }
    let classCount = summary.classNames.count
    let idf = ngrams.idf + (ngrams.characters?.idf ?? [])
    let strengths = (0..<ngrams.count).map { feature in
      let row = weights[feature * classCount..<(feature + 1) * classCount]
      // A constant added to the weights of all classes changes no softmax.
      let spread =
        summary.labelThresholds == nil
        ? (row.max() ?? 0) - (row.min() ?? 0) : row.lazy.map(abs).max() ?? 0
      return spread * idf[feature]
    }
    let strongest = strengths.indices.sorted {
      strengths[$0] != strengths[$1] ? strengths[$0] > strengths[$1] : $0 < $1
    }
    return keeping(features: strongest.prefix(count).sorted())
  }

  /// The classifier with some features, whose indices are ascending.
  private func keeping(features: [Int]) -> LinearClassifier {
    let classCount = summary.classNames.count
    return LinearClassifier(
      summary: summary, ngrams: ngrams.keeping(features),
      weights: features.flatMap { weights[$0 * classCount..<($0 + 1) * classCount] }
        + weights.suffix(classCount))
  }
}

extension TfidfVectorizer {
  /// The features with these indices, which are ascending.
  fileprivate func keeping(_ features: [Int]) -> TfidfVectorizer {
    let words = features.prefix { $0 < keys.count }
    var result = TfidfVectorizer(keys: words.map { keys[$0] }, idf: words.map { idf[$0] })
    result.characters = characters?.keeping(features.dropFirst(words.count).map { $0 - keys.count })
    return result
  }
}

extension CharacterVectorizer {
  /// The features with these indices, which are ascending.
  fileprivate func keeping(_ features: [Int]) -> CharacterVectorizer {
    var kept = TokenInterner(capacity: features.count)
    for feature in features { kept.add(ngrams[feature]) }
    return CharacterVectorizer(source, ngrams: kept, idf: features.map { idf[$0] })
  }

  /// The same features for another vocabulary.
  fileprivate func reading(_ vocabulary: Vocabulary) -> CharacterVectorizer {
    CharacterVectorizer(
      CharacterSource(lengths: source.lengths, vocabulary: vocabulary), ngrams: ngrams, idf: idf)
  }
}
