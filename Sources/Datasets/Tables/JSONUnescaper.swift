import Foundation

/// Memory in which a JSON string is written without its escapes, used again for each string.
package final class JSONUnescaper {
  private var store = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var filled = 0

  package init() {}

  /// The string that `escaped` stands for, valid until the next call; nothing if an escape is
  /// malformed. Half of a surrogate pair becomes U+FFFD.
  package func unescape(_ escaped: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    // No escape is shorter than what it stands for, so the store cannot overflow.
    if store.count < escaped.count {
      store.deallocate()
      store = .allocate(byteCount: max(escaped.count, 4 << 10), alignment: 16)
    }
    filled = 0
    guard let start = escaped.baseAddress, let target = store.baseAddress else { return nil }
    var position = 0
    while position < escaped.count {
      let rest = escaped.count - position
      let run = memchr(start + position, 0x5C, rest).map { UnsafeRawPointer($0) - start - position }
      memcpy(target + filled, start + position, run ?? rest)
      filled += run ?? rest
      guard let run else { break }
      position += run
      guard let size = escape(UnsafeRawBufferPointer(rebasing: escaped[position...])) else {
        return nil
      }
      position += size
    }
    return UnsafeRawBufferPointer(start: target, count: filled)
  }

  /// Writes what the escape at the start of `text` stands for and returns the escape's length.
  private func escape(_ text: UnsafeRawBufferPointer) -> Int? {
    guard text.count >= 2 else { return nil }
    switch text[1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): put(Unicode.Scalar(text[1]))
    case UInt8(ascii: "b"): put("\u{8}")
    case UInt8(ascii: "f"): put("\u{C}")
    case UInt8(ascii: "n"): put("\n")
    case UInt8(ascii: "r"): put("\r")
    case UInt8(ascii: "t"): put("\t")
    case UInt8(ascii: "u"):
      guard let high = codeUnit(text) else { return nil }
      if 0xD800..<0xDC00 ~= high, text.count >= 12,
        let low = codeUnit(UnsafeRawBufferPointer(rebasing: text[6...])), 0xDC00..<0xE000 ~= low
      {
        put(Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}")
        return 12
      }
      put(Unicode.Scalar(high) ?? "\u{FFFD}")
      return 6
    default: return nil
    }
    return 2
  }

  /// The four hexadecimal digits of an escape `\uXXXX`.
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

  private func put(_ scalar: Unicode.Scalar) {
    guard let bytes = UTF8.encode(scalar) else { return }
    for byte in bytes {
      store[filled] = byte
      filled += 1
    }
  }

  deinit { store.deallocate() }
}
