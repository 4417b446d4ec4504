import Support

/// A UTF-8 text that tokenizers read by byte index. Reading beyond either end returns 0, so that rules
/// can look around without bounds checks. A NUL inside a text is white space, like all control
/// characters.
struct ByteText {
  private let bytes: UnsafeBufferPointer<UInt8>
  let count: Int

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    count = bytes.count
  }

  /// The byte at `index`, or 0 beyond the ends.
  @inline(__always)
  subscript(index: Int) -> UInt8 {
    index >= 0 && index < count ? bytes[index] : 0
  }

  /// The bytes of a range, clamped to the text.
  subscript(range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: bytes[range.clamped(to: 0..<count)])
  }

  /// The byte at `index` as a scalar, for comparison with ASCII literals. Bytes of longer characters
  /// become U+0080 to U+00FF.
  @inline(__always)
  func ascii(_ index: Int) -> Unicode.Scalar { Unicode.Scalar(self[index]) }

  /// Whether `word`, in lower-case ASCII, is at `index` in upper or lower case.
  func has(_ word: StaticString, at index: Int) -> Bool {
    guard index >= 0, index <= count - word.utf8CodeUnitCount else { return false }
    return (0..<word.utf8CodeUnitCount).allSatisfy {
      bytes[index + $0].lowercased == word.utf8Start[$0]
    }
  }

  /// The class and length of the character at `index`.
  @inline(__always)
  func character(at index: Int) -> CharacterClass {
    let byte = self[index]
    if byte >= 0x80 { return nonASCIICharacter(at: index) }
    if byte.isLetter { return CharacterClass(.letter, 1) }
    if byte.isDigit { return CharacterClass(.digit, 1) }
    if byte == UInt8(ascii: "'") { return CharacterClass(.apostrophe, 1) }
    return CharacterClass(byte <= 0x20 || byte == 0x7F ? .space : .punctuation, 1)
  }

  @inline(never)
  private func nonASCIICharacter(at index: Int) -> CharacterClass {
    let (scalar, length) = scalar(at: index)
    return CharacterClass(scalar.repaired.characterClass, length)
  }

  /// Whether a letter or a digit starts at `index`.
  @inline(__always)
  func startsWord(_ index: Int) -> Bool {
    let byte = self[index]
    if byte < 0x80 { return byte.isLetter || byte.isDigit }
    return nonASCIICharacter(at: index).kind == .letter
  }

  /// Whether a letter or a digit ends before `index`. Any non-ASCII character counts.
  @inline(__always)
  func followsWord(_ index: Int) -> Bool {
    let byte = self[index - 1]
    return byte.isLetter || byte.isDigit || byte >= 0x80
  }

  /// The next eight bytes in lower case, and the number of leading ASCII letters and digits.
  @inline(__always)
  func run(at index: Int) -> (lowercased: UInt64, length: Int) {
    let chunk = load8(at: index)
    // In each byte, the sum sets the highest bit if the byte is not below the bound.
    let (ones, high): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
    let ascii = chunk & ~high
    let lowercased = ascii | 0x20 &* ones
    let letters = (lowercased &+ (0x80 - 0x61) &* ones) & ~(lowercased &+ (0x80 - 0x7B) &* ones)
    let digits = (ascii &+ (0x80 - 0x30) &* ones) & ~(ascii &+ (0x80 - 0x3A) &* ones)
    let others = ~((letters | digits) & ~chunk) & high
    return (lowercased, others.trailingZeroBitCount / 8)
  }

  /// Eight bytes as a little-endian number, with zeros after the end.
  @inline(__always)
  private func load8(at index: Int) -> UInt64 {
    if index >= 0, index <= count - 8 {
      let raw = UnsafeRawBufferPointer(bytes)
      return UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }
    return (0..<8).reduce(0) { $0 | UInt64(self[index + $1]) << UInt64(8 * $1) }
  }

  /// The character at `index` and its length; U+FFFD if the bytes are not UTF-8.
  func scalar(at index: Int) -> (scalar: Unicode.Scalar, length: Int) {
    index >= 0 && index < count ? decodeScalar(bytes, at: index) : ("\0", 1)
  }
}

extension UInt8 {
  /// An ASCII capital letter in lower case; other bytes are unchanged.
  @inline(__always) var lowercased: UInt8 { isCapital ? self | 0x20 : self }
  /// Whether this is an ASCII capital letter.
  @inline(__always) var isCapital: Bool { self &- 0x41 < 26 }
  /// Whether this is an ASCII letter.
  @inline(__always) var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
  /// Whether this is an ASCII digit.
  @inlinable package var isDigit: Bool { @inline(__always) get { self &- 0x30 < 10 } }
}
