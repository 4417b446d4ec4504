extension TwitterTokenizer {
  /// Splits the rewritten text at white space and around punctuation, and lower-cases it. Markers stay
  /// whole, and so do words with an apostrophe or a hyphen inside, because these vectors have `don't`
  /// and `i'm`.
  static func split(_ text: ByteText, into output: inout TokenWriter) {
    var position = 0
    while position < text.count {
      let length = text.markerLength(at: position)
      if length > 0 {
        output.endToken()
        for index in position..<position + length { output.append(text[index].lowercased) }
        output.endToken()
        position += length
      } else {
        position += copyCharacter(text, position, &output)
      }
    }
  }

  /// Copies one character and returns its length.
  private static func copyCharacter(
    _ text: ByteText, _ position: Int, _ output: inout TokenWriter
  ) -> Int {
    let character = text.character(at: position)
    let joins = output.length > 0 && text.joinsWord(position)
    switch character.kind {
    case .letter, .digit: output.appendLowercased(text.scalar(at: position).scalar.repaired)
    case .invisible: break
    case .space: output.endToken()
    case .apostrophe where joins: output.append(UInt8(ascii: "'"))
    case .apostrophe: output.appendToken(UInt8(ascii: "'"))
    case .quote: output.appendToken(UInt8(ascii: "\""))
    case .punctuation where joins || text.ascii(position) == "_": output.append(text[position])
    case .punctuation: output.appendToken(text[position])
    case .symbol, .ellipsis: output.appendToken(text.scalar(at: position).scalar.repaired)
    }
    return character.length
  }
}

extension ByteText {
  /// The length of the marker at `index`, or 0.
  func markerLength(at index: Int) -> Int {
    guard ascii(index) == "<" else { return 0 }
    return TwitterTokenizer.markers.first { has($0, at: index) }?.utf8CodeUnitCount ?? 0
  }

  /// Whether an apostrophe or a hyphen at `index` has letters on both sides.
  func joinsWord(_ index: Int) -> Bool {
    let isHyphen = ascii(index) == "-"
    let character = character(at: index)
    guard isHyphen || character.kind == .apostrophe else { return false }
    return followsWord(index) && startsWord(index + character.length)
  }
}
