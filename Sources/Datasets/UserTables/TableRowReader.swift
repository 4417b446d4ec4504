import Support

/// The columns of a table, or the keys of JSON objects, that are read.
package struct TableColumns: Equatable {
  /// The columns of the text; several are joined with spaces.
  package var text: [String]
  /// The column of the label, or those of the classes with 0 and 1; none if labels are not read.
  package var labels: [String]
  /// Whether a row can have any number of labels.
  var isMultiLabel = false
  /// The column of the split, if there is one.
  package var split: String?
  /// The column of the ID, if there is one.
  package var id: String?
  /// The columns that are only passed on.
  package var kept: [String]
  /// If labels are not read, the flag that names the column of the text.
  var textFlag = "--column"
  /// If labels are not read, the flag by which each line is a text.
  var linesFlag = "--format text"

  package init(
    text: [String], label: String? = nil, split: String? = nil, id: String? = nil,
    kept: [String] = []
  ) {
    (self.text, labels, self.split, self.id) = (text, [label].compactMap { $0 }, split, id)
    self.kept = kept
  }

  /// The only column of the label.
  var label: String? { labels.count == 1 ? labels[0] : nil }
  /// All columns: text, label, split, ID, and those that are passed on.
  var all: [String] { text + labels + [split, id].compactMap { $0 } + kept }

  /// The hint if keys are missing.
  var keyHint: String {
    labels.isEmpty
      ? "name the key of the text with \(textFlag)" + (kept.isEmpty ? "" : ", others with --keep")
      : "name the keys with --text-column\(labelFlags)"
  }
  /// The hint if columns are missing.
  var hint: String {
    labels.isEmpty
      ? "name the column of the text with \(textFlag), "
        + (kept.isEmpty
          ? "or read each line as a text with \(linesFlag)" : "and others with --keep")
      : "name the columns with --text-column (once for each)\(labelFlags); for a file without "
        + "a line of names give the names with --header"
  }
  private var labelFlags: String {
    let flag = labels.count > 1 ? "--label-columns" : "--label-column"
    return id == nil ? " and \(flag)" : ", \(flag) and --id-column"
  }
}

/// Reads the rows of a table, of JSON or of fastText's format from blocks. The fields of a row are the
/// text, the label, the split and the ID, as far as they are among the columns; a JSON `null` is an
/// empty field.
package struct TableRowReader {
  private let rows: RowBuilder
  private var table: CSVReader?
  private var records: JSONRecords

  /// - Parameters:
  ///   - format: the format of tables, JSON or fastText.
  ///   - header: the names of all columns, if a table has no row of names.
  ///   - head: the beginning of the text, with the whole first row.
  ///   - isInput: whether the user named this file, not an archive or a folder with it.
  /// - Throws: ``UserError`` with exit status `data` if the file is not of this format.
  package init(
    _ format: TableFormat, columns: TableColumns, header: [String]? = nil,
    options: TextFileOptions = TextFileOptions(), head: [UInt8], at location: String,
    isInput: Bool = true
  ) throws {
    records = JSONRecords(
      format == .jsonLines
        ? head.withUnsafeBytes { JSONLayout(head: $0, columns: columns.all) } : .lines, at: location
    )
    if format != .jsonLines, format != .fastText {
      do {
        table = try CSVReader(
          head, format, columns: columns.all, header: header, options: options, at: location,
          hint: (isInput ? "" : "leave out a file without labels, or ") + columns.hint)
      } catch var error as UserError where FastTextLine.begins(head) {
        (error.problem, error.hint) = ("fastText's format", "read it with --format fasttext")
        throw error
      }
    }
    rows = RowBuilder(format: format, columns: columns, location: location, unit: records.unit)
  }

  /// Calls `body` with each row that ends in the block.
  /// - Throws: ``UserError`` with exit status `data` if reading cannot continue; errors of `body`.
  package mutating func split(
    _ block: UnsafeRawBufferPointer, _ body: (Row, RowLocation) throws -> Void
  ) throws {
    let rows = rows
    if table != nil {
      try table?.split(block) { try rows.take($0, body) }
    } else {
      try records.split(block) { try rows.take($0, body) }
    }
  }

  /// Emits the text after the last line ending, if any.
  /// - Throws: as ``split(_:_:)``.
  package mutating func finish(_ body: (Row, RowLocation) throws -> Void) throws {
    let rows = rows
    try table?.finish { try rows.take($0, body) }
    if table == nil { try records.finish { try rows.take($0, body) } }
  }

  /// Whether a file begins as a table with the column of the text, as JSON with that key, or as fastText's
  /// format.
  /// - Parameters:
  ///   - head: the beginning of the text.
  ///   - isGiven: whether the user named this file; then JSON may have other keys.
  package static func recognizes(
    _ head: [UInt8], as format: TableFormat, columns: TableColumns, header: [String]? = nil,
    options: TextFileOptions, isGiven: Bool
  ) -> Bool {
    // Nothing but tabs separates the fields of a TSV that is not called so.
    if format == .tsv, options.delimiter ?? UInt8(ascii: "\t") != UInt8(ascii: "\t") {
      return false
    }
    guard format != .fastText else { return FastTextLine.begins(head) }
    guard format == .jsonLines else {
      let reader = try? TableRowReader(
        format, columns: columns, header: header, options: options, head: head, at: "")
      return reader != nil
    }
    let start = head.filter { $0 > 0x20 && $0 < 0x80 }.prefix(2)
    guard !isGiven else { return ["{\"", "{'", "[{"].contains { start.elementsEqual($0.utf8) } }
    let text = TableColumns(text: columns.text)
    var isRow: Bool?
    var reader = try? TableRowReader(format, columns: text, head: head, at: "")
    head.withUnsafeBytes { bytes in
      try? reader?.split(bytes) { row, _ in isRow = isRow ?? (row.error == nil) }
      if isRow == nil { try? reader?.finish { row, _ in isRow = isRow ?? (row.error == nil) } }
    }
    return isRow ?? false
  }
}

/// Builds rows from the fields, lines and objects of a file.
private struct RowBuilder {
  let format: TableFormat
  let columns: TableColumns
  let location: String
  /// The counted unit: lines, or objects of a JSON array.
  let unit: String
  private let reader: JSONFieldReader

  init(format: TableFormat, columns: TableColumns, location: String, unit: String) {
    (self.format, self.columns, self.location, self.unit) = (format, columns, location, unit)
    reader = JSONFieldReader(columns.all)
  }

  /// Passes on a row of a table.
  func take(_ row: Row, _ body: (Row, RowLocation) throws -> Void) throws {
    var row = row
    row.separateKept(columns.kept.count)
    try emit(row, textCount: columns.text.count, body)
  }

  /// Passes on the row of a line or an object, unless it is blank.
  func take(_ line: Line, _ body: (Row, RowLocation) throws -> Void) throws {
    guard !line.isBlank || line.isTooLong else { return }
    var row = Row(line: line.number)
    var textCount = columns.text.count
    do {
      guard !line.isTooLong else {
        throw RowError(
          problem: "a row of over \(Line.maxLength >> 20) MiB", expected: "a shorter row")
      }
      if format == .fastText {
        let line = FastTextLine(line.bytes)
        textCount = line.text.count
        row.fields = line.text
        if !columns.labels.isEmpty {
          try line.checkLabels(isMultiLabel: columns.isMultiLabel)
          row.fields.append(line.labels[0])
          if columns.isMultiLabel { row.labels = line.labels.map { Array($0) } }
        }
      } else {
        let values = try reader.read(line.bytes)
        let fieldCount = columns.all.count - columns.kept.count
        row.fields = try (0..<fieldCount).map {
          try field(values[$0], columns.all[$0], of: line.bytes)
        }
        if columns.isMultiLabel, let label = columns.label,
          case .array(let labels) = values[textCount]
        {
          row.labels = try LabelReader.elements(of: labels, key: label)
        }
        row.kept = try zip(columns.kept, values[fieldCount...]).map {
          try kept($1, $0, of: line.bytes)
        }
      }
    } catch let error as RowError {
      row.error = error.located(in: line)
    }
    try emit(row, textCount: textCount, body)
  }

  /// Joins the parts of the text.
  private func emit(
    _ row: Row, textCount: Int, _ body: (Row, RowLocation) throws -> Void
  ) throws {
    let location = RowLocation(
      file: location, unit: row.error?.line == nil ? unit : "line",
      number: row.error?.line ?? row.line, column: row.error?.column)
    try row.joiningText(textCount) { row in
      try row.namingClass(columns) { try body($0, location) }
    }
  }

  /// A value under a column of a JSON object.
  private func field(
    _ value: JSONFieldReader.Value, _ name: String, of object: UnsafeRawBufferPointer
  ) throws -> UnsafeRawBufferPointer {
    switch value {
    case .string(let text): return text
    case .null: return UnsafeRawBufferPointer(start: nil, count: 0)
    // The labels are read from the list.
    case .array where columns.isMultiLabel && name == columns.label:
      return UnsafeRawBufferPointer(start: nil, count: 0)
    case .literal(let literal) where !columns.text.contains(name): return literal
    case .literal(let literal):
      throw RowError(
        problem: "“\(name)” that is no string: \(Self.excerpt(literal))", expected: "a text")
    case .array(let array):
      throw RowError(
        problem: "several values under “\(name)”: \(Self.excerpt(array))",
        expected: columns.labels.contains(name) ? "one label a row" : "one value",
        hint: (columns.labels.contains(name) ? "read all of them with --multi-label; " : "")
          + "to take the first of them, name it “\(name).0”")
    case .object(let object):
      throw RowError(
        problem: "“\(name)” that is an object with the keys "
          + JSONFieldReader.paths(in: object).quoted(limit: 40),
        expected: "a value", hint: "name a key in it, as in “\(name).KEY”")
    case .missing: throw missing(name, of: object)
    }
  }

  /// A value of a JSON object that is passed on.
  private func kept(
    _ value: JSONFieldReader.Value, _ name: String, of object: UnsafeRawBufferPointer
  ) throws -> KeptValue {
    switch value {
    case .string(let text): .text(text)
    case .literal(let value), .array(let value), .object(let value): .json(value)
    case .null: .json(UnsafeRawBufferPointer(start: nil, count: 0))
    case .missing: throw missing(name, of: object)
    }
  }

  private func missing(_ name: String, of object: UnsafeRawBufferPointer) -> RowError {
    let keys = JSONFieldReader.paths(in: object)
    return RowError(
      problem: "no “\(name)”" + (keys.isEmpty ? "" : " among the keys \(keys.quoted(limit: 40))"),
      expected: "a value under that key", hint: columns.keyHint)
  }

  private static func excerpt(_ value: UnsafeRawBufferPointer) -> String {
    String(decoding: value.prefix(60), as: UTF8.self) + (value.count > 60 ? "…" : "")
  }
}

extension [String] {
  /// The first names in quotes and the number of the others.
  package func quoted(limit: Int) -> String {
    prefix(limit).map { "“\($0)”" }.joined(separator: ", ")
      + (count > limit ? " and \(count - limit) more" : "")
  }
}
