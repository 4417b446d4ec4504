/// Makes bytes of any origin a text that every later stage can rely on.
///
/// The result is valid UTF-8 without control characters, with single spaces between words and none
/// at the ends. What is not UTF-8 becomes U+FFFD, as the Unicode standard advises; C1 controls are
/// cp1252 that somebody decoded as Latin-1 and become what was meant (U+0092 an apostrophe);
/// U+FEFF vanishes; every other control character and all white space become one space.
func cleanText(_ bytes: some Sequence<UInt8>) -> [UInt8] {
  var result: [UInt8] = []
  result.reserveCapacity(bytes.underestimatedCount)
  var owesSpace = false
  var decoder = UTF8()
  var iterator = bytes.makeIterator()
  decoding: while true {
    let scalar: Unicode.Scalar
    switch decoder.decode(&iterator) {
    case .scalarValue(let value): scalar = meant(value)
    case .error: scalar = "\u{FFFD}"
    case .emptyInput: break decoding
    }
    if scalar == "\u{FEFF}" { continue }
    if isBlank(scalar) {
      owesSpace = !result.isEmpty
      continue
    }
    if owesSpace { result.append(0x20) }
    owesSpace = false
    if scalar.isASCII {
      result.append(UInt8(truncatingIfNeeded: scalar.value))
    } else if let encoded = UTF8.encode(isForbidden(scalar) ? "\u{FFFD}" : scalar) {
      result.append(contentsOf: encoded)
    }
  }
  return result
}

/// White space of any kind and control characters.
private func isBlank(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0...0x20, 0x7F...0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
  default: false
  }
}

/// Noncharacters, at which an HTML parser may stop.
private func isForbidden(_ scalar: Unicode.Scalar) -> Bool { scalar.value & 0xFFFE == 0xFFFE }

/// The character that a C1 control stands for; cp1252 leaves five of them open.
private func meant(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
  guard 0x80...0x9F ~= scalar.value else { return scalar }
  return cp1252[Int(scalar.value) - 0x80]
}

private let cp1252: [Unicode.Scalar] = [
  "€", " ", "‚", "ƒ", "„", "…", "†", "‡", "ˆ", "‰", "Š", "‹", "Œ", " ", "Ž", " ",
  " ", "‘", "’", "“", "”", "•", "–", "—", "˜", "™", "š", "›", "œ", " ", "ž", "Ÿ",
]
