import Safetensors

/// The words that a model knows, each with a number, and the tokenizer that finds them in text.
///
/// Number 0 is the unknown word `<unk>`, which stands for every word that is not here; its count is
/// that of the training words that were left out. Then come the words of the first training text,
/// the most frequent first, those of equal count in the order of their bytes; then, in the same
/// order, what each extension added. Two words are the same when their bytes are.
public struct Vocabulary: Equatable, Sendable {
  /// The unknown word, which no tokenizer makes of any text.
  public static let unknown: [UInt8] = Array("<unk>".utf8)

  /// How text becomes words.
  public let tokenizer: Tokenizer
  /// How often each word occurred in the training text; 0 for words taken from the vectors alone.
  public private(set) var counts: [Int64]
  private(set) var words: TokenInterner

  /// How many words there are, the unknown word included.
  public var count: Int { words.count }

  /// A vocabulary of the unknown word alone.
  public init(tokenizer: Tokenizer) {
    self.tokenizer = tokenizer
    words = TokenInterner()
    words.add(Self.unknown)
    counts = [0]
  }

  /// The bytes of the word with number `id`.
  public subscript(id: Int) -> ArraySlice<UInt8> { words[id] }

  /// The number of a word; 0 if it is not known.
  public func id(of word: some Collection<UInt8>) -> Int32 {
    Int32(truncatingIfNeeded: words.number(of: word) ?? 0)
  }

  /// The numbers of the words of a text, of which there is always one: a text without any word is
  /// an unknown word.
  /// - Parameters:
  ///   - text: UTF-8.
  ///   - tokens: scratch space, kept from text to text.
  public func ids(of text: UnsafeBufferPointer<UInt8>, using tokens: TokenBuffer) -> [Int32] {
    tokenizer.tokenize(text, into: tokens)
    if tokens.count == 0 { return [0] }
    return tokens.words.map { Int32(truncatingIfNeeded: words.number(of: $0) ?? 0) }
  }

  /// The numbers of the words of a text; see ``ids(of:using:)``.
  public func ids(of text: String) -> [Int32] {
    var text = text
    return text.withUTF8 { ids(of: $0, using: TokenBuffer()) }
  }

  /// Adds words, with how often they occurred, behind those that are here, which keep their numbers.
  /// A word that is here already is not added.
  package mutating func append(_ added: ArraySlice<(word: ArraySlice<UInt8>, count: Int64)>) {
    for (word, count) in added where words.number(of: word) == nil {
      words.add(word)
      counts.append(count)
    }
  }

  /// Counts further occurrences of a word that is here.
  package mutating func addOccurrences(_ count: Int64, of id: Int) {
    let (sum, isTooMuch) = counts[id].addingReportingOverflow(count)
    counts[id] = isTooMuch ? .max : sum
  }
}
