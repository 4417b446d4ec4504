/// Decodes the scalar at `position`.
/// - Returns: the scalar and the number of its bytes. Invalid UTF-8 gives U+FFFD for each maximal
///   subpart of an ill-formed sequence (Unicode Standard, section 3.9), as `String(decoding:)` does.
@inlinable
public func decodeScalar(
  _ bytes: UnsafeBufferPointer<UInt8>, at position: Int
) -> (scalar: Unicode.Scalar, length: Int) {
  let lead = bytes[position]
  let (length, second): (Int, ClosedRange<UInt8>) =
    switch lead {
    case 0x00...0x7F: (1, 0x80...0xBF)
    case 0xC2...0xDF: (2, 0x80...0xBF)
    case 0xE0: (3, 0xA0...0xBF)
    case 0xED: (3, 0x80...0x9F)
    case 0xE1...0xEF: (3, 0x80...0xBF)
    case 0xF0: (4, 0x90...0xBF)
    case 0xF1...0xF3: (4, 0x80...0xBF)
    case 0xF4: (4, 0x80...0x8F)
    default: (0, 0x80...0xBF)
    }
  guard length > 0 else { return ("\u{FFFD}", 1) }
  var value = length == 1 ? UInt32(lead) : UInt32(lead & (0x7F >> UInt8(length)))
  for index in 1..<max(length, 1) {
    let valid = index == 1 ? second : 0x80...0xBF
    guard position + index < bytes.count, valid ~= bytes[position + index] else {
      return ("\u{FFFD}", index)
    }
    value = value << 6 | UInt32(bytes[position + index] & 0x3F)
  }
  return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
}

extension Unicode.Scalar {
  /// The character of this code in cp1252 (Windows-1252), for a C1 control character (U+0080 to
  /// U+009F): such characters are almost always cp1252 decoded as Latin-1. Nil for the five codes that
  /// cp1252 leaves unassigned and for all other characters.
  public var cp1252Replacement: Unicode.Scalar? {
    guard 0x80...0x9F ~= value, case let replacement = cp1252[Int(value) - 0x80] else { return nil }
    return replacement
  }
}

/// cp1252 from 0x80 to 0x9F.
private let cp1252: [Unicode.Scalar?] = [
  "€", nil, "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", nil, "Ž", nil,
  nil, "‘", "’", "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", nil, "ž", "Ÿ",
]
