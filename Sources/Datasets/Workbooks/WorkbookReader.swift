import Support

/// Reads rows from the sheet of a workbook that has the columns.
package struct WorkbookReader {
  private let workbook: Workbook
  private let sheet: Workbook.Sheet
  private let columns: TableColumns
  private let header: [String]?
  private let options: TextFileOptions

  /// The name of the sheet.
  package var sheetName: String { sheet.name }

  /// Opens a workbook and chooses the sheet: the one that the options name, or else the only one with
  /// the columns.
  /// - Parameter header: the names of all columns, if sheets have no row of names.
  /// - Throws: ``UserError`` with exit status `data` if the workbook is damaged, or unless there is
  ///   exactly one such sheet.
  package init(
    _ entry: ArchiveEntry, columns: TableColumns, header: [String]? = nil, options: TextFileOptions
  ) throws {
    try self.init(
      Workbook(entry), columns: columns, header: header, options: options, at: entry.location)
  }

  init(
    _ workbook: Workbook, columns: TableColumns, header: [String]?, options: TextFileOptions,
    at location: String
  ) throws {
    self.workbook = workbook
    (self.columns, self.header, self.options) = (columns, header, options)
    sheet = try Self.sheet(of: workbook, columns, header, options, at: location)
  }

  private static func sheet(
    of workbook: Workbook, _ columns: TableColumns, _ header: [String]?,
    _ options: TextFileOptions, at location: String
  ) throws -> Workbook.Sheet {
    let names = workbook.sheets.map(\.name)
    guard let first = workbook.sheets.first else {
      throw UserError(
        .data, at: location, problem: "a workbook without a visible sheet that has cells",
        expected: "a sheet with the columns \(columns.all.quoted(limit: 9))", hint: Workbook.hint)
    }
    if let name = options.sheet {
      guard let sheet = workbook.sheets.first(where: { $0.name == name }) else {
        throw UserError(
          .data, at: location, problem: "no sheet “\(name)” among \(names.quoted(limit: 20))",
          expected: "the name of a sheet in --sheet")
      }
      return sheet
    }
    if header != nil, names.count > 1 {
      throw UserError(
        .data, at: location, problem: "the sheets \(names.quoted(limit: 20))",
        expected: "one sheet", hint: "name it with --sheet")
    }
    let found = try workbook.sheets.filter { sheet in
      let head = try self.names(of: sheet, in: workbook, options)
      return CSVReader.indices(of: columns.all, in: head) != nil
    }
    guard found.count < 2 else {
      throw UserError(
        .data, at: location,
        problem: "\(found.count) sheets with the columns \(columns.all.quoted(limit: 9)): "
          + found.map(\.name).quoted(limit: 20),
        expected: "one sheet", hint: "name it with --sheet")
    }
    // The error about missing columns is that of the first sheet.
    return found.first ?? first
  }

  private static func names(
    of sheet: Workbook.Sheet, in workbook: Workbook, _ options: TextFileOptions
  ) throws -> [String] {
    var cells = try workbook.cells(of: sheet)
    while let row = try cells.next() {
      if row.number > options.skippedLines { return names(in: row) }
    }
    return []
  }

  /// The names in a row, without empty cells at its end.
  private static func names(in row: SheetReader.Cells) -> [String] {
    let names = row.texts.map { normalizedName($0) }
    return Array(names.prefix((names.lastIndex { !$0.isEmpty } ?? -1) + 1))
  }

  /// Calls `body` with each row: the text, the label and the split, as far as they are among the
  /// columns.
  /// - Throws: ``UserError`` with exit status `data` if the sheet is damaged or lacks a column; errors
  ///   of `body`.
  package func forEachRow(_ body: (Row, RowLocation) throws -> Void) throws {
    let names = try header ?? Self.names(of: sheet, in: workbook, options)
    guard let indices = CSVReader.indices(of: columns.all, in: names) else {
      let sheets = workbook.sheets.map(\.name)
      throw CSVReader.missingColumns(
        columns.all, in: names, at: sheet.location,
        hint: (columns.labels.isEmpty
          ? "name the column of the text with --column"
          : "name the columns with --text-column and --label-column, or all of them with --header")
          + (sheets.count > 1
            ? "; other sheets: \(sheets.filter { $0 != sheet.name }.quoted(limit: 20))" : ""))
    }
    var selection = ColumnSelection(
      names: names, indices: indices, expectsHeader: header == nil, quote: nil, delimiter: 0)
    var cells = try workbook.cells(of: sheet)
    while let row = try cells.next() {
      guard row.number > options.skippedLines else { continue }
      // As many fields as there are columns, or more if those have text.
      let last = (row.texts.lastIndex { !$0.isEmpty } ?? -1) + 1
      let texts = row.texts.prefix(max(names.count, last))
      let empty = [[UInt8]](repeating: [], count: max(0, names.count - texts.count))
      try Row.withFields(texts + empty, line: row.number) { row in
        try selection.apply(to: row) { row in
          let location = RowLocation(file: sheet.location, unit: "row", number: row.line)
          var row = row
          row.separateKept(columns.kept.count)
          try row.joiningText(columns.text.count) { row in
            try row.namingClass(columns) { try body($0, location) }
          }
        }
      }
    }
  }
}
