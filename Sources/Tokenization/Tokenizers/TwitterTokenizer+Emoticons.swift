/// The faces of the twitter rules.
extension TwitterTokenizer {
  /// `:)` `(:` `:D` -> `<smile>`, `:p` -> `<lolface>`, `:(` `):` -> `<sadface>`, `:/` `:|` ->
  /// `<neutralface>`. The eyes are one of `8:=;`, the nose one of `'` `` ` `` `-` or none.
  static let smiley = Rule(at: "8:=;()d") { text, start, output in
    guard !text.followsWord(start) || isPlain(text, start) else { return 0 }
    if let (face, end) = upright(text, start) ?? mirrored(text, start) {
      output.append(
        contentsOf: UnsafeBufferPointer(start: face.utf8Start, count: face.utf8CodeUnitCount))
      return end - start
    }
    return 0
  }

  /// `:)` and `:(`, which may stand right behind a word.
  private static func isPlain(_ text: ByteText, _ start: Int) -> Bool {
    guard text[start] == UInt8(ascii: ":") else { return false }
    let mouth = text[start + (isNose(text[start + 1]) ? 2 : 1)]
    return mouth == UInt8(ascii: ")") || mouth == UInt8(ascii: "(")
  }

  private static func upright(_ text: ByteText, _ start: Int) -> (StaticString, Int)? {
    guard isEyes(text[start]) else { return nil }
    var mouth = start + 1
    if isNose(text[mouth]) { mouth += 1 }
    // The slash has been spaced out by the rule before this one.
    if text[mouth] == 0x20, text[mouth + 1] == UInt8(ascii: "/") {
      return ("<neutralface>", mouth + 2)
    }
    guard let face = face(text[mouth], isMirrored: false) else { return nil }
    var end = mouth + 1
    while text[end].lowered == text[mouth].lowered { end += 1 }
    return text.startsWord(end) ? nil : (face, end)
  }

  private static func mirrored(_ text: ByteText, _ start: Int) -> (StaticString, Int)? {
    guard let face = face(text[start], isMirrored: true) else { return nil }
    var end = start + 1
    while text[end].lowered == text[start].lowered { end += 1 }
    if isNose(text[end]) { end += 1 }
    guard isEyes(text[end]), !text.startsWord(end + 1) else { return nil }
    return (face, end + 1)
  }

  private static func face(_ mouth: UInt8, isMirrored: Bool) -> StaticString? {
    switch (mouth.lowered, isMirrored) {
    case (UInt8(ascii: "d"), _): "<smile>"
    case (UInt8(ascii: ")"), false), (UInt8(ascii: "("), true): "<smile>"
    case (UInt8(ascii: "("), false), (UInt8(ascii: ")"), true): "<sadface>"
    case (UInt8(ascii: "p"), false): "<lolface>"
    case (UInt8(ascii: "|"), false), (UInt8(ascii: "l"), false), (UInt8(ascii: "*"), false):
      "<neutralface>"
    default: nil
    }
  }

  private static func isEyes(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "8") || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "=")
      || byte == UInt8(ascii: ";")
  }

  private static func isNose(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`") || byte == UInt8(ascii: "-")
  }
}
