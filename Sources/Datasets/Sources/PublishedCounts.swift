/// What complete copies of the publishers' archives are known to hold. A difference is worth a
/// warning, no more: rounds differ, and parts are useful, too.
enum PublishedCounts {
  /// Real rows (without mystery rows) of the English EI-reg files, by emotion.
  private static let tweets: [EIRegFile.Part: [Int]] = [
    .train: [1701, 2252, 1616, 1533], .dev: [388, 389, 290, 397],
    .testGold: [1002, 986, 1105, 975],
  ]
  private static let mysteries = 16_937

  /// Warns of EI-reg files with other counts, if any file has the official one: then the archive is
  /// the official one, and the others ought to agree.
  static func check(_ files: [EIRegFile: [EIRegRow]], into tally: inout IngestReport) {
    var differences: [String] = []
    var agreements = 0
    for part in [EIRegFile.Part.train, .dev, .testGold] {
      for (emotion, label) in Dataset.eiReg.classNames.enumerated() {
        guard let rows = files[EIRegFile(emotion: emotion, part: part)],
          let expected = tweets[part]?[emotion]
        else { continue }
        let strange = rows.count { $0.isMystery }
        let real = rows.count - strange
        if real == expected {
          agreements += 1
        } else {
          differences.append("\(label) \(part.name): \(real) rows instead of \(expected)")
        }
        if part == .testGold, real == expected, strange != mysteries {
          differences.append("\(label) \(part.name): \(strange) mystery rows, not \(mysteries)")
        }
      }
    }
    if agreements > 0 { differences.forEach { tally.warn($0) } }
  }

  /// Warns of a Large Movie Review Dataset that lacks some of its reviews.
  /// - Parameter films: reviews by half (train, test) and label.
  static func check(films: [[Int]], into tally: inout IngestReport) {
    let counts = films.flatMap { $0 }
    guard counts.contains(12_500), counts.contains(where: { $0 != 12_500 }) else { return }
    tally.warn("\(counts) reviews in train/neg, train/pos, test/neg, test/pos; 12500 are published")
  }

  /// Warns of a Yelp review file of about the size of the last round, but not quite.
  /// - Parameter stars: reviews by stars.
  static func check(stars: [Int], into tally: inout IngestReport) {
    let total = stars.reduce(0, +)
    guard total > 6_500_000, stars != [1_069_561, 544_240, 691_934, 1_452_918, 3_231_627] else {
      return
    }
    tally.warn("\(total) reviews; the round of 2022 has 6990280")
  }
}
