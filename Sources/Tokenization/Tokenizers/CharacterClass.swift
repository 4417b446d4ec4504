/// The role of a character for a tokenizer, and its length.
struct CharacterClass {
  enum Kind {
    case space
    case letter
    case digit
    case apostrophe
    case quote
    case ellipsis
    /// ASCII punctuation.
    case punctuation
    /// Any other character that is a token by itself: emoji, currency, other punctuation.
    case symbol
    /// Invisible and not separating: soft hyphen, joiners, variation selectors.
    case invisible
  }

  let kind: Kind
  /// The number of bytes.
  let length: Int

  @inline(__always)
  init(_ kind: Kind, _ length: Int) {
    self.kind = kind
    self.length = length
  }
}

extension Unicode.Scalar {
  /// The character that the author meant. The control characters U+0080 to U+009F only occur where
  /// Windows-1252 was decoded as Latin-1; browsers read them as Windows-1252, too.
  var repaired: Unicode.Scalar {
    guard (0x80..<0xA0).contains(value) else { return self }
    return Unicode.Scalar(windows1252[Int(value) - 0x80]) ?? self
  }

  /// The class of a non-ASCII character.
  var characterClass: CharacterClass.Kind {
    switch value {
    case 0x2018, 0x2019, 0x201B, 0x02BC, 0xFF07: return .apostrophe
    case 0x201C...0x201F: return .quote
    case 0x2026: return .ellipsis
    case 0x200B, 0xFEFF: return .space
    case 0xAD, 0x200C...0x200F, 0x20E3, 0xFE00...0xFE0F, 0xE0000...0xE0FFF: return .invisible
    default: break
    }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .letterNumber:
      return .letter
    case .spaceSeparator, .lineSeparator, .paragraphSeparator, .control: return .space
    case .format: return .invisible
    default: return .symbol
    }
  }
}

/// The characters 0x80 to 0x9F of Windows-1252, as in the WHATWG Encoding Standard.
private let windows1252: [UInt32] = [
  0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
  0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F,
  0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
  0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
]
