import Safetensors
import Support
/// The tokens of one text as bytes in one run of memory, reused from text to text.
public final class TokenBuffer {
  private var bytes: UnsafeMutablePointer<UInt8>
  private var ends: UnsafeMutablePointer<Int>
  private var byteCapacity = 0
  private var tokenCapacity = 0
  /// How many tokens there are.
  public private(set) var count = 0

  /// An empty buffer.
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

  /// The tokens as strings: for tests and messages.
  public var strings: [String] { words.map { String(decoding: $0, as: UTF8.self) } }

  /// Empties the buffer and lets `body` write the tokens of a text of `size` bytes.
  func write(textOf size: Int, _ body: (inout TokenWriter) -> Void) {
    reserve(size)
    var writer = TokenWriter(bytes: bytes, ends: ends, capacity: byteCapacity)
    body(&writer)
    writer.close()
    count = writer.tokens
  }

  /// Makes room for the longest output of a text of `size` bytes.
  private func reserve(_ size: Int) {
    // No rule writes more than 3 bytes for each byte it reads: the worst is a lone “.” pair that
    // becomes an ellipsis, or a letter whose lower case is one byte longer.
    let (needed, tokens) = (3 * size + 64, size + 64)
    if needed > byteCapacity {
      bytes.deallocate()
      byteCapacity = max(needed, 2 * byteCapacity)
      bytes = .allocate(capacity: byteCapacity)
    }
    if tokens > tokenCapacity {
      ends.deallocate()
      tokenCapacity = max(tokens, 2 * tokenCapacity)
      ends = .allocate(capacity: tokenCapacity)
    }
  }
}

extension TokenBuffer {
  /// The bytes of each token in turn, valid until the buffer is written again.
  struct Words: Sequence, IteratorProtocol {
    fileprivate var start: UnsafePointer<UInt8>
    fileprivate var offset = 0
    fileprivate var ends: UnsafeBufferPointer<Int>.Iterator

    mutating func next() -> UnsafeBufferPointer<UInt8>? {
      guard let end = ends.next() else { return nil }
      defer { offset = end }
      return UnsafeBufferPointer(start: start + offset, count: end - offset)
    }
  }

  /// The tokens, to go through.
  var words: Words {
    Words(start: bytes, ends: UnsafeBufferPointer(start: ends, count: count).makeIterator())
  }
}

/// Where a tokenizer puts its output. Tokens are never empty: closing an empty one does nothing.
struct TokenWriter {
  private let bytes: UnsafeMutablePointer<UInt8>
  private let ends: UnsafeMutablePointer<Int>
  private let capacity: Int
  private var used = 0
  private var start = 0
  private(set) var tokens = 0

  init(bytes: UnsafeMutablePointer<UInt8>, ends: UnsafeMutablePointer<Int>, capacity: Int) {
    self.bytes = bytes
    self.ends = ends
    self.capacity = capacity
  }

  /// How many bytes the open token has.
  @inline(__always) var length: Int { used - start }

  /// The byte of the open token that is `distance` before its end, or 0.
  @inline(__always)
  func last(_ distance: Int = 0) -> UInt8 { distance < length ? bytes[used - 1 - distance] : 0 }

  /// Whether the open token is `word`.
  func holds(_ word: StaticString) -> Bool {
    length == word.utf8CodeUnitCount
      && (0..<length).allSatisfy { bytes[start + $0] == word.utf8Start[$0] }
  }

  /// Adds a byte to the open token.
  @inline(__always)
  mutating func put(_ byte: UInt8) {
    precondition(used < capacity, "a tokenizer wrote more than it may")
    bytes[used] = byte
    used += 1
  }

  /// Adds the lowest `count` bytes of `eight` to the open token.
  @inline(__always)
  mutating func put(_ eight: UInt64, _ count: Int) {
    precondition(used <= capacity - 8, "a tokenizer wrote more than it may")
    UnsafeMutableRawPointer(bytes + used).storeBytes(of: eight.littleEndian, as: UInt64.self)
    used += count
  }

  /// Adds a character to the open token, in lower case.
  mutating func putLowered(_ scalar: Unicode.Scalar) {
    if scalar.isASCII { return put(UInt8(truncatingIfNeeded: scalar.value).lowered) }
    for byte in scalar.properties.lowercaseMapping.utf8 { put(byte) }
  }

  /// Ends the open token.
  @inline(__always)
  mutating func close() {
    guard used > start else { return }
    ends[tokens] = used
    tokens += 1
    start = used
  }

  /// Ends the open token before its last `tail` bytes, which open the next one.
  mutating func close(leaving tail: Int) {
    guard length > tail else { return }
    ends[tokens] = used - tail
    tokens += 1
    start = used - tail
  }

  /// A whole token.
  mutating func token(_ word: StaticString) {
    close()
    for index in 0..<word.utf8CodeUnitCount { put(word.utf8Start[index]) }
    close()
  }

  /// A whole token of one byte.
  @inline(__always)
  mutating func token(_ byte: UInt8) {
    close()
    put(byte)
    close()
  }
}
