import Support

/// How text files without labels are read. Tables and JSON have a text in each row.
public enum UnlabelledFormat: String, CaseIterable, Sendable {
  /// Lines of a file that the user named or that is named as unlabelled text; otherwise whole files.
  case auto
  /// Each line of a file is a text, also of a table.
  case lines
  /// Each file is a text.
  case files
}

/// Reads texts without labels: text files, tables, JSON and workbooks with a column of texts; plain,
/// compressed, in an archive or in a folder. If files or folders are named as unlabelled text, as
/// `train/unsup/` of the Large Movie Review Dataset or `books.task.unlabel` of FDU-MTL, only these are
/// read.
struct UnlabelledTexts {
  let format: UnlabelledFormat
  let columns: TableColumns
  let header: [String]?
  let fileOptions: TextFileOptions
  let normalizer: TextNormalizer
  let onError: RowErrorPolicy

  private static let names: Set<Substring> = [
    "unlabelled", "unlabeled", "unlabel", "unlab", "unsup", "unsupervised",
  ]

  /// Whether a part of a path that ends at `/` or `.` is a name of unlabelled text.
  static func isNamed(_ path: some StringProtocol) -> Bool {
    path.lowercased().split { "/.".contains($0) }.contains(where: names.contains)
  }

  /// Reads the texts into the split `unlabelled` of the task of the report. Memory does not grow with
  /// their number, except by a hash of each.
  /// - Throws: ``UserError`` with exit status `data` if there is no text, or a file cannot be read;
  ///   errors of the writer.
  func read(_ archive: Archive, into writer: ShardWriter, adding report: inout IngestReport) throws
  {
    var onlyNamed = false
    while !onlyNamed, let entry = try archive.next() { onlyNamed = Self.isNamed(entry.path) }
    try archive.rewind()
    writer.beginUnlabelled(task: report.task)
    var reading = UnlabelledReading(texts: self, writer: writer, report: report)
    while let entry = try archive.next() {
      guard !onlyNamed || Self.isNamed(entry.path) else { continue }
      if try !reading.read(entry, isNamed: Self.isNamed(entry.name)) { reading.skipped += 1 }
    }
    report = try reading.finish(at: archive.path)
    if let warning = archive.linkWarning { report.warn(warning) }
  }
}

/// One pass over texts without labels.
private struct UnlabelledReading {
  let texts: UnlabelledTexts
  let writer: ShardWriter
  var report: IngestReport
  /// The number of files that were passed over.
  var skipped = 0
  private var (rows, kept) = (0, 0)
  /// The number of files by their format, in order of first occurrence.
  private var formats: [(name: String, files: Int)] = []
  private let hash = TextHash(seed: 0)
  /// The number of each text by its hash.
  private var textIDs: [UInt64: Int] = [:]

  init(texts: UnlabelledTexts, writer: ShardWriter, report: IngestReport) {
    (self.texts, self.writer, self.report) = (texts, writer, report)
  }

  /// Reads a file and returns whether it is of a kind with texts.
  /// - Parameter isNamed: whether its name is one of unlabelled text.
  mutating func read(_ entry: ArchiveEntry, isNamed: Bool) throws -> Bool {
    if try entry.isWorkbook() {
      let reader = try WorkbookReader(
        entry, columns: texts.columns, header: texts.header, options: texts.fileOptions)
      count("a workbook")
      try reader.forEachRow { try take($0, at: $1, in: entry.rowPath) }
      return true
    }
    let isGiven = entry.isInput || isNamed
    // In a folder, any file without the extension of another kind is a text.
    let detected = TableFormat.auto.format(
      ofFileAt: "folder/\(entry.path)", isOnlyFile: false
    ) { _ in false }
    guard isGiven || detected != nil else { return false }
    try entry.rejectForeign()
    switch (detected, texts.format) {
    case (let table?, .auto) where table != .folders: try readTable(entry, as: table)
    case (_, .lines),
      (_, .auto) where isGiven:
      try readLines(entry)
    default: try readFile(entry)
    }
    return true
  }

  private mutating func readTable(_ entry: ArchiveEntry, as format: TableFormat) throws {
    var reader = try TableRowReader(
      format, columns: texts.columns, header: texts.header, options: texts.fileOptions,
      head: entry.textHead(texts.fileOptions.encoding), at: entry.location)
    count(format == .jsonLines ? "JSON" : "a table")
    try entry.forEachTextBlock(texts.fileOptions.encoding) { block in
      try reader.split(block) { try take($0, at: $1, in: entry.rowPath) }
    }
    try reader.finish { try take($0, at: $1, in: entry.rowPath) }
  }

  private mutating func readLines(_ entry: ArchiveEntry) throws {
    count("a text a line")
    try entry.forEachLine(encoding: texts.fileOptions.encoding) { line in
      guard !line.isBlank else { return }
      var row = Row(line: line.number, fields: [line.bytes])
      if line.isTooLong {
        row.error = RowError(
          problem: "a line of over \(Line.maxLength >> 20) MiB", expected: "a text a line")
      }
      try take(
        row, at: RowLocation(file: entry.location, number: line.number), in: entry.rowPath)
    }
  }

  private mutating func readFile(_ entry: ArchiveEntry) throws {
    count("a text a file")
    let text: [UInt8]
    do {
      text = try entry.content(
        maxSize: TableDataset.maxTextSize, encoding: texts.fileOptions.encoding)
    } catch var error as UserError where error.problem.hasPrefix("more than ") {
      error.hint = "if each line is a text, add --unlabelled-format lines"
      throw error
    }
    try text.withUnsafeBytes { try take($0, id: entry.rowPath) }
  }

  private mutating func count(_ format: String) {
    if let index = formats.firstIndex(where: { $0.name == format }) {
      formats[index].files += 1
    } else {
      formats.append((format, 1))
    }
  }

  private mutating func take(_ row: Row, at location: RowLocation, in file: String) throws {
    guard let error = row.error else {
      return try take(row.fields[0], id: location.number.map { "\(file):\($0)" } ?? file)
    }
    guard texts.onError == .skip, !error.isFinal else {
      throw error.refusal(at: location, hint: error.hint ?? "correct the row")
    }
    rows += 1
    report.drop(error.kind)
  }

  private mutating func take(_ text: UnsafeRawBufferPointer, id: String) throws {
    rows += 1
    let text = texts.normalizer(text)
    guard !text.isEmpty else { return report.drop("no text") }
    let textID = textIDs[hash(text)] ?? textIDs.count
    textIDs[hash(text)] = textID
    kept += 1
    try writer.append(
      Example(text: text, labels: [], id: id, source: text), to: .unlabelled, textID: textID)
  }

  /// Emits the rest and returns the report with the texts.
  func finish(at path: String) throws -> IngestReport {
    var report = report
    guard kept > 0 else {
      throw UserError(
        .data, at: path,
        problem: formats.isEmpty
          ? "no text file, table or JSON in it" : "no text in \(fileCount) that were read",
        expected: "unlabelled texts",
        hint: "name a file with a text a line, a table, or a folder of text files")
    }
    try writer.finishUnlabelled()
    report.addRead(rows)
    report.skip("files of another kind than unlabelled text", skipped)
    report.unlabelled = formats.map { "\($0.name) in \(NumberFormat.count($0.files, "file"))" }
      .joined(separator: "; ")
    report.add(.unlabelled, [], RowCounts([kept]))
    return report
  }

  private var fileCount: String {
    let count = formats.reduce(0) { $0 + $1.files }
    return NumberFormat.count(count, "file")
  }
}

extension IngestOptions {
  /// Ingests texts without labels as a task without other splits.
  /// - Throws: ``UserError``, with exit status `usage` if there is no name, or an option is given that
  ///   needs labels.
  public func readUnlabelled(
    _ archive: @autoclosure () throws -> Archive, into writer: ShardWriter
  ) throws -> IngestReport {
    let dataset = dataset ?? .labelled
    let needsLabels: Set = [
      "label-column", "label-columns", "split-column", "labels", "label-file", "folds", "fold",
    ]
    let sizes: KeyValuePairs = [
      "train": train != nil, "validation": validation != nil, "test": test != nil,
      "split": split != nil, "threshold": threshold != nil, "draw": balance != nil,
    ]
    let given = table.given.filter(needsLabels.contains) + sizes.filter(\.value).map(\.key)
    if let flag = given.first {
      throw UserError(
        .usage, at: "--\(flag)", problem: "given without labelled text",
        expected: "--archive, too", hint: "leave it out; unlabelled texts are not divided")
    }
    var report = IngestReport(task: dataset == .labelled ? try taskName() : dataset.rawValue)
    try unlabelledTexts(of: dataset).read(archive(), into: writer, adding: &report)
    return report
  }

  /// A reader of texts with the markup of a data set.
  func unlabelledTexts(of dataset: Dataset) throws -> UnlabelledTexts {
    let markup: MarkupFormat =
      switch dataset {
      case .yelp, .imdb: .html
      case .eiReg: .tweet
      case .labelled: table.markup ?? .none
      }
    var columns = TableColumns(text: table.textColumns.isEmpty ? ["text"] : table.textColumns)
    (columns.textFlag, columns.linesFlag) = ("--text-column", "--unlabelled-format lines")
    return UnlabelledTexts(
      format: unlabelledFormat, columns: columns, header: try header(for: columns),
      fileOptions: try fileOptions(),
      normalizer: try TextNormalizer(markup), onError: table.onError ?? .stop)
  }
}
