import Tokenization
import Safetensors
/// Reads decimal numbers out of bytes, correctly rounded to `Float`, with no string in between.
///
/// Accepted is what C's `strtof` accepts in the C locale, less white space, hexadecimal digits and
/// the words for infinity and not-a-number: `[+-] digits [. digits] [e [+-] digits]` with at least
/// one digit. No locale has a say.
struct DecimalParser {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position: Int

  init(_ bytes: UnsafeRawBufferPointer, at position: Int) {
    self.bytes = bytes
    self.position = position
  }

  /// Reads one number and stands behind it; nothing if there is none or it is not finite.
  ///
  /// With at most 2^53 as digits and a power of ten up to 22 both are exact as `Double`, so their
  /// quotient or product is the number correctly rounded. Rounding that a second time to `Float`
  /// can go wrong only half-way between two floats, which sends such a number the slow way, as
  /// everything else that is out of the ordinary.
  @inline(__always)
  mutating func next() -> Float? {
    let start = position
    // Which sign comes next cannot be foreseen, so it is arithmetic and no branch.
    let isNegative: UInt64 = byte == UInt8(ascii: "-") ? 1 : 0
    let isPositive = byte == UInt8(ascii: "+") ? 1 : 0
    position += Int(isNegative) | isPositive
    var digits: UInt64 = 0
    let whole = takeDigits(into: &digits)
    var fraction = 0
    if byte == UInt8(ascii: ".") {
      position += 1
      fraction = takeDigits(into: &digits)
    }
    guard whole + fraction > 0 else { return nil }
    if whole + fraction > 19 || byte | 0x20 == UInt8(ascii: "e") { return slow(from: start) }
    guard digits <= 1 << 53 else { return slow(from: start) }
    let value = Double(digits) / powersOfTen[fraction]
    let isHalfWay = value.bitPattern & 0x1FFF_FFFF == 0x1000_0000
    guard !isHalfWay, value >= 0x1p-126 && value < 0x1p127 || digits == 0 else {
      return slow(from: start)
    }
    return Float(Double(bitPattern: value.bitPattern | isNegative << 63))
  }

  /// Passes over `separator` if it is what comes next.
  @inline(__always)
  mutating func skip(_ separator: UInt8) -> Bool {
    guard byte == separator else { return false }
    position += 1
    return true
  }

  @inline(__always)
  private var byte: UInt8 { position < bytes.count ? bytes[position] : 0 }

  /// Takes a run of digits behind those in `value` and says how many there are. More than 19 in all
  /// make `value` meaningless; the caller does not use it then.
  @inline(__always)
  private mutating func takeDigits(into value: inout UInt64) -> Int {
    let start = position
    if position <= bytes.count - 8 {
      let eight = UInt64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      let (number, count) = leadingDigits(eight)
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

  /// Takes an exponent if there is one and lets the standard library, which is slow and right, read
  /// the whole.
  @inline(never)
  private mutating func slow(from start: Int) -> Float? {
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

/// The number that the digits at the beginning of eight bytes make, and how many there are. All
/// digits are computed at once: pairs, then fours, then eight.
@inline(__always)
private func leadingDigits(_ eight: UInt64) -> (number: UInt64, count: Int) {
  let ones: UInt64 = 0x0101_0101_0101_0101
  // 0x30 to 0x39 become 0 to 9; every other byte has a bit in its upper half, there or after adding 6.
  let values = eight ^ 0x30 &* ones
  let others = (values | ((values & (0x7F &* ones)) &+ 0x06 &* ones)) & (0xF0 &* ones)
  let count = others.trailingZeroBitCount / 8
  if count == 0 { return (0, 0) }
  // Shifting moves the digits to the end, where the lowest stands, with zeros before them.
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
