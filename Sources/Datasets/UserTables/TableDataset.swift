import Shards
import Support

/// Reads the user's own labelled text: tables and JSON files with named columns, or a folder for each
/// class; plain, compressed, in an archive or in a folder.
struct TableDataset: DatasetReader {
  /// The name of the task.
  var name: String
  var format: TableFormat
  var columns: TableColumns
  /// The names of all columns, if tables have no row of names.
  var header: [String]?
  /// How files are read.
  var fileOptions: TextFileOptions
  /// The classes of the labels; if nil, each label is a class.
  var labelMap: LabelMap?
  /// The markup of the texts, if it is given.
  var markup: MarkupFormat?
  var splitStrategy: SplitStrategy
  var onError: RowErrorPolicy
  /// The given flags about columns.
  var columnFlags: [String]
  /// The seed of samples and splits.
  var seed: UInt64

  /// The maximum size of a text that is a whole file.
  static let maxTextSize = 1 << 20

  /// Memory holds the rows that are kept: only as many as needed if all split sizes are numbers.
  func read(_ archive: Archive, into writer: ShardWriter) throws -> IngestReport {
    let readsFolders = try format == .folders || format == .auto && !containsTables(archive)
    try archive.rewind()
    var ingestion = try TableIngestion(self, at: archive.path)
    var unrecognized = UnrecognizedFiles()
    while let entry = try archive.next() {
      guard let format = try format(of: entry), (format == .folders) == readsFolders,
        try ingestion.read(entry, as: format)
      else {
        try unrecognized.append(entry)
        continue
      }
    }
    guard ingestion.fileCount > 0 else { throw noRowsError(unrecognized, at: archive.path) }
    if let flag = fileOptions.tableFlag, !ingestion.hasTables {
      throw UserError(
        .usage, at: flag, problem: "given, but \(archive.path) has no table",
        expected: "a CSV or TSV file", hint: "leave it out, or say with --format what it is")
    }
    return try ingestion.write(skippedFiles: unrecognized.count, to: writer)
  }

  private func format(of entry: ArchiveEntry) throws -> TableFormat? {
    // Beside the Arrow files of Hugging Face datasets.
    let stateKey = Array("\"_data_files\"".utf8)
    if !entry.isInput, entry.name == "state.json", try entry.head().firstRange(of: stateKey) != nil
    {
      return nil
    }
    return format.format(ofFileAt: entry.path, isOnlyFile: entry.isInput) {
      guard let head = try? entry.textHead(fileOptions.encoding) else { return false }
      return TableRowReader.recognizes(
        head, as: $0, columns: columns, header: header, options: fileOptions, isGiven: entry.isInput
      )
    }
  }

  /// Whether any entry is a table or a JSON file.
  private func containsTables(_ archive: Archive) throws -> Bool {
    while let entry = try archive.next() {
      if let format = try format(of: entry), format != .folders { return true }
    }
    return false
  }

  /// Checks that no flag is given about columns that a format does not have.
  /// - Throws: ``UserError`` with exit status `usage`.
  func checkFlags(for format: TableFormat) throws {
    let hasKeys = format == .jsonLines
    guard hasKeys || format == .folders || format == .fastText,
      let flag = columnFlags.first(where: { !hasKeys || $0 == "header" })
    else { return }
    throw UserError(
      .usage, at: "--\(flag)", problem: "given for the format \(format.rawValue)",
      expected: "a table", hint: "leave it out; see --help")
  }

  private func noRowsError(_ unrecognized: UnrecognizedFiles, at path: String) -> UserError {
    if let error = unrecognized.foreignError { return error }
    let files = "\(unrecognized.examples)\(unrecognized.count > 5 ? " …" : "")"
    return UserError(
      .data, at: path,
      problem: unrecognized.count == 0 ? "no file in it" : "no labelled text in \(files)",
      expected: expectedFiles,
      hint:
        "name the columns with --text-column and --label-column, or say with --format what it is")
  }

  private var expectedFiles: String {
    format == .folders
      ? "text files, each in a folder that is called as its class"
      : "a CSV, TSV or JSON lines file with the columns "
        + "\(columns.all.map { "“\($0)”" }.joined(separator: ", ")), or a folder for each class"
  }
}

/// One pass over labelled text.
private struct TableIngestion {
  private let dataset: TableDataset
  private let path: String
  private let normalizer: TextNormalizer
  private let hash: TextHash
  private var sampler: GroupSampler
  private var labels: LabelIndex
  private var report: IngestReport
  private var rowCount = 0
  /// The first skipped row, how to correct it, and the number of skipped rows.
  private var skippedRows: (first: String, hint: String?, count: Int)?
  private var encodingCheck = EncodingCheck()
  private var quoteCheck = QuoteCheck()
  private var idCheck = IDCheck()
  /// Whether any file was a CSV or TSV.
  private(set) var hasTables = false
  /// The first label with other white space inside than single spaces, and the number of its like.
  private var unevenLabels: (first: String, count: Int)?
  /// The first tag or character reference and the number of texts with some.
  private var unreadMarkup: (first: String, count: Int)?
  /// The number of files with rows.
  private(set) var fileCount = 0
  /// The number of files that lie directly in a folder named as a split.
  private var unclassifiedCount = 0
  /// The splits that files and folders are named as.
  private var namedSplits: Set<Split> = []

  init(_ dataset: TableDataset, at path: String) throws {
    (self.dataset, self.path) = (dataset, path)
    normalizer = try TextNormalizer(dataset.markup ?? .none)
    hash = TextHash(seed: dataset.seed)
    sampler = GroupSampler(capacity: dataset.splitStrategy.capacity)
    labels = LabelIndex(dataset.labelMap)
    report = IngestReport(task: dataset.name)
  }

  /// Reads a file and returns whether it contains labelled text.
  mutating func read(_ entry: ArchiveEntry, as format: TableFormat) throws -> Bool {
    try entry.rejectForeign()
    try dataset.checkFlags(for: format)
    let folders = entry.path.split(separator: "/").dropLast()
    if format == .folders {
      guard let label = folders.last else { return false }
      guard Split(name: String(label)) == nil else {
        unclassifiedCount += 1
        return false
      }
      guard !label.unicodeScalars.contains("\u{FFFD}") else {
        throw UserError(
          .data, at: entry.location, problem: "a folder whose name is not UTF-8",
          expected: "the name of a class", hint: "rename the folder, or pack it with names in UTF-8"
        )
      }
      let split = Split(path: folders.dropLast().joined(separator: "/"))
      if let split { namedSplits.insert(split) }
      let text = try entry.content(
        maxSize: TableDataset.maxTextSize, encoding: dataset.fileOptions.encoding)
      try text.withUnsafeBytes { text in
        try Array(label.utf8).withUnsafeBytes { label in
          try take(
            [text, label], split, at: RowLocation(file: entry.location), in: entry.rowPath)
        }
      }
    } else {
      hasTables = hasTables || format == .csv || format == .tsv
      let split = Split(path: entry.name) ?? Split(path: folders.joined(separator: "/"))
      if let split { namedSplits.insert(split) }
      func take(_ row: Row, at location: RowLocation) throws {
        if let error = row.error {
          try skip(error, at: location)
        } else {
          quoteCheck.add(row.fields[0], format, quote: dataset.fileOptions.quote)
          try self.take(row.fields, split, at: location, in: entry.rowPath)
        }
      }
      var reader = try TableRowReader(
        format, columns: dataset.columns, header: dataset.header, options: dataset.fileOptions,
        head: entry.textHead(dataset.fileOptions.encoding), at: entry.location,
        isInput: entry.isInput)
      try entry.forEachTextBlock(dataset.fileOptions.encoding) { try reader.split($0, take) }
      try reader.finish(take)
    }
    fileCount += 1
    return true
  }

  /// Adds a row or drops it for a reason.
  /// - Parameters:
  ///   - fields: the text, the label and, as far as there are such columns, split and ID.
  ///   - file: the path of the file for IDs.
  private mutating func take(
    _ fields: [UnsafeRawBufferPointer], _ pathSplit: Split?, at location: RowLocation,
    in file: String
  ) throws {
    var split = pathSplit
    if dataset.columns.split != nil {
      let field = fields.count > 2 ? Array(fields[2]) : []
      guard let named = Split(name: Self.string(normalizeText(field))) else {
        return try skip(
          RowError(
            problem: "the split “\(Self.string(field.prefix(40)))”",
            expected: "train, validation or test"), at: location)
      }
      split = named
    }
    let id: String
    if dataset.columns.id == nil {
      id = location.number.map { "\(file):\($0)" } ?? file
    } else {
      id = Self.string((fields.last ?? fields[0]).trimmingBlanks)
      guard !id.isEmpty else {
        return try skip(
          RowError(problem: "no ID", expected: "a value under --id-column in each row"),
          at: location)
      }
      idCheck.add(id, at: location)
    }
    rowCount += 1
    let label = normalizeText(Array(fields[1]))
    guard !label.isEmpty else { return report.drop("no label") }
    if !fields[1].trimmingBlanks.elementsEqual(label),
      String(validating: fields[1], as: UTF8.self) != nil
    {
      unevenLabels = (unevenLabels?.first ?? Self.string(label), (unevenLabels?.count ?? 0) + 1)
    }
    let text = normalizer(fields[0])
    guard !text.isEmpty else { return report.drop("no text") }
    try encodingCheck.add(text: fields[0], label: fields[1], name: label, at: location)
    if dataset.markup == nil, let markup = HTMLText.firstMarkup(in: text) {
      unreadMarkup = (
        unreadMarkup?.first ?? Self.string(markup.prefix(40)), (unreadMarkup?.count ?? 0) + 1
      )
    }
    guard let number = try labels.number(of: label, at: location) else { return }
    if dataset.splitStrategy.kind == .given, split == nil {
      throw UserError(
        .data, at: location.description, problem: "a row that belongs to no split",
        expected: "a file or folder called train, validation or test, or a column that says it",
        hint: "name the column with --split-column, or let --split random divide the rows")
    }
    let key = dataset.splitStrategy.kind == .randomNear ? nearDuplicateKey(text) : text
    sampler.add(
      Example(text: text, label: number, split: split, id: id, source: fields[0]), hash: hash(key))
  }

  private static func string(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }

  /// Skips a bad row, or throws if errors are not skipped.
  private mutating func skip(_ error: RowError, at location: RowLocation) throws {
    guard dataset.onError == .skip, !error.isFinal else {
      throw UserError(
        .data, at: location.description, problem: error.problem, expected: error.expected,
        hint: (error.hint ?? "correct the row")
          + (error.isFinal
            ? "; the rows after it cannot be found"
            : ", or pass over such rows with --on-error skip"))
    }
    rowCount += 1
    report.drop("a bad row")
    skippedRows = (
      skippedRows?.first ?? "\(location): \(error.problem), expected \(error.expected)",
      skippedRows == nil ? error.hint : skippedRows?.hint, (skippedRows?.count ?? 0) + 1
    )
  }

  /// Divides the rows and writes them.
  func write(skippedFiles: Int, to writer: ShardWriter) throws -> IngestReport {
    var report = report
    report.addRead(rowCount)
    labels.report(to: &report)
    report.skip("files of another kind", skippedFiles - unclassifiedCount)
    if unclassifiedCount > 0 {
      report.skip("files of no class", unclassifiedCount)
      report.warn(
        "\(unclassifiedCount) texts lie directly in a folder named as a split (train, test, …) and "
          + "were passed over; if it is a class, rename the folder")
    }
    if dataset.splitStrategy.kind != .given, namedSplits.count > 1 {
      let names = namedSplits.sorted().map(\.rawValue).joined(separator: ", ")
      report.warn(
        "files are named as splits (\(names)), but all rows were divided anew; "
          + "--split official keeps the splits")
    }
    if let skippedRows {
      report.warn(
        "\(skippedRows.count) bad rows were passed over, the first at \(skippedRows.first)")
    }
    if let warning = encodingCheck.warning { report.warn(warning) }
    for warning in quoteCheck.warnings { report.warn(warning) }
    if let warning = idCheck.warning { report.warn(warning) }
    if let unevenLabels {
      report.warn(
        "the labels of \(unevenLabels.count) rows had other white space than single spaces, which it "
          + "became, as in “\(unevenLabels.first)”")
    }
    if let unreadMarkup, unreadMarkup.count >= max(2, rowCount / 100) {
      report.warn(
        "\(unreadMarkup.count) texts contain HTML such as “\(unreadMarkup.first)”; --markup html "
          + "converts it to text, --markup none keeps it without this warning")
    }
    let (classNames, counts, indices) = labels.classes
    // Rows to test a model on may all have one class.
    let needed = dataset.splitStrategy.omitted.contains(.train) ? 1 : 2
    guard counts.count(where: { $0 > 0 }) >= needed else {
      throw tooFewClasses(classNames, counts, report)
    }
    if let error = labels.identifierError(at: path) { throw error }
    report.addSource("rows", classNames, counts)
    let groups = sampler.sorted()
    let names = indices.map { classNames[$0] }
    if let warning = contradictions(groups, names) { report.warn(warning) }
    let divided = try dataset.splitStrategy.divide(
      groups, classNames: names, at: path, report: &report)
    let splits = divided.mapValues { rows in
      rows.map { $0.with(label: indices[$0.label]) }
    }
    let kept = splits.values.reduce(0) { $0 + $1.count }
    report.drop("not drawn", report.read - report.droppedCount - kept)
    let splitScheme =
      switch dataset.splitStrategy.kind {
      case .random: ""
      case .randomNear: EIRegSplit.randomNear.rawValue
      case .given: EIRegSplit.official.rawValue
      }
    return try writer.write(
      splits, dataset: .labelled, classNames: classNames, splitScheme: splitScheme,
      omitting: dataset.splitStrategy.omitted, report: report, at: path)
  }

  /// A warning about equal texts with different labels; nil if there are none.
  private func contradictions(_ groups: [[Example]], _ names: [String]) -> String? {
    var count = 0
    var example: ArraySlice<Example> = []
    for group in groups {
      // The rows of a group are sorted by text and label.
      var rest = group[...]
      while let first = rest.first {
        let rows = rest.prefix { $0.text == first.text }
        rest = rest.dropFirst(rows.count)
        guard rows.last?.label != first.label else { continue }
        count += 1
        if example.isEmpty { example = rows }
      }
    }
    guard let first = example.first else { return nil }
    return "\(count) texts have several labels, such as “\(Self.string(first.text.prefix(60)))”: "
      + "\(quotedList(example.map(\.label).unique.map { names[$0] })); "
      + "correct the data if that is a mistake"
  }

  private func tooFewClasses(
    _ classNames: [String], _ counts: [Int], _ report: IngestReport
  ) -> UserError {
    let found = zip(classNames, counts).filter { $0.1 > 0 }.map { "“\($0.0)”" }
    var problem = found.isEmpty ? "no row of any class" : "rows of one class only, \(found[0])"
    problem = report.explained(problem)
    if let skippedRows { problem += "; the first at \(skippedRows.first)" }
    return UserError(
      .data, at: path, problem: problem, expected: "rows of two or more classes",
      hint: skippedRows?.hint
        ?? "look at --label-column and --labels\(labels.quotingExample); for a folder for each "
        + "class, name the folder above them")
  }
}
