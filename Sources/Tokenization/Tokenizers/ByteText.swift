import Safetensors
/// UTF-8 bytes under a tokenizer. Reading beyond either end gives 0, so that rules can look around
/// without asking first; a NUL inside a text is white space like every other control character.
struct ByteText {
  private let bytes: UnsafeBufferPointer<UInt8>
  let count: Int

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    count = bytes.count
  }

  /// The byte at `index`, or 0 where there is none.
  @inline(__always)
  subscript(index: Int) -> UInt8 {
    index >= 0 && index < count ? bytes[index] : 0
  }

  /// The bytes in a range, as far as they are there.
  subscript(range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: bytes[range.clamped(to: 0..<count)])
  }

  /// Whether `word`, in lower-case ASCII, stands at `index` in whatever case.
  func has(_ word: StaticString, at index: Int) -> Bool {
    guard index >= 0, index <= count - word.utf8CodeUnitCount else { return false }
    return (0..<word.utf8CodeUnitCount).allSatisfy {
      bytes[index + $0].lowered == word.utf8Start[$0]
    }
  }

  /// What stands at `index`, and how many bytes it takes.
  @inline(__always)
  func sign(at index: Int) -> CharacterClass {
    let byte = self[index]
    if byte >= 0x80 { return wideSign(at: index) }
    if byte.isLetter { return CharacterClass(.letter, 1) }
    if byte.isDigit { return CharacterClass(.digit, 1) }
    if byte == UInt8(ascii: "'") { return CharacterClass(.apostrophe, 1) }
    return CharacterClass(byte <= 0x20 || byte == 0x7F ? .space : .mark, 1)
  }

  /// Whether a letter or a digit stands at `index`.
  @inline(__always)
  func startsWord(_ index: Int) -> Bool {
    let byte = self[index]
    if byte < 0x80 { return byte.isLetter || byte.isDigit }
    return wideSign(at: index).kind == .letter
  }

  /// Whether a letter or a digit ends before `index`; any byte of a longer character will do.
  @inline(__always)
  func followsWord(_ index: Int) -> Bool {
    let byte = self[index - 1]
    return byte.isLetter || byte.isDigit || byte >= 0x80
  }

  /// The next eight bytes in lower case, and how many of them are ASCII letters or digits in a row.
  @inline(__always)
  func run(at index: Int) -> (lowered: UInt64, length: Int) {
    let eight = eight(at: index)
    // In each byte the sum reaches the highest bit where the byte is not below the bound.
    let (ones, high): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
    let plain = eight & ~high
    let lowered = plain | 0x20 &* ones
    let letters = (lowered &+ (0x80 - 0x61) &* ones) & ~(lowered &+ (0x80 - 0x7B) &* ones)
    let digits = (plain &+ (0x80 - 0x30) &* ones) & ~(plain &+ (0x80 - 0x3A) &* ones)
    let others = ~((letters | digits) & ~eight) & high
    return (lowered, others.trailingZeroBitCount / 8)
  }

  /// Eight bytes as one number, the first lowest, with zeros behind the end.
  @inline(__always)
  private func eight(at index: Int) -> UInt64 {
    if index >= 0, index <= count - 8 {
      let raw = UnsafeRawBufferPointer(bytes)
      return UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }
    return (0..<8).reduce(0) { $0 | UInt64(self[index + $1]) << UInt64(8 * $1) }
  }

  /// The character at `index` and its length; U+FFFD and 1 where the bytes are not UTF-8.
  func scalar(at index: Int) -> (scalar: Unicode.Scalar, length: Int) {
    let first = self[index]
    let length = first < 0x80 ? 1 : first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard length > 0 else { return ("\u{FFFD}", 1) }
    var value = length == 1 ? UInt32(first) : UInt32(first) & (0x7F >> UInt32(length))
    for offset in 1..<max(length, 1) {
      let next = self[index + offset]
      guard next & 0xC0 == 0x80 else { return ("\u{FFFD}", 1) }
      value = value << 6 | UInt32(next & 0x3F)
    }
    return Unicode.Scalar(value).map { ($0, length) } ?? ("\u{FFFD}", 1)
  }
}

extension UInt8 {
  /// An ASCII letter in lower case; other bytes below 0x40 and digits stay as they are.
  @inline(__always) var lowered: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
  /// Whether this is an ASCII letter.
  @inline(__always) package var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
  /// Whether this is an ASCII digit.
  @inline(__always) package var isDigit: Bool { self &- 0x30 < 10 }
}
