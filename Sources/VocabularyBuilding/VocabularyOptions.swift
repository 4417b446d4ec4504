import Datasets
import Foundation
import Support
import Tokenization

/// The inputs and settings of a vocabulary.
public struct VocabularyOptions: Sendable {
  /// The outputs of `ingest`, one folder for each task.
  public var examples: [String]
  /// The archive or file with pretrained word vectors; nil to draw all vectors at random.
  public var vectors: String?
  /// The length of a vector.
  public var dimension = 100
  /// An earlier output of `vocab`, or a model, to extend. Its words keep their ids and vectors.
  public var base: String?
  /// The rules of the tokenizer; nil uses those of the base, or else those that fit the vectors.
  public var rules: Tokenizer.Rules?
  /// The tokenizer's treatment of punctuation; nil as for `rules`.
  public var punctuation: Tokenizer.Punctuation?
  /// Whether the tokenizer splits hashtags; nil means as in the base, or else true.
  public var splitsHashtags: Bool?
  /// Whether the tokenizer keeps user names; nil means as in the base, or else false.
  public var keepsUserNames: Bool?
  /// The minimum number of occurrences in training text for a word to enter the vocabulary; nil for
  /// ``automaticMinimumCount(tokens:)``.
  public var minimumCount: Int?
  /// The maximum number of words from training text; nil for no limit.
  public var maximumWords: Int?
  /// The maximum number of additional words taken from the vectors, in the order of their file.
  public var extraWords = 0
  /// Whether the vocabulary takes words from unlabelled texts as it does from training texts.
  public var countsUnlabelledWords = false
  /// Whether unlabelled texts are kept that occur among the validation or test rows of a task.
  public var keepsHeldOutTexts = false
  /// The seed of the rows of words without a pretrained vector.
  public var seed: UInt64 = 1
  /// Called while the vectors are read.
  public var progress: Archive.Progress?

  /// The minimum number of occurrences for this number of tokens of training text: words that occur
  /// once help while there is little text, and are too many later.
  public static func automaticMinimumCount(tokens: Int64) -> Int { tokens < 500_000 ? 1 : 2 }

  /// Creates options with the default settings.
  public init(examples: [String], vectors: String?) {
    self.examples = examples
    self.vectors = vectors
  }
}

/// An earlier output of `vocab` or a model that is extended.
struct BaseVocabulary {
  let folder: String
  let vocabulary: Vocabulary
  let embedding: Embedding

  /// Reads the folder. A model has both parts in one file.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  init(folder: String, dimension: Int) throws {
    func path(_ name: String) -> String? {
      let path = "\(folder)/\(name)"
      return FileManager.default.fileExists(atPath: path) ? path : nil
    }
    guard let words = path(Vocabulary.fileName) ?? path("model.safetensors") else {
      throw UserError(
        .noInput, at: folder, problem: "no \(Vocabulary.fileName)",
        expected: "the output of vocab or of train",
        hint: "run vocab for the earlier tasks first, or check --base")
    }
    self.folder = folder
    vocabulary = try Vocabulary(path: words)
    let vectors = path(Vocabulary.fileName) == nil ? words : "\(folder)/\(Embedding.fileName)"
    embedding = try Embedding(path: vectors, count: vocabulary.count)
    guard embedding.dimension == dimension else {
      throw UserError(
        .data, at: folder, problem: "vectors of \(embedding.dimension) dimensions",
        expected: "\(dimension) dimensions",
        hint: "give --dimension \(embedding.dimension), or another --base")
    }
  }

  /// The tokenizer of the base. The options must not contradict it, because another tokenizer would
  /// make other words.
  /// - Throws: ``UserError`` with exit status `usage`.
  func tokenizer(checkedAgainst options: VocabularyOptions) throws -> Tokenizer {
    let tokenizer = vocabulary.tokenizer
    guard options.rules ?? tokenizer.rules == tokenizer.rules,
      options.punctuation ?? tokenizer.punctuation == tokenizer.punctuation,
      options.splitsHashtags ?? tokenizer.splitsHashtags == tokenizer.splitsHashtags,
      options.keepsUserNames ?? tokenizer.keepsUserNames == tokenizer.keepsUserNames
    else {
      throw UserError(
        .usage, at: folder, problem: "a vocabulary of the tokenizer \(tokenizer)",
        expected: "the same tokenizer for the extension",
        hint: "leave the tokenizer's options out: it is taken from --base")
    }
    return tokenizer
  }
}
