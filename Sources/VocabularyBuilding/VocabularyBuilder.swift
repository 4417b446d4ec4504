import Shards
import Support
import Tokenization

/// Builds a vocabulary, its embedding and token shards from text shards and pretrained vectors.
public struct VocabularyBuilder {
  private let options: VocabularyOptions
  private let base: BaseVocabulary?
  /// The pretrained vectors; nil if all vectors are drawn.
  private let file: GloVeFile?
  private var corpus: CorpusTokenizer
  private var vocabulary: Vocabulary
  private var counts = TokenizedCorpus.WordCounts()

  /// The number of words of the base, which is the first id of a new word.
  private var baseCount: Int { base?.vocabulary.count ?? 0 }

  /// Opens the base and the vectors, and chooses the tokenizer.
  /// - Throws: ``UserError`` with exit status `noInput`, `data` or `usage`.
  public init(_ options: VocabularyOptions) throws {
    self.options = options
    base = try options.base.map { try BaseVocabulary(folder: $0, dimension: options.dimension) }
    file = try options.vectors.map {
      try GloVeFile(path: $0, dimension: options.dimension, progress: options.progress)
    }
    let tokenizer =
      try base?.tokenizer(checkedAgainst: options)
      ?? file?.tokenizer(
        rules: options.rules, punctuation: options.punctuation,
        splitsHashtags: options.splitsHashtags ?? true,
        keepsUserNames: options.keepsUserNames ?? false)
      ?? Tokenizer(
        options.rules ?? .ptb, punctuation: options.punctuation ?? .apart,
        splitsHashtags: options.splitsHashtags ?? true,
        keepsUserNames: options.keepsUserNames ?? false)
    corpus = CorpusTokenizer(
      tokenizer: tokenizer, keepsHeldOutTexts: options.keepsHeldOutTexts)
    vocabulary = base?.vocabulary ?? Vocabulary(tokenizer: tokenizer)
  }

  /// Reads the text shards and the vectors.
  /// - Parameter log: called with progress messages.
  /// - Throws: ``UserError`` with exit status `noInput`, `data` or `usage`.
  public mutating func build(log: (String) -> Void) throws -> TokenizedCorpus {
    log("tokenizer: \(vocabulary.tokenizer)")
    try corpus.count(folders: options.examples, log: log)
    try addTrainingWords()
    if let file { log("reading vectors of \(file.entryPath)") }
    let reader = try readVectors()
    let hasVector = hasVector(reader)
    let embedding = makeEmbedding(reader)
    let ids = (0..<corpus.words.count).map { vocabulary.id(of: corpus.words[$0]) }
    let coverage = corpus.splits.map {
      Coverage($0, words: corpus.words, hasVector: hasVector, ids: ids)
    }
    let warnings = VocabularyWarnings(
      file: file, reader: reader, corpus: corpus, coverage: coverage)
    try checkSize(hint: warnings.clauses)
    return TokenizedCorpus(
      vocabulary: vocabulary, embedding: embedding, corpus: corpus, ids: ids, coverage: coverage,
      vectors: file.map { ($0.entryPath, reader.statistics) }, counts: counts,
      warnings: warnings.all + [withoutVectors].compactMap { $0 } + keptTexts)
  }

  /// Warnings about unlabelled texts that were kept although they are validation or test texts.
  private var keptTexts: [String] {
    guard options.keepsHeldOutTexts else { return [] }
    return corpus.unlabelled.filter { $0.heldOut > 0 }.map {
      "\($0.task): kept \(NumberFormat.count($0.heldOut, "unlabelled text")), although also among the "
        + "validation or test texts of a task; results of a model that is pretrained on them may be too high"
    }
  }

  /// The warning about random rows beside the pretrained ones of the base.
  private var withoutVectors: String? {
    guard file == nil, let base, base.embedding.isPretrained.contains(true), counts.drawn > 0 else {
      return nil
    }
    return
      NumberFormat.count(
        counts.drawn, "new word has a random vector", "new words have random vectors")
      + ", although the base has pretrained ones; give --vectors the file that the base was made with"
  }

  // MARK: Words

  /// Adds the words of the training splits, the most frequent first. The occurrences of words that
  /// are left out count for the unknown word.
  private mutating func addTrainingWords() throws {
    guard base != nil || corpus.splits.contains(where: givesWords) else {
      throw UserError(
        .data, at: "examples", problem: "no training split",
        expected: "at least one train.safetensors to take words from",
        hint:
          "run ingest so that it makes a training split, extend a vocabulary with --base, or count "
          + "unlabelled texts, too, with --unlabelled-words")
    }
    let new = countKnownWords().sortedByFrequency()
    let tokens = corpus.splits.lazy.filter(givesWords).flatMap(\.counts).reduce(0, +)
    let minimumCount =
      options.minimumCount ?? VocabularyOptions.automaticMinimumCount(tokens: tokens)
    counts.minimumCount = minimumCount
    let chosen = new.prefix { $0.count >= minimumCount }
      .prefix(options.maximumWords ?? .max)
    vocabulary.append(chosen)
    vocabulary.addOccurrences(new[chosen.endIndex...].reduce(0) { $0 + $1.count }, of: 0)
    counts.trainingTypes = new.count
    counts.fromTraining = chosen.count
    counts.fromBase = baseCount
  }

  /// Whether the vocabulary takes its words from a split.
  private func givesWords(_ split: CorpusTokenizer.SplitStatistics) -> Bool {
    split.split == .train || split.split == .unlabelled && options.countsUnlabelledWords
  }

  /// Adds the training text to the counts of the base's words, and returns the other words.
  private mutating func countKnownWords() -> [(word: ArraySlice<UInt8>, count: Int64)] {
    var totals = [Int64](repeating: 0, count: corpus.words.count)
    for split in corpus.splits where givesWords(split) {
      for (index, count) in split.counts.enumerated() { totals[index] += count }
    }
    var new: [(word: ArraySlice<UInt8>, count: Int64)] = []
    for (index, count) in totals.enumerated() where count > 0 {
      let word = corpus.words[index]
      let id = Int(vocabulary.id(of: word))
      if id > 0 { vocabulary.addOccurrences(count, of: id) } else { new.append((word, count)) }
    }
    return new
  }

  /// - Parameter hint: the reason why words are rare; nil if it is unknown.
  private func checkSize(hint: String?) throws {
    guard vocabulary.count > 1 else {
      throw UserError(
        .usage, at: "--minimum-count", problem: "no word of the training text occurs so often",
        expected: "a vocabulary of at least one word", hint: hint ?? "ask for less")
    }
    guard vocabulary.count <= Int(Int32.max) else {
      throw UserError(
        .data, at: file?.location ?? "--examples", problem: "\(vocabulary.count) words",
        expected: "fewer than 2^31",
        hint: "take fewer --extra-words")
    }
  }

  // MARK: Vectors

  private func readVectors() throws -> GloVeReader {
    var wanted = TokenInterner(capacity: vocabulary.count + corpus.words.count)
    for id in baseCount..<vocabulary.count { wanted.add(vocabulary[id]) }
    for id in 0..<baseCount { wanted.add(vocabulary[id]) }
    for index in 0..<corpus.words.count { wanted.add(corpus.words[index]) }
    var reader = GloVeReader(
      wanted: wanted, newCount: vocabulary.count - baseCount, vocabularyCount: vocabulary.count,
      extraLimit: options.extraWords, dimension: options.dimension)
    if let file { try reader.read(file) }
    return reader
  }

  /// For each word of the corpus, whether it has a pretrained vector, in the base or in the file.
  private func hasVector(_ reader: GloVeReader) -> [Bool] {
    (0..<corpus.words.count).map { index in
      let word = corpus.words[index]
      let id = Int(vocabulary.id(of: word))
      if id > 0, id < baseCount { return base?.embedding.isPretrained[id] ?? false }
      return reader.wanted.id(of: word).map { reader.isFound[$0] } ?? false
    }
  }

  /// Adds the extra words to the vocabulary, and makes the rows of all new words.
  private mutating func makeEmbedding(_ reader: GloVeReader) -> Embedding {
    var embedding = base?.embedding ?? Embedding(dimension: reader.dimension)
    for index in 0..<reader.newCount {
      embedding.append(reader.row(index), isPretrained: reader.isFound[index])
    }
    let extra = (0..<reader.extra.count).sorted {
      reader.extra[$0].lexicographicallyPrecedes(reader.extra[$1])
    }
    for index in extra {
      embedding.append(reader.row(reader.newCount + index), isPretrained: true)
    }
    vocabulary.append(extra.map { (reader.extra[$0], 0) }[...])
    counts.extra = extra.count
    let random = RandomEmbedding(like: embedding, seed: options.seed)
    for id in baseCount..<vocabulary.count where !embedding.isPretrained[id] {
      embedding.replace(id, with: random.row(of: vocabulary[id]))
      counts.drawn += 1
    }
    return embedding
  }
}

/// A vocabulary with everything that `vocab` writes beside it.
public struct TokenizedCorpus {
  /// The numbers of words by their origin.
  public struct WordCounts: Encodable, Equatable, Sendable {
    /// The number of words of the base, including the unknown word; 0 without a base.
    public fileprivate(set) var fromBase = 0
    /// The number of distinct words of the training text that are not in the base.
    public fileprivate(set) var trainingTypes = 0
    /// The number of those in the vocabulary.
    public fileprivate(set) var fromTraining = 0
    /// The minimum number of occurrences of those.
    public fileprivate(set) var minimumCount = 1
    /// The number of additional words taken from the vectors.
    public fileprivate(set) var extra = 0
    /// The number of new words, including the unknown word, with a randomly initialized row.
    public fileprivate(set) var drawn = 0
  }

  /// The words.
  public let vocabulary: Vocabulary
  /// The word vectors.
  public let embedding: Embedding
  let corpus: CorpusTokenizer
  /// The id of each word of the corpus.
  let ids: [Int32]
  /// The coverage of each split.
  public let coverage: [Coverage]
  /// The numbers of unlabelled texts by task; empty without any.
  public var unlabelled: [UnlabelledCounts] { corpus.unlabelled }
  /// The file of vectors, without the path of its archive, and the statistics of reading it; nil if
  /// all vectors were drawn.
  public let vectors: (file: String, statistics: GloVeStatistics)?
  /// The numbers of words by their origin.
  public let counts: WordCounts
  /// Signs that a model of this vocabulary will be useless.
  public let warnings: [String]

  /// Writes all files of the stage except its summary. Reads the texts a second time, one shard at a
  /// time, so that memory does not grow with the corpus.
  /// - Throws: ``UserError`` with exit status `io`, `noInput` or `data`.
  public func write(to output: AtomicDirectory) throws {
    try output.write(vocabulary.document().encoded(), to: Vocabulary.fileName)
    try output.write(vocabulary.tsv(hasVector: embedding.isPretrained), to: "vocabulary.tsv")
    try output.write(embedding.document().encoded(), to: Embedding.fileName)
    try output.write(coverage.json(), to: [Coverage].fileName)
    try corpus.forEachShard(ids: ids) { shard, part, count in
      try output.write(
        shard.document().encoded(),
        to: "\(shard.task)/\(ShardFiles.name(shard.split, part, of: count))")
    }
  }
}

extension Coverage {
  /// Computes the coverage of one split.
  /// - Parameters:
  ///   - words: the words of all splits.
  ///   - hasVector: for each of `words`, whether it has a pretrained vector.
  ///   - ids: for each of `words`, its id in the vocabulary, 0 if it is absent.
  init(
    _ split: CorpusTokenizer.SplitStatistics, words: TokenInterner, hasVector: [Bool], ids: [Int32]
  ) {
    self.init(
      task: split.task, split: split.split.rawValue, rows: split.rows, emptyRows: split.emptyRows)
    var withoutVector: [(word: ArraySlice<UInt8>, count: Int64)] = []
    for (index, count) in split.counts.enumerated() where count > 0 {
      tokens += count
      types += 1
      if ids[index] > 0 {
        tokensInVocabulary += count
        typesInVocabulary += 1
      }
      if hasVector[index] {
        tokensWithVector += count
        typesWithVector += 1
      } else {
        withoutVector.append((words[index], count))
      }
    }
    missing = withoutVector.sortedByFrequency().prefix(10).map {
      MissingWord(word: String(decoding: $0.word, as: UTF8.self), count: $0.count)
    }
  }
}

extension [(word: ArraySlice<UInt8>, count: Int64)] {
  /// The words in descending order of frequency, ties in the order of their bytes.
  fileprivate func sortedByFrequency() -> Self {
    sorted { left, right in
      left.count != right.count
        ? left.count > right.count : left.word.lexicographicallyPrecedes(right.word)
    }
  }
}
