import Support
import Tokenization

/// Signs that a model trained with a vocabulary will be useless.
struct VocabularyWarnings {
  /// The pretrained vectors; nil if all vectors were drawn.
  let file: GloVeFile?
  let reader: GloVeReader
  let corpus: CorpusTokenizer
  let coverage: [Coverage]

  /// Vectors of the right language cover nearly all tokens; those of another one still cover names,
  /// numbers and punctuation.
  private static let minimumCoverage = 0.5

  /// One line for each sign.
  var all: [String] {
    let parts = zip(corpus.splits, coverage).filter { $0.0.split == .train && $0.1.tokens > 0 }
    return aboutFile
      + parts.flatMap { split, coverage in
        [clauses(in: split), repetition(in: split), known(coverage)].compactMap { $0 }
      }
  }

  /// The warning about texts in scripts without spaces between words.
  var clauses: String? {
    corpus.splits.lazy.filter { $0.split == .train }.compactMap { clauses(in: $0) }.first
  }

  private var aboutFile: [String] {
    guard let file else { return [] }
    var warnings: [String] = []
    let lines = reader.statistics.lines - reader.blankLines
    if let announced = file.announcedWords, announced != lines {
      warnings.append(
        "the first line of \(file.entryPath) announces \(NumberFormat.count(announced, "word")), "
          + "but \(NumberFormat.count(lines, "line follows", "lines follow")); was the file cut?")
    }
    if reader.statistics.isCut {
      warnings.append("the last line of \(file.entryPath) is cut; was the download complete?")
    }
    return warnings
  }

  private func known(_ coverage: Coverage) -> String? {
    guard let file, let fraction = coverage.tokenFraction, fraction < Self.minimumCoverage else {
      return nil
    }
    let problem =
      coverage.tokensWithVector == 0
      ? "no word of the training texts has a vector in \(file.entryPath)"
      : "only \(NumberFormat.percent(fraction)) % of the words of the training texts have a vector "
        + "in \(file.entryPath)"
    let otherCase = reader.foundInUpperCase
    let hint =
      otherCase > 0
      ? "texts become lower case, and the file has \(NumberFormat.grouped(otherCase)) of their words "
        + "only in upper case: convert its words to lower case"
      : "check that the vectors are of the language of the texts, and that --tokenizer fits them"
    return "\(coverage.task): \(problem); \(hint)"
  }

  private func repetition(in split: CorpusTokenizer.SplitStatistics) -> String? {
    guard split.rows > 1, split.counts.allSatisfy({ $0 < 2 }) else { return nil }
    return
      "\(split.task): no word occurs twice in the \(split.rows) training texts, so nothing can be "
      + "learned from words; check that spaces separate the words"
  }

  private func clauses(in split: CorpusTokenizer.SplitStatistics) -> String? {
    guard let script = UnspacedScript.dominant(in: corpus.words, counts: split.counts) else {
      return nil
    }
    return "\(split.task): \(script.name) texts without spaces between words: a word has "
      + "\(NumberFormat.fixed(script.meanLength, 1)) letters on average, so that whole clauses count as "
      + "one word; separate the words with spaces before ingest, with a segmenter for the language"
  }
}

/// A script whose texts usually have no spaces between words.
private struct UnspacedScript {
  var name: String
  var ranges: [ClosedRange<UInt32>]
  /// The mean number of letters of a word above which words were not separated. It is about twice that
  /// of separated text.
  var maxMeanLength: Double
  /// The mean number of letters of a word in a text.
  var meanLength = 0.0

  private static let all = [
    UnspacedScript(
      name: "Chinese or Japanese",
      ranges: [
        0x3005...0x3007, 0x3040...0x312F, 0x31F0...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
        0xF900...0xFAFF, 0xFF66...0xFF9F, 0x20000...0x323AF,
      ], maxMeanLength: 3),
    UnspacedScript(name: "Thai", ranges: [0xE00...0xE7F], maxMeanLength: 8),
    UnspacedScript(name: "Lao", ranges: [0xE80...0xEFF], maxMeanLength: 8),
    UnspacedScript(name: "Tibetan", ranges: [0xF00...0xFFF], maxMeanLength: 8),
    UnspacedScript(
      name: "Burmese", ranges: [0x1000...0x109F, 0xA9E0...0xA9FF, 0xAA60...0xAA7F],
      maxMeanLength: 8),
    UnspacedScript(name: "Khmer", ranges: [0x1780...0x17FF], maxMeanLength: 8),
    UnspacedScript(name: "Javanese", ranges: [0xA980...0xA9DF], maxMeanLength: 8),
  ]
  /// The part of all characters that a script needs in order to matter.
  private static let minimumShare = 0.3

  /// The script of texts whose words were not separated; nil if there is none.
  /// - Parameter counts: the number of occurrences of each of `words`.
  static func dominant(in words: TokenInterner, counts: [Int64]) -> UnspacedScript? {
    var (characters, letters, tokens) = (0.0, all.map { _ in 0.0 }, all.map { _ in 0.0 })
    for (index, count) in counts.enumerated() where count > 0 {
      let word = words[index]
      if word.allSatisfy({ $0 < 0x80 }) {
        characters += Double(word.count) * Double(count)
        continue
      }
      let scalars = String(decoding: word, as: UTF8.self).unicodeScalars
      characters += Double(scalars.count) * Double(count)
      for (script, member) in all.enumerated() {
        let found = scalars.count { scalar in member.ranges.contains { $0 ~= scalar.value } }
        letters[script] += Double(found) * Double(count)
        if found > 0 { tokens[script] += Double(count) }
      }
    }
    for (script, member) in all.enumerated() where letters[script] >= minimumShare * characters {
      var result = member
      result.meanLength = letters[script] / max(tokens[script], 1)
      if result.meanLength > member.maxMeanLength { return result }
    }
    return nil
  }
}
