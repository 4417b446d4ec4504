import Shards

/// How EI-reg rows are divided into train, validation and test.
public enum EIRegSplit: String, CaseIterable, Sendable {
  /// A fifth of the official train files for testing, equal texts kept together; the official dev
  /// set, without the texts of that fifth, for validation.
  case random
  /// The same, but near twins are kept together: texts equal but for hashtags, mentions, links,
  /// case, punctuation and white space.
  case randomNear = "random-near"
  /// As published: train, dev, test-gold.
  case official
  /// Train and dev for training but for a tenth that is held out for validation; test-gold.
  case officialDev = "official-dev"

  /// The published parts that the split cannot do without.
  var parts: [EIRegFile.Part] {
    switch self {
    case .random, .randomNear: [.train, .dev]
    case .official, .officialDev: [.train, .dev, .testGold]
    }
  }
}

extension EIRegSplit {
  /// Divides the kept rows of the published parts.
  /// - Parameter heldOut: so many of the rows that the train files leave for training become the
  ///   validation rows, in place of the official dev set; for `random` and `randomNear`.
  func divide(
    _ rows: [EIRegFile.Part: [EIRegRow]], seed: UInt64, heldOut: Int? = nil,
    tally: inout IngestReport
  ) -> [Split: [Example]] {
    let (train, dev, gold) = (rows[.train] ?? [], rows[.dev] ?? [], rows[.testGold] ?? [])
    switch self {
    case .random, .randomNear:
      tally.drop("not part of the split “\(rawValue)”", gold.count)
      let key = self == .random ? { $0 } : twinKey
      let (held, rest) = part(train, share: 1.0 / 5, key: key, seed: seed)
      if let heldOut {
        tally.drop("held out from training instead of dev", dev.count)
        let share = Double(heldOut) / Double(max(rest.count, 1))
        // Another order than that of the test rows, or their neighbours in it would come next.
        let (validation, train) = part(rest, share: share, key: key, seed: ~seed)
        return examples(train: train, validation: validation, test: held)
      }
      let tested = Set(held.map { ExampleKey(key($0.text)) })
      let validation = dev.filter { !tested.contains(ExampleKey(key($0.text))) }
      let twin = self == .random ? "text" : "near twin"
      tally.drop("a \(twin) stands in the test part", dev.count - validation.count)
      return examples(train: rest, validation: validation, test: held)
    case .official:
      return examples(train: train, validation: dev, test: gold)
    case .officialDev:
      let (held, rest) = part(train + dev, share: 1.0 / 10, key: twinKey, seed: seed)
      return examples(train: rest, validation: held, test: gold)
    }
  }

  private func examples(
    train: [EIRegRow], validation: [EIRegRow], test: [EIRegRow]
  ) -> [Split: [Example]] {
    [.train: train, .validation: validation, .test: test].mapValues { rows in
      rows.map { Example(text: $0.text, label: $0.emotion) }
    }
  }

  /// Takes `share` of the rows of each emotion out, whole groups at a time: rows of one key
  /// stay together. A group counts for the emotion of its first row; the groups of lowest hash are
  /// taken until the share is reached.
  private func part(
    _ rows: [EIRegRow], share: Double, key: ([UInt8]) -> [UInt8], seed: UInt64
  ) -> (taken: [EIRegRow], left: [EIRegRow]) {
    let hash = TextHash(seed: seed)
    let keys = rows.map { ExampleKey(key($0.text)) }
    var groups: [ExampleKey: [Int]] = [:]
    for index in rows.indices { groups[keys[index], default: []].append(index) }
    let order = rows.indices.filter { groups[keys[$0]]?.first == $0 }
      .map { (priority: hash(keys[$0].bytes), first: $0) }
      .sorted { ($0.priority, $0.first) < ($1.priority, $1.first) }
    var isTaken = [Bool](repeating: false, count: rows.count)
    for emotion in Dataset.eiReg.classNames.indices {
      let stratum = order.filter { rows[$0.first].emotion == emotion }
        .map { groups[keys[$0.first]] ?? [] }
      let wanted = Int((Double(stratum.reduce(0) { $0 + $1.count }) * share).rounded())
      var taken = 0
      for group in stratum where taken + group.count <= wanted {
        for index in group { isTaken[index] = true }
        taken += group.count
      }
    }
    return (
      rows.indices.filter { isTaken[$0] }.map { rows[$0] },
      rows.indices.filter { !isTaken[$0] }.map { rows[$0] }
    )
  }
}
