extension PennTreebankTokenizer {
  mutating func punctuation() {
    if emoticon() { return }
    switch text.ascii(position) {
    case ".": periods()
    case "-": dashes()
    case "#" where isName(position + 1): hashtag()
    case "@" where isName(position + 1) && !text.followsWord(position): userName()
    default: marks(atMost: 3)
    }
  }

  /// A period, or an ellipsis of two or more.
  private mutating func periods() {
    guard text.ascii(position + 1) == "." else {
      output.appendToken(UInt8(ascii: "."))
      position += 1
      return
    }
    output.appendToken("...")
    skip(UInt8(ascii: "."))
  }

  private mutating func dashes() {
    guard isStanford, text.ascii(position + 1) == "-" else { return marks(atMost: 2) }
    output.appendToken("--")
    skip(UInt8(ascii: "-"))
  }

  /// Each mark is a token; of a run of equal marks (`!!!!!!!`, `*******`), the first few.
  private mutating func marks(atMost limit: Int) {
    let (start, byte) = (position, text[position])
    skip(byte)
    for _ in 0..<min(position - start, limit) { output.appendToken(byte) }
  }

  // MARK: Names and hashtags

  private func isName(_ index: Int) -> Bool { text.startsWord(index) || text.ascii(index) == "_" }

  /// `@name`, reduced to `@` unless names are kept.
  private mutating func userName() {
    output.append(UInt8(ascii: "@"))
    position += 1
    if keepsUserNames {
      if !isStanford { output.endToken() }
      while isName(position) { copyCharacter() }
      output.endToken()
    } else {
      output.endToken()
      while isName(position) { position += text.character(at: position).length }
    }
  }

  /// `#OneTag` as one token, or as `#`, `one` and `tag`.
  private mutating func hashtag() {
    copy(1)
    while isName(position) {
      if splitsHashtags {
        if text.ascii(position) == "_" {
          output.endToken()
          position += 1
          continue
        }
        if startsHashtagWord { output.endToken() }
      }
      copyCharacter()
    }
    output.endToken()
  }

  /// Whether a word of a hashtag starts here: after the `#`, and where a capital follows a lower-case
  /// letter.
  private var startsHashtagWord: Bool {
    let before = text[position - 1]
    return before == UInt8(ascii: "#")
      || text[position].isCapital && before.isLetter && !before.isCapital
  }
}

// MARK: - Emoticons

/// Emoticons are single tokens: `:)`, `;-(`, `:'(`, `=D`, `(:`, `<3`, `^_^`.
extension PennTreebankTokenizer {
  private mutating func emoticon() -> Bool {
    switch text.ascii(position) {
    case ":", ";", "=": face(hasNose: true) || face(hasNose: false)
    case "(": mirroredFace()
    case "<": heart()
    case "^", "-", ">": flatMouthFace()
    default: false
    }
  }

  /// A repeated mouth (`:)))`) counts once.
  private mutating func face(hasNose: Bool) -> Bool {
    var mouth = position + 1
    if hasNose {
      if text.ascii(mouth) == "'" { mouth += 1 }
      switch text.ascii(mouth) {
      case "-", "^", "o", "O": mouth += 1
      default: break
      }
      guard mouth > position + 1 else { return false }
    }
    let byte = text[mouth]
    guard isMouth(Unicode.Scalar(byte)) else { return false }
    var end = mouth + 1
    while text[end] == byte { end += 1 }
    // “(see 10:30)”, “ratio=3” and “a:b” are not faces, and neither is the colon of “ftp://”.
    guard !text.startsWord(end), byte != UInt8(ascii: "/") || end == mouth + 1,
      !text.followsWord(position) || byte == UInt8(ascii: ")") || byte == UInt8(ascii: "(")
    else { return false }
    return copyToken(mouth + 1 - position, end: end)
  }

  private func isMouth(_ character: Unicode.Scalar) -> Bool {
    switch character {
    case ")", "(", "]", "[", "}", "{", "/", "\\", "|", "*", "3", "d", "D", "p", "P", "o", "O", "s",
      "S":
      true
    default: false
    }
  }

  /// `(:`, `(;` and `(=`
  private mutating func mirroredFace() -> Bool {
    let eyes = text.ascii(position + 1)
    guard eyes == ":" || eyes == ";" || eyes == "=",
      !text.followsWord(position), text[position + 2] <= 0x20
    else { return false }
    return copyToken(2, end: position + 2)
  }

  /// `<3`, with any number of threes, and `</3`.
  private mutating func heart() -> Bool {
    let slash = text.ascii(position + 1) == "/" ? 1 : 0
    var end = position + 1 + slash
    guard text.ascii(end) == "3" else { return false }
    while text.ascii(end) == "3" { end += 1 }
    guard !text.startsWord(end) else { return false }
    return copyToken(2 + slash, end: end)
  }

  private mutating func flatMouthFace() -> Bool {
    if text.has("^^", at: position) { return copyToken(2, end: position + 2) }
    for face: StaticString in ["^_^", "^.^", "-_-", "-.-", ">_<", ">.<"]
    where text.has(face, at: position) {
      return copyToken(3, end: position + 3)
    }
    return false
  }
}
