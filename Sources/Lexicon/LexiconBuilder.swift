import Tensors

/// Brings words, vectors and texts together: numbers for words, rows for numbers, shards of numbers.
struct LexiconBuilder {
  private let base: BaseLexicon?
  private let examples: TokenizedExamples
  private var vocabulary: Vocabulary
  private var embedding: Embedding?
  /// Of each word of the examples, whether the vectors have it.
  private var hasVector: [Bool] = []
  private var tally = VectorTally()
  private var counts = LexiconProduct.Counts()

  init(base: BaseLexicon?, tokenizer: Tokenizer, examples: TokenizedExamples) {
    self.base = base
    self.examples = examples
    vocabulary = base?.vocabulary ?? Vocabulary(tokenizer: tokenizer)
  }

  /// The first number that is not the base's.
  private var firstNew: Int { base?.vocabulary.count ?? 0 }

  /// Gives numbers to the words of the training splits, the most frequent first. What is left out is
  /// counted as the unknown word.
  /// - Throws: ``Refusal`` of kind `data` if nothing could be learnt from: no training split.
  mutating func addTrainingWords(minimumCount: Int, atMost limit: Int?) throws {
    let training = examples.splits.filter { $0.name == "train" }
    guard !training.isEmpty || base != nil else {
      throw Refusal(
        .data, at: "examples", saw: "no training split",
        expected: "at least one train.safetensors to take words from",
        advice: "run ingest so that it makes a training split, or extend a vocabulary with --base")
    }
    var totals = [Int64](repeating: 0, count: examples.words.count)
    for split in training {
      for (word, count) in split.counts(words: totals.count).enumerated() { totals[word] += count }
    }
    var fresh: [(word: ArraySlice<UInt8>, count: Int64)] = []
    for (word, count) in totals.enumerated() where count > 0 {
      let id = vocabulary.id(of: examples.words[word])
      if id > 0 {
        vocabulary.addOccurrences(count, of: Int(id))
      } else {
        fresh.append((examples.words[word], count))
      }
    }
    let frequent = fresh.filter { $0.count >= minimumCount }.mostFrequent()
    let chosen = frequent.prefix(limit ?? .max)
    vocabulary.append(Array(chosen))
    let sum = { (words: [(word: ArraySlice<UInt8>, count: Int64)]) in
      words.reduce(0) { $0 + $1.count }
    }
    vocabulary.addOccurrences(sum(fresh) - sum(Array(chosen)), of: 0)
    counts.trainingTypes = fresh.count
    counts.fromTraining = chosen.count
    counts.fromBase = base?.vocabulary.count ?? 0
  }

  /// Takes the rows of the new words out of the vectors, and draws those that are not there.
  /// - Throws: ``Refusal`` of kind `data`.
  mutating func readVectors(_ file: VectorFile, extraWords: Int, seed: UInt64) throws {
    var wanted = WordTable(capacity: vocabulary.count + examples.words.count)
    for id in firstNew..<vocabulary.count { wanted.add(vocabulary[id]) }
    let needed = wanted.count
    for id in 0..<firstNew { wanted.add(vocabulary[id]) }
    let settled = wanted.count
    for word in 0..<examples.words.count { wanted.add(examples.words[word]) }
    var reader = VectorReader(
      wanted: wanted, needed: needed, settled: settled, extraLimit: extraWords,
      dimension: file.dimension)
    try reader.read(file)
    tally = reader.tally
    hasVector = (0..<examples.words.count).map { word in
      let id = Int(vocabulary.id(of: examples.words[word]))
      if id > 0, id < firstNew { return base?.embedding.isKnown[id] ?? false }
      return wanted.number(of: examples.words[word]).map { reader.isHeld[$0] } ?? false
    }
    takeRows(reader, seed: seed)
  }

  private mutating func takeRows(_ reader: VectorReader, seed: UInt64) {
    var embedding = base?.embedding ?? Embedding(dimension: reader.dimension)
    for number in 0..<reader.needed {
      embedding.append(reader.row(number), isKnown: reader.isHeld[number])
    }
    let extra = (0..<reader.extra.count).sorted {
      reader.extra[$0].lexicographicallyPrecedes(reader.extra[$1])
    }
    for number in extra { embedding.append(reader.row(reader.needed + number), isKnown: true) }
    vocabulary.append(extra.map { (reader.extra[$0], 0) })
    counts.extra = extra.count
    let drawn = DrawnRows(like: embedding, seed: seed)
    for id in firstNew..<vocabulary.count where !embedding.isKnown[id] {
      embedding.replace(id, by: drawn.row(of: vocabulary[id]))
      counts.drawn += 1
    }
    self.embedding = embedding
  }

  /// Everything that is written.
  /// - Throws: ``Refusal`` of kind `data` if there are more words than a token can number.
  func product(_ file: VectorFile) throws -> LexiconProduct {
    guard vocabulary.count <= Int(Int32.max) else {
      throw Refusal(
        .data, at: file.place, saw: "\(vocabulary.count) words", expected: "fewer than 2^31",
        advice: "take fewer --extra-words")
    }
    let ids = (0..<examples.words.count).map { vocabulary.id(of: examples.words[$0]) }
    return LexiconProduct(
      vocabulary: vocabulary, embedding: embedding ?? Embedding(dimension: file.dimension),
      shards: examples.splits.map { $0.shard(numbering: ids) },
      coverage: examples.splits.map {
        Coverage(of: $0, words: examples.words, hasVector: hasVector, ids: ids)
      },
      member: file.member, tally: tally, counts: counts)
  }
}

extension TokenizedExamples.Split {
  /// The split with the vocabulary's numbers in place of those of first sight.
  fileprivate func shard(numbering ids: [Int32]) -> TokenShard {
    TokenShard(
      task: task, split: name, setup: setup, labels: labels,
      tokens: tokens.map { ids[Int($0)] }, offsets: offsets, classes: classes, groups: groups)
  }
}
