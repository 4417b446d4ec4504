import Support

/// Reads a table and selects fields of each row by the names of the columns.
package struct CSVReader {
  private var parser: CSVParser
  private var selection: ColumnSelection
  /// The number of lines before the first row that are still to come.
  private var skippedLines: Int
  private let newline: UInt8

  /// Inspects the beginning of a table. The delimiter of a CSV is that of the options or of a line such
  /// as `sep=;`, or else the first of comma, semicolon, tab and bar with which the columns are found.
  /// - Parameters:
  ///   - head: the first bytes of the file in UTF-8, without a byte order mark, with the whole first
  ///     row.
  ///   - columns: the names of the columns to select.
  ///   - header: the names of all columns, if the file has no row of names.
  ///   - hint: advice if columns are missing.
  /// - Throws: ``UserError`` with exit status `data` if columns are missing, or if several delimiters
  ///   are possible.
  package init(
    _ head: some Collection<UInt8>, _ format: TableFormat, columns: [String],
    header: [String]? = nil, options: TextFileOptions = TextFileOptions(),
    at location: @autoclosure () -> String, hint: String
  ) throws {
    let table = TableHead(head, format, options)
    let (delimiter, names): (UInt8, [String])
    if let header {
      (delimiter, names) = (try table.delimiter(header: header, at: location()), header)
    } else if let found = table.columns(columns) {
      (delimiter, names) = found
    } else {
      throw table.missingColumns(columns, at: location(), hint: hint)
    }
    guard let indices = Self.indices(of: columns, in: names) else {
      throw Self.missingColumns(columns, in: names, at: location(), hint: hint)
    }
    selection = ColumnSelection(
      names: names, indices: indices, expectsHeader: header == nil, quote: table.quote,
      delimiter: delimiter)
    parser = table.parser(delimiter: delimiter)
    (skippedLines, newline) = (table.skippedLines, table.newline)
  }

  /// Whether the first bytes of a file suffice to create a reader.
  package static func canBegin(
    with head: some Collection<UInt8>, _ format: TableFormat, _ options: TextFileOptions
  ) -> Bool { TableHead(head, format, options).isComplete }

  /// Calls `body` with the selected fields of each row that ends in the block.
  package mutating func split(
    _ block: UnsafeRawBufferPointer, _ body: (Row) throws -> Void
  ) rethrows {
    var block = block
    while skippedLines > 0 {
      guard let end = block.firstIndex(of: newline) else { return }
      block = UnsafeRawBufferPointer(rebasing: block[(end + 1)...])
      skippedLines -= 1
    }
    try parser.split(block) { try selection.apply(to: $0, body) }
  }

  /// Emits the text after the last line ending, if any.
  package mutating func finish(_ body: (Row) throws -> Void) rethrows {
    try parser.finish { try selection.apply(to: $0, body) }
  }

  /// The index of each column among `names`; nil unless each occurs exactly once.
  static func indices(of columns: [String], in names: [String]) -> [Int]? {
    let indices = columns.compactMap { column in
      let found = names.indices.filter { names[$0].utf8.elementsEqual(column.utf8) }
      return found.count == 1 ? found.first : nil
    }
    return indices.count == columns.count ? indices : nil
  }

  /// The error about columns that do not occur exactly once among `names`.
  static func missingColumns(
    _ columns: [String], in names: [String], at location: String, hint: String
  ) -> UserError {
    let duplicate = columns.first { column in
      names.count { $0.utf8.elementsEqual(column.utf8) } > 1
    }
    let problem = names.isEmpty ? "no line of names" : "the columns \(names.quoted(limit: 12))"
    let wanted = columns.map { "“\($0)”" }.joined(separator: ", ")
    return UserError(
      .data, at: location, problem: duplicate.map { "several columns “\($0)”" } ?? problem,
      expected: "\(columns.count > 1 ? "one column each:" : "one column") \(wanted)", hint: hint)
  }
}

/// Selects fields of rows by column.
private struct ColumnSelection {
  /// The names of all columns.
  let names: [String]
  /// The indices of the selected columns.
  let indices: [Int]
  /// Whether the row with the names is still to come.
  var expectsHeader: Bool
  /// Whether the names are not in the file.
  private let hasGivenNames: Bool
  private var isFirst = true
  /// The character that encloses fields; nil if none does.
  let quote: UInt8?
  let delimiter: UInt8
  /// Whether any field began with a quotation mark of another kind.
  private var hasOtherQuotes = false

  init(names: [String], indices: [Int], expectsHeader: Bool, quote: UInt8?, delimiter: UInt8) {
    (self.names, self.indices, self.expectsHeader) = (names, indices, expectsHeader)
    (self.quote, self.delimiter, hasGivenNames) = (quote, delimiter, !expectsHeader)
  }

  /// Calls `body` with the selected fields of a row, unless it is the row with the names.
  mutating func apply(to row: Row, _ body: (Row) throws -> Void) rethrows {
    var row = row
    if row.error == nil {
      guard !expectsHeader else {
        expectsHeader = false
        return
      }
      row.error = error(in: row.fields)
      row.fields = row.error == nil ? indices.map { row.fields[$0] } : []
    }
    try body(row)
  }

  private mutating func error(in fields: [UnsafeRawBufferPointer]) -> RowError? {
    let otherQuote = quote == nil ? UInt8(ascii: "\"") : UInt8(ascii: "'")
    hasOtherQuotes =
      hasOtherQuotes || quote != otherQuote && fields.contains { $0.first == otherQuote }
    guard fields.count == names.count else {
      var error = RowError(
        problem: "\(fields.count) fields",
        expected: "\(names.count): \(names.prefix(12).joined(separator: ", "))")
      if hasOtherQuotes {
        error.hint =
          "fields are in quotes, which are read with "
          + (quote == nil ? "--format csv" : "--quote \"'\"")
      } else if fields.count > names.count, quote != nil, 0x21...0x7E ~= delimiter {
        error.hint = "put fields that contain “\(UnicodeScalar(delimiter))” in quotes"
        if fields.last?.isEmpty == true { error.hint? += " and remove it at the end of the row" }
      }
      return error
    }
    defer { isFirst = false }
    guard isHeader(fields) else { return nil }
    var error = RowError(problem: "the names of the columns", expected: "a row")
    error.hint =
      isFirst && hasGivenNames
      ? "leave --header out, as the file has a line of names"
      : "remove the line: where tables are joined, only the first keeps its names"
    return error
  }

  /// Whether the fields are the names of the columns again, as in tables that were put together.
  private func isHeader(_ fields: [UnsafeRawBufferPointer]) -> Bool {
    // Most rows have a longer field, which is found without a look at the characters.
    let canBeHeader =
      names.count > 1 && zip(fields, names).allSatisfy { $0.count < $1.utf8.count + 8 }
    return canBeHeader
      && zip(fields, names).allSatisfy {
        String(decoding: normalizeText(Array($0)), as: UTF8.self).lowercased() == $1.lowercased()
      }
  }
}
