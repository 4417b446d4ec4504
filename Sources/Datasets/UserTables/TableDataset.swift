import Shards
import Support

/// Reads the user's own labelled text: tables, workbooks and JSON files with named columns, exports of
/// annotation tools, or a folder for each class; plain, compressed, in an archive or in a folder.
struct TableDataset: DatasetReader {
  /// The name of the task.
  var name: String
  var format: TableFormat
  var columns: TableColumns
  /// The text between the labels of a field; nil if a field is one label.
  var labelSeparator: [UInt8]?
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
  /// The given flags about columns and what is in them.
  var columnFlags: [String]
  /// The seed of samples and splits.
  var seed: UInt64

  /// Whether a row can have any number of labels.
  var isMultiLabel: Bool { columns.isMultiLabel }

  /// The maximum size of a text that is a whole file.
  static let maxTextSize = 1 << 20

  /// The findings of a first pass over the files.
  private struct Survey {
    /// Whether any file is a table, a workbook or JSON.
    var hasTables = false
    var azure: AzureProject?
    var classLabels: ClassLabels?
  }

  /// Memory holds the rows that are kept: only as many as needed if all split sizes are numbers.
  func read(_ archive: Archive, into writer: ShardWriter) throws -> IngestReport {
    let survey = try survey(archive)
    try archive.rewind()
    let readsFolders = format == .folders || format == .auto && !survey.hasTables
    var ingestion = try TableIngestion(
      self, azure: survey.azure, classLabels: survey.classLabels, at: archive.path)
    var unrecognized = UnrecognizedFiles()
    while let entry = try archive.next() {
      if survey.azure != nil {
        if try !ingestion.readDocument(entry) { try unrecognized.append(entry) }
        continue
      }
      guard let format = try format(of: entry), (format == .folders) == readsFolders,
        try ingestion.read(entry, as: format)
      else {
        try unrecognized.append(entry)
        continue
      }
    }
    try ingestion.checkDocuments()
    guard ingestion.fileCount > 0 else { throw noRowsError(unrecognized, at: archive.path) }
    try checkFileFlags(ingestion, at: archive.path)
    return try ingestion.write(skippedFiles: unrecognized.count, to: writer)
  }

  private func survey(_ archive: Archive) throws -> Survey {
    var survey = Survey()
    while let entry = try archive.next() {
      if format == .auto || format == .azure, try AzureProject.recognizes(entry.head()) {
        guard survey.azure == nil else {
          throw UserError(
            .data, at: entry.location, problem: "a second labels file of an Azure project",
            expected: "one", hint: "name the folder of one project")
        }
        survey.azure = try AzureProject(entry)
        continue
      }
      if labelMap == nil, !entry.isInput, let column = columns.label,
        let classLabels = try ClassLabels(entry, column: column)
      {
        guard survey.classLabels.map({ $0.names == classLabels.names }) ?? true else {
          throw ClassLabels.ambiguity(column, at: entry.location)
        }
        survey.classLabels = classLabels
        continue
      }
      if format == .auto, !survey.hasTables, let format = try format(of: entry), format != .folders
      {
        survey.hasTables = true
      }
      // Nothing accompanies a file that the user named, and a packed one would be read twice.
      if entry.isInput, archive.isSingleFile { break }
    }
    guard format != .azure || survey.azure != nil else {
      throw UserError(
        .data, at: archive.path, problem: "no labels file of an Azure project",
        expected: "a JSON file with “projectFileVersion” and “assets”, and the texts beside it")
    }
    return survey
  }

  private func format(of entry: ArchiveEntry) throws -> TableFormat? {
    if !entry.isInput, UnlabelledTexts.isNamed(entry.name) { return nil }
    // Beside the Arrow files of Hugging Face datasets.
    let stateKey = Array("\"_data_files\"".utf8)
    if !entry.isInput, entry.name == "state.json", try entry.head().firstRange(of: stateKey) != nil
    {
      return nil
    }
    if format == .auto || format == .xlsx, try entry.isWorkbook() { return .xlsx }
    return format.format(ofFileAt: entry.path, isOnlyFile: entry.isInput) {
      guard let head = try? entry.textHead(fileOptions.encoding) else { return false }
      return TableRowReader.recognizes(
        head, as: $0, columns: columns, header: header, options: fileOptions, isGiven: entry.isInput
      )
    }
  }

  /// Checks that no flag is given about files of a kind that were not among those read.
  private func checkFileFlags(_ ingestion: TableIngestion, at path: String) throws {
    if let flag = fileOptions.tableFlag, !ingestion.hasTables,
      !(ingestion.hasWorkbooks && flag == "--skip-lines")
    {
      throw UserError(
        .usage, at: flag, problem: "given, but \(path) has no table",
        expected: "a CSV or TSV file", hint: "leave it out, or say with --format what it is")
    }
    if fileOptions.sheet != nil, !ingestion.hasWorkbooks {
      throw UserError(
        .usage, at: "--sheet", problem: "given, but \(path) has no workbook",
        expected: "an .xlsx file", hint: "leave it out")
    }
  }

  /// How the files are read.
  var readerSettings: LabelledFileReader.Settings {
    LabelledFileReader.Settings(
      columns: columns,
      named: AnnotationColumns(
        text: columnFlags.contains("text-column") ? columns.text : [],
        label: columnFlags.contains("label-column") ? columns.label : nil,
        isMultiLabel: isMultiLabel),
      header: header, options: fileOptions,
      recognizesExports: format == .auto && columns.label != nil)
  }

  /// Checks that no flag is given about columns that a format does not have.
  /// - Throws: ``UserError`` with exit status `usage`.
  func checkFlags(for format: TableFormat) throws {
    let hasKeys = format == .jsonLines || format.isAnnotationExport
    guard hasKeys || [.folders, .fastText, .azure].contains(format),
      let flag = columnFlags.first(where: {
        !hasKeys || $0 == "header"
          || format.isAnnotationExport && ["label-columns", "label-separator"].contains($0)
      })
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
      hint: unrecognized.count == 0
        ? "name the file, folder or archive with the texts with --archive"
        : "name the columns with --text-column and --label-column, or say with --format what it is")
  }

  private var expectedFiles: String {
    format == .folders
      ? "text files, each in a folder that is called as its class"
      : "a CSV, TSV, JSON or .xlsx file with the columns "
        + "\(columns.all.map { "“\($0)”" }.joined(separator: ", ")), or a folder for each class"
  }
}
