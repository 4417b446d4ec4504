/// Normalizes bytes of any origin to valid UTF-8 without control characters, with single spaces
/// between words and none at the ends.
///
/// Invalid UTF-8 and noncharacters become U+FFFD. C1 control characters result from cp1252 decoded as
/// Latin-1 and become the intended character (U+0092 an apostrophe). U+FEFF is removed; every other
/// control character and all white space become a space.
package func normalizeText(_ text: [UInt8]) -> [UInt8] {
  text.withUnsafeBufferPointer { bytes in
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var needsSpace = false
    func append(_ bytes: some Sequence<UInt8>) {
      if needsSpace { result.append(0x20) }
      needsSpace = false
      result.append(contentsOf: bytes)
    }
    var position = 0
    while position < bytes.count {
      let start = position
      while position < bytes.count, 0x21...0x7E ~= bytes[position] { position += 1 }
      if position > start { append(bytes[start..<position]) }
      guard position < bytes.count else { break }
      let (decoded, length) = decodeScalar(bytes, at: position)
      position += length
      let scalar = intendedScalar(decoded)
      if isBlank(scalar) {
        needsSpace = !result.isEmpty
      } else if scalar != "\u{FEFF}", let encoded = UTF8.encode(scalar) {
        append(encoded)
      }
    }
    return result
  }
}

/// Replaces noncharacters, at which an HTML parser may stop, and C1 control characters.
private func intendedScalar(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
  switch scalar.value {
  case 0x80...0x9F: scalar.cp1252Replacement ?? " "
  case let value where value & 0xFFFE == 0xFFFE: "\u{FFFD}"
  default: scalar
  }
}

/// Whether a scalar is white space or a control character.
private func isBlank(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0...0x20, 0x7F...0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
  default: false
  }
}
