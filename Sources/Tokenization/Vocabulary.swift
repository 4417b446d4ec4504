import Foundation
import Safetensors
import Support

/// The words that a model knows, each with an id, and the tokenizer that finds them in text.
///
/// Id 0 is the unknown word `<unk>`, which replaces every token outside of the vocabulary. Its count
/// is the number of training tokens that were left out. The words of the first training text follow,
/// the most frequent first, ties in the order of their bytes; then, in the same order, the words of
/// each extension. Two words are equal if their bytes are equal.
public struct Vocabulary: Equatable, Sendable {
  /// The unknown word. No tokenizer makes it from any text.
  public static let unknown: [UInt8] = Array("<unk>".utf8)

  /// The tokenizer of the training text.
  public let tokenizer: Tokenizer
  /// The number of occurrences of each word in the training text; 0 for words that were taken from
  /// the vectors alone.
  public private(set) var counts: [Int64]
  private var words: TokenInterner

  /// The number of words, including the unknown word.
  public var count: Int { words.count }

  /// Creates a vocabulary that only holds the unknown word.
  public init(tokenizer: Tokenizer) {
    self.tokenizer = tokenizer
    words = TokenInterner()
    words.add(Self.unknown)
    counts = [0]
  }

  /// The bytes of the word with this id.
  public subscript(id: Int) -> ArraySlice<UInt8> { words[id] }

  /// The word with this id as text, or nil if there is none.
  public func word(_ id: Int) -> String? {
    (0..<count).contains(id) ? String(decoding: words[id], as: UTF8.self) : nil
  }

  /// The id of a word; 0 if it is unknown.
  public func id(of word: some Collection<UInt8>) -> Int32 {
    Int32(truncatingIfNeeded: words.id(of: word) ?? 0)
  }

  /// The tokens of a text.
  /// - Parameters:
  ///   - text: UTF-8.
  ///   - tokens: scratch space, reused from text to text.
  public func row(of text: UnsafeBufferPointer<UInt8>, using tokens: TokenBuffer) -> TokenRow {
    tokenizer.tokenize(text, into: tokens)
    return TokenRow(tokens, ids: words.ids(of: tokens).map { max($0, 0) })
  }

  /// The tokens of a text.
  public func row(of text: String) -> TokenRow {
    var text = text
    return text.withUTF8 { row(of: $0, using: TokenBuffer()) }
  }

  /// Whether this vocabulary begins with all words of `other`, under the same ids.
  public func extends(_ other: Vocabulary) -> Bool { words.hasPrefix(other.words) }

  /// Appends words with their counts. Words that are already present keep their id and count.
  package mutating func append(_ added: ArraySlice<(word: ArraySlice<UInt8>, count: Int64)>) {
    for (word, count) in added where words.id(of: word) == nil {
      words.add(word)
      counts.append(count)
    }
  }

  /// Adds to the count of a word.
  package mutating func addOccurrences(_ count: Int64, of id: Int) {
    let (sum, overflow) = counts[id].addingReportingOverflow(count)
    counts[id] = overflow ? .max : sum
  }
}

/// A vocabulary is stored as three tensors, in its own safetensors file or, with the prefix
/// `vocabulary.`, inside a model file:
///
///     text    U8  [bytes]  the words, concatenated
///     offset  I64 [V+1]    the start of each word in `text`, and the end
///     count   I64 [V]      the number of occurrences of each word in training
///
/// The metadata of a vocabulary file are `format` = "vocabulary", `version` = "1" and the tokenizer.
/// In a model file the tokenizer is a JSON object under the metadata key `vocabulary`.
extension Vocabulary {
  /// The name of the file in the output of `vocab`.
  public static let fileName = "vocabulary.safetensors"

  private static let modelKey = "vocabulary"
  private static let tensorNames = ["text", "offset", "count"]
  /// The names of a vocabulary's tensors inside a model file.
  public static let modelTensorNames = tensorNames.map { "\(modelKey).\($0)" }

  /// Reads a vocabulary file or the vocabulary of a model file.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  public init(path: String) throws { try self.init(SafetensorsFile(path: path)) }

  /// Reads an opened vocabulary file or the vocabulary of an opened model file.
  /// - Throws: ``UserError`` with exit status `data`.
  public init(_ file: SafetensorsFile) throws {
    var (prefix, metadata) = ("", file.metadata)
    if file.metadata["format"] == "model" {
      prefix = "\(Self.modelKey)."
      metadata = try Self.tokenizerMetadata(ofModel: file)
    } else {
      try file.requireFormat("vocabulary")
    }
    let counts = Array(try file.integers("\(prefix)count", shape: [nil]))
    try self.init(
      text: file.values("\(prefix)text", shape: [nil]),
      offsets: Array(file.integers("\(prefix)offset", shape: [counts.count + 1])), counts: counts,
      metadata: metadata, path: file.path)
  }

  /// Creates a vocabulary from the tensors and metadata of a file.
  /// - Throws: ``UserError`` with exit status `data` if the offsets do not ascend through the text,
  ///   the first word is not `<unk>`, a word is empty, not UTF-8 or repeated, a count is negative, or
  ///   the metadata do not describe a tokenizer.
  public init(
    text: [UInt8], offsets: [Int64], counts: [Int64], metadata: [String: String], path: String
  ) throws {
    self.init(tokenizer: try Tokenizer(metadata: metadata, path: path))
    guard offsets.count == counts.count + 1, offsets.first == 0,
      offsets.last == Int64(text.count), zip(offsets, offsets.dropFirst()).allSatisfy(<=)
    else {
      throw Self.error(
        "\(path): tensor “offset”", "offsets that do not rise from 0 to \(text.count)",
        "the beginning of each word")
    }
    let parts = UTF8Parts(text)
    let offsets = offsets.map { Int($0) }
    for (id, count) in counts.enumerated() {
      let word = offsets[id]..<offsets[id + 1]
      try Self.check(text[word], isText: parts.isText(word), count, id, path)
    }
    guard !counts.isEmpty else { throw Self.error("\(path): word 0", "nothing", "<unk>") }
    guard let words = TokenInterner(bytes: text, offsets: offsets) else {
      let distinct = Set(counts.indices.map { text[offsets[$0]..<offsets[$0 + 1]] })
      throw Self.error(
        path, "words that are there twice: \(counts.count - distinct.count)", "each word once")
    }
    (self.words, self.counts) = (words, counts)
  }

  private static func check(
    _ word: ArraySlice<UInt8>, isText: Bool, _ count: Int64, _ id: Int, _ path: String
  ) throws {
    let problem: (String, String)? =
      count < 0
      ? ("a count of \(count)", "0 or more")
      : word.isEmpty || !isText
        ? (word.isEmpty ? "no bytes" : "bytes that are not UTF-8", "a word")
        : (id == 0) != (word == unknown[...])
          ? ("“\(String(decoding: word, as: UTF8.self))”", "<unk> first, and only there") : nil
    if let (problem, expected) = problem { throw error("\(path): word \(id)", problem, expected) }
  }

  private static func error(_ location: String, _ problem: String, _ expected: String) -> UserError
  {
    UserError(
      .data, at: location, problem: problem, expected: expected,
      hint: "make the file again with vocab")
  }

  private static func tokenizerMetadata(ofModel file: SafetensorsFile) throws -> [String: String] {
    let json = Data((file.metadata[modelKey] ?? "").utf8)
    guard let metadata = try? JSONDecoder().decode([String: String].self, from: json) else {
      throw UserError(
        .data, at: "\(file.path): metadata “\(modelKey)”",
        problem: "what this version cannot read", expected: "the tokenizer of a model",
        hint: "train the model again with this version")
    }
    return metadata
  }

  /// The contents of a vocabulary file.
  public func document() -> SafetensorsDocument {
    var document = SafetensorsDocument(
      metadata: ["format": "vocabulary", "version": "1"].merging(tokenizer.metadata) { $1 })
    store(in: &document, as: Self.tensorNames)
    return document
  }

  /// Adds the vocabulary to the contents of a model file.
  /// - Throws: only if encoding strings as JSON fails.
  public func store(inModel document: inout SafetensorsDocument) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    document.metadata[Self.modelKey] = String(
      decoding: try encoder.encode(tokenizer.metadata), as: UTF8.self)
    store(in: &document, as: Self.modelTensorNames)
  }

  private func store(in document: inout SafetensorsDocument, as names: [String]) {
    document.set(names[0], shape: [words.bytes.count], words.bytes)
    document.set(names[1], shape: [words.offsets.count], words.offsets.map(Int64.init))
    document.set(names[2], shape: [counts.count], counts)
  }

  /// A table for people: a line with id, word, count and whether the word has a pretrained vector.
  package func tsv(hasVector: [Bool]) -> String {
    var text = "id\ttoken\tcount\tvector\n"
    for id in 0..<count {
      let word = escapingControlCharacters(String(decoding: self[id], as: UTF8.self))
      text += "\(id)\t\(word)\t\(counts[id])\t\(hasVector[id] ? "yes" : "no")\n"
    }
    return text
  }
}

extension SafetensorsFile {
  /// Checks the `format` and `version` in the metadata of a file that `vocab` wrote.
  /// - Throws: ``UserError`` with exit status `data`.
  func requireFormat(_ format: String) throws {
    guard metadata["format"] == format, metadata["version"] == "1" else {
      throw UserError(
        .data, at: path,
        problem: "format “\(metadata["format"] ?? "none")” version "
          + "“\(metadata["version"] ?? "none")”",
        expected: "format “\(format)” version “1”", hint: "point at the output of vocab")
    }
  }
}
