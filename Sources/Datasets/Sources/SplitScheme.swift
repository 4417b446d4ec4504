import Shards

/// How rows are divided into train, validation and test. The texts are about EI-reg; of other data, ``random``
/// and ``official`` have the usual meaning.
public enum SplitScheme: String, CaseIterable, Sendable {
  /// A fifth of the official train files for testing, with equal texts kept together; the official
  /// dev set, without the texts of that fifth, for validation.
  case random
  /// As ``random``, but near duplicates are kept together: texts that differ only in hashtags,
  /// mentions, links, case, punctuation and white space.
  case randomNear = "random-near"
  /// As published: train, dev, test-gold.
  case official
  /// Train and dev for training, except for a tenth for validation; test-gold.
  case officialDev = "official-dev"

  /// The published parts that the split needs.
  var parts: [EIRegFile.Part] {
    switch self {
    case .random, .randomNear: [.train, .dev]
    case .official, .officialDev: [.train, .dev, .testGold]
    }
  }

  /// Divides the rows of the published parts, whose labels are below four, the number of emotions.
  /// - Parameter validationSize: for `random` and `randomNear`, the number of remaining training rows
  ///   to use for validation in place of the official dev set.
  func divide(
    _ rows: [EIRegFile.Part: [Example]], seed: UInt64, validationSize: Int? = nil,
    report: inout IngestReport
  ) -> [Split: [Example]] {
    let (train, dev, gold) = (rows[.train] ?? [], rows[.dev] ?? [], rows[.testGold] ?? [])
    switch self {
    case .official: return [.train: train, .validation: dev, .test: gold]
    case .officialDev:
      let (validation, rest) = holdOut(
        1.0 / 10, of: train + dev, key: nearDuplicateKey, seed: seed)
      return [.train: rest, .validation: validation, .test: gold]
    case .random, .randomNear:
      report.drop("not part of the split “\(rawValue)”", gold.count)
      let key = self == .random ? { $0 } : nearDuplicateKey
      let (test, rest) = holdOut(1.0 / 5, of: train, key: key, seed: seed)
      if let validationSize {
        report.drop(
          validationSize == 0
            ? "not used, as --validation 0 asks" : "held out from training instead of dev",
          dev.count)
        let fraction = Double(validationSize) / Double(max(rest.count, 1))
        // Another seed, or the rows next to the test rows in hash order would follow.
        let (validation, train) = holdOut(fraction, of: rest, key: key, seed: ~seed)
        return [.train: train, .validation: validation, .test: test]
      }
      let testKeys = Set(test.map { TextKey(key($0.text)) })
      let validation = dev.filter { !testKeys.contains(TextKey(key($0.text))) }
      let duplicate = self == .random ? "text" : "near duplicate"
      report.drop("its \(duplicate) is in the test part", dev.count - validation.count)
      return [.train: rest, .validation: validation, .test: test]
    }
  }

  /// Holds out a fraction of the rows of each stratum. Rows with equal keys stay together and count
  /// for the stratum of the first; the groups of lowest hash are held out first.
  private func holdOut(
    _ fraction: Double, of rows: [Example], key: ([UInt8]) -> [UInt8], seed: UInt64
  ) -> (heldOut: [Example], rest: [Example]) {
    let hash = TextHash(seed: seed)
    let keys = rows.map { TextKey(key($0.text)) }
    var groups: [TextKey: [Int]] = [:]
    for index in rows.indices { groups[keys[index], default: []].append(index) }
    let order = rows.indices.filter { groups[keys[$0]]?.first == $0 }
      .map { (priority: hash(keys[$0].bytes), first: $0) }
      .sorted { ($0.priority, $0.first) < ($1.priority, $1.first) }
    var isHeldOut = [Bool](repeating: false, count: rows.count)
    let strata = Strata(rows, classCount: Dataset.eiReg.classNames.count)
    let stratumOfRow = rows.map { strata.stratum(of: $0) }
    for number in 0..<strata.count {
      let stratum = order.filter { stratumOfRow[$0.first] == number }
        .map { groups[keys[$0.first]] ?? [] }
      let target = Int((Double(stratum.reduce(0) { $0 + $1.count }) * fraction).rounded())
      var count = 0
      for group in stratum where count + group.count <= target {
        for index in group { isHeldOut[index] = true }
        count += group.count
      }
    }
    return (
      rows.indices.filter { isHeldOut[$0] }.map { rows[$0] },
      rows.indices.filter { !isHeldOut[$0] }.map { rows[$0] }
    )
  }
}
