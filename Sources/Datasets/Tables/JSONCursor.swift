import Foundation

/// A place in the bytes of a JSON text, moving forward. Every step checks the end.
package struct JSONCursor {
  /// A string as it stands in the file, without its quotes.
  package struct StringToken {
    package var bytes: UnsafeRawBufferPointer
    package var hasEscapes: Bool
  }

  private let start: UnsafeRawPointer?
  private let end: Int
  private var position = 0

  init() { self.init(UnsafeRawBufferPointer(start: nil, count: 0)) }

  package init(_ bytes: UnsafeRawBufferPointer) {
    start = bytes.baseAddress
    end = bytes.count
  }

  /// The next byte that is no white space, or 0 at the end.
  package var next: UInt8 {
    mutating get {
      while byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
      return byte
    }
  }

  /// Whether only white space is left.
  package var isAtEnd: Bool {
    mutating get { next == 0 && position >= end }
  }

  /// The byte here, or 0 at the end; 0 is nowhere valid outside of strings.
  private var byte: UInt8 {
    guard position < end, let start else { return 0 }
    return start.load(fromByteOffset: position, as: UInt8.self)
  }

  /// Steps over one character of punctuation if it comes next.
  package mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Steps over a string.
  package mutating func string() -> StringToken? {
    guard accept("\""), let start else { return nil }
    let first = position
    var hasEscapes = false
    while let quote = memchr(start + position, 0x22, end - position) {
      let stop = UnsafeRawPointer(quote) - start
      // An escape before the quote may be of the quote itself, so each is stepped over.
      while position < stop, let slash = memchr(start + position, 0x5C, stop - position) {
        hasEscapes = true
        position = UnsafeRawPointer(slash) - start + 2
      }
      if position <= stop {
        position = stop + 1
        return StringToken(
          bytes: UnsafeRawBufferPointer(start: start + first, count: stop - first),
          hasEscapes: hasEscapes)
      }
      guard position < end else { return nil }
    }
    return nil
  }

  /// Steps over a number.
  mutating func number() -> UnsafeRawBufferPointer? {
    guard isNumberByte(next), let start else { return nil }
    let first = position
    while isNumberByte(byte) { position += 1 }
    return UnsafeRawBufferPointer(start: start + first, count: position - first)
  }

  /// Steps over a number, `true`, `false` or `null`.
  mutating func literal() -> UnsafeRawBufferPointer? {
    guard let start, next != UInt8(ascii: "\"") else { return nil }
    let first = position
    guard skipValue(depth: 0) else { return nil }
    return UnsafeRawBufferPointer(start: start + first, count: position - first)
  }

  private func isNumberByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  /// Steps over a value of any kind, nested at most `depth` deep.
  package mutating func skipValue(depth: Int) -> Bool {
    switch next {
    case UInt8(ascii: "\""): string() != nil
    case UInt8(ascii: "{"): depth > 0 && skipMembers("{", "}", depth: depth, keyed: true)
    case UInt8(ascii: "["): depth > 0 && skipMembers("[", "]", depth: depth, keyed: false)
    case UInt8(ascii: "t"): word("true")
    case UInt8(ascii: "f"): word("false")
    case UInt8(ascii: "n"): word("null")
    default: number() != nil
    }
  }

  private mutating func skipMembers(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar, depth: Int, keyed: Bool
  ) -> Bool {
    guard accept(open) else { return false }
    if accept(close) { return true }
    repeat {
      if keyed { guard string() != nil, accept(":") else { return false } }
      guard skipValue(depth: depth - 1) else { return false }
    } while accept(",")
    return accept(close)
  }

  private mutating func word(_ word: StaticString) -> Bool {
    guard let start, end - position >= word.utf8CodeUnitCount,
      memcmp(start + position, word.utf8Start, word.utf8CodeUnitCount) == 0
    else { return false }
    position += word.utf8CodeUnitCount
    return true
  }
}
