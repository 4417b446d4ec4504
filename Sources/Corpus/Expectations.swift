/// What complete copies of the publishers' archives are known to hold. A difference is worth a
/// warning, no more: rounds differ, and parts are useful, too.
enum Expectations {
  /// Real rows (without mystery rows) of the English EI-reg files, by emotion.
  private static let tweets: [TweetFile.Part: [Int]] = [
    .train: [1701, 2252, 1616, 1533], .dev: [388, 389, 290, 397],
    .testGold: [1002, 986, 1105, 975],
  ]
  private static let mysteries = 16_937

  /// Warns of EI-reg files with other counts, if any file has the official one: then the archive is
  /// the official one, and the others ought to agree.
  static func check(_ files: [TweetFile: [TweetRow]], into tally: inout Tally) {
    var differences: [String] = []
    var agreements = 0
    for part in [TweetFile.Part.train, .dev, .testGold] {
      for (emotion, label) in Dataset.eiReg.labels.enumerated() {
        guard let rows = files[TweetFile(emotion: emotion, part: part)],
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
}
