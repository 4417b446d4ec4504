/// Cuts text as the Stanford Penn Treebank tokenizer does, lower-cased, in one pass over the bytes.
struct PennTreebankTokenizer {
  let text: ByteText
  let isStanford: Bool
  let splitsHashtags: Bool
  let keepsUserNames: Bool
  var output: TokenWriter
  /// The byte that is read next.
  var position = 0

  init(_ text: ByteText, _ options: Tokenizer, _ output: TokenWriter) {
    self.text = text
    isStanford = options.punctuation == .stanford
    splitsHashtags = options.splitsHashtags
    keepsUserNames = options.keepsUserNames
    self.output = output
  }

  /// Reads the whole text.
  mutating func scan() {
    while position < text.count {
      if text[position] == 0x20 {
        position += 1
        continue
      }
      let sign = text.sign(at: position)
      switch sign.kind {
      case .letter, .digit: word()
      case .space, .invisible: position += sign.length
      case .apostrophe: leadingApostrophe(sign.length)
      case .quote:
        output.token("\"")
        position += sign.length
      case .ellipsis:
        output.token("...")
        position += sign.length
      case .symbol: symbol()
      case .mark: mark()
      }
    }
  }

  /// An emoji or another character that is a token of its own.
  private mutating func symbol() {
    let (scalar, length) = text.scalar(at: position)
    output.close()
    output.putLowered(scalar.asRead)
    output.close()
    position += length
  }

  /// An apostrophe with no word before it: `'s` in text that is cut already, or a quotation mark.
  private mutating func leadingApostrophe(_ length: Int) {
    let clitic = cliticLength(at: position + length)
    output.put(UInt8(ascii: "'"))
    position += length
    if clitic > 0, text[position].lowered != UInt8(ascii: "t") { take(clitic) }
    output.close()
  }

  private mutating func mark() {
    if emoticon() { return }
    let byte = text[position]
    switch byte {
    case UInt8(ascii: "."): dots()
    case UInt8(ascii: "-"): dashes()
    case UInt8(ascii: "#") where isName(position + 1): hashtag()
    case UInt8(ascii: "@") where isName(position + 1) && !text.followsWord(position): userName()
    default: run(of: byte, atMost: 3)
    }
  }

  /// Two dots or more are an ellipsis.
  private mutating func dots() {
    guard text[position + 1] == UInt8(ascii: ".") else {
      output.token(UInt8(ascii: "."))
      position += 1
      return
    }
    output.token("...")
    skip(UInt8(ascii: "."))
  }

  private mutating func dashes() {
    guard isStanford, text[position + 1] == UInt8(ascii: "-") else {
      run(of: UInt8(ascii: "-"), atMost: 2)
      return
    }
    output.token("--")
    skip(UInt8(ascii: "-"))
  }

  /// Each mark is a token; of a long run of equal ones (`!!!!!!!`, `*******`) the first few.
  private mutating func run(of byte: UInt8, atMost limit: Int) {
    let start = position
    skip(byte)
    for _ in 0..<min(position - start, limit) { output.token(byte) }
  }

  private mutating func skip(_ byte: UInt8) {
    while text[position] == byte { position += 1 }
  }

  // MARK: Names and tags

  private func isName(_ index: Int) -> Bool {
    text.startsWord(index) || text[index] == UInt8(ascii: "_")
  }

  /// `@name`, of which only the sign is left unless names are kept.
  private mutating func userName() {
    output.put(UInt8(ascii: "@"))
    position += 1
    if keepsUserNames {
      if !isStanford { output.close() }
      while isName(position) { takeCharacter() }
      output.close()
    } else {
      output.close()
      while isName(position) { position += text.sign(at: position).length }
    }
  }

  /// `#OneTag` whole, or as `#`, `one` and `tag`.
  private mutating func hashtag() {
    take(1)
    while isName(position) {
      if splitsHashtags {
        if text[position] == UInt8(ascii: "_") {
          output.close()
          position += 1
          continue
        }
        if startsWordOfTag { output.close() }
      }
      takeCharacter()
    }
    output.close()
  }

  /// Whether the words of a tag part here: behind its sign, and where a capital follows a small
  /// letter.
  private var startsWordOfTag: Bool {
    let before = text[position - 1]
    return before == UInt8(ascii: "#")
      || text[position].isCapital && before.isLetter && !before.isCapital
  }

  /// Takes the next `count` ASCII bytes into the open token.
  mutating func take(_ count: Int) {
    for _ in 0..<count {
      output.put(text[position].lowered)
      position += 1
    }
  }

  /// Takes the next character into the open token.
  mutating func takeCharacter() {
    let byte = text[position]
    if byte < 0x80 { return take(1) }
    let (scalar, length) = text.scalar(at: position)
    output.putLowered(scalar.asRead)
    position += length
  }
}
