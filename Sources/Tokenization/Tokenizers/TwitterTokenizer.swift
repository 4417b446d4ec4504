import Safetensors
/// The preprocessing that GloVe's vectors of tweets were made with (preprocess-twitter, published
/// beside them): ten rewritings one after the other, then lower-casing and cutting.
///
/// The published script matches letters inside words, too, so that “old: ” becomes `ol<smile>`;
/// here eyes, mouths and capitals are taken only where no letter continues them.
enum TwitterTokenizer {
  /// One rewriting.
  struct Rule: Sendable {
    /// By byte, whether the rule is tried where this byte stands.
    let starts: [Bool]
    /// Says how many bytes at the position are replaced by what it has added to the output; 0, with
    /// nothing added, where it does not apply.
    let replace: @Sendable (_ text: ByteText, _ position: Int, _ output: inout [UInt8]) -> Int

    /// A rule for what begins with one of the characters of `first`, in either case.
    init(
      at first: String,
      _ replace:
        @escaping @Sendable (_ text: ByteText, _ position: Int, _ output: inout [UInt8]) -> Int
    ) {
      starts = (0...UInt8.max).map { first.utf8.contains($0.lowered) }
      self.replace = replace
    }
  }

  /// In the order in which they are applied.
  static let rules: [Rule] = [
    address, slash, user, smiley, heart, number, hashtag, repetition, elongation, capitals,
  ]

  /// The markers that the rules write; each is one token.
  static let markers: [StaticString] = [
    "<url>", "<user>", "<smile>", "<lolface>", "<sadface>", "<neutralface>", "<heart>",
    "<number>", "<hashtag>", "<allcaps>", "<repeat>", "<elong>",
  ]

  /// Applies all rules and calls `body` with the result, which is not lower-cased yet.
  static func rewriting(
    _ text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    var current = Array(text)
    var next: [UInt8] = []
    for rule in rules {
      next.removeAll(keepingCapacity: true)
      next.reserveCapacity(current.count + 64)
      current.withUnsafeBufferPointer { apply(rule, ByteText($0), &next) }
      swap(&current, &next)
    }
    current.withUnsafeBufferPointer(body)
  }

  private static func apply(_ rule: Rule, _ text: ByteText, _ output: inout [UInt8]) {
    var copied = 0
    var position = 0
    while position < text.count {
      guard rule.starts[Int(text[position])] else {
        position += 1
        continue
      }
      output.append(contentsOf: text[copied..<position])
      copied = position
      let taken = rule.replace(text, position, &output)
      copied += taken
      position += max(taken, 1)
    }
    output.append(contentsOf: text[copied..<text.count])
  }

  private static let letters = "abcdefghijklmnopqrstuvwxyz"

  // MARK: The rules

  /// `https://t.co/x`, `www.x.com` -> `<url>`
  static let address = Rule(at: "hw") { text, start, output in
    guard text.has("http://", at: start) || text.has("https://", at: start) || isHost(text, start),
      !text.followsWord(start)
    else { return 0 }
    var end = start
    while !text.isSpace(end) { end += 1 }
    while end > start, !text.followsWord(end), text[end - 1] != UInt8(ascii: "/") { end -= 1 }
    output.append("<url>")
    return end - start
  }

  private static func isHost(_ text: ByteText, _ start: Int) -> Bool {
    text.has("www.", at: start) && text.startsWord(start + 4)
  }

  /// `/` -> ` / `
  static let slash = Rule(at: "/") { text, start, output in
    guard text[start] == UInt8(ascii: "/") else { return 0 }
    output.append(" / ")
    return 1
  }

  /// `@name` -> `<user>`
  static let user = Rule(at: "@") { text, start, output in
    guard text[start] == UInt8(ascii: "@") else { return 0 }
    var end = start + 1
    while text.isName(end) { end += 1 }
    guard end > start + 1 else { return 0 }
    output.append("<user>")
    return end - start
  }

  /// `<3` -> `<heart>`
  static let heart = Rule(at: "<") { text, start, output in
    guard text[start] == UInt8(ascii: "<"), text[start + 1] == UInt8(ascii: "3"),
      !text[start + 2].isDigit
    else { return 0 }
    output.append("<heart>")
    return 2
  }

  /// `-1,000.50`, `7:30` -> `<number>`
  static let number = Rule(at: "+-.0123456789") { text, start, output in
    var end = start
    if text[end] == UInt8(ascii: "-") || text[end] == UInt8(ascii: "+") {
      if text.followsWord(end) { return 0 }
      end += 1
    }
    if text[end] == UInt8(ascii: ".") { end += 1 }
    guard text[end].isDigit else { return 0 }
    while text[end].isDigit || isInsideNumber(text, end) { end += 1 }
    output.append("<number>")
    return end - start
  }

  private static func isInsideNumber(_ text: ByteText, _ index: Int) -> Bool {
    switch text[index] {
    case UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "."): text[index + 1].isDigit
    default: false
    }
  }

  /// `#OneTwo` -> `<hashtag> One Two`, `#ONE` -> `<hashtag> ONE <allcaps>`
  static let hashtag = Rule(at: "#") { text, start, output in
    guard text[start] == UInt8(ascii: "#") else { return 0 }
    var end = start + 1
    while text.isName(end) || text.marker(at: end) > 0 { end += max(1, text.marker(at: end)) }
    guard end > start + 1 else { return 0 }
    let body = start + 1..<end
    output.append("<hashtag> ")
    let isLoud = isAllCapitals(text, body)
    for index in body {
      if !isLoud, text[index].isCapital, index > body.lowerBound, !text[index - 1].isCapital {
        output.append(" ")
      }
      // The capitals of a loud tag are marked here, once; the rule for words must not do it again.
      output.append(isLoud ? text[index].lowered : text[index])
    }
    if isLoud { output.append(" <allcaps>") }
    return end - start
  }

  private static func isAllCapitals(_ text: ByteText, _ range: Range<Int>) -> Bool {
    range.count { text[$0].isCapital } > 1
      && range.allSatisfy { text[$0].isCapital || !text[$0].isLetter }
  }

  /// `!!!`, `?!`, `...` -> the last mark and `<repeat>`
  static let repetition = Rule(at: "!?.") { text, start, output in
    var end = start
    while isEndMark(text[end]) { end += 1 }
    guard end - start > 1 else { return 0 }
    output.append(text[end - 1])
    output.append(" <repeat>")
    return end - start
  }

  private static func isEndMark(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: ".")
  }

  /// `waaay` -> `way <elong>`
  static let elongation = Rule(at: letters) { text, start, output in
    guard text[start].isLetter, !text.followsWord(start) else { return 0 }
    var end = start
    while text[end].isLetter { end += 1 }
    let mark = output.count
    var isLong = false
    var index = start
    while index < end {
      var run = index + 1
      while run < end, text[run].lowered == text[index].lowered { run += 1 }
      isLong = isLong || run - index > 2
      for position in index..<(run - index > 2 ? index + 1 : run) { output.append(text[position]) }
      index = run
    }
    guard isLong else {
      output.removeSubrange(mark...)
      return 0
    }
    output.append(" <elong>")
    return end - start
  }

  /// `STOP` -> `stop <allcaps>`
  static let capitals = Rule(at: letters) { text, start, output in
    guard text[start].isCapital, !text.followsWord(start) else { return 0 }
    var end = start
    while text.startsWord(end) || text.joinsWord(end) { end += 1 }
    guard (start..<end).allSatisfy({ text[$0] < 0x80 }), isAllCapitals(text, start..<end) else {
      return 0
    }
    for index in start..<end { output.append(text[index].lowered) }
    output.append(" <allcaps>")
    return end - start
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ text: StaticString) {
    append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
