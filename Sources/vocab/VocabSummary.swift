import Foundation
import Tokenization
import VocabularyBuilding
import StageKit
import Support

/// What `vocab` reports.
struct VocabSummary: StageSummary {
  let tokenizer: [String: String]
  let vectors: Vectors
  let vocabulary: Words
  let coverage: [Coverage]

  /// The file of vectors.
  struct Vectors: Encodable {
    let member: String
    let dimension: Int
    let tally: GloVeStatistics
  }

  /// The vocabulary.
  struct Words: Encodable {
    let words: Int
    let sources: TokenizedCorpus.Counts
  }

  private let tokenizerInWords: String

  init(_ product: TokenizedCorpus) {
    tokenizer = product.vocabulary.tokenizer.metadata
    tokenizerInWords = product.vocabulary.tokenizer.description
    vectors = Vectors(
      member: product.member, dimension: product.embedding.dimension, tally: product.tally)
    vocabulary = Words(words: product.vocabulary.count, sources: product.counts)
    coverage = product.coverage
  }

  private enum CodingKeys: CodingKey { case tokenizer, vectors, vocabulary, coverage }

  var text: String {
    ([
      "tokenizer   \(tokenizerInWords)", "vectors     \(vectorLine)", "vocabulary  \(wordLine)", "",
    ] + [table, ""] + missing).joined(separator: "\n")
  }

  private var vectorLine: String {
    let tally = vectors.tally
    var parts = [
      "\(escapingControlCharacters(vectors.member)): \(tally.lines) lines of \(vectors.dimension) dimensions, "
        + "\(tally.taken) taken"
    ]
    for (count, what) in [
      (tally.duplicates, "duplicates of those (the first counts)"), (tally.notUTF8, "not UTF-8"),
      (tally.notNumbers, "of those not finite numbers"), (tally.zeros, "of those all zero"),
      (tally.tooShort, "with too few fields"),
    ] where count > 0 { parts.append("\(count) \(what)") }
    if tally.isCut { parts.append("the last line cut") }
    return parts.joined(separator: "; ")
  }

  private var wordLine: String {
    let from = vocabulary.sources
    var parts = ["\(from.fromTraining) of \(from.trainingTypes) words of the training text"]
    if from.fromBase > 0 {
      parts.insert("\(from.fromBase) of the base", at: 0)
    } else {
      parts.insert("the unknown word", at: 0)
    }
    if from.extra > 0 { parts.append("\(from.extra) further words of the vectors") }
    let drawn = from.drawn > 0 ? "; \(from.drawn) rows without a vector were drawn" : ""
    return "\(vocabulary.words) words: \(parts.joined(separator: ", "))\(drawn)"
  }

  private var table: String {
    let head = [
      "task", "split", "rows", "tokens", "types", "with vector", "(types)", "in vocabulary",
      "(types)",
    ]
    let rows = coverage.map { line in
      [
        line.task, line.split, "\(line.rows)", "\(line.tokens)", "\(line.types)",
        percent(line.tokensWithVector, of: line.tokens),
        percent(line.typesWithVector, of: line.types),
        percent(line.tokensInVocabulary, of: line.tokens),
        percent(line.typesInVocabulary, of: line.types),
      ]
    }
    return TextTable.text([head] + rows, numeric: Set(2..<head.count))
  }

  private var missing: [String] {
    coverage.filter { !$0.missing.isEmpty }.map { line in
      "without a vector in \(line.task), \(line.split): "
        + line.missing.map { "\(escapingControlCharacters($0.word)) \($0.count)" }.joined(
          separator: ", ")
    }
  }

  private func percent(_ part: some BinaryInteger, of whole: some BinaryInteger) -> String {
    whole > 0 ? "\(NumberFormat.percent(Double(part) / Double(whole), 2)) %" : NumberFormat.none
  }
}
