/// Emoticons, which stay whole: `:)`, `;-(`, `:'(`, `=D`, `(:`, `<3`, `^_^`.
extension PennTreebankTokenizer {
  /// Takes an emoticon at the position; a repeated mouth (`:)))`) counts once.
  mutating func emoticon() -> Bool {
    switch text[position] {
    case UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "="):
      return face(nose: true) || face(nose: false)
    case UInt8(ascii: "("): return mirrored()
    case UInt8(ascii: "<"): return heart()
    case UInt8(ascii: "^"), UInt8(ascii: "-"), UInt8(ascii: ">"): return flat()
    default: return false
    }
  }

  private mutating func face(nose: Bool) -> Bool {
    var mouth = position + 1
    if nose {
      if text[mouth] == UInt8(ascii: "'") { mouth += 1 }
      switch text[mouth] {
      case UInt8(ascii: "-"), UInt8(ascii: "^"), UInt8(ascii: "o"), UInt8(ascii: "O"): mouth += 1
      default: break
      }
      guard mouth > position + 1 else { return false }
    }
    let byte = text[mouth]
    guard isMouth(byte) else { return false }
    var end = mouth + 1
    while text[end] == byte { end += 1 }
    // “(see 10:30)”, “ratio=3” and “a:b” are no faces, and neither is the colon of “ftp://”.
    guard !text.startsWord(end), byte != UInt8(ascii: "/") || end == mouth + 1,
      !text.followsWord(position) || byte == UInt8(ascii: ")") || byte == UInt8(ascii: "(")
    else { return false }
    take(mouth + 1 - position)
    output.close()
    position = end
    return true
  }

  private func isMouth(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ")"), UInt8(ascii: "("), UInt8(ascii: "]"), UInt8(ascii: "["),
      UInt8(ascii: "}"), UInt8(ascii: "{"), UInt8(ascii: "/"), UInt8(ascii: "\\"),
      UInt8(ascii: "|"), UInt8(ascii: "*"), UInt8(ascii: "3"), UInt8(ascii: "d"),
      UInt8(ascii: "D"), UInt8(ascii: "p"), UInt8(ascii: "P"), UInt8(ascii: "o"),
      UInt8(ascii: "O"), UInt8(ascii: "s"), UInt8(ascii: "S"):
      return true
    default: return false
    }
  }

  /// `(:` and `(;`
  private mutating func mirrored() -> Bool {
    let eyes = text[position + 1]
    guard eyes == UInt8(ascii: ":") || eyes == UInt8(ascii: ";") || eyes == UInt8(ascii: "="),
      !text.followsWord(position), text[position + 2] <= 0x20
    else { return false }
    return whole(2)
  }

  /// `<3`, with as many threes as you like, and `</3`.
  private mutating func heart() -> Bool {
    let broken = text[position + 1] == UInt8(ascii: "/") ? 1 : 0
    var end = position + 1 + broken
    guard text[end] == UInt8(ascii: "3") else { return false }
    while text[end] == UInt8(ascii: "3") { end += 1 }
    guard !text.startsWord(end) else { return false }
    take(2 + broken)
    output.close()
    position = end
    return true
  }

  /// `^_^`, `^^`, `-_-`, `>_<`
  private mutating func flat() -> Bool {
    if text.has("^^", at: position) { return whole(2) }
    for face: StaticString in ["^_^", "^.^", "-_-", "-.-", ">_<", ">.<"]
    where text.has(face, at: position) {
      return whole(3)
    }
    return false
  }

  private mutating func whole(_ length: Int) -> Bool {
    take(length)
    output.close()
    return true
  }
}
