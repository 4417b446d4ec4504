/// Makes bytes of any origin a text that every later stage can rely on.
///
/// The result is valid UTF-8 without control characters, with single spaces between words and none
/// at the ends. What is not UTF-8 becomes U+FFFD, as the Unicode standard advises; C1 controls are
/// cp1252 that somebody decoded as Latin-1 and become what was meant (U+0092 an apostrophe);
/// U+FEFF vanishes; every other control character and all white space become one space.
func normalizeText(_ text: [UInt8]) -> [UInt8] {
  text.withUnsafeBufferPointer { bytes in
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var owesSpace = false
    var position = 0
    while position < bytes.count {
      let start = position
      while position < bytes.count, 0x21...0x7E ~= bytes[position] { position += 1 }
      if position > start {
        if owesSpace { result.append(0x20) }
        owesSpace = false
        result.append(contentsOf: bytes[start..<position])
      }
      guard position < bytes.count else { break }
      let (decoded, size) = decodedScalar(bytes, position)
      position += size
      let scalar = meant(decoded)
      if isBlank(scalar) {
        owesSpace = !result.isEmpty
      } else if scalar != "\u{FEFF}", let encoded = UTF8.encode(scalar) {
        if owesSpace { result.append(0x20) }
        owesSpace = false
        result.append(contentsOf: encoded)
      }
    }
    return result
  }
}

/// The scalar at `position` and how many bytes it takes. Bytes that are not UTF-8 give U+FFFD, one
/// for each longest beginning of a scalar, as does a noncharacter, at which an HTML parser may stop.
private func decodedScalar(
  _ bytes: UnsafeBufferPointer<UInt8>, _ position: Int
) -> (Unicode.Scalar, Int) {
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
    let allowed = index == 1 ? second : 0x80...0xBF
    guard position + index < bytes.count, allowed ~= bytes[position + index] else {
      return ("\u{FFFD}", index)
    }
    value = value << 6 | UInt32(bytes[position + index] & 0x3F)
  }
  guard value & 0xFFFE != 0xFFFE, let scalar = Unicode.Scalar(value) else {
    return ("\u{FFFD}", length)
  }
  return (scalar, length)
}

/// White space of any kind and control characters.
private func isBlank(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0...0x20, 0x7F...0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
  default: false
  }
}

/// The character that a C1 control stands for; cp1252 leaves five of them open.
private func meant(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
  guard 0x80...0x9F ~= scalar.value else { return scalar }
  return cp1252[Int(scalar.value) - 0x80]
}

private let cp1252: [Unicode.Scalar] = [
  "€", " ", "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", " ", "Ž", " ",
  " ", "‘", "’", "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", " ", "ž", "Ÿ",
]
