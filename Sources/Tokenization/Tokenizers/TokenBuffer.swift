/// The tokens of one text as contiguous bytes. A buffer is reused from text to text.
public final class TokenBuffer {
  private var bytes: UnsafeMutablePointer<UInt8>
  private var ends: UnsafeMutablePointer<Int>
  private var byteCapacity = 0
  private var tokenCapacity = 0
  /// The number of tokens.
  public private(set) var count = 0

  /// Creates an empty buffer.
  public init() {
    bytes = .allocate(capacity: 0)
    ends = .allocate(capacity: 0)
  }

  deinit {
    bytes.deallocate()
    ends.deallocate()
  }

  /// The bytes of one token, valid until the buffer is written again.
  public subscript(index: Int) -> UnsafeBufferPointer<UInt8> {
    precondition(index >= 0 && index < count, "token \(index) of \(count)")
    let start = index == 0 ? 0 : ends[index - 1]
    return UnsafeBufferPointer(start: bytes + start, count: ends[index] - start)
  }

  /// The tokens as strings, for tests and messages.
  public var strings: [String] { tokens.map { String(decoding: $0, as: UTF8.self) } }

  /// The tokens as a sequence.
  var tokens: TokenSequence {
    TokenSequence(
      start: bytes, ends: UnsafeBufferPointer(start: ends, count: count).makeIterator())
  }

  /// The bytes of each token, valid until the buffer is written again.
  struct TokenSequence: Sequence, IteratorProtocol {
    fileprivate var start: UnsafePointer<UInt8>
    fileprivate var offset = 0
    fileprivate var ends: UnsafeBufferPointer<Int>.Iterator

    mutating func next() -> UnsafeBufferPointer<UInt8>? {
      guard let end = ends.next() else { return nil }
      defer { offset = end }
      return UnsafeBufferPointer(start: start + offset, count: end - offset)
    }
  }

  /// Replaces the tokens by those that `body` writes for a text of `size` bytes.
  func write(textSize size: Int, _ body: (inout TokenWriter) -> Void) {
    reserve(size)
    var writer = TokenWriter(bytes: bytes, ends: ends, capacity: byteCapacity)
    body(&writer)
    writer.endToken()
    count = writer.tokenCount
  }

  /// Reserves memory for the longest output of a text of `size` bytes.
  private func reserve(_ size: Int) {
    // No rule writes more than 3 bytes for each byte it reads. The worst cases are two dots that become
    // an ellipsis, and a letter whose lower case is one byte longer.
    let (neededBytes, neededTokens) = (3 * size + 64, size + 64)
    if neededBytes > byteCapacity {
      bytes.deallocate()
      byteCapacity = max(neededBytes, 2 * byteCapacity)
      bytes = .allocate(capacity: byteCapacity)
    }
    if neededTokens > tokenCapacity {
      ends.deallocate()
      tokenCapacity = max(neededTokens, 2 * tokenCapacity)
      ends = .allocate(capacity: tokenCapacity)
    }
  }
}

/// Appends bytes to the current token of a ``TokenBuffer``, and ends tokens. Tokens are never empty:
/// ending an empty one has no effect.
struct TokenWriter {
  private let bytes: UnsafeMutablePointer<UInt8>
  private let ends: UnsafeMutablePointer<Int>
  private let capacity: Int
  private var used = 0
  private var start = 0
  private(set) var tokenCount = 0

  init(bytes: UnsafeMutablePointer<UInt8>, ends: UnsafeMutablePointer<Int>, capacity: Int) {
    self.bytes = bytes
    self.ends = ends
    self.capacity = capacity
  }

  /// The length of the current token in bytes.
  @inline(__always) var length: Int { used - start }

  /// The byte of the current token `distance` before its last one, or 0.
  @inline(__always)
  func last(_ distance: Int = 0) -> UInt8 { distance < length ? bytes[used - 1 - distance] : 0 }

  /// Whether the current token is one of `words`.
  func isOne(of words: StaticString...) -> Bool {
    words.contains { word in
      length == word.utf8CodeUnitCount
        && (0..<length).allSatisfy { bytes[start + $0] == word.utf8Start[$0] }
    }
  }

  /// Appends a byte to the current token.
  @inline(__always)
  mutating func append(_ byte: UInt8) {
    precondition(used < capacity, "a tokenizer exceeded the buffer")
    bytes[used] = byte
    used += 1
  }

  /// Appends the lowest `count` bytes of `chunk` to the current token.
  @inline(__always)
  mutating func append(_ chunk: UInt64, count: Int) {
    precondition(used <= capacity - 8, "a tokenizer exceeded the buffer")
    UnsafeMutableRawPointer(bytes + used).storeBytes(of: chunk.littleEndian, as: UInt64.self)
    used += count
  }

  /// Appends a character to the current token, in lower case.
  mutating func appendLowercased(_ scalar: Unicode.Scalar) {
    if scalar.isASCII { return append(UInt8(truncatingIfNeeded: scalar.value).lowercased) }
    for byte in scalar.properties.lowercaseMapping.utf8 { append(byte) }
  }

  /// Ends the current token.
  @inline(__always)
  mutating func endToken() {
    guard used > start else { return }
    ends[tokenCount] = used
    tokenCount += 1
    start = used
  }

  /// Ends the current token before its last `tail` bytes, which start the next one.
  mutating func endToken(leaving tail: Int) {
    guard length > tail else { return }
    ends[tokenCount] = used - tail
    tokenCount += 1
    start = used - tail
  }

  /// Appends a complete token.
  mutating func appendToken(_ word: StaticString) {
    endToken()
    for index in 0..<word.utf8CodeUnitCount { append(word.utf8Start[index]) }
    endToken()
  }

  /// Appends a complete token of one byte.
  @inline(__always)
  mutating func appendToken(_ byte: UInt8) {
    endToken()
    append(byte)
    endToken()
  }

  /// Appends a complete token of one character, in lower case.
  mutating func appendToken(_ scalar: Unicode.Scalar) {
    endToken()
    appendLowercased(scalar)
    endToken()
  }
}
