/// Splits blocks of a table into rows and fields as in RFC 4180: a field in quotes may contain
/// delimiters, line breaks and doubled quotes; LF and CR LF (or CR, if that is the newline) end a row;
/// a quote inside an unquoted field is an error with line and column. Without quoting, as in IANA's
/// TSV, a quote is an ordinary character.
struct CSVParser {
  private enum State {
    case fieldStart
    case unquoted
    case quoted
    /// After a quote in a quoted field: its end, or the first half of a doubled quote.
    case afterQuote
    /// After a CR that follows a quoted field.
    case afterReturn
    /// In a bad row; skips to the end of the line.
    case bad
  }

  /// The greatest number of fields of a row.
  static let maxFields = 10_000

  private let delimiter: UInt8
  private let quote: UInt8
  private let isQuoting: Bool
  private let newline: UInt8
  private let maxLength: Int
  private var state = State.fieldStart
  /// The fields of the current row, concatenated, and where each ends.
  private var bytes: [UInt8] = []
  private var ends: [Int] = []
  private var error: RowError?
  private var rowLine: Int
  private var line: Int
  private var column = 1
  /// The position of the quote that opened the current field.
  private var openingQuote = (line: 1, column: 1)
  /// Whether a quote in the row follows a backslash, which does not escape it.
  private var hasBackslash = false

  /// - Parameters:
  ///   - quote: the character that encloses fields; nil if none does.
  ///   - newline: the last character of a line ending.
  ///   - firstLine: the number of the first line.
  ///   - maxLength: the greatest number of bytes of a row.
  init(
    delimiter: UInt8, quote: UInt8?, newline: UInt8 = UInt8(ascii: "\n"), firstLine: Int = 1,
    maxLength: Int = Line.maxLength
  ) {
    (self.delimiter, self.newline, self.maxLength) = (delimiter, newline, maxLength)
    (self.quote, isQuoting) = (quote ?? newline, quote != nil)
    (rowLine, line) = (firstLine, firstLine)
  }

  /// Calls `body` with each row that ends in the block.
  mutating func split(
    _ block: UnsafeRawBufferPointer, _ body: (Row) throws -> Void
  ) rethrows {
    var position = 0
    while position < block.count {
      let end = endOfRun(block, position)
      if end > position { append(UnsafeRawBufferPointer(rebasing: block[position..<end])) }
      guard end < block.count else { return }
      try step(block[end], body)
      position = end + 1
    }
  }

  /// Emits the text after the last line ending, if any.
  mutating func finish(_ body: (Row) throws -> Void) rethrows {
    if state == .quoted {
      fail(
        "a quote that nothing closes", expected: "a closing quote", at: openingQuote, isFinal: true)
    } else if state == .fieldStart, ends.isEmpty {
      return
    }
    endField(atLineEnd: false)
    try emit(body)
  }

  /// The position of the next byte that is not an ordinary character of the field.
  private func endOfRun(_ block: UnsafeRawBufferPointer, _ start: Int) -> Int {
    var position = start
    switch state {
    case .unquoted:
      while position < block.count, case let byte = block[position], byte != delimiter,
        byte != newline, byte != quote
      { position += 1 }
    case .quoted:
      while position < block.count, block[position] != quote, block[position] != newline {
        position += 1
      }
    case .bad: while position < block.count, block[position] != newline { position += 1 }
    case .fieldStart, .afterQuote, .afterReturn: break
    }
    return position
  }

  private mutating func append(_ run: UnsafeRawBufferPointer) {
    guard state != .bad else { return }
    guard run.count <= maxLength - bytes.count else {
      let isInQuotes = state == .quoted
      return fail(
        "a row of over \(maxLength) bytes" + (isInQuotes ? " since a quote was opened" : ""),
        expected: isInQuotes ? "a closing quote" : "a shorter row",
        at: isInQuotes ? openingQuote : (rowLine, 1), isFinal: isInQuotes)
    }
    bytes.append(contentsOf: run)
    column += run.count { $0 & 0xC0 != 0x80 }
  }

  private mutating func step(_ byte: UInt8, _ body: (Row) throws -> Void) rethrows {
    switch (state, byte) {
    case (.bad, newline): try emit(body)
    case (.bad, _): break
    case (.quoted, quote):
      state = .afterQuote
      hasBackslash = hasBackslash || bytes.last == UInt8(ascii: "\\")
    case (.quoted, _): append(byte)
    case (.afterQuote, quote):
      append(byte)
      if state != .bad { state = .quoted }
    case (.afterQuote, 0x0D) where newline != 0x0D: state = .afterReturn
    case (_, newline):
      endField(atLineEnd: true)
      try emit(body)
    case (.fieldStart, delimiter), (.unquoted, delimiter), (.afterQuote, delimiter):
      endField(atLineEnd: false)
      if state != .bad { state = .fieldStart }
    case (.afterQuote, _), (.afterReturn, _):
      let quote = printable(quote)
      fail(
        "“\(printable(byte))” after a closing quote",
        expected: "the end of the field, or \(quote)\(quote)")
    case (.fieldStart, quote) where isQuoting:
      state = .quoted
      openingQuote = (line, column)
    case (.unquoted, quote) where isQuoting:
      hasBackslash = bytes.last == UInt8(ascii: "\\")
      let isAfterSpace = bytes.dropFirst(ends.last ?? 0).allSatisfy { $0 == 0x20 }
      fail(
        "a quote inside a field that does not begin with one",
        expected: "the whole field in quotes and each quote in it doubled")
      if isAfterSpace { error?.hint = "remove the space before the quote" }
    default:
      state = .unquoted
      append(byte)
    }
    advance(over: byte)
  }

  private mutating func append(_ byte: UInt8) {
    if bytes.count < maxLength {
      bytes.append(byte)
    } else {
      withUnsafeBytes(of: byte) { append($0) }
    }
  }

  private mutating func advance(over byte: UInt8) {
    guard byte == newline else {
      column += byte & 0xC0 == 0x80 ? 0 : 1
      return
    }
    (line, column) = (line + 1, 1)
    if state == .fieldStart, ends.isEmpty { rowLine = line }
  }

  private mutating func endField(atLineEnd: Bool) {
    guard state != .bad else { return }
    if atLineEnd, state == .unquoted, bytes.last == 0x0D { bytes.removeLast() }
    guard ends.count < Self.maxFields else {
      return fail("more than \(Self.maxFields) fields", expected: "a row of the table")
    }
    ends.append(bytes.count)
  }

  private mutating func fail(
    _ problem: String, expected: String, at position: (line: Int, column: Int)? = nil,
    isFinal: Bool = false
  ) {
    var error = RowError(problem: problem, expected: expected)
    (error.line, error.column) = position ?? (line, column)
    error.isFinal = isFinal
    if hasBackslash {
      let quote = printable(quote)
      error.hint =
        "a backslash does not escape a quote in CSV: write \(quote)\(quote) in place of \\\(quote)"
    }
    self.error = error
    state = .bad
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }

  private mutating func emit(_ body: (Row) throws -> Void) rethrows {
    var fields: [UInt8] = []
    swap(&fields, &bytes)
    let isBlank = error == nil && ends.count == 1 && fields.allSatisfy { $0 <= 0x20 }
    if !isBlank {
      try fields.withUnsafeBytes { bytes in
        var row = Row(line: rowLine, error: error)
        row.fields.reserveCapacity(ends.count)
        var start = 0
        for end in ends {
          row.fields.append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
          start = end
        }
        try body(row)
      }
    }
    swap(&fields, &bytes)
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    (state, error, hasBackslash) = (.fieldStart, nil, false)
  }
}

/// A byte in a message.
private func printable(_ byte: UInt8) -> String {
  0x21...0x7E ~= byte ? String(UnicodeScalar(byte)) : "0x" + String(byte, radix: 16)
}

/// The names in a list that is written as a row of a CSV, such as `id,"a, b"`; nil if it is not one row.
package func commaSeparated(_ list: String) -> [String]? {
  let rows = csvRows(Array(list.utf8))
  return rows.count == 1 && rows[0].error == nil ? rows[0].fields : nil
}

/// All rows of a small table: the line of each, and its fields or the problem with it.
package func csvRows(
  _ text: [UInt8], delimiter: UInt8 = UInt8(ascii: ",")
) -> [(line: Int, fields: [String], error: RowError?)] {
  var parser = CSVParser(delimiter: delimiter, quote: UInt8(ascii: "\""))
  var rows: [(line: Int, fields: [String], error: RowError?)] = []
  func take(_ row: Row) {
    rows.append(
      (row.line, row.fields.map { String(decoding: $0, as: UTF8.self) }, row.error))
  }
  text.withUnsafeBytes { parser.split($0, take) }
  parser.finish(take)
  return rows
}
