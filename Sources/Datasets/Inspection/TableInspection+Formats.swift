import Support

/// Workbooks, and exports of annotation tools.
extension TableInspection {
  /// The format of an annotation tool in which a file is; nil for other files.
  static func export(
    of entry: ArchiveEntry, _ format: TableFormat, _ options: TextFileOptions
  ) throws -> TableFormat? {
    let usual = AnnotationColumns(text: [], label: nil)
    let head = try entry.textHead(options.encoding)
    switch format {
    case .csv, .tsv: return .annotationExport(tableBeginningWith: head, usual, options)
    case .jsonLines:
      var record: JSONValue?
      func remember(_ line: Line) {
        if record == nil, !line.isBlank { record = try? JSONValue(line.bytes) }
      }
      let layout = head.withUnsafeBytes { JSONLayout(head: $0, columns: ["text"]) }
      var records = JSONRecords(layout, at: entry.location)
      try? head.withUnsafeBytes { try records.split($0, remember) }
      try? records.finish(remember)
      return record.flatMap { .annotationExport(beginningWith: $0, usual) }
    default: return nil
    }
  }

  /// Reads an export of an annotation tool, whose texts and labels `ingest` finds without flags. The task
  /// is multi-label if any text has several labels.
  mutating func readExport(
    _ entry: ArchiveEntry, as format: TableFormat, _ options: TextFileOptions
  ) throws {
    hasColumns = false
    // Answers mean something else in a multi-label task, so the file is read in both ways at once.
    var readers = try [false, true].map { isMultiLabel in
      var settings = LabelledFileReader.Settings(
        columns: TableColumns(text: ["text"], label: "label"),
        named: AnnotationColumns(text: [], label: nil, isMultiLabel: isMultiLabel), header: nil,
        options: options, recognizesExports: false)
      settings.columns.isMultiLabel = isMultiLabel
      return try LabelledFileReader(
        format, settings, head: entry.textHead(options.encoding), at: entry.location,
        isInput: entry.isInput)
    }
    var results = readers.map { _ in self }
    var isMultiLabel = columns.contains { $0.isMultiLabel }
    func take(_ row: Row, at location: RowLocation, _ reading: Int) {
      if let error = row.error {
        isMultiLabel = isMultiLabel || error.kind == RowError.severalLabelsKind
        if !error.isUnanswered { results[reading].addBadRow(error, at: location) }
      } else if results[reading].rows < Self.maxRows {
        results[reading].addRow(
          text: Array(row.fields[0]), labels: row.labels ?? [Array(row.fields[1])])
      }
    }
    try entry.forEachTextBlock(options.encoding) { block in
      for index in readers.indices {
        try readers[index].split(block) { take($0, at: $1, index) }
      }
    }
    for index in readers.indices { try readers[index].finish { take($0, at: $1, index) } }
    self = results[isMultiLabel ? 1 : 0]
  }

  /// Reads the first sheet of a workbook, or the one that is named.
  mutating func readWorkbook(_ entry: ArchiveEntry, _ options: TextFileOptions) throws {
    let workbook = try Workbook(entry)
    let sheet =
      options.sheet.map { name in workbook.sheets.first { $0.name == name } }
      ?? workbook.sheets.first
    guard let sheet else {
      throw UserError(
        .data, at: entry.location, problem: "no sheet to read",
        expected: "one of the sheets \(workbook.sheets.map(\.name).quoted(limit: 20))",
        hint: "name it with --sheet")
    }
    if workbook.sheets.count > 1 { self.sheet = sheet.name }
    var names: [String] = []
    var cells = try workbook.cells(of: sheet)
    while let row = try cells.next() {
      guard row.number > options.skippedLines, rows < Self.maxRows else { continue }
      guard !names.isEmpty else {
        names = row.texts.map { normalizedName($0) }
        continue
      }
      let fields = zip(names, row.texts).filter { name, _ in
        !name.isEmpty && names.count { $0 == name } == 1
      }
      if fields.contains(where: { !$0.1.isEmpty }) { addRow(fields.map { ($0.0, $0.1) }) }
    }
  }
}
