import Support

/// Reads a table and selects fields of each row by the names of the columns.
package struct CSVReader {
  private var parser: CSVParser
  private var selection: ColumnSelection

  /// Inspects the beginning of a table. The delimiter of a CSV is the first of comma, semicolon and
  /// tab with which the columns are found.
  /// - Parameters:
  ///   - head: the first bytes of the file, without a byte order mark, with the whole first row.
  ///   - columns: the names of the columns to select.
  ///   - header: the names of all columns, if the file has no row of names.
  ///   - hint: advice if columns are missing.
  /// - Throws: ``UserError`` with exit status `data` if columns are missing.
  package init(
    _ head: some Collection<UInt8>, _ format: TableFormat, columns: [String],
    header: [String]? = nil, at location: @autoclosure () -> String, hint: String
  ) throws {
    let isQuoting = format == .csv
    let delimiters = Array((isQuoting ? ",;\t" : "\t").utf8)
    let firstRows = delimiters.map { Self.firstRow(head, delimiter: $0, isQuoting: isQuoting) }
    for (delimiter, firstRow) in zip(delimiters, firstRows)
    where header == nil || header?.count == firstRow.count {
      let names = header ?? firstRow
      guard let indices = Self.indices(of: columns, in: names) else { continue }
      selection = ColumnSelection(names: names, indices: indices, expectsHeader: header == nil)
      parser = CSVParser(delimiter: delimiter, isQuoting: isQuoting)
      return
    }
    if let header {
      throw UserError(
        .data, at: "\(location()): line 1", problem: "\(firstRows[0].count) fields",
        expected: "\(header.count), as --header names")
    }
    throw Self.missingColumns(
      columns, in: firstRows.max { $0.count < $1.count } ?? [], at: "\(location()): line 1",
      hint: hint)
  }

  /// Calls `body` with the selected fields of each row that ends in the block.
  package mutating func split(
    _ block: UnsafeRawBufferPointer, _ body: (Row) throws -> Void
  ) rethrows {
    try parser.split(block) { try selection.apply(to: $0, body) }
  }

  /// Emits the text after the last line ending, if any.
  package mutating func finish(_ body: (Row) throws -> Void) rethrows {
    try parser.finish { try selection.apply(to: $0, body) }
  }

  /// The names in the first row, as far as it lies in `head`.
  private static func firstRow(
    _ head: some Collection<UInt8>, delimiter: UInt8, isQuoting: Bool
  ) -> [String] {
    var parser = CSVParser(delimiter: delimiter, isQuoting: isQuoting)
    var names: [String]?
    func take(_ row: Row) {
      names = names ?? row.fields.map { String(decoding: normalizeText(Array($0)), as: UTF8.self) }
    }
    Array(head).withUnsafeBytes { parser.split($0, take) }
    if names == nil { parser.finish(take) }
    return names ?? []
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
    let list = names.prefix(12).map { "“\($0)”" }.joined(separator: ", ")
    let more = names.count > 12 ? " and \(names.count - 12) more" : ""
    let problem = names.isEmpty ? "no line of names" : "the columns \(list)\(more)"
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

  /// Calls `body` with the selected fields of a row, unless it is the row with the names.
  mutating func apply(to row: Row, _ body: (Row) throws -> Void) rethrows {
    var row = row
    if row.error == nil {
      guard !expectsHeader else {
        expectsHeader = false
        return
      }
      if row.fields.count == names.count {
        row.fields = indices.map { row.fields[$0] }
      } else {
        row.error = RowError(
          problem: "\(row.fields.count) fields",
          expected: "\(names.count): \(names.prefix(12).joined(separator: ", "))")
        row.fields = []
      }
    }
    try body(row)
  }
}
