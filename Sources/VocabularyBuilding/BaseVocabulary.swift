import Tokenization
import Foundation
import Support

/// An earlier output of `vocab` that is to be extended.
struct BaseVocabulary {
  let folder: String
  let vocabulary: Vocabulary
  let embedding: Embedding

  /// Reads the folder.
  /// - Throws: ``UserError`` of kind `noInput` or `data`.
  init(folder: String, dimension: Int) throws {
    guard FileManager.default.fileExists(atPath: "\(folder)/\(Vocabulary.fileName)") else {
      throw UserError(
        .noInput, at: folder, problem: "no \(Vocabulary.fileName)", expected: "the output of vocab",
        hint: "run vocab for the earlier tasks first, or check --base")
    }
    self.folder = folder
    vocabulary = try Vocabulary(path: "\(folder)/\(Vocabulary.fileName)")
    embedding = try Embedding(
      path: "\(folder)/\(Embedding.fileName)", words: vocabulary.count)
    guard embedding.dimension == dimension else {
      throw UserError(
        .data, at: folder, problem: "vectors of \(embedding.dimension) dimensions",
        expected: "\(dimension) dimensions",
        hint: "give --dimension \(embedding.dimension), or another --base")
    }
  }

  /// The tokenizer of the base, which the request must not contradict: words cut in another way
  /// would be other words.
  /// - Throws: ``UserError`` of kind `usage`.
  func tokenizer(agreeingWith request: VocabularyOptions) throws -> Tokenizer {
    let tokenizer = vocabulary.tokenizer
    guard request.rules ?? tokenizer.rules == tokenizer.rules,
      request.punctuation ?? tokenizer.punctuation == tokenizer.punctuation,
      request.splitsHashtags ?? tokenizer.splitsHashtags == tokenizer.splitsHashtags,
      request.keepsUserNames ?? tokenizer.keepsUserNames == tokenizer.keepsUserNames
    else {
      throw UserError(
        .usage, at: folder, problem: "a vocabulary of the tokenizer \(tokenizer)",
        expected: "the same tokenizer for the extension",
        hint: "leave the tokenizer's options out: it is taken from --base")
    }
    return tokenizer
  }
}
