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
  /// The position in bytes, after a failure that of the unexpected text.
  package private(set) var position = 0
  /// The expected text at the position of a failure.
  package private(set) var expectation: StaticString = "a value"

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
    mutating get { next == 0 && position >= end || fail("nothing after the object") }
  }

  /// The current byte, or 0 at the end; 0 is never valid outside of strings.
  private var byte: UInt8 {
    guard position < end, let start else { return 0 }
    return start.load(fromByteOffset: position, as: UInt8.self)
  }

  /// The word, number or character at the position; empty at the end.
  package var found: String {
    guard position < end, let start else { return "" }
    let rest = UnsafeRawBufferPointer(start: start + position, count: min(end - position, 80))
    let word = rest.prefix { isNumberByte($0) || 0x61...0x7A ~= $0 | 0x20 }
    let text = String(decoding: word.isEmpty ? rest[...] : word.prefix(20), as: UTF8.self)
    return word.isEmpty ? String(text.prefix(1)) : text
  }

  /// Skips one punctuation character if it comes next.
  package mutating func accept(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func fail(_ expectation: StaticString) -> Bool {
    self.expectation = expectation
    return false
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
      guard position < end else { break }
    }
    position = first - 1
    expectation = "a quote that closes the string"
    return nil
  }

  /// Reads a key and its colon; nil if they are not valid.
  package mutating func key() -> StringToken? {
    guard next == UInt8(ascii: "\"") || fail("a key in double quotes"), let key = string(),
      accept(":") || fail("a colon after the key")
    else { return nil }
    return key
  }

  /// Skips a value nested at most `depth` deep and returns its bytes; nil if it is not valid.
  package mutating func value(depth: Int) -> UnsafeRawBufferPointer? {
    guard let start, next != 0 || fail("a value") else { return nil }
    let first = position
    guard skipValue(depth: depth) else { return nil }
    return UnsafeRawBufferPointer(start: start + first, count: position - first)
  }

  /// Calls `body` with each key and value of an object; returns whether it is valid.
  mutating func forEachMember(
    depth: Int, _ body: (StringToken, UnsafeRawBufferPointer) throws -> Void
  ) rethrows -> Bool {
    guard accept("{") else { return false }
    if accept("}") { return true }
    repeat {
      guard let key = key(), let value = value(depth: depth) else { return false }
      try body(key, value)
    } while accept(",")
    return accept("}") || fail("a comma or “}”")
  }

  /// The keys of an object, as written, as far as its text goes.
  mutating func keys() -> [String] {
    guard accept("{") else { return [] }
    var keys: [String] = []
    repeat {
      guard let key = key() else { break }
      keys.append(String(decoding: key.bytes, as: UTF8.self))
    } while value(depth: 100) != nil && accept(",")
    return keys
  }

  /// Calls `body` with each element of an array; returns whether it is valid.
  mutating func forEachElement(
    depth: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows -> Bool {
    guard accept("[") else { return false }
    if accept("]") { return true }
    repeat {
      guard let value = value(depth: depth) else { return false }
      try body(value)
    } while accept(",")
    return accept("]") || fail("a comma or “]”")
  }

  /// Skips a value nested at most `depth` deep and returns whether it is valid.
  private mutating func skipValue(depth: Int) -> Bool {
    switch next {
    case UInt8(ascii: "\""): string() != nil
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      if depth == 0 {
        fail("fewer brackets inside each other")
      } else if byte == UInt8(ascii: "{") {
        forEachMember(depth: depth - 1) { _, _ in }
      } else {
        forEachElement(depth: depth - 1) { _ in }
      }
    case UInt8(ascii: "t"): word("true")
    case UInt8(ascii: "f"): word("false")
    case UInt8(ascii: "n"): word("null")
    default: number()
    }
  }

  private mutating func number() -> Bool {
    let first = position
    var hasDigits = false
    while isNumberByte(byte) {
      hasDigits = hasDigits || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
      position += 1
    }
    if !hasDigits { position = first }
    return hasDigits || fail("a value")
  }

  private func isNumberByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  private mutating func word(_ word: StaticString) -> Bool {
    guard let start, end - position >= word.utf8CodeUnitCount,
      memcmp(start + position, word.utf8Start, word.utf8CodeUnitCount) == 0
    else { return fail("a value") }
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
