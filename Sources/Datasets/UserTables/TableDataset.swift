import Support

/// Reads labelled text of the user's own: tables and JSON files with named columns, or a folder for
/// each class; plain, compressed, in an archive or in a folder.
struct TableDataset: DatasetReader {
  /// What the task is called.
  var task: String
  var format: TableFormat
  var columns: CSVHeader
  /// The names of the columns, if tables have no line of them.
  var header: [String]?
  /// What labels mean; without it each label is a class.
  var labels: LabelMap?
  var markup: MarkupFormat
  var division: SplitStrategy
  var onError: RowErrorPolicy
  /// What draws and splits depend on besides the texts.
  var seed: UInt64

  /// A text that is a file of its own may have so many bytes.
  static let longestText = 1 << 20

  /// Reads the file, archive or folder at `path` in one pass. Memory holds the rows that are kept;
  /// those are only as many as are asked for where all sizes are numbers.
  /// - Throws: ``UserError``.
  func read(path: String, into series: ShardWriter) throws -> IngestReport {
    let isFolders = try format == .folders || format == .auto && !holdsTables(path)
    let archive = try Archive(path: path)
    var pass = try TableIngestion(self, at: path)
    var strangers = UnrecognizedFiles()
    while let member = try archive.next() {
      let format = try format(of: member, at: path)
      guard let format, (format == .folders) == isFolders, try pass.take(member, as: format) else {
        strangers.append(member.path)
        continue
      }
    }
    guard pass.files > 0 else { throw refusal(of: strangers, at: path) }
    return try pass.divide(strangers: strangers.count, into: series)
  }

  /// Where rows are looked for.
  var reader: TableRowReader { TableRowReader(columns: columns, header: header) }

  private func format(of member: ArchiveEntry, at path: String) throws -> TableFormat? {
    try format.format(ofFileAt: member.path, isAlone: member.place == path) {
      try reader.recognises(member, as: $0)
    }
  }

  /// Whether any member is a table or a JSON file.
  private func holdsTables(_ path: String) throws -> Bool {
    let archive = try Archive(path: path)
    while let member = try archive.next() {
      if let format = try format(of: member, at: path), format != .folders { return true }
    }
    return false
  }

  private func refusal(of strangers: UnrecognizedFiles, at path: String) -> UserError {
    let names = strangers.first.prefix(5).map { escapingControlCharacters($0) }.joined(
      separator: ", ")
    let isWorkbook = strangers.first.contains { $0.hasPrefix("xl/") }
    let expected =
      format == .folders
      ? "text files, each in a folder that is called as its class"
      : "a CSV, TSV or JSON lines file with the columns "
        + "\(columns.all.map { "“\($0)”" }.joined(separator: ", ")), or a folder for each class"
    return UserError(
      .data, at: path,
      problem: isWorkbook
        ? "a workbook of a spreadsheet"
        : strangers.count == 0
          ? "no file in it" : "no labelled text in \(names)\(strangers.count > 5 ? " …" : "")",
      expected: expected,
      hint: isWorkbook
        ? "save the sheet as CSV (UTF-8)"
        : "name the columns with --text-column and --label-column, or say with --format what it is")
  }
}
