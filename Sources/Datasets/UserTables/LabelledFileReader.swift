import Support

/// Reads the rows of a table, of JSON or of fastText's format. In files that may come from an annotation
/// tool, the first row decides.
struct LabelledFileReader {
  /// How a file is read.
  struct Settings {
    var columns: TableColumns
    /// The columns that the user has named.
    var named: AnnotationColumns
    var header: [String]?
    var options: TextFileOptions
    /// Whether exports of annotation tools are recognised.
    var recognizesExports: Bool
  }

  private let format: TableFormat
  private let settings: Settings
  private let head: [UInt8]
  private let location: String
  private let isInput: Bool
  private var rows: TableRowReader?
  private var annotations: AnnotationReader?
  /// The text before the first JSON object is complete.
  private var pending: [UInt8] = []
  private var first: JSONRecords?

  /// The name of the format in reports.
  var formatName: String { annotations?.formatName ?? format.displayName }
  /// Whether the file is a table.
  var isTable: Bool { format == .csv || format == .tsv || annotations?.isTable == true }

  /// - Parameters:
  ///   - head: the beginning of the text, with the whole first row of a table.
  ///   - isInput: whether the user named this file, not an archive or a folder with it.
  /// - Throws: ``UserError`` with exit status `data` if the file is not of this format.
  init(
    _ format: TableFormat, _ settings: Settings, head: [UInt8], at location: String, isInput: Bool
  ) throws {
    (self.format, self.settings, self.head) = (format, settings, head)
    (self.location, self.isInput) = (location, isInput)
    let export: TableFormat? =
      isTable && settings.recognizesExports && settings.header == nil
      ? .annotationExport(tableBeginningWith: head, settings.named, settings.options) : nil
    if format == .jsonLines, settings.recognizesExports {
      let layout = head.withUnsafeBytes { JSONLayout(head: $0, columns: settings.columns.all) }
      first = JSONRecords(layout, at: location)
    } else {
      try open(as: export ?? format)
    }
  }

  private mutating func open(as format: TableFormat) throws {
    annotations = try AnnotationReader(
      format, columns: settings.columns, named: settings.named, options: settings.options,
      head: head, at: location)
    guard annotations == nil else { return }
    rows = try TableRowReader(
      format, columns: settings.columns, header: settings.header, options: settings.options,
      head: head, at: location, isInput: isInput)
  }

  /// Calls `body` with each row that ends in the block.
  /// - Throws: ``UserError`` with exit status `data` if reading cannot continue; errors of `body`.
  mutating func split(
    _ block: UnsafeRawBufferPointer, _ body: (Row, RowLocation) throws -> Void
  ) throws {
    guard first != nil else { return try pass(block, body) }
    pending += block
    var record: JSONValue?
    do {
      try first?.split(block) { Self.remember($0, &record) }
    } catch {
      // After the first record, it is the error of the reader, which has rows before it.
      guard record != nil else { throw error }
    }
    if let record { try begin(with: record, body) }
  }

  /// Calls `body` with the rest of the rows.
  /// - Throws: as ``split(_:_:)``.
  mutating func finish(_ body: (Row, RowLocation) throws -> Void) throws {
    if first != nil {
      var record: JSONValue?
      try? first?.finish { Self.remember($0, &record) }
      try begin(with: record ?? .null, body)
    }
    try rows?.finish(body)
    try annotations?.finish(body)
  }

  /// Keeps the first record; a broken one is null.
  private static func remember(_ line: Line, _ record: inout JSONValue?) {
    guard record == nil, !line.isBlank else { return }
    record = line.isTooLong ? .null : (try? JSONValue(line.bytes)) ?? .null
  }

  private mutating func begin(
    with record: JSONValue, _ body: (Row, RowLocation) throws -> Void
  ) throws {
    first = nil
    let text = pending
    pending = []
    try open(as: .annotationExport(beginningWith: record, settings.named) ?? format)
    try text.withUnsafeBytes { try pass($0, body) }
  }

  private mutating func pass(
    _ block: UnsafeRawBufferPointer, _ body: (Row, RowLocation) throws -> Void
  ) throws {
    try rows?.split(block, body)
    try annotations?.split(block, body)
  }
}
