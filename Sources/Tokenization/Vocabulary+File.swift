import Foundation
import Safetensors
import Shards
import Support

/// A vocabulary in a safetensors file of its own or, with a prefix, inside a model:
///
///     text    U8  [bytes]  the words, one behind the other
///     offset  I64 [V+1]    where each word begins in `text`
///     count   I64 [V]      how often each occurred in training
///
/// and the metadata `format` = "vocabulary", `version` = "1", and the tokenizer.
extension Vocabulary {
  /// The name of the file in the output of `vocab`.
  public static let fileName = "vocabulary.safetensors"

  /// Reads the file at `path`.
  /// - Throws: ``UserError`` of kind `noInput` or `data`.
  public init(path: String) throws {
    let file = try SafetensorsFile(path: path)
    guard file.metadata["format"] == "vocabulary", file.metadata["version"] == "1" else {
      throw UserError(
        .data, at: path,
        problem: "format “\(file.metadata["format"] ?? "none")” version "
          + "“\(file.metadata["version"] ?? "none")”",
        expected: "format “vocabulary” version “1”", hint: "point at the output of vocab")
    }
    try self.init(file, prefix: "", metadata: file.metadata)
  }

  /// Reads the tensors of `file` whose names begin with `prefix`.
  /// - Parameter metadata: what the vocabulary's own file says of the tokenizer.
  /// - Throws: ``UserError`` of kind `data`.
  public init(_ file: SafetensorsFile, prefix: String, metadata: [String: String]) throws {
    let counts = try file.values("\(prefix)count", shape: [nil], as: Int64.self)
    try self.init(
      text: file.values("\(prefix)text", shape: [nil]),
      offsets: file.values("\(prefix)offset", shape: [counts.count + 1]), counts: counts,
      metadata: metadata, path: file.path)
  }

  /// A vocabulary of these parts, as they lie in a file.
  /// - Throws: ``UserError`` of kind `data` if the offsets do not rise through the text, the first word
  ///   is not `<unk>`, a word is empty, not UTF-8 or there twice, a count is negative, or the
  ///   metadata name no tokenizer.
  public init(
    text: [UInt8], offsets: [Int64], counts: [Int64], metadata: [String: String], path: String
  ) throws {
    self.init(tokenizer: try Tokenizer(metadata: metadata, path: path))
    guard offsets.count == counts.count + 1, offsets.first == 0,
      offsets.last == Int64(text.count), zip(offsets, offsets.dropFirst()).allSatisfy(<=)
    else {
      throw Self.refusal(
        "\(path): tensor “offset”", "offsets that do not rise from 0 to \(text.count)",
        "the beginning of each word")
    }
    let all = counts.indices.map { id in
      (word: text[Int(offsets[id])..<Int(offsets[id + 1])], count: counts[id])
    }
    guard let unknown = all.first else { throw Self.refusal("\(path): word 0", "nothing", "<unk>") }
    for (id, (word, count)) in all.enumerated() { try Self.check(word, count, id, path) }
    addOccurrences(unknown.count, of: 0)
    append(all.dropFirst())
    guard count == counts.count else {
      throw Self.refusal(
        path, "\(counts.count - count) words that are there twice", "each word once")
    }
  }

  private static func check(
    _ word: ArraySlice<UInt8>, _ count: Int64, _ id: Int, _ path: String
  ) throws {
    let place = "\(path): word \(id)"
    guard count >= 0 else { throw refusal(place, "a count of \(count)", "0 or more") }
    guard !word.isEmpty, let text = String(validating: word, as: UTF8.self) else {
      throw refusal(place, word.isEmpty ? "no bytes" : "bytes that are not UTF-8", "a word")
    }
    guard (id == 0) == (word == unknown[...]) else {
      throw refusal(place, "“\(text)”", "<unk> first, and only there")
    }
  }

  private static func refusal(_ place: String, _ problem: String, _ expected: String) -> UserError {
    UserError(
      .data, at: place, problem: problem, expected: expected, hint: "make the file again with vocab"
    )
  }

  /// The vocabulary as a file.
  public func document() -> SafetensorsDocument {
    var document = SafetensorsDocument(
      metadata: ["format": "vocabulary", "version": "1"].merging(tokenizer.metadata) { $1 })
    document.set("text", shape: [words.bytes.count], words.bytes)
    document.set("offset", shape: [words.offsets.count], words.offsets.map(Int64.init))
    document.set("count", shape: [counts.count], counts)
    return document
  }

  /// The vocabulary for the eye: a line with number, word, count and whether vectors had the word.
  package func listing(hasVector: [Bool]) -> String {
    var text = "id\ttoken\tcount\tvector\n"
    for id in 0..<count {
      let word = escapingControlCharacters(String(decoding: self[id], as: UTF8.self))
      text += "\(id)\t\(word)\t\(counts[id])\t\(hasVector[id] ? "yes" : "no")\n"
    }
    return text
  }
}
