/// The preprocessing of GloVe's vectors of tweets (preprocess-twitter, published with them): a
/// sequence of replacements, then lower-casing and splitting.
///
/// The published script also matches letters inside words, so that “old: ” becomes `ol<smile>`. Here
/// eyes, mouths and capitals only match where no letter continues them.
enum TwitterTokenizer {
  /// Splits one text into tokens.
  static func tokenize(_ text: UnsafeBufferPointer<UInt8>, into tokens: TokenBuffer) {
    var current = Array(text)
    var next: [UInt8] = []
    for rule in rules {
      next.removeAll(keepingCapacity: true)
      next.reserveCapacity(current.count + 64)
      current.withUnsafeBufferPointer { rule.apply(to: ByteText($0), &next) }
      swap(&current, &next)
    }
    current.withUnsafeBufferPointer { rewritten in
      tokens.write(textSize: rewritten.count) { split(ByteText(rewritten), into: &$0) }
    }
  }

  /// The rules in the order of their application.
  static let rules: [Rule] = [
    address, slash, user, emoticon, heart, number, hashtag, repetition, elongation, capitals,
  ]

  /// The tokens that the rules insert.
  static let markers: [StaticString] = [
    "<url>", "<user>", "<smile>", "<lolface>", "<sadface>", "<neutralface>", "<heart>",
    "<number>", "<hashtag>", "<allcaps>", "<repeat>", "<elong>",
  ]

  /// A replacement.
  struct Rule: Sendable {
    typealias Replacement =
      @Sendable (_ text: ByteText, _ start: Int, _ output: inout [UInt8]) -> Int

    /// By byte, whether a match can start with it.
    let starts: [Bool]
    /// Appends the replacement of the match at `start` and returns the length of the match; returns 0
    /// and appends nothing if there is none.
    let replace: Replacement

    /// Creates a rule for matches that start with a character of `first` in either case.
    init(at first: String, _ replace: @escaping Replacement) {
      starts = (0...UInt8.max).map { first.utf8.contains($0.lowercased) }
      self.replace = replace
    }

    func apply(to text: ByteText, _ output: inout [UInt8]) {
      var copied = 0
      var position = 0
      while position < text.count {
        guard starts[Int(text[position])] else {
          position += 1
          continue
        }
        output.append(contentsOf: text[copied..<position])
        copied = position
        let length = replace(text, position, &output)
        copied += length
        position += max(length, 1)
      }
      output.append(contentsOf: text[copied..<text.count])
    }
  }
}

// MARK: - Rules

extension TwitterTokenizer {
  private static let letters = "abcdefghijklmnopqrstuvwxyz"

  /// `https://t.co/x`, `www.x.com` -> `<url>`
  private static let address = Rule(at: "hw") { text, start, output in
    let isHost = text.has("www.", at: start) && text.startsWord(start + 4)
    guard text.has("http://", at: start) || text.has("https://", at: start) || isHost,
      !text.followsWord(start)
    else { return 0 }
    var end = start
    while !text.isSpace(end) { end += 1 }
    while end > start, !text.followsWord(end), text.ascii(end - 1) != "/" { end -= 1 }
    output.append("<url>")
    return end - start
  }

  /// `/` -> ` / `
  private static let slash = Rule(at: "/") { text, start, output in
    output.append(" / ")
    return 1
  }

  /// `@name` -> `<user>`
  private static let user = Rule(at: "@") { text, start, output in
    let end = text.endOfName(start + 1)
    guard end > start + 1 else { return 0 }
    output.append("<user>")
    return end - start
  }

  /// `:)` `(:` `:D` -> `<smile>`, `:p` -> `<lolface>`, `:(` `):` -> `<sadface>`, `:/` `:|` ->
  /// `<neutralface>`. The eyes are one of `8:=;`, the nose one of `'` `` ` `` `-` or absent.
  private static let emoticon = Rule(at: "8:=;()d") { text, start, output in
    guard !text.followsWord(start) || isPlainFace(text, start),
      let (marker, end) = face(text, start) ?? mirroredFace(text, start)
    else { return 0 }
    output.append(marker)
    return end - start
  }

  /// `<3` -> `<heart>`
  private static let heart = Rule(at: "<") { text, start, output in
    guard text.ascii(start + 1) == "3", !text[start + 2].isDigit else { return 0 }
    output.append("<heart>")
    return 2
  }

  /// `-1,000.50`, `7:30` -> `<number>`
  private static let number = Rule(at: "+-.0123456789") { text, start, output in
    var end = start
    if text.ascii(end) == "-" || text.ascii(end) == "+" {
      if text.followsWord(end) { return 0 }
      end += 1
    }
    if text.ascii(end) == "." { end += 1 }
    guard text[end].isDigit else { return 0 }
    while text[end].isDigit || isNumberSeparator(text.ascii(end)) && text[end + 1].isDigit {
      end += 1
    }
    output.append("<number>")
    return end - start
  }

  private static func isNumberSeparator(_ character: Unicode.Scalar) -> Bool {
    character == ":" || character == "," || character == "."
  }

  /// `#OneTwo` -> `<hashtag> One Two`, `#ONE` -> `<hashtag> ONE <allcaps>`
  private static let hashtag = Rule(at: "#") { text, start, output in
    var end = start + 1
    while text.isName(end) || text.markerLength(at: end) > 0 {
      end += max(1, text.markerLength(at: end))
    }
    guard end > start + 1 else { return 0 }
    let body = start + 1..<end
    output.append("<hashtag> ")
    let isUpperCase = isAllCapitals(text, body)
    for index in body {
      if !isUpperCase, text[index].isCapital, index > body.lowerBound, !text[index - 1].isCapital {
        output.append(" ")
      }
      // The capitals are marked here, once; lower case keeps the rule for words from marking them again.
      output.append(isUpperCase ? text[index].lowercased : text[index])
    }
    if isUpperCase { output.append(" <allcaps>") }
    return end - start
  }

  /// `!!!`, `?!`, `...` -> the last mark and `<repeat>`
  private static let repetition = Rule(at: "!?.") { text, start, output in
    var end = start
    while text.ascii(end) == "!" || text.ascii(end) == "?" || text.ascii(end) == "." { end += 1 }
    guard end - start > 1 else { return 0 }
    output.append(text[end - 1])
    output.append(" <repeat>")
    return end - start
  }

  /// `waaay` -> `way <elong>`
  private static let elongation = Rule(at: letters) { text, start, output in
    guard !text.followsWord(start) else { return 0 }
    var end = start
    while text[end].isLetter { end += 1 }
    let outputStart = output.count
    var isElongated = false
    var index = start
    while index < end {
      var runEnd = index + 1
      while runEnd < end, text[runEnd].lowercased == text[index].lowercased { runEnd += 1 }
      let isLongRun = runEnd - index > 2
      isElongated = isElongated || isLongRun
      output.append(contentsOf: text[index..<(isLongRun ? index + 1 : runEnd)])
      index = runEnd
    }
    guard isElongated else {
      output.removeSubrange(outputStart...)
      return 0
    }
    output.append(" <elong>")
    return end - start
  }

  /// `STOP` -> `stop <allcaps>`
  private static let capitals = Rule(at: letters) { text, start, output in
    guard text[start].isCapital, !text.followsWord(start) else { return 0 }
    var end = start
    while text.startsWord(end) || text.joinsWord(end) { end += 1 }
    guard (start..<end).allSatisfy({ text[$0] < 0x80 }), isAllCapitals(text, start..<end) else {
      return 0
    }
    for index in start..<end { output.append(text[index].lowercased) }
    output.append(" <allcaps>")
    return end - start
  }

  private static func isAllCapitals(_ text: ByteText, _ range: Range<Int>) -> Bool {
    range.count { text[$0].isCapital } > 1
      && range.allSatisfy { text[$0].isCapital || !text[$0].isLetter }
  }

  // MARK: Faces

  /// `:)` and `:(`, which also match directly after a word.
  private static func isPlainFace(_ text: ByteText, _ start: Int) -> Bool {
    guard text.ascii(start) == ":" else { return false }
    let mouth = text.ascii(start + (isNose(text.ascii(start + 1)) ? 2 : 1))
    return mouth == ")" || mouth == "("
  }

  private static func face(_ text: ByteText, _ start: Int) -> (StaticString, end: Int)? {
    guard isEyes(text.ascii(start)) else { return nil }
    var mouth = start + 1
    if isNose(text.ascii(mouth)) { mouth += 1 }
    // The rule `slash` has inserted the space.
    if text.ascii(mouth) == " ", text.ascii(mouth + 1) == "/" {
      return ("<neutralface>", mouth + 2)
    }
    guard let marker = marker(forMouth: text[mouth], isMirrored: false) else { return nil }
    var end = mouth + 1
    while text[end].lowercased == text[mouth].lowercased { end += 1 }
    return text.startsWord(end) ? nil : (marker, end)
  }

  private static func mirroredFace(_ text: ByteText, _ start: Int) -> (StaticString, end: Int)? {
    guard let marker = marker(forMouth: text[start], isMirrored: true) else { return nil }
    var end = start + 1
    while text[end].lowercased == text[start].lowercased { end += 1 }
    if isNose(text.ascii(end)) { end += 1 }
    guard isEyes(text.ascii(end)), !text.startsWord(end + 1) else { return nil }
    return (marker, end + 1)
  }

  private static func marker(forMouth mouth: UInt8, isMirrored: Bool) -> StaticString? {
    switch (Unicode.Scalar(mouth.lowercased), isMirrored) {
    case ("d", _), (")", false), ("(", true): "<smile>"
    case ("(", false), (")", true): "<sadface>"
    case ("p", false): "<lolface>"
    case ("|", false), ("l", false), ("*", false): "<neutralface>"
    default: nil
    }
  }

  private static func isEyes(_ character: Unicode.Scalar) -> Bool {
    character == "8" || character == ":" || character == "=" || character == ";"
  }

  private static func isNose(_ character: Unicode.Scalar) -> Bool {
    character == "'" || character == "`" || character == "-"
  }
}

extension ByteText {
  /// Whether the character at `index` can be part of a user name or a hashtag.
  fileprivate func isName(_ index: Int) -> Bool {
    ascii(index) == "_" || startsWord(index) || isInsideLetter(index)
  }

  fileprivate func endOfName(_ start: Int) -> Int {
    var end = start
    while isName(end) { end += 1 }
    return end
  }

  /// Whether white space or the end of the text is at `index`.
  fileprivate func isSpace(_ index: Int) -> Bool {
    self[index] <= 0x20 || character(at: index).kind == .space
  }

  /// Whether the byte at `index` continues a letter of several bytes.
  private func isInsideLetter(_ index: Int) -> Bool {
    guard self[index] & 0xC0 == 0x80 else { return false }
    var start = index - 1
    while self[start] & 0xC0 == 0x80, start > index - 4 { start -= 1 }
    let character = character(at: start)
    return character.kind == .letter && start + character.length > index
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ text: StaticString) {
    append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
