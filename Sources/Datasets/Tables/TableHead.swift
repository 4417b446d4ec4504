import Support

/// The beginning of a table: its line endings, its possible delimiters and its first rows.
struct TableHead {
  /// A row: the number of its line, and its fields as names; none if it is bad.
  typealias NamedRow = (line: Int, names: [String])

  /// The last character of a line ending.
  let newline: UInt8
  /// The number of lines before the first row.
  private(set) var skippedLines: Int
  /// The delimiters to try, the most common first.
  private(set) var delimiters: [UInt8]
  /// The character that encloses fields; nil if none does.
  let quote: UInt8?
  private var text: ArraySlice<UInt8>

  init(_ head: some Collection<UInt8>, _ format: TableFormat, _ options: TextFileOptions) {
    text = Array(head)[...]
    quote = format == .csv ? options.quote : nil
    newline = Self.newline(of: text, quote: quote)
    skippedLines = options.skippedLines
    delimiters = options.delimiter.map { [$0] } ?? Array((quote == nil ? "\t" : ",;\t|").utf8)
    for _ in 0..<skippedLines { dropLine() }
    if let separator = Self.separator(in: text) {
      dropLine()
      skippedLines += 1
      if options.delimiter == nil, quote != nil { delimiters = [separator] }
    }
  }

  /// A parser of the rows, after the lines to skip.
  func parser(delimiter: UInt8) -> CSVParser {
    CSVParser(
      delimiter: delimiter, quote: quote, newline: newline, firstLine: skippedLines + 1)
  }

  /// Whether the first row ends in the head.
  var isComplete: Bool { text.contains(newline) }

  /// The rows that end in the head; at least the beginning of the first one.
  func rows(delimiter: UInt8) -> [NamedRow] {
    var parser = parser(delimiter: delimiter)
    var rows: [NamedRow] = []
    func take(_ row: Row) {
      let names = row.fields.map { normalizedName($0) }
      rows.append((row.line, names))
    }
    text.withUnsafeBytes { parser.split($0, take) }
    if rows.isEmpty { parser.finish(take) }
    return rows
  }

  private mutating func dropLine() { text = text.drop { $0 != newline }.dropFirst() }

  /// CR if it ends the first lines, as in files of old spreadsheets; else LF.
  private static func newline(of text: ArraySlice<UInt8>, quote: UInt8?) -> UInt8 {
    var isQuoted = false
    var previous: UInt8?
    var endsInReturn = false
    for byte in text {
      if byte == quote { isQuoted.toggle() }
      if previous == 0x0D, byte != 0x0D { endsInReturn = endsInReturn || byte != 0x0A }
      if !isQuoted, byte == 0x0A { return 0x0A }
      previous = isQuoted ? nil : byte
    }
    return endsInReturn ? 0x0D : 0x0A
  }

  /// The delimiter in a first line such as `sep=;`, which spreadsheets write and read.
  private static func separator(in text: ArraySlice<UInt8>) -> UInt8? {
    let line = text.prefix(9).prefix { $0 != 0x0A && $0 != 0x0D }.filter {
      $0 != UInt8(ascii: "\"")
    }
    let name = line.prefix(4).map { $0 | 0x20 }
    return line.count == 5 && name.elementsEqual("sep=".utf8) ? line.last : nil
  }
}

// MARK: Columns

extension TableHead {
  /// The first delimiter with which the first row names the columns, and all names; nil if there is
  /// none.
  func columns(_ columns: [String]) -> (delimiter: UInt8, names: [String])? {
    for delimiter in delimiters {
      let names = rows(delimiter: delimiter).first?.names ?? []
      if CSVReader.indices(of: columns, in: names) != nil { return (delimiter, names) }
    }
    return nil
  }

  /// The delimiter with which all rows have as many fields as there are names or, if there is none, the
  /// first row.
  /// - Throws: ``UserError`` with exit status `data` unless there is exactly one.
  func delimiter(header: [String], at location: String) throws -> UInt8 {
    let rows = delimiters.map { ($0, counts: self.rows(delimiter: $0).map(\.names.count)) }
    let first = rows.filter { $0.counts.first == header.count }
    let all = first.filter { $0.counts.allSatisfy { $0 == header.count } }
    let fitting = (all.isEmpty ? first : all).map { flag($0.0) }
    guard fitting.count < 2 else {
      throw UserError(
        .data, at: "\(location): line \(skippedLines + 1)",
        problem: "\(NumberFormat.count(header.count, "field")) with each of the delimiters "
          + fitting.joined(separator: " and "),
        expected: "one delimiter",
        hint: "say which with --delimiter \(fitting.joined(separator: " or "))")
    }
    guard let (delimiter, _) = (all.isEmpty ? first : all).first else {
      throw UserError(
        .data, at: "\(location): line \(skippedLines + 1)",
        problem: NumberFormat.count(rows.compactMap(\.counts.first).max() ?? 0, "field"),
        expected: "\(header.count), as --header names",
        hint: "name all columns with --header, and a delimiter other than "
          + "\(delimiters.map(flag).joined(separator: ", ")) with --delimiter")
    }
    return delimiter
  }

  /// The error if the first row does not name the columns.
  func missingColumns(_ columns: [String], at location: String, hint: String) -> UserError {
    let rows = delimiters.map { self.rows(delimiter: $0) }
    let names = rows.compactMap { $0.first?.names }.max { $0.count < $1.count } ?? []
    func isHeader(_ row: NamedRow) -> Bool { CSVReader.indices(of: columns, in: row.names) != nil }
    var hint = hint
    if let row = rows.compactMap({ $0.first(where: isHeader) }).first {
      hint = "line \(row.line) names them: skip what precedes with --skip-lines \(row.line - 1)"
    } else if names.contains(where: { $0.contains("\u{FFFD}") }) {
      hint = "the line is not UTF-8; name the encoding, as in --encoding windows-1252"
    } else if names.contains(where: { $0.hasPrefix(quote == nil ? "\"" : "'") }) {
      hint =
        "the names are in quotes, which are read with "
        + (quote == nil ? "--format csv" : "--quote \"'\"")
    } else if names.count == 1 {
      hint +=
        "; another delimiter than \(delimiters.map(flag).joined(separator: ", ")) "
        + "is named with --delimiter"
    }
    return CSVReader.missingColumns(
      columns, in: names, at: "\(location): line \(skippedLines + 1)", hint: hint)
  }

  /// A delimiter as it is written on a command line.
  private func flag(_ delimiter: UInt8) -> String {
    0x21...0x7E ~= delimiter ? "'\(UnicodeScalar(delimiter))'" : delimiter == 0x20 ? "' '" : "tab"
  }
}
