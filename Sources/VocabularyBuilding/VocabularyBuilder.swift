import Tokenization
import Safetensors
import Support

/// Brings words, vectors and texts together: numbers for words, rows for numbers, shards of numbers.
struct VocabularyBuilder {
  private let base: BaseVocabulary?
  private let examples: CorpusTokenizer
  private var vocabulary: Vocabulary
  private var embedding: Embedding?
  /// Of each word of the examples, whether the vectors have it.
  private var hasVector: [Bool] = []
  private var tally = GloVeStatistics()
  private var counts = TokenizedCorpus.Counts()

  init(base: BaseVocabulary?, tokenizer: Tokenizer, examples: CorpusTokenizer) {
    self.base = base
    self.examples = examples
    vocabulary = base?.vocabulary ?? Vocabulary(tokenizer: tokenizer)
  }

  /// The first number that is not the base's.
  private var firstNew: Int { base?.vocabulary.count ?? 0 }

  /// Gives numbers to the words of the training splits, the most frequent first. What is left out is
  /// counted as the unknown word.
  /// - Throws: ``UserError`` of kind `data` if nothing could be learnt from: no training split.
  mutating func addTrainingWords(minimumCount: Int, atMost limit: Int?) throws {
    guard base != nil || examples.splits.contains(where: { $0.split == .train }) else {
      throw UserError(
        .data, at: "examples", problem: "no training split",
        expected: "at least one train.safetensors to take words from",
        hint: "run ingest so that it makes a training split, or extend a vocabulary with --base")
    }
    let fresh = countKnownWords().mostFrequent()
    let chosen = fresh.prefix { $0.count >= minimumCount }.prefix(limit ?? .max)
    vocabulary.append(chosen)
    vocabulary.addOccurrences(fresh[chosen.endIndex...].reduce(0) { $0 + $1.count }, of: 0)
    counts.trainingTypes = fresh.count
    counts.fromTraining = chosen.count
    counts.fromBase = firstNew
  }

  /// Adds the training text to the counts of the words that have a number; the others are returned.
  private mutating func countKnownWords() -> [(word: ArraySlice<UInt8>, count: Int64)] {
    var totals = [Int64](repeating: 0, count: examples.words.count)
    for split in examples.splits where split.split == .train {
      for (word, count) in split.counts.enumerated() { totals[word] += count }
    }
    var fresh: [(word: ArraySlice<UInt8>, count: Int64)] = []
    for (number, count) in totals.enumerated() where count > 0 {
      let word = examples.words[number]
      let id = Int(vocabulary.id(of: word))
      if id > 0 { vocabulary.addOccurrences(count, of: id) } else { fresh.append((word, count)) }
    }
    return fresh
  }

  /// Takes the rows of the new words out of the vectors, and draws those that are not there.
  /// - Throws: ``UserError`` of kind `data`.
  mutating func readVectors(_ file: GloVeFile, extraWords: Int, seed: UInt64) throws {
    var wanted = TokenInterner(capacity: vocabulary.count + examples.words.count)
    for id in firstNew..<vocabulary.count { wanted.add(vocabulary[id]) }
    for id in 0..<firstNew { wanted.add(vocabulary[id]) }
    for word in 0..<examples.words.count { wanted.add(examples.words[word]) }
    var reader = GloVeReader(
      wanted: wanted, needed: vocabulary.count - firstNew, settled: vocabulary.count,
      extraLimit: extraWords, dimension: file.dimension)
    try reader.read(file)
    tally = reader.tally
    hasVector = (0..<examples.words.count).map { number in
      let word = examples.words[number]
      let id = Int(vocabulary.id(of: word))
      if id > 0, id < firstNew { return base?.embedding.isKnown[id] ?? false }
      return wanted.number(of: word).map { reader.isHeld[$0] } ?? false
    }
    takeRows(reader, seed: seed)
  }

  private mutating func takeRows(_ reader: GloVeReader, seed: UInt64) {
    var embedding = base?.embedding ?? Embedding(dimension: reader.dimension)
    for number in 0..<reader.needed {
      embedding.append(reader.row(number), isKnown: reader.isHeld[number])
    }
    let extra = (0..<reader.extra.count).sorted {
      reader.extra[$0].lexicographicallyPrecedes(reader.extra[$1])
    }
    for number in extra { embedding.append(reader.row(reader.needed + number), isKnown: true) }
    vocabulary.append(extra.map { (reader.extra[$0], 0) }[...])
    counts.extra = extra.count
    let drawn = RandomEmbedding(like: embedding, seed: seed)
    for id in firstNew..<vocabulary.count where !embedding.isKnown[id] {
      embedding.replace(id, by: drawn.row(of: vocabulary[id]))
      counts.drawn += 1
    }
    self.embedding = embedding
  }

  /// Everything that is written.
  /// - Throws: ``UserError`` of kind `data` if there are more words than a token can number, `usage` if
  ///   there is no word at all.
  func product(_ file: GloVeFile) throws -> TokenizedCorpus {
    guard vocabulary.count > 1 else {
      throw UserError(
        .usage, at: "--minimum-count", problem: "no word of the training text occurs so often",
        expected: "a vocabulary of at least one word", hint: "ask for less")
    }
    guard vocabulary.count <= Int(Int32.max) else {
      throw UserError(
        .data, at: file.place, problem: "\(vocabulary.count) words", expected: "fewer than 2^31",
        hint: "take fewer --extra-words")
    }
    let ids = (0..<examples.words.count).map { vocabulary.id(of: examples.words[$0]) }
    return TokenizedCorpus(
      vocabulary: vocabulary, embedding: embedding ?? Embedding(dimension: file.dimension),
      examples: examples, ids: ids,
      coverage: examples.splits.map {
        Coverage(of: $0, words: examples.words, hasVector: hasVector, ids: ids)
      },
      member: file.member, tally: tally, counts: counts)
  }
}
