import Support

/// Reads the export of an annotation tool: collects the answers about each text, and yields a row for
/// each text once the file has ended. Memory holds the texts of the file.
struct AnnotationReader {
  private var export: any AnnotationExport
  private var table: CSVReader?
  /// The names of the columns of a table.
  private var names: [String] = []
  private var records: JSONRecords?
  private var groups = AnnotationGroups()
  /// The columns after text and label, such as that of the split.
  private let others: [String]
  private let isMultiLabel: Bool
  private let location: String

  /// The name of the format in reports.
  var formatName: String { export.name }
  /// Whether the file is a table.
  var isTable: Bool { table != nil }

  /// Opens an export.
  /// - Parameters:
  ///   - head: the beginning of the text, with the whole first row of a table.
  ///   - columns: the columns of the rows.
  ///   - named: the columns that the user has named.
  /// - Throws: ``UserError`` with exit status `data` if the file is not of this format.
  init?(
    _ format: TableFormat, columns: TableColumns, named: AnnotationColumns,
    options: TextFileOptions, head: [UInt8], at location: String
  ) throws {
    let isTable = !("{[".utf8.contains(head.first { $0 > 0x20 && $0 < 0x80 } ?? 0))
    guard let export = format.annotationExport(named, isTable: isTable) else { return nil }
    (self.export, self.location) = (export, location)
    isMultiLabel = columns.isMultiLabel
    others = Array(columns.all.dropFirst(columns.text.count + columns.labels.count))
    if isTable {
      (table, names) = try Self.table(
        format, columns: columns, named: named, options: options, head: head, at: location)
    } else {
      let layout = head.withUnsafeBytes { JSONLayout(head: $0, columns: columns.all) }
      records = JSONRecords(layout, at: location)
    }
  }

  private static func table(
    _ format: TableFormat, columns: TableColumns, named: AnnotationColumns,
    options: TextFileOptions, head: [UInt8], at location: String
  ) throws -> (CSVReader, [String]) {
    guard let usual = format.exportColumns else {
      throw UserError(
        .data, at: location, problem: "no JSON",
        expected: "objects as \(format.rawValue) writes them",
        hint: "leave out --format, or name an export of the tool")
    }
    let start = TableHead(head, .csv, options)
    let needed = columns.text + (format == .doccano ? columns.labels : [])
    guard let names = (start.columns(usual) ?? start.columns(needed))?.names else {
      throw start.missingColumns(usual, at: location, hint: columns.hint)
    }
    let table = try CSVReader(
      head, .csv, columns: names, options: options, at: location, hint: columns.hint)
    return (table, names)
  }

  /// Takes the records that a block completes; calls `body` with bad ones.
  /// - Throws: ``UserError`` with exit status `data` if reading cannot continue; errors of `body`.
  mutating func split(
    _ block: UnsafeRawBufferPointer, _ body: (Row, RowLocation) throws -> Void
  ) throws {
    // Each record changes the reader, which must not be read meanwhile.
    var (table, records) = (table, records)
    (self.table, self.records) = (nil, nil)
    defer { (self.table, self.records) = (table, records) }
    try table?.split(block) { try take($0, body) }
    try records?.split(block) { try take($0, body) }
  }

  /// Takes the last record, and calls `body` with a row for each text.
  /// - Throws: as ``split(_:_:)``.
  mutating func finish(_ body: (Row, RowLocation) throws -> Void) throws {
    var (table, records) = (table, records)
    try table?.finish { try take($0, body) }
    try records?.finish { try take($0, body) }
    let (location, unit) = (location, records?.unit ?? "line")
    try groups.forEachRow(isMultiLabel: isMultiLabel) { row in
      try body(row, RowLocation(file: location, unit: unit, number: row.line))
    }
  }

  private mutating func take(
    _ row: Row, _ body: (Row, RowLocation) throws -> Void
  ) throws {
    guard row.error == nil else { return try emit(row, unit: "line", body) }
    let members = zip(names, row.fields).map {
      JSONValue.Member(key: $0, value: .string(Array($1)))
    }
    do {
      try add(.object(members), line: row.line)
    } catch let error as RowError {
      try emit(Row(line: row.line, error: error), unit: "line", body)
    }
  }

  private mutating func take(
    _ line: Line, _ body: (Row, RowLocation) throws -> Void
  ) throws {
    guard !line.isBlank || line.isTooLong else { return }
    do {
      guard !line.isTooLong else {
        throw RowError(
          problem: "a row of over \(Line.maxLength >> 20) MiB", expected: "a shorter row")
      }
      let record = try JSONValue(line.bytes)
      guard case .object = record else {
        throw RowError(problem: "not a JSON object", expected: "one JSON object a line")
      }
      try add(record, line: line.number)
    } catch let error as RowError {
      let row = Row(line: line.number, error: error.located(in: line))
      try emit(
        row, unit: row.error?.line == nil ? line.start == nil ? "line" : "object" : "line", body)
    }
  }

  private mutating func add(_ record: JSONValue, line: Int) throws {
    let text = try export.read(record)
    let values = try others.map { column in
      guard let value = export.value(of: column, in: record)?.scalar else {
        throw RowError(
          problem: "no value “\(column)” among the keys \(record.keys.quoted(limit: 40))",
          expected: "a value under that key")
      }
      return value
    }
    groups.add(text, others: values, line: line)
  }

  private func emit(
    _ row: Row, unit: String, _ body: (Row, RowLocation) throws -> Void
  ) throws {
    try body(
      row,
      RowLocation(
        file: location, unit: unit, number: row.error?.line ?? row.line, column: row.error?.column))
  }
}

extension TableFormat {
  /// The columns by which a table of an annotation tool is recognised; nil if it exports none.
  var exportColumns: [String]? {
    switch self {
    case .labelStudio: LabelStudio.tableColumns
    case .doccano: Doccano.tableColumns
    default: nil
    }
  }

  /// The format of an annotation tool that a table with this beginning has; nil for other tables.
  static func annotationExport(
    tableBeginningWith head: [UInt8], _ columns: AnnotationColumns, _ options: TextFileOptions
  ) -> TableFormat? {
    let start = TableHead(head, .csv, options)
    return [TableFormat.labelStudio, .doccano].first { format in
      (format == .labelStudio || ["label", nil].contains(columns.label))
        && format.exportColumns.map { start.columns($0) != nil } ?? false
    }
  }
}
