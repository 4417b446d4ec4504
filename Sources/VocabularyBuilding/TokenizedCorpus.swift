import Tokenization
import Safetensors
import Shards
import Support

/// A finished vocabulary with everything that belongs to it, ready to be written.
public struct TokenizedCorpus {
  /// Where the words come from.
  public struct Counts: Codable, Equatable, Sendable {
    /// How many words the base had, the unknown word included; 0 without a base.
    public internal(set) var fromBase = 0
    /// How many different words of the training text were not the base's.
    public internal(set) var trainingTypes = 0
    /// How many of those were taken.
    public internal(set) var fromTraining = 0
    /// How many words were taken from the vectors besides.
    public internal(set) var extra = 0
    /// How many of the new words, the unknown word included, have no vector, so that their row was
    /// drawn.
    public internal(set) var drawn = 0
  }

  /// The words.
  public let vocabulary: Vocabulary
  /// Their rows.
  public let embedding: Embedding
  /// The texts.
  let examples: CorpusTokenizer
  /// The number that each of the texts' words has got.
  let ids: [Int32]
  /// What is known of each split's text.
  public let coverage: [Coverage]
  /// The file of vectors that was read, without the path of the archive.
  public let member: String
  /// What was met in that file.
  public let tally: GloVeStatistics
  /// Where the words come from.
  public let counts: Counts

  /// Writes all files of the stage but its summary. The texts are read again, a part at a time.
  /// - Throws: ``UserError`` of kind `io`, `noInput` or `data`.
  public func write(to output: AtomicDirectory) throws {
    try output.write(vocabulary.document().encoded(), to: Vocabulary.fileName)
    try output.write(vocabulary.listing(hasVector: embedding.isKnown), to: "vocabulary.tsv")
    try output.write(embedding.document().encoded(), to: Embedding.fileName)
    try examples.forEachPart(numbering: ids) { shard, part, parts in
      try output.write(
        shard.document().encoded(),
        to: "\(shard.task)/\(ShardFiles.name(shard.split, part, of: parts))")
    }
  }
}
