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
