/// Words, and the marks that belong to them.
extension PennTreebankTokenizer {
  /// A word, a number, or an address of the web. The position is at a letter or a digit.
  mutating func word() {
    if address() { return }
    repeat { takeRun() } while joins()
    output.close()
  }

  /// The hot loop: ASCII letters and digits, eight bytes at a time.
  @inline(__always)
  private mutating func takeRun() {
    var length: Int
    repeat {
      let (lowered, run) = text.run(at: position)
      output.put(lowered, run)
      position += run
      length = run
    } while length == 8
  }

  /// Takes what stands behind a run of letters if the word goes on with it.
  @inline(__always)
  private mutating func joins() -> Bool {
    let byte = text[position]
    if byte == 0x20 { return false }
    switch byte {
    case UInt8(ascii: "-"): return join(if: text.startsWord(position + 1))
    case UInt8(ascii: "."): return point()
    case UInt8(ascii: ","): return join(if: output.last().isDigit && text[position + 1].isDigit)
    case UInt8(ascii: "/"): return join(if: isStanford && isFraction)
    case UInt8(ascii: "'"): return apostrophe(1)
    case 0x80...: return wide()
    default: return false
    }
  }

  private mutating func join(if condition: Bool) -> Bool {
    if condition { take(1) }
    return condition
  }

  private mutating func wide() -> Bool {
    let sign = text.sign(at: position)
    switch sign.kind {
    case .letter: takeCharacter()
    case .invisible: position += sign.length
    case .apostrophe: return apostrophe(sign.length)
    default: return false
    }
    return true
  }

  // MARK: Apostrophes

  /// `do|n't`, `it|'s`, `o'brien`.
  private mutating func apostrophe(_ length: Int) -> Bool {
    let after = position + length
    let clitic = cliticLength(at: after)
    if clitic == 0 {
      guard isStanford, text.startsWord(after) else { return false }
      output.put(UInt8(ascii: "'"))
      position = after
      return true
    }
    if text[after].lowered == UInt8(ascii: "t") {
      guard output.last() == UInt8(ascii: "n") else { return false }
      output.close(leaving: 1)
    } else {
      output.close()
    }
    output.put(UInt8(ascii: "'"))
    position = after
    take(clitic)
    return false
  }

  /// How many letters at `index` are the rest of a clitic: `s m d t ll re ve`; otherwise 0.
  func cliticLength(at index: Int) -> Int {
    switch text[index].lowered {
    case UInt8(ascii: "s"), UInt8(ascii: "m"), UInt8(ascii: "d"), UInt8(ascii: "t"):
      return text.startsWord(index + 1) ? 0 : 1
    case UInt8(ascii: "l"): return text.has("ll", at: index) && !text.startsWord(index + 2) ? 2 : 0
    case UInt8(ascii: "r"): return text.has("re", at: index) && !text.startsWord(index + 2) ? 2 : 0
    case UInt8(ascii: "v"): return text.has("ve", at: index) && !text.startsWord(index + 2) ? 2 : 0
    default: return 0
    }
  }

  // MARK: Points

  /// A point inside a number (`1.5`), between single letters (`u.s`) or before the end of a host
  /// (`yelp.com`) goes on; behind an abbreviation it closes the word where vectors have it so.
  private mutating func point() -> Bool {
    let next = text[position + 1]
    if output.last().isDigit && next.isDigit { return join(if: true) }
    if next.isLetter {
      if isInitial && !text.startsWord(position + 2) { return join(if: true) }
      return join(if: isTopLevel(position + 1))
    }
    if isStanford && next != UInt8(ascii: ".") && isAbbreviation { take(1) }
    return false
  }

  /// Whether the open token ends with a single letter of its own: `u`, `u.s`.
  private var isInitial: Bool {
    output.last().isLetter && (output.length == 1 || output.last(1) == UInt8(ascii: "."))
  }

  private func isTopLevel(_ index: Int) -> Bool {
    guard !text.startsWord(index + 3) else { return false }
    return text.has("com", at: index) || text.has("net", at: index) || text.has("org", at: index)
      || text.has("edu", at: index)
  }

  /// Whether the open token takes the point behind it.
  private var isAbbreviation: Bool {
    switch output.length {
    case 1:
      // An initial of a name is a capital; a capital I before a point ends a sentence.
      return text[position - 1] &- 0x41 < 26 && output.last() != UInt8(ascii: "i")
    case 2:
      return output.holds("mr") || output.holds("ms") || output.holds("dr") || output.holds("st")
        || output.holds("jr") || output.holds("sr") || output.holds("vs") || output.holds("co")
    case 3:
      return isInitial || output.holds("mrs") || output.holds("inc") || output.holds("ltd")
        || output.holds("sgt") || output.holds("rev") || output.holds("gen")
    case 4: return output.holds("prof") || output.holds("capt") || output.holds("corp")
    default: return isInitial
    }
  }

  /// Whether the open token and what follows the slash are the two halves of `9/11`.
  private var isFraction: Bool {
    let start = position - output.length
    guard output.length <= 4, (start..<position).allSatisfy({ text[$0].isDigit }) else {
      return false
    }
    var end = position + 1
    while text[end].isDigit { end += 1 }
    return (1...4).contains(end - position - 1) && !text.startsWord(end)
  }

  // MARK: Addresses

  /// `http://…` and `www.…` up to white space, without the punctuation of the sentence behind.
  private mutating func address() -> Bool {
    // “ht” and “ww” begin hardly any other word, so this costs nothing.
    let next = text[position + 1].lowered
    guard next == UInt8(ascii: "t") || next == UInt8(ascii: "w"),
      text.has("http://", at: position) || text.has("https://", at: position)
        || text.has("www.", at: position)
    else { return false }
    var end = position
    while isInsideAddress(end) { end += 1 }
    while isSentenceEnd(text[end - 1]) { end -= 1 }
    while position < end { takeCharacter() }
    output.close()
    return true
  }

  private func isInsideAddress(_ index: Int) -> Bool {
    switch text[index] {
    case 0...0x20, 0x7F, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""): return false
    case 0xC2: return text.sign(at: index).kind == .letter
    case 0xE2: return false  // General punctuation: quotes, dashes, spaces.
    default: return true
    }
  }

  private func isSentenceEnd(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"),
      UInt8(ascii: "!"), UInt8(ascii: "?"), UInt8(ascii: "'"), UInt8(ascii: ")"),
      UInt8(ascii: "]"), UInt8(ascii: "*"):
      return true
    default: return false
    }
  }
}
