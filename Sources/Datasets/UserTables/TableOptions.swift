import Support

/// The options of the user's own labelled text; nil means the default.
public struct TableOptions: Equatable, Sendable {
  /// The name of the task; required.
  public var name: String?
  /// The file format; `auto` by default.
  public var format: TableFormat?
  /// The columns or keys of the text, joined with spaces; `text` by default.
  public var textColumns: [String] = []
  /// The column or key of the label; `label` by default.
  public var labelColumn: String?
  /// In place of the label the columns or keys of the classes, separated by commas. One of them is 1 in each
  /// row and the others are 0; of a multi-label task any number is 1.
  public var labelColumns: String?
  /// The text between several labels in a field, such as `|`; the task is then multi-label.
  public var labelSeparator: String?
  /// The column or key of the split, for data that is already divided.
  public var splitColumn: String?
  /// The column or key of the ID; by default the location of a row is its ID.
  public var idColumn: String?
  /// The names of all columns, separated by commas, for tables without a row of names.
  public var header: String?
  /// The encoding of the files, by a name that iconv knows; detected or UTF-8 by default.
  public var encoding: String?
  /// The character between the fields of tables; detected by default.
  public var delimiter: String?
  /// The character that encloses fields of CSV; `"` by default.
  public var quote: String?
  /// The number of lines before the row of names of tables; 0 by default.
  public var skipLines: Int?
  /// The sheet of workbooks; by default the only one with the columns.
  public var sheet: String?
  /// The class of each label, such as `1=negative,2=negative,3=neutral`; other labels are dropped. By
  /// default each label is a class.
  public var labels: String?
  /// The class of each label, in place of ``labels``.
  public var labelPairs: [LabelPair]?
  /// The markup of the texts; `none` by default.
  public var markup: MarkupFormat?
  /// How bad rows are handled; `stop` by default.
  public var onError: RowErrorPolicy?
  /// Whether a text may be in several given splits.
  public var allowsLeaks = false
  /// The number of folds to divide the rows into, for cross-validation.
  public var folds: Int?
  /// The fold to use for testing, from 1, or `all` to use all rows for training.
  public var fold: String?

  /// The defaults.
  public init() {}

  /// The flags that were given, without dashes.
  public var given: [String] {
    let flags: KeyValuePairs = [
      "name": name != nil, "format": format != nil, "text-column": !textColumns.isEmpty,
      "label-column": labelColumn != nil, "label-columns": labelColumns != nil,
      "label-separator": labelSeparator != nil,
      "split-column": splitColumn != nil, "id-column": idColumn != nil,
      "header": header != nil, "encoding": encoding != nil, "delimiter": delimiter != nil,
      "quote": quote != nil, "skip-lines": skipLines != nil, "sheet": sheet != nil,
      "labels": labels != nil, "label-file": labelPairs != nil, "markup": markup != nil,
      "on-error": onError != nil, "allow-leaks": allowsLeaks, "folds": folds != nil,
      "fold": fold != nil,
    ]
    return flags.filter(\.value).map(\.key)
  }
}

extension IngestOptions {
  /// The data set that the options describe.
  /// - Throws: ``UserError`` with exit status `usage`.
  func tableDataset() throws -> TableDataset {
    var columns = TableColumns(
      text: table.textColumns.isEmpty ? ["text"] : table.textColumns,
      label: table.labelColumn ?? "label", split: table.splitColumn,
      id: table.idColumn)
    columns.isMultiLabel = readsSeveralLabels
    if let list = table.labelColumns { columns.labels = try labelColumns(list) }
    guard Set(columns.all).count == columns.all.count else {
      throw UserError(
        .usage, at: "--label-column", problem: "one column for two things",
        expected: "a column each for text, label, split and ID")
    }
    let dataset = TableDataset(
      name: try taskName(), format: table.format ?? .auto, columns: columns,
      labelSeparator: try labelSeparator(), header: try header(for: columns),
      fileOptions: try fileOptions(),
      labelMap: try labelMap(), markup: table.markup,
      splitStrategy: try splitStrategy(), onError: table.onError ?? .stop,
      columnFlags: table.given.filter {
        $0.contains("-column") || ["header", "label-separator"].contains($0)
      }, seed: seed)
    try dataset.checkFlags(for: dataset.format)
    return dataset
  }

  /// A name that is valid for folders and manifests and differs from the published data sets, whose
  /// results the report compares with the paper's.
  func taskName() throws -> String {
    let expected = "a name for your task of letters, digits, - and _, such as --name reviews"
    guard let name = table.name else {
      throw UserError(.usage, at: "--name", problem: "no name", expected: expected)
    }
    let isValid =
      !name.isEmpty && name.utf8.count <= 64 && !name.hasPrefix("-")
      && name.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
          || $0 == "-" || $0 == "_"
      }
    guard isValid else {
      throw UserError(.usage, at: "--name", problem: "“\(name)”", expected: expected)
    }
    guard name != "none", !Dataset.published.contains(where: { $0.rawValue == name }) else {
      throw UserError(
        .usage, at: "--name", problem: "“\(name)”, which means something else already",
        expected: "another name")
    }
    return name
  }

  private func labelColumns(_ list: String) throws -> [String] {
    guard table.labelColumn == nil else {
      throw UserError(
        .usage, at: "--label-columns", problem: "given beside --label-column",
        expected: "one of the two")
    }
    let names = (commaSeparated(list) ?? []).map { normalizedName($0.utf8) }
    guard names.count > 1, !names.contains("") else {
      throw UserError(
        .usage, at: "--label-columns", problem: "“\(list)”",
        expected:
          "the columns of two or more classes, such as sports,politics,science; a name with "
          + "a comma in double quotes")
    }
    return names
  }

  private func labelSeparator() throws -> [UInt8]? {
    guard let separator = table.labelSeparator else { return nil }
    guard table.labelColumns == nil else {
      throw UserError(
        .usage, at: "--label-separator", problem: "given beside --label-columns",
        expected: "one of the two")
    }
    guard !separator.isEmpty else {
      throw UserError(
        .usage, at: "--label-separator", problem: "an empty text",
        expected: "what separates the labels, such as '|'")
    }
    return Array(separator.utf8)
  }

  private func labelMap() throws -> LabelMap? {
    guard let pairs = table.labelPairs else {
      return try table.labels.map { try LabelMap($0, isMultiLabel: readsSeveralLabels) }
    }
    guard table.labels == nil else {
      throw UserError(
        .usage, at: "--label-file", problem: "given beside --labels", expected: "one of the two")
    }
    return try LabelMap(pairs, isMultiLabel: readsSeveralLabels)
  }

  func fileOptions() throws -> TextFileOptions {
    try TextFileOptions(
      encoding: table.encoding, delimiter: table.delimiter, quote: table.quote,
      skipLines: table.skipLines, sheet: table.sheet)
  }

  func header(for columns: TableColumns) throws -> [String]? {
    guard let header = table.header else { return nil }
    let names = header.split(separator: ",", omittingEmptySubsequences: false)
      .map { normalizedName($0.utf8) }
    guard CSVReader.indices(of: columns.all, in: names) != nil else {
      var error = CSVReader.missingColumns(
        columns.all, in: names, at: "--header", hint: columns.hint)
      error.exitStatus = .usage
      throw error
    }
    return names
  }
}
