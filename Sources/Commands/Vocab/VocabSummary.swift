import StageKit
import Support
import Tokenization
import VocabularyBuilding

/// The summary of `vocab`.
struct VocabSummary: StageSummary {
  let warnings: [String]
  private let tokenizer: [String: String]
  private let vectors: Vectors?
  private let dimension: Int
  private let vocabulary: Words
  private let coverage: [Coverage]
  private let unlabelled: [UnlabelledCounts]?
  private let keepsTestTexts: Bool
  private let tokenizerDescription: String

  private struct Vectors: Encodable {
    let member: String
    let dimension: Int
    let tally: GloVeStatistics
  }

  private struct Words: Encodable {
    let words: Int
    let sources: TokenizedCorpus.WordCounts
  }

  private enum CodingKeys: CodingKey { case tokenizer, vectors, vocabulary, coverage, unlabelled }

  init(_ corpus: TokenizedCorpus, keepsTestTexts: Bool) {
    self.keepsTestTexts = keepsTestTexts
    unlabelled = corpus.unlabelled.isEmpty ? nil : corpus.unlabelled
    warnings = corpus.warnings
    tokenizer = corpus.vocabulary.tokenizer.metadata
    tokenizerDescription = corpus.vocabulary.tokenizer.description
    dimension = corpus.embedding.dimension
    vectors = corpus.vectors.map {
      Vectors(member: $0.file, dimension: corpus.embedding.dimension, tally: $0.statistics)
    }
    vocabulary = Words(words: corpus.vocabulary.count, sources: corpus.counts)
    coverage = corpus.coverage
  }

  var text: String {
    ([
      "tokenizer   \(tokenizerDescription)", "vectors     \(vectorLine)",
      "vocabulary  \(vocabularyLine)", "", coverageTable, "",
    ] + unlabelledLines + missingLines).joined(separator: "\n")
  }

  /// The numbers of tokens, without those of types and the words without a vector.
  var brief: String {
    let rows = coverage.map { split in
      [split.task, split.split, "\(split.rows)", "\(split.tokens)"]
        + (hasVectors ? [percent(split.tokensWithVector, of: split.tokens)] : [])
        + [percent(split.tokensInVocabulary, of: split.tokens)]
    }
    let header =
      ["task", "split", "rows", "tokens"] + (hasVectors ? ["with vector"] : [])
      + ["in vocabulary"]
    return
      ([vocabularyLine, TextTable.text([header] + rows, numeric: Set(2..<header.count))]
      + unlabelledLines).joined(separator: "\n")
  }

  private var unlabelledLines: [String] {
    (unlabelled ?? []).map { counts in
      let (heldOut, repeated) = (
        NumberFormat.grouped(counts.heldOut), NumberFormat.grouped(counts.repeated)
      )
      return "unlabelled texts of \(counts.task): \(NumberFormat.grouped(counts.kept)) kept, "
        + (keepsTestTexts
          ? "\(heldOut) validation or test texts found and not left out, \(repeated) left out as "
          : "\(heldOut) left out as validation or test texts, \(repeated) as ") + "repetitions"
    }
  }

  /// Whether any word may have a vector, those of the base included.
  private var hasVectors: Bool { vectors != nil || coverage.contains { $0.tokensWithVector > 0 } }

  private var vectorLine: String {
    guard let vectors else { return "none: rows of \(dimension) random numbers" }
    let statistics = vectors.tally
    var parts = [
      "\(escapingControlCharacters(vectors.member)): \(statistics.lines) lines of "
        + "\(vectors.dimension) dimensions, \(statistics.taken) taken"
    ]
    for (count, label) in [
      (statistics.duplicates, "duplicates of those (the first counts)"),
      (statistics.notUTF8, "not UTF-8"), (statistics.notNumbers, "of those not finite numbers"),
      (statistics.zeros, "of those all zero"), (statistics.tooShort, "with too few fields"),
    ] where count > 0 { parts.append("\(count) \(label)") }
    if statistics.isCut { parts.append("the last line cut") }
    return parts.joined(separator: "; ")
  }

  private var vocabularyLine: String {
    let sources = vocabulary.sources
    var parts = [
      sources.fromBase > 0 ? "\(sources.fromBase) of the base" : "the unknown word",
      "\(sources.fromTraining) of \(sources.trainingTypes) words of the training text"
        + (sources.minimumCount > 1 ? " that occur \(sources.minimumCount) times or more" : ""),
    ]
    if sources.extra > 0 {
      parts.append("\(NumberFormat.count(sources.extra, "further word")) of the vectors")
    }
    let drawn =
      !hasVectors
      ? "; their vectors are random numbers, which training changes"
      : sources.drawn > 0
        ? "; \(NumberFormat.count(sources.drawn, "word")) without a vector got random numbers" : ""
    return "\(vocabulary.words) words: \(parts.joined(separator: ", "))\(drawn)"
  }

  private var coverageTable: String {
    let header = [
      "task", "split", "rows", "tokens", "types", "with vector", "(types)", "in vocabulary",
      "(types)",
    ]
    let rows = coverage.map { split in
      [
        split.task, split.split, "\(split.rows)", "\(split.tokens)", "\(split.types)",
        percent(split.tokensWithVector, of: split.tokens),
        percent(split.typesWithVector, of: split.types),
        percent(split.tokensInVocabulary, of: split.tokens),
        percent(split.typesInVocabulary, of: split.types),
      ]
    }
    return TextTable.text([header] + rows, numeric: Set(2..<header.count))
  }

  private var missingLines: [String] {
    guard vectors != nil else { return [] }
    return coverage.filter { !$0.missing.isEmpty }.map { split in
      let words = split.missing.map { "\(escapingControlCharacters($0.word)) \($0.count)" }
      return "without a vector in \(split.task), \(split.split): \(words.joined(separator: ", "))"
    }
  }

  private func percent(_ part: some BinaryInteger, of whole: some BinaryInteger) -> String {
    whole > 0 ? "\(NumberFormat.percent(Double(part) / Double(whole), 2)) %" : NumberFormat.none
  }
}
