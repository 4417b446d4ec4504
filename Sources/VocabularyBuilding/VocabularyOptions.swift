import Datasets
import Support
import Tokenization

/// What vocabulary to make, of which texts and vectors.
public struct VocabularyOptions: Sendable {
  /// The outputs of `ingest` to read, one folder a task.
  public var examples: [String]
  /// The archive or file of word vectors.
  public var vectors: String
  /// How many numbers a vector has.
  public var dimension = 100
  /// The output of an earlier run to extend, whose words keep their numbers and vectors.
  public var base: String?
  /// The tokenizer's rules; nothing lets the base or else the vectors tell.
  public var rules: Tokenizer.Rules?
  /// The tokenizer's treatment of punctuation; nothing lets the base or else the vectors tell.
  public var punctuation: Tokenizer.Punctuation?
  /// Whether the tokenizer cuts hashtags; nothing means as the base does, or else yes.
  public var splitsHashtags: Bool?
  /// Whether the tokenizer keeps the names of users; nothing means as the base does, or else no.
  public var keepsUserNames: Bool?
  /// How often a word must occur in training text to get a number.
  public var minimumCount = 2
  /// How many words of training text get a number at most; nothing for no limit.
  public var maximumWords: Int?
  /// How many of the vectors' other words, from the first on, get a number besides.
  public var extraWords = 0
  /// Seeds the rows of words that have no vector.
  public var seed: UInt64 = 1
  /// Called while the vectors are read.
  public var progress: Archive.Progress?

  /// A request with the usual settings.
  public init(examples: [String], vectors: String) {
    self.examples = examples
    self.vectors = vectors
  }

  /// Reads the texts and the vectors and makes the vocabulary, its embedding and the token shards.
  /// - Parameter log: told about progress.
  /// - Throws: ``UserError``; see the parts.
  public func make(log: (String) -> Void) throws -> TokenizedCorpus {
    let base = try base.map { try BaseVocabulary(folder: $0, dimension: dimension) }
    let file = try GloVeFile(path: vectors, dimension: dimension, progress: progress)
    let tokenizer = try base?.tokenizer(agreeingWith: self) ?? chosenTokenizer(file)
    log("tokenizer: \(tokenizer)")
    var examples = CorpusTokenizer(tokenizer: tokenizer)
    for folder in self.examples { try examples.read(folder: folder, log: log) }
    var builder = VocabularyBuilder(base: base, tokenizer: tokenizer, examples: examples)
    try builder.addTrainingWords(minimumCount: minimumCount, atMost: maximumWords)
    log("reading vectors of \(file.member)")
    try builder.readVectors(file, extraWords: extraWords, seed: seed)
    return try builder.product(file)
  }

  private func chosenTokenizer(_ file: GloVeFile) throws -> Tokenizer {
    try Tokenizer(
      fitting: file, rules: rules, punctuation: punctuation,
      splitsHashtags: splitsHashtags ?? true, keepsUserNames: keepsUserNames ?? false)
  }
}
