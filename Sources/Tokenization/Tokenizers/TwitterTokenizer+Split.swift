/// The last step of the twitter rules: cutting at white space and around punctuation.
extension TwitterTokenizer {
  /// Writes the tokens of rewritten text, lower-cased. Markers stay whole, and so do words with an
  /// apostrophe or a hyphen inside: these vectors have `don't` and `i'm`.
  static func split(_ text: ByteText, into output: inout TokenWriter) {
    var position = 0
    while position < text.count {
      let length = text.marker(at: position)
      if length > 0 {
        output.close()
        for index in position..<position + length { output.put(text[index].lowered) }
        output.close()
        position += length
      } else {
        position += take(text, position, &output)
      }
    }
  }

  /// Takes one character and says how long it was.
  private static func take(_ text: ByteText, _ position: Int, _ output: inout TokenWriter) -> Int {
    let sign = text.sign(at: position)
    let joins = output.length > 0 && text.joinsWord(position)
    switch sign.kind {
    case .letter, .digit: output.putLowered(text.scalar(at: position).scalar.asRead)
    case .invisible: break
    case .space: output.close()
    case .apostrophe where joins: output.put(UInt8(ascii: "'"))
    case .apostrophe: output.token(UInt8(ascii: "'"))
    case .quote: output.token("\"")
    case .mark where joins || text[position] == UInt8(ascii: "_"): output.put(text[position])
    case .mark: output.token(text[position])
    case .symbol, .ellipsis:
      output.close()
      output.putLowered(text.scalar(at: position).scalar.asRead)
      output.close()
    }
    return sign.length
  }
}

extension ByteText {
  /// The length of the marker at `index`, or 0.
  func marker(at index: Int) -> Int {
    guard self[index] == UInt8(ascii: "<") else { return 0 }
    for marker in TwitterTokenizer.markers where has(marker, at: index) {
      return marker.utf8CodeUnitCount
    }
    return 0
  }

  /// Whether an apostrophe or a hyphen at `index` joins the letters on both its sides.
  func joinsWord(_ index: Int) -> Bool {
    let isHyphen = self[index] == UInt8(ascii: "-")
    let length = isHyphen ? 1 : sign(at: index).length
    guard isHyphen || sign(at: index).kind == .apostrophe else { return false }
    return followsWord(index) && startsWord(index + length)
  }

  /// Whether what stands at `index` can be part of a user's name or of a tag.
  func isName(_ index: Int) -> Bool {
    self[index] == UInt8(ascii: "_") || startsWord(index) || isInsideCharacter(index)
  }

  /// Whether white space or the end stands at `index`.
  func isSpace(_ index: Int) -> Bool { self[index] <= 0x20 || sign(at: index).kind == .space }

  /// Whether the byte continues the letter before it.
  private func isInsideCharacter(_ index: Int) -> Bool {
    guard self[index] & 0xC0 == 0x80 else { return false }
    var start = index - 1
    while self[start] & 0xC0 == 0x80, start > index - 4 { start -= 1 }
    let sign = sign(at: start)
    return sign.kind == .letter && start + sign.length > index
  }
}

extension UInt8 {
  /// Whether this is an ASCII capital.
  var isCapital: Bool { self &- 0x41 < 26 }
}
