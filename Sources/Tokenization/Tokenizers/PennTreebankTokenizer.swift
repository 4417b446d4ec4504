/// Splits text like the Stanford Penn Treebank tokenizer, lower-cased, in one pass over the bytes.
struct PennTreebankTokenizer {
  let text: ByteText
  let isStanford: Bool
  let splitsHashtags: Bool
  let keepsUserNames: Bool
  var output: TokenWriter
  /// The index of the next byte.
  var position = 0

  init(_ text: ByteText, _ options: Tokenizer, _ output: TokenWriter) {
    self.text = text
    isStanford = options.punctuation == .stanford
    splitsHashtags = options.splitsHashtags
    keepsUserNames = options.keepsUserNames
    self.output = output
  }

  /// Reads the whole text.
  mutating func run() {
    while position < text.count {
      if text[position] == 0x20 {
        position += 1
        continue
      }
      let character = text.character(at: position)
      switch character.kind {
      case .letter, .digit: word()
      case .space, .invisible: position += character.length
      case .apostrophe: leadingApostrophe(character.length)
      case .quote:
        output.appendToken(UInt8(ascii: "\""))
        position += character.length
      case .ellipsis:
        output.appendToken("...")
        position += character.length
      case .symbol:
        output.appendToken(text.scalar(at: position).scalar.repaired)
        position += character.length
      case .punctuation: punctuation()
      }
    }
  }

  /// Appends the next `count` ASCII bytes to the current token.
  mutating func copy(_ count: Int) {
    for _ in 0..<count {
      output.append(text[position].lowercased)
      position += 1
    }
  }

  /// Appends the next character to the current token.
  mutating func copyCharacter() {
    if text[position] < 0x80 { return copy(1) }
    let (scalar, length) = text.scalar(at: position)
    output.appendLowercased(scalar.repaired)
    position += length
  }

  /// Appends the next `count` ASCII bytes as a token, and moves to `end`.
  mutating func copyToken(_ count: Int, end: Int) -> Bool {
    copy(count)
    output.endToken()
    position = end
    return true
  }

  mutating func skip(_ byte: UInt8) {
    while text[position] == byte { position += 1 }
  }
}

// MARK: - Words

extension PennTreebankTokenizer {
  /// A word, a number or a web address. A letter or a digit is at the position.
  private mutating func word() {
    if address() { return }
    repeat { scanAlphanumerics() } while continuesWord()
    output.endToken()
  }

  /// The hot loop: ASCII letters and digits, eight bytes at a time.
  @inline(__always)
  private mutating func scanAlphanumerics() {
    var length: Int
    repeat {
      let (lowercased, run) = text.run(at: position)
      output.append(lowercased, count: run)
      position += run
      length = run
    } while length == 8
  }

  /// Whether the word continues after a run of letters and digits. Reads the character in between.
  @inline(__always)
  private mutating func continuesWord() -> Bool {
    let byte = text[position]
    if byte == 0x20 { return false }
    switch Unicode.Scalar(byte) {
    case "-": return join(if: text.startsWord(position + 1))
    case ".": return period()
    case ",": return join(if: output.last().isDigit && text[position + 1].isDigit)
    case "/": return join(if: isStanford && isFraction)
    case "'": return apostrophe(1)
    case "\u{80}"...: return nonASCII()
    default: return false
    }
  }

  private mutating func join(if condition: Bool) -> Bool {
    if condition { copy(1) }
    return condition
  }

  private mutating func nonASCII() -> Bool {
    let character = text.character(at: position)
    switch character.kind {
    case .letter: copyCharacter()
    case .invisible: position += character.length
    case .apostrophe: return apostrophe(character.length)
    default: return false
    }
    return true
  }

  /// Whether the current token and the digits after the slash form a fraction such as `9/11`.
  private var isFraction: Bool {
    let start = position - output.length
    guard output.length <= 4, (start..<position).allSatisfy({ text[$0].isDigit }) else {
      return false
    }
    var end = position + 1
    while text[end].isDigit { end += 1 }
    return (1...4).contains(end - position - 1) && !text.startsWord(end)
  }

  // MARK: Apostrophes

  /// An apostrophe inside a word: `do|n't`, `it|'s`, `o'brien`.
  private mutating func apostrophe(_ length: Int) -> Bool {
    let next = position + length
    let clitic = cliticLength(at: next)
    if clitic == 0 {
      guard isStanford, text.startsWord(next) else { return false }
      output.append(UInt8(ascii: "'"))
      position = next
      return true
    }
    if text[next].lowercased == UInt8(ascii: "t") {
      guard output.last() == UInt8(ascii: "n") else { return false }
      output.endToken(leaving: 1)
    } else {
      output.endToken()
    }
    output.append(UInt8(ascii: "'"))
    position = next
    copy(clitic)
    return false
  }

  /// An apostrophe at the start of a word: `'s` in text that is already tokenized, or a quotation mark.
  private mutating func leadingApostrophe(_ length: Int) {
    let clitic = cliticLength(at: position + length)
    output.append(UInt8(ascii: "'"))
    position += length
    if clitic > 0, text[position].lowercased != UInt8(ascii: "t") { copy(clitic) }
    output.endToken()
  }

  /// The number of letters at `index` that complete a clitic: `s m d t ll re ve`; otherwise 0.
  private func cliticLength(at index: Int) -> Int {
    func length(_ letters: StaticString) -> Int {
      text.has(letters, at: index) && !text.startsWord(index + 2) ? 2 : 0
    }
    switch Unicode.Scalar(text[index].lowercased) {
    case "s", "m", "d", "t": return text.startsWord(index + 1) ? 0 : 1
    case "l": return length("ll")
    case "r": return length("re")
    case "v": return length("ve")
    default: return 0
    }
  }

  // MARK: Periods

  /// A period inside a number (`1.5`), between initials (`u.s`) or before a top-level domain
  /// (`yelp.com`) continues the word. After an abbreviation it ends the word if vectors have it so.
  private mutating func period() -> Bool {
    let next = text[position + 1]
    if output.last().isDigit && next.isDigit { return join(if: true) }
    if next.isLetter {
      let isNextInitial = isInitial && !text.startsWord(position + 2)
      return join(if: isNextInitial || isTopLevelDomain(position + 1))
    }
    if isStanford && next != UInt8(ascii: ".") && isAbbreviation { copy(1) }
    return false
  }

  /// Whether the current token ends with a single letter: `u`, `u.s`.
  private var isInitial: Bool {
    output.last().isLetter && (output.length == 1 || output.last(1) == UInt8(ascii: "."))
  }

  private func isTopLevelDomain(_ index: Int) -> Bool {
    guard !text.startsWord(index + 3) else { return false }
    return text.has("com", at: index) || text.has("net", at: index) || text.has("org", at: index)
      || text.has("edu", at: index)
  }

  /// Whether the current token includes the period after it.
  private var isAbbreviation: Bool {
    switch output.length {
    // The initial of a name is a capital, but a capital I before a period ends a sentence.
    case 1: text[position - 1].isCapital && output.last() != UInt8(ascii: "i")
    case 2: output.isOne(of: "mr", "ms", "dr", "st", "jr", "sr", "vs", "co")
    case 3: isInitial || output.isOne(of: "mrs", "inc", "ltd", "sgt", "rev", "gen")
    case 4: output.isOne(of: "prof", "capt", "corp")
    default: isInitial
    }
  }

  // MARK: Addresses

  /// `http://…` and `www.…` up to white space, without the punctuation that ends the sentence.
  private mutating func address() -> Bool {
    // Hardly any other word starts with “ht” or “ww”, so this test is cheap.
    let next = text[position + 1].lowercased
    guard next == UInt8(ascii: "t") || next == UInt8(ascii: "w"),
      text.has("http://", at: position) || text.has("https://", at: position)
        || text.has("www.", at: position)
    else { return false }
    var end = position
    while isInsideAddress(end) { end += 1 }
    while isSentenceEnd(text.ascii(end - 1)) { end -= 1 }
    while position < end { copyCharacter() }
    output.endToken()
    return true
  }

  private func isInsideAddress(_ index: Int) -> Bool {
    switch text.ascii(index) {
    case "\0"..." ", "\u{7F}", "<", ">", "\"": false
    case "\u{C2}": text.character(at: index).kind == .letter
    case "\u{E2}": false  // General punctuation: quotes, dashes, spaces.
    default: true
    }
  }

  private func isSentenceEnd(_ character: Unicode.Scalar) -> Bool {
    switch character {
    case ".", ",", ";", ":", "!", "?", "'", ")", "]", "*": true
    default: false
    }
  }
}
