import Shards
import Support

/// Reads the files of the formats.
extension TableIngestion {
  /// Reads a file and returns whether it contains labelled text.
  mutating func read(_ entry: ArchiveEntry, as format: TableFormat) throws -> Bool {
    try dataset.checkFlags(for: format)
    if format == .folders {
      guard try readClassified(entry) else { return false }
    } else {
      try readTable(entry, as: format)
    }
    fileCount += 1
    return true
  }

  /// Reads a text in a folder that is named after its class.
  private mutating func readClassified(_ entry: ArchiveEntry) throws -> Bool {
    try entry.rejectForeign()
    let folders = entry.path.split(separator: "/").dropLast()
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
    addFormat(TableFormat.folders.displayName)
    try takeText(of: entry, labels: [Array(label.utf8)], split)
    return true
  }

  /// Adds a text that is a whole file.
  private mutating func takeText(
    of entry: ArchiveEntry, labels: [[UInt8]], _ split: Split?
  ) throws {
    let text = try entry.content(
      maxSize: TableDataset.maxTextSize, encoding: dataset.fileOptions.encoding)
    try text.withUnsafeBytes { text in
      try labels[0].withUnsafeBytes { label in
        try take(
          [text, label], labels: dataset.isMultiLabel ? labels : nil, split,
          at: RowLocation(file: entry.location), in: entry.rowPath)
      }
    }
  }

  /// Reads a table, JSON or a workbook.
  private mutating func readTable(_ entry: ArchiveEntry, as format: TableFormat) throws {
    let folders = entry.path.split(separator: "/").dropLast()
    let split = Split(path: entry.name) ?? Split(path: folders.joined(separator: "/"))
    if let split { namedSplits.insert(split) }
    func take(_ row: Row, at location: RowLocation) throws {
      if let error = row.error {
        try drop(error, at: location)
      } else {
        checks.quotes.add(row.fields[0], format, quote: dataset.fileOptions.quote)
        try self.take(row.fields, labels: row.labels, split, at: location, in: entry.rowPath)
      }
    }
    if try format == .xlsx && entry.isWorkbook() {
      hasWorkbooks = true
      let reader = try WorkbookReader(
        entry, columns: dataset.columns, header: dataset.header, options: dataset.fileOptions)
      addFormat("\(format.displayName), sheet “\(escapingControlCharacters(reader.sheetName))”")
      return try reader.forEachRow(take)
    }
    try entry.rejectForeign()
    guard format != .xlsx else {
      throw UserError(
        .data, at: entry.location, problem: "no workbook", expected: "an .xlsx file",
        hint: "leave out --format, or say what it is")
    }
    var reader = try LabelledFileReader(
      format, dataset.readerSettings, head: entry.textHead(dataset.fileOptions.encoding),
      at: entry.location, isInput: entry.isInput)
    hasTables = hasTables || reader.isTable
    try entry.forEachTextBlock(dataset.fileOptions.encoding) { try reader.split($0, take) }
    try reader.finish(take)
    addFormat(reader.formatName)
  }

  private mutating func addFormat(_ name: String) {
    if !formats.contains(name) { formats.append(name) }
  }

  // MARK: Documents of Azure

  /// Reads a document of a project of Azure and returns whether the file belongs to the project.
  mutating func readDocument(_ entry: ArchiveEntry) throws -> Bool {
    guard let azure else { return false }
    try dataset.checkFlags(for: .azure)
    guard let document = azure.documents[entry.location] else {
      return entry.location == azure.location
    }
    foundDocuments.insert(entry.location)
    fileCount += 1
    if let split = document.split { namedSplits.insert(split) }
    addFormat(TableFormat.azure.displayName)
    let location = RowLocation(file: "\(azure.location): “\(document.path)”")
    guard !document.labels.isEmpty else {
      var error = RowError(problem: "not annotated", expected: "a class")
      error.isUnanswered = true
      try drop(error, at: location)
      return true
    }
    guard dataset.isMultiLabel || document.labels.count == 1 else {
      let names = document.labels.map { String(decoding: $0, as: UTF8.self) }
      try drop(.severalLabels(names), at: location)
      return true
    }
    try entry.rejectForeign()
    try takeText(of: entry, labels: document.labels, document.split)
    return true
  }

  /// Checks that the files of all documents were found.
  mutating func checkDocuments() throws {
    guard let azure, let error = azure.missingError(foundDocuments) else { return }
    guard dataset.onError == .skip, fileCount > 0 else { throw error }
    let count = azure.documents.count - foundDocuments.count
    rowCount += count
    report.drop("a missing document", count)
  }
}
