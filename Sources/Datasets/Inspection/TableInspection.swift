import Shards
import Support

/// The content of a file, archive or folder of labelled text: its format, and its columns with what
/// their values look like.
///
///     let inspection = try TableInspection(Archive(path: "tickets.csv"))
///     let columns = try inspection.choose()
public struct TableInspection: Sendable {
  /// The number of rows that are inspected; of more, the first ones.
  static let maxRows = 200_000

  /// The inputs, for messages.
  public let path: String
  /// The format of the files.
  public internal(set) var format = TableFormat.auto
  /// Whether the names of the files or their content tell the format.
  public internal(set) var isFormatEvident = true
  /// The number of files with rows.
  public internal(set) var fileCount = 0
  /// The number of inspected rows.
  public internal(set) var rows = 0
  /// Whether all rows were inspected.
  public internal(set) var isComplete = true
  /// The columns of tables, the keys of JSON objects, or `text` and `label`.
  public internal(set) var columns: [ColumnProfile] = []
  /// Whether the first line of tables has the names of the columns; if not, they are numbered.
  public internal(set) var hasHeader = true
  /// The delimiter of tables.
  public internal(set) var delimiter: UInt8?
  /// The splits that files and folders are named as; empty if any file belongs to no split.
  public internal(set) var namedSplits: Set<Split> = []
  /// The sheet of a workbook with several.
  public internal(set) var sheet: String?
  /// Whether the columns have names in the files, which flags of `ingest` take.
  public internal(set) var hasColumns = true
  /// The error of the first bad row, and the number of bad rows.
  public internal(set) var badRows: (first: UserError, count: Int)?

  /// Inspects an input.
  /// - Parameters:
  ///   - options: how files are read.
  ///   - given: names of columns that the first line of a table may have.
  /// - Throws: ``UserError`` with exit status `data` if there is no labelled text.
  public init(
    _ archive: Archive, options: TextFileOptions = TextFileOptions(), given: [String] = []
  ) throws {
    path = archive.path
    var files: [(entry: String, split: Split?)] = []
    var unrecognized = UnrecognizedFiles()
    let readsFolders = try !Self.containsTables(archive, options)
    try archive.rewind()
    while rows < Self.maxRows, let entry = try archive.next() {
      guard let format = try Self.format(of: entry, options), (format == .folders) == readsFolders,
        try read(entry, as: format, options, given)
      else {
        try unrecognized.append(entry)
        continue
      }
      if fileCount == 0 {
        self.format = format
        isFormatEvident = Self.isEvident(format, of: entry)
      }
      fileCount += 1
      files.append((entry.path, Self.split(of: entry, format)))
    }
    isComplete = rows < Self.maxRows
    if files.allSatisfy({ $0.split != nil }) { namedSplits = Set(files.compactMap(\.split)) }
    guard fileCount > 0 else { throw noFileError(unrecognized) }
  }

  private func noFileError(_ unrecognized: UnrecognizedFiles) -> UserError {
    if let error = unrecognized.foreignError { return error }
    return UserError(
      .data, at: path,
      problem: unrecognized.count == 0
        ? "no file in it" : "no labelled text in \(unrecognized.examples)",
      expected: "a CSV, TSV or JSON lines file, or a folder of text files for each class",
      hint: "name the file or folder with the texts; --help names the formats")
  }

  // MARK: Files

  private static func containsTables(_ archive: Archive, _ options: TextFileOptions) throws -> Bool
  {
    while let entry = try archive.next() {
      if let format = try format(of: entry, options), format != .folders { return true }
    }
    return false
  }

  /// The format by the name or the content of a file.
  private static func format(
    of entry: ArchiveEntry, _ options: TextFileOptions
  ) throws -> TableFormat? {
    if try entry.isWorkbook() { return .xlsx }
    let format = TableFormat.auto.format(ofFileAt: entry.path, isOnlyFile: entry.isInput) {
      format in
      guard let head = try? entry.textHead(options.encoding) else { return false }
      guard format == .csv || format == .tsv else {
        return TableRowReader.recognizes(
          head, as: format, columns: TableColumns(text: ["text"]), options: options,
          isGiven: entry.isInput)
      }
      // A text of a folder may have commas, too.
      let table = TableHead(head, format, options)
      return table.fields.map { entry.isInput || table.hasUsualNames(delimiter: $0) } ?? false
    }
    return try format.map { try export(of: entry, $0, options) ?? $0 }
  }

  /// Whether `ingest` finds the format without knowing the columns.
  private static func isEvident(_ format: TableFormat, of entry: ArchiveEntry) -> Bool {
    let fileExtension = entry.name.split(separator: ".").last.map { $0.lowercased() } ?? ""
    return [.folders, .fastText, .xlsx].contains(format) || format.isAnnotationExport
      || TableFormat(fileExtension: fileExtension) == format
  }

  private static func split(of entry: ArchiveEntry, _ format: TableFormat) -> Split? {
    var folders = entry.path.split(separator: "/").dropLast()
    guard format == .folders else {
      return Split(path: entry.name) ?? Split(path: folders.joined(separator: "/"))
    }
    folders = folders.dropLast()
    return Split(path: folders.joined(separator: "/"))
  }

  /// Reads a file and returns whether it can contain labelled text.
  private mutating func read(
    _ entry: ArchiveEntry, as format: TableFormat, _ options: TextFileOptions, _ given: [String]
  ) throws -> Bool {
    if format == .xlsx {
      try readWorkbook(entry, options)
      return true
    }
    try entry.rejectForeign()
    if format.isAnnotationExport {
      try readExport(entry, as: format, options)
      return true
    }
    switch format {
    case .folders: return try readText(entry, options)
    case .fastText: try readFastText(entry, options)
    case .jsonLines: try readObjects(entry, options)
    default: try readTable(entry, format, options, given)
    }
    return true
  }

  private mutating func readText(_ entry: ArchiveEntry, _ options: TextFileOptions) throws -> Bool {
    guard let label = entry.path.split(separator: "/").dropLast().last,
      Split(name: String(label)) == nil
    else { return false }
    hasColumns = false
    let text = try entry.content(maxSize: TableDataset.maxTextSize, encoding: options.encoding)
    addRow(text: text, labels: [Array(label.utf8)])
    return true
  }

  private mutating func readFastText(_ entry: ArchiveEntry, _ options: TextFileOptions) throws {
    hasColumns = false
    try entry.forEachLine(encoding: options.encoding) { line in
      guard !line.isBlank, rows < Self.maxRows else { return }
      let fields = FastTextLine(line.bytes)
      do {
        try fields.checkLabels(isMultiLabel: true)
        addRow(
          text: Array(fields.text.joined(separator: [0x20])),
          labels: fields.labels.map { Array($0) })
      } catch let error as RowError {
        addBadRow(error, at: RowLocation(file: entry.location, number: line.number))
      }
    }
  }

  private mutating func readObjects(_ entry: ArchiveEntry, _ options: TextFileOptions) throws {
    let head = try entry.textHead(options.encoding)
    let layout = head.withUnsafeBytes { JSONLayout(head: $0, columns: columns.map(\.name)) }
    var reader = JSONFieldReader(columns.map(\.name))
    var count = 0
    try entry.forEachObject(in: layout) { line in
      guard !line.isBlank, rows < Self.maxRows else { return }
      count += 1
      // Most objects of a file have the keys of the first ones.
      if count <= 100 {
        let known = Set(columns.map(\.name))
        let new = JSONFieldReader.paths(in: line.bytes).filter { !known.contains($0) }.unique
        if !new.isEmpty {
          columns += new.prefix(max(0, 200 - columns.count)).map(ColumnProfile.init)
          reader = JSONFieldReader(columns.map(\.name))
        }
      }
      do {
        for (index, value) in try reader.read(line.bytes).enumerated() {
          switch value {
          case .string(let text): columns[index].add(text)
          case .literal(let literal): columns[index].add(literal, isText: false)
          case .array(let array):
            if let labels = try? LabelReader.elements(of: array, key: "") {
              columns[index].add(labels: labels)
            } else {
              columns[index].addList()
            }
          case .object: columns[index].addList()
          case .null, .missing: break
          }
        }
        rows += 1
      } catch let error as RowError {
        addBadRow(
          error, at: RowLocation(file: entry.location, number: line.start?.line ?? line.number))
      }
    }
  }

  private mutating func readTable(
    _ entry: ArchiveEntry, _ format: TableFormat, _ options: TextFileOptions, _ given: [String]
  ) throws {
    let head = try entry.textHead(options.encoding)
    let table = TableHead(head, format, options)
    let delimiter = table.fields ?? table.delimiters[0]
    let first = table.rows(delimiter: delimiter)
    var names = first.first?.names ?? []
    if fileCount == 0 {
      hasHeader =
        names.contains(where: given.contains) || table.namesColumns(delimiter: delimiter)
      self.delimiter = delimiter
    }
    if !hasHeader { names = names.indices.map { "column\($0 + 1)" } }
    var options = options
    options.delimiter = delimiter
    // Columns without a name, or with a name that occurs twice, cannot be chosen.
    let readable = names.filter { name in !name.isEmpty && names.count { $0 == name } == 1 }
    var reader = try CSVReader(
      head, format, columns: readable, header: hasHeader ? nil : names, options: options,
      at: entry.location, hint: "give each column another name")
    func take(_ row: Row) {
      guard rows < Self.maxRows else { return }
      if let error = row.error {
        return addBadRow(error, at: RowLocation(file: entry.location, number: row.line))
      }
      for (name, field) in zip(readable, row.fields) { add(field, to: name) }
      rows += 1
    }
    try entry.forEachTextBlock(options.encoding) { reader.split($0, take) }
    reader.finish(take)
  }

  // MARK: Rows

  /// Adds a row of a format without columns.
  mutating func addRow(text: [UInt8], labels: [[UInt8]]) {
    guard labels.count != 1 else { return addRow([("text", text), ("label", labels[0])]) }
    addRow([("text", text), ("label", [])])
    if let index = columns.firstIndex(where: { $0.name == "label" }) {
      columns[index].add(labels: labels)
    }
  }

  mutating func addRow(_ fields: [(name: String, bytes: [UInt8])]) {
    for (name, bytes) in fields { bytes.withUnsafeBytes { add($0, to: name) } }
    rows += 1
  }

  mutating func add(_ field: UnsafeRawBufferPointer, to name: String) {
    let index = columns.firstIndex { $0.name == name } ?? columns.count
    if index == columns.count { columns.append(ColumnProfile(name: name)) }
    columns[index].add(field)
  }

  mutating func addBadRow(_ error: RowError, at location: RowLocation) {
    badRows = (badRows?.first ?? error.refusal(at: location), (badRows?.count ?? 0) + 1)
  }
}
