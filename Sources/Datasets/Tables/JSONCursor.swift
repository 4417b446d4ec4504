import Foundation

/// A position in the bytes of a JSON text that moves forward. Every step checks for the end.
package struct JSONCursor {
  /// A string as written, without its quotes.
  package struct StringToken {
    package var bytes: UnsafeRawBufferPointer
    package var hasEscapes: Bool
  }

  private let start: UnsafeRawPointer?
  private let end: Int
  private var position = 0

  package init(_ bytes: UnsafeRawBufferPointer) {
    start = bytes.baseAddress
    end = bytes.count
  }

  /// The next byte that is not white space, or 0 at the end.
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

  /// The current byte, or 0 at the end; 0 is never valid outside of strings.
  private var byte: UInt8 {
    guard position < end, let start else { return 0 }
    return start.load(fromByteOffset: position, as: UInt8.self)
  }

  /// Skips one punctuation character if it comes next.
  package mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Reads a string; nil if it is not valid.
  package mutating func string() -> StringToken? {
    guard accept("\""), let start else { return nil }
    let first = position
    var hasEscapes = false
    while let quote = memchr(start + position, 0x22, end - position) {
      let stop = UnsafeRawPointer(quote) - start
      // An escape before the quote may escape the quote itself, so each is skipped.
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

  /// Reads a number; nil if there is none.
  mutating func number() -> UnsafeRawBufferPointer? {
    guard isNumberByte(next), let start else { return nil }
    let first = position
    while isNumberByte(byte) { position += 1 }
    return UnsafeRawBufferPointer(start: start + first, count: position - first)
  }

  /// Reads a number, `true`, `false` or `null`; nil if there is none.
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

  /// Skips a value nested at most `depth` deep and returns whether it is valid.
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

/// Resolves the escapes of JSON strings in a buffer that is reused for each string.
package final class JSONUnescaper {
  private var buffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var count = 0

  package init() {}

  /// The string without its escapes, valid until the next call; nil if an escape is malformed. A lone
  /// surrogate becomes U+FFFD.
  package func unescape(_ escaped: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    // No escape is shorter than its character, so the buffer cannot overflow.
    if buffer.count < escaped.count {
      buffer.deallocate()
      buffer = .allocate(byteCount: max(escaped.count, 4 << 10), alignment: 16)
    }
    count = 0
    guard let start = escaped.baseAddress, let target = buffer.baseAddress else { return nil }
    var position = 0
    while position < escaped.count {
      let rest = escaped.count - position
      let run = memchr(start + position, 0x5C, rest).map { UnsafeRawPointer($0) - start - position }
      memcpy(target + count, start + position, run ?? rest)
      count += run ?? rest
      guard let run else { break }
      position += run
      guard let size = escape(UnsafeRawBufferPointer(rebasing: escaped[position...])) else {
        return nil
      }
      position += size
    }
    return UnsafeRawBufferPointer(start: target, count: count)
  }

  /// Appends the character of the escape at the start of `text` and returns the length of the escape.
  private func escape(_ text: UnsafeRawBufferPointer) -> Int? {
    guard text.count >= 2 else { return nil }
    switch text[1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): append(Unicode.Scalar(text[1]))
    case UInt8(ascii: "b"): append("\u{8}")
    case UInt8(ascii: "f"): append("\u{C}")
    case UInt8(ascii: "n"): append("\n")
    case UInt8(ascii: "r"): append("\r")
    case UInt8(ascii: "t"): append("\t")
    case UInt8(ascii: "u"):
      guard let high = codeUnit(text) else { return nil }
      if 0xD800..<0xDC00 ~= high, text.count >= 12,
        let low = codeUnit(UnsafeRawBufferPointer(rebasing: text[6...])), 0xDC00..<0xE000 ~= low
      {
        append(Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}")
        return 12
      }
      append(Unicode.Scalar(high) ?? "\u{FFFD}")
      return 6
    default: return nil
    }
    return 2
  }

  /// The value of the escape `\uXXXX` at the start of `text`.
  private func codeUnit(_ text: UnsafeRawBufferPointer) -> UInt32? {
    guard text.count >= 6, text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "u") else {
      return nil
    }
    var value: UInt32 = 0
    for byte in text[2..<6] {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - 0x30)
      case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
        value = value << 4 | UInt32((byte | 0x20) - 0x57)
      default: return nil
      }
    }
    return value
  }

  private func append(_ scalar: Unicode.Scalar) {
    guard let bytes = UTF8.encode(scalar) else { return }
    for byte in bytes {
      buffer[count] = byte
      count += 1
    }
  }

  deinit { buffer.deallocate() }
}
