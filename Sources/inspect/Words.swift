import Tokenization
import VocabularyBuilding
import Safetensors
import Support

/// The words of a vocabulary, of its own file or inside a model.
struct Words {
  /// The words' bytes, one word behind the other.
  private let text: [UInt8]
  private let offsets: [Int64]
  /// How often each occurred.
  let counts: [Int64]
  /// What the vocabulary says of itself.
  let metadata: [String: String]

  /// How many words there are.
  var count: Int { counts.count }

  /// A word as text; nothing for a number that no word has.
  subscript(number: Int) -> String? {
    guard counts.indices.contains(number) else { return nil }
    return String(decoding: text[Int(offsets[number])..<Int(offsets[number + 1])], as: UTF8.self)
  }

  /// Reads the tensors of a file whose names begin with `prefix`.
  /// - Throws: ``UserError`` of kind `data`.
  init(_ file: SafetensorsFile, prefix: String = "", metadata: [String: String]) throws {
    counts = try file.values("\(prefix)count", shape: [nil])
    offsets = try file.values("\(prefix)offset", shape: [counts.count + 1])
    text = try file.values("\(prefix)text", shape: [nil])
    self.metadata = metadata
    guard offsets.first == 0, offsets.last == Int64(text.count),
      zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
    else {
      throw UserError(
        .data, at: "\(file.path): tensor “\(prefix)offset”",
        problem: "offsets that do not rise from 0 to \(text.count)",
        expected: "where each word begins")
    }
  }

  /// Reads the vocabulary in an output of the stage `vocab`.
  /// - Throws: ``UserError`` of kind `noInput` or `data`.
  init(vocabularyIn folder: String) throws {
    let name = Vocabulary.fileName
    let file = try SafetensorsFile(path: folder.isEmpty ? name : "\(folder)/\(name)")
    try self.init(file, metadata: file.metadata)
  }

  /// The number of a word; of one that is not here as it is written, that of the one word which the
  /// tokenizer makes of it.
  func number(of word: String) -> Int? {
    if let exact = number(of: Array(word.utf8)) { return exact }
    guard let tokenizer = try? Tokenizer(metadata: metadata, path: "") else { return nil }
    let tokens = tokenizer.tokens(of: word)
    return tokens.count == 1 ? number(of: Array(tokens[0].utf8)) : nil
  }

  private func number(of word: [UInt8]) -> Int? {
    counts.indices.first {
      text[Int(offsets[$0])..<Int(offsets[$0 + 1])].elementsEqual(word)
    }
  }
}
