/// Cuts blocks of a table into rows and fields, as RFC 4180 has it: a field in quotes may hold
/// delimiters, line breaks and, doubled, quotes; LF and CR LF end a row; a quote inside a field
/// without quotes is a mistake, and is told with line and column. Without quoting, as TSV is
/// registered with IANA, a quote is a character like any other.
struct CSVParser {
  private enum State {
    case atField
    case plain
    case quoted
    /// Behind a quote in a quoted field: its end, or the first half of a doubled one.
    case behindQuote
    /// Behind a CR that follows a quoted field.
    case behindReturn
    /// In a bad row, up to the end of the line.
    case bad
  }

  /// More fields than this no row has.
  static let mostFields = 10_000

  private let delimiter: UInt8
  private let isQuoting: Bool
  private let longest: Int
  private var state = State.atField
  private var bytes: [UInt8] = []
  private var ends: [Int] = []
  private var defect: LocatedRowError?
  private var rowLine = 1
  private var line = 1
  private var column = 1
  /// Where the quote stands that began the current field.
  private var opening = (line: 1, column: 1)

  /// - Parameters:
  ///   - isQuoting: whether quotes mean anything.
  ///   - longest: the most bytes of a row.
  init(delimiter: UInt8, isQuoting: Bool, longest: Int = RawRecord.longest) {
    (self.delimiter, self.isQuoting, self.longest) = (delimiter, isQuoting, longest)
  }

  mutating func split(
    _ block: UnsafeRawBufferPointer, _ body: (CSVRecord) throws -> Void
  ) rethrows {
    var position = 0
    while position < block.count {
      let end = endOfRun(block, position)
      if end > position { keep(UnsafeRawBufferPointer(rebasing: block[position..<end])) }
      guard end < block.count else { return }
      try step(block[end], body)
      position = end + 1
    }
  }

  /// Hands over what stands behind the last line ending, if anything.
  mutating func finish(_ body: (CSVRecord) throws -> Void) rethrows {
    if state == .quoted {
      fail("a quote that nothing closes", expected: "a closing quote", at: opening, isFinal: true)
    } else if state == .atField, ends.isEmpty {
      return
    }
    endField(atLineEnd: false)
    try hand(body)
  }

  /// The first byte from `start` on that may be more than a character of the field.
  private func endOfRun(_ block: UnsafeRawBufferPointer, _ start: Int) -> Int {
    var position = start
    switch state {
    case .plain:
      while position < block.count, case let byte = block[position], byte != delimiter,
        byte != newline, byte != quote
      { position += 1 }
    case .quoted:
      while position < block.count, block[position] != quote, block[position] != newline {
        position += 1
      }
    case .bad: while position < block.count, block[position] != newline { position += 1 }
    case .atField, .behindQuote, .behindReturn: break
    }
    return position
  }

  private mutating func keep(_ run: UnsafeRawBufferPointer) {
    guard state != .bad else { return }
    guard run.count <= longest - bytes.count else {
      let isInQuotes = state == .quoted
      return fail(
        "a row of over \(longest) bytes" + (isInQuotes ? " since a quote was opened" : ""),
        expected: isInQuotes ? "a closing quote" : "a shorter row",
        at: isInQuotes ? opening : (rowLine, 1), isFinal: isInQuotes)
    }
    bytes.append(contentsOf: run)
    column += run.count { $0 & 0xC0 != 0x80 }
  }

  private mutating func step(_ byte: UInt8, _ body: (CSVRecord) throws -> Void) rethrows {
    switch (state, byte) {
    case (.bad, newline): try hand(body)
    case (.bad, _): break
    case (.quoted, quote): state = .behindQuote
    case (.quoted, _): append(byte)
    case (.behindQuote, quote):
      append(byte)
      if state != .bad { state = .quoted }
    case (.behindQuote, 0x0D): state = .behindReturn
    case (_, newline):
      endField(atLineEnd: true)
      try hand(body)
    case (.atField, delimiter), (.plain, delimiter), (.behindQuote, delimiter):
      endField(atLineEnd: false)
      if state != .bad { state = .atField }
    case (.behindQuote, _), (.behindReturn, _):
      fail("“\(shown(byte))” behind a closing quote", expected: "the end of the field, or \"\"")
    case (.atField, quote) where isQuoting:
      state = .quoted
      opening = (line, column)
    case (.plain, quote) where isQuoting:
      fail(
        "a quote inside a field that does not begin with one",
        expected: "the whole field in quotes and each quote in it doubled")
    default:
      state = .plain
      append(byte)
    }
    advance(over: byte)
  }

  private mutating func append(_ byte: UInt8) {
    if bytes.count < longest {
      bytes.append(byte)
    } else {
      withUnsafeBytes(of: byte) { keep($0) }
    }
  }

  private mutating func advance(over byte: UInt8) {
    guard byte == newline else {
      column += byte & 0xC0 == 0x80 ? 0 : 1
      return
    }
    (line, column) = (line + 1, 1)
    if state == .atField, ends.isEmpty { rowLine = line }
  }

  private mutating func endField(atLineEnd: Bool) {
    guard state != .bad else { return }
    if atLineEnd, state == .plain, bytes.last == 0x0D { bytes.removeLast() }
    guard ends.count < Self.mostFields else {
      return fail("more than \(Self.mostFields) fields", expected: "a row of the table")
    }
    ends.append(bytes.count)
  }

  private mutating func fail(
    _ problem: String, expected: String, at place: (line: Int, column: Int)? = nil,
    isFinal: Bool = false
  ) {
    let (line, column) = place ?? (self.line, self.column)
    defect = LocatedRowError(
      reason: RowError(problem: problem, expected: expected), line: line, column: column,
      isFinal: isFinal)
    state = .bad
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }

  private mutating func hand(_ body: (CSVRecord) throws -> Void) rethrows {
    var fields: [UInt8] = []
    swap(&fields, &bytes)
    let isBlank = defect == nil && ends.count == 1 && fields.allSatisfy { $0 <= 0x20 }
    if !isBlank {
      try fields.withUnsafeBytes {
        try body(CSVRecord($0, ends: ends, line: rowLine, defect: defect))
      }
    }
    swap(&fields, &bytes)
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    (state, defect) = (.atField, nil)
  }
}

private let quote = UInt8(ascii: "\"")
private let newline = UInt8(ascii: "\n")

/// A byte in a message.
private func shown(_ byte: UInt8) -> String {
  0x21...0x7E ~= byte ? String(UnicodeScalar(byte)) : "0x" + String(byte, radix: 16)
}
