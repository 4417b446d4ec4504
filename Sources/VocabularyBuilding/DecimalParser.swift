import Tokenization

/// Parses decimal numbers from bytes, correctly rounded to `Float`, without creating strings.
///
/// The grammar is `[+-] digits [. digits] [e [+-] digits]` with at least one digit: that of C's
/// `strtof` in the C locale, without white space, hexadecimal digits, infinity and not-a-number.
struct DecimalParser {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position: Int

  init(_ bytes: UnsafeRawBufferPointer, at position: Int) {
    self.bytes = bytes
    self.position = position
  }

  /// Parses one number and advances past it; returns nil if there is none or it is not finite.
  ///
  /// Digits up to 2^53 and powers of ten up to 22 are exact as `Double`, so their quotient is correctly
  /// rounded (Clinger 1990). Rounding it again to `Float` can only be wrong halfway between two floats.
  /// Such numbers, and all other unusual ones, take the slow path.
  @inline(__always)
  mutating func next() -> Float? {
    let start = position
    // The sign is unpredictable, so it is handled by arithmetic instead of a branch.
    let isNegative: UInt64 = byte == UInt8(ascii: "-") ? 1 : 0
    let isPositive = byte == UInt8(ascii: "+") ? 1 : 0
    position += Int(isNegative) | isPositive
    var digits: UInt64 = 0
    let whole = parseDigits(into: &digits)
    var fraction = 0
    if byte == UInt8(ascii: ".") {
      position += 1
      fraction = parseDigits(into: &digits)
    }
    guard whole + fraction > 0 else { return nil }
    if whole + fraction > 19 || byte | 0x20 == UInt8(ascii: "e") { return parseSlowly(from: start) }
    guard digits <= 1 << 53 else { return parseSlowly(from: start) }
    let value = Double(digits) / powersOfTen[fraction]
    let isHalfway = value.bitPattern & 0x1FFF_FFFF == 0x1000_0000
    guard !isHalfway, value >= 0x1p-126 && value < 0x1p127 || digits == 0 else {
      return parseSlowly(from: start)
    }
    return Float(Double(bitPattern: value.bitPattern | isNegative << 63))
  }

  /// Advances past `separator` if it is the next byte.
  @inline(__always)
  mutating func skip(_ separator: UInt8) -> Bool {
    guard byte == separator else { return false }
    position += 1
    return true
  }

  @inline(__always)
  private var byte: UInt8 { position < bytes.count ? bytes[position] : 0 }

  /// Appends a run of digits to `value` and returns their number. With more than 19 digits in total,
  /// `value` overflows and the caller must not use it.
  @inline(__always)
  private mutating func parseDigits(into value: inout UInt64) -> Int {
    let start = position
    if position <= bytes.count - 8 {
      let chunk = UInt64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      let (number, count) = leadingDigits(chunk)
      value = value &* integerPowersOfTen[count] &+ number
      position += count
      if count < 8 { return count }
    }
    while byte.isDigit {
      value = value &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
      position += 1
    }
    return position - start
  }

  /// Parses the exponent, if any, and converts the whole number with the standard library.
  @inline(never)
  private mutating func parseSlowly(from start: Int) -> Float? {
    if byte | 0x20 == UInt8(ascii: "e") {
      position += 1
      if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") { position += 1 }
      guard byte.isDigit else { return nil }
      while byte.isDigit { position += 1 }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    return Float(text).flatMap { $0.isFinite ? $0 : nil }
  }
}

/// The number formed by the leading digits of eight bytes, and their count. All digits are combined
/// at once: pairs, then groups of four, then eight.
@inline(__always)
private func leadingDigits(_ chunk: UInt64) -> (number: UInt64, count: Int) {
  let ones: UInt64 = 0x0101_0101_0101_0101
  // 0x30 to 0x39 become 0 to 9. Every other byte has a bit in its upper half, now or after adding 6.
  let values = chunk ^ 0x30 &* ones
  let others = (values | ((values & (0x7F &* ones)) &+ 0x06 &* ones)) & (0xF0 &* ones)
  let count = others.trailingZeroBitCount / 8
  if count == 0 { return (0, 0) }
  // Move the digits to the end, with zeros before them.
  var number = values << UInt64(64 - 8 * count)
  number = (number &* 10 &+ number >> 8) & 0x00FF_00FF_00FF_00FF
  number = (number &* 100 &+ number >> 16) & 0x0000_FFFF_0000_FFFF
  return ((number &* 10_000 &+ number >> 32) & 0xFFFF_FFFF, count)
}

private let integerPowersOfTen: [UInt64] = [
  1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000,
]

private let powersOfTen: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
]
