import Support

/// The columns of a table, or the keys of JSON objects, that are read.
struct TableColumns: Equatable {
  /// The column of the text.
  var text: String
  /// The column of the label.
  var label: String
  /// The column of the split, if there is one.
  var split: String?

  /// All columns: text, label, split.
  var all: [String] { [text, label] + (split.map { [$0] } ?? []) }

  /// The hint if columns are missing.
  static let hint =
    "name the columns with --text-column and --label-column; for a file without a line of names "
    + "give the names with --header"
  /// The hint for a file in a folder or an archive.
  static let hintAmongFiles = "leave out a file without labels, or " + hint
}

/// Reads the rows of tables and JSON files. The fields of a row are the columns of ``TableColumns/all``;
/// a JSON `null` is an empty field.
struct TableRowReader {
  let columns: TableColumns
  /// The names of all columns, if tables have no row of names.
  let header: [String]?
  let options: TextFileOptions

  /// Calls `body` with all rows of a file.
  /// - Throws: ``UserError`` with exit status `data` if the file is not of this format or is corrupt;
  ///   errors of `body`.
  func read(
    _ entry: ArchiveEntry, as format: TableFormat, _ body: (Row, RowLocation) throws -> Void
  ) throws {
    if format == .jsonLines {
      try readObjects(of: entry, body)
    } else {
      try readTable(entry, format, body)
    }
  }

  /// Whether a file begins as a table with the columns or a JSON file with the keys.
  func recognizes(_ entry: ArchiveEntry, as format: TableFormat) throws -> Bool {
    // Nothing but tabs separates the fields of a TSV that is not called so.
    if format == .tsv, options.delimiter ?? UInt8(ascii: "\t") != UInt8(ascii: "\t") {
      return false
    }
    guard let head = try? entry.textHead(options.encoding) else { return false }
    if format != .jsonLines { return (try? csvReader(head, format, at: "")) != nil }
    let line = head.prefix { $0 != UInt8(ascii: "\n") }
    return line.withUnsafeBytes { bytes in
      guard case .string? = try? JSONFieldReader(columns.all).read(bytes).first else {
        return false
      }
      return true
    }
  }

  private func readTable(
    _ entry: ArchiveEntry, _ format: TableFormat, _ body: (Row, RowLocation) throws -> Void
  ) throws {
    let hint = entry.isInput ? TableColumns.hint : TableColumns.hintAmongFiles
    var reader = try csvReader(
      try entry.textHead(options.encoding), format, at: entry.location, hint)
    func take(_ row: Row) throws {
      try body(
        row,
        RowLocation(
          file: entry.location, number: row.error?.line ?? row.line, column: row.error?.column))
    }
    try entry.forEachTextBlock(options.encoding) { try reader.split($0, take) }
    try reader.finish(take)
  }

  private func csvReader(
    _ head: [UInt8], _ format: TableFormat, at location: @autoclosure () -> String,
    _ hint: String = TableColumns.hint
  ) throws -> CSVReader {
    try CSVReader(
      head, format, columns: columns.all, header: header, options: options, at: location(),
      hint: hint)
  }

  private func readObjects(
    of entry: ArchiveEntry, _ body: (Row, RowLocation) throws -> Void
  ) throws {
    let isArray = try entry.isJSONArray()
    let reader = JSONFieldReader(columns.all)
    try entry.forEachObject(inArray: isArray, encoding: options.encoding) { line in
      guard !line.isBlank || line.isTooLong else { return }
      var row = Row(line: line.number)
      do {
        row.fields = try fields(of: line, reader)
      } catch let error as RowError {
        row.error = error
      }
      try body(
        row,
        RowLocation(
          file: entry.location, unit: isArray ? "object" : "line", number: line.number))
    }
  }

  /// The values of a JSON object under the columns.
  private func fields(
    of line: Line, _ reader: JSONFieldReader
  ) throws -> [UnsafeRawBufferPointer] {
    guard !line.isTooLong else {
      throw RowError(
        problem: "an object of over \(Line.maxLength >> 20) MiB", expected: "a shorter row")
    }
    return try zip(columns.all, reader.read(line.bytes)).map { name, value in
      switch value {
      case .string(let text): return text
      case .null: return UnsafeRawBufferPointer(start: nil, count: 0)
      case .literal(let literal) where name != columns.text: return literal
      case .literal, .composite:
        throw RowError(
          problem: "“\(name)” that is no string",
          expected: name == columns.text ? "a text" : "a string, a number, true or false")
      case .missing: throw RowError(problem: "no “\(name)”", expected: "a value under that key")
      }
    }
  }
}
