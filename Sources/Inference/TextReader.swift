import Datasets
import Support

/// The format of an input.
public enum InputFormat: String, CaseIterable, Sendable {
  /// Chosen by the name of the file or, if a column is given, by its first line; otherwise text.
  case auto
  /// Each line is a text.
  case text
  /// A table as in RFC 4180, also with semicolons or tabs. The first line names the columns.
  case csv
  /// Fields separated by tabs, without quoting. The first line names the columns.
  case tsv
  /// Each line is a JSON object; or an array of objects.
  case jsonLines = "json-lines"
  /// Each line is a text with labels such as `__label__NAME`, which are ignored.
  case fastText = "fasttext"
  /// Rows of a sheet of a workbook, which names the columns in its first row.
  case xlsx
}

/// Finds the texts of an input that arrives in blocks of UTF-8.
struct TextReader {
  private let input: PredictionStream.Input
  private let name: String
  private let location: String
  private let isStream: Bool
  private let warn: (String) -> Void
  private let columns: TableColumns
  /// The text before the format is known.
  private var head: [UInt8] = []
  private var hasBegun = false
  private var rows: TableRowReader?
  private var lines = LineSplitter(maxLength: Line.maxLength)

  /// The number of bytes after which the format is decided at the latest.
  private static let headSize = 16 << 10

  /// Creates a reader.
  /// - Parameters:
  ///   - name: the name of the file, without the extension of a compression.
  ///   - location: the input, for messages.
  ///   - isStream: whether the format is decided by the first line, because more may come only later.
  ///   - warn: called with a message if plain text looks like another format.
  init(
    _ input: PredictionStream.Input, name: String, location: String, isStream: Bool,
    warn: @escaping (String) -> Void
  ) {
    (self.input, self.name, self.location) = (input, name, location)
    (self.isStream, self.warn) = (isStream, warn)
    columns = input.tableColumns
  }

  /// Calls `body` with the rows that a block completes. A row has one field, the text, or is bad.
  /// - Throws: ``UserError`` with exit status `data` if the input is not of the format, `usage` if it
  ///   has no columns but one is given; errors of `body`.
  mutating func split(
    _ block: UnsafeRawBufferPointer, _ body: (Row, RowLocation) throws -> Void
  ) throws {
    guard !hasBegun else { return try pass(block, body) }
    head.append(contentsOf: block)
    if let count = headCount { try begin(head: count, body) }
  }

  /// Calls `body` with the last row if it has no line ending.
  /// - Throws: as ``split(_:_:)``.
  mutating func finish(_ body: (Row, RowLocation) throws -> Void) throws {
    if !hasBegun { try begin(head: head.count, body) }
    let location = location
    try rows?.finish(body)
    try lines.finish { try Self.take($0, at: location, body) }
  }

  /// The number of bytes by which the format is decided, whatever the ends of blocks.
  private var headCount: Int? {
    if head.count >= Self.headSize { return Self.headSize }
    guard isStream else { return nil }
    let lineEnds = head.indices.lazy.filter { head[$0] == UInt8(ascii: "\n") }
    return lineEnds.map { $0 + 1 }.first { isEnough(head[..<$0]) }
  }

  /// Whether these lines suffice to decide the format: the names of columns, and JSON that does not
  /// continue in the next line.
  private func isEnough(_ lines: ArraySlice<UInt8>) -> Bool {
    let visible = lines.filter { $0 > 0x20 && $0 < 0x80 }
    if let first = visible.first, let last = visible.last, "{[".utf8.contains(first) {
      let isComplete = visible.withUnsafeBytes { bytes in
        var cursor = JSONCursor(bytes)
        return cursor.value(depth: 100) != nil
      }
      return isComplete || !"{[,".utf8.contains(last)
    }
    let isTable = namedFormat == .csv || namedFormat == .tsv || !input.columns.isEmpty
    return !isTable || CSVReader.canBegin(with: lines, namedFormat ?? .csv, input.options)
  }

  private mutating func begin(
    head count: Int, _ body: (Row, RowLocation) throws -> Void
  ) throws {
    let start = head
    (head, hasBegun) = ([], true)
    let lines = Array(start[..<count])
    if let format = try format(ofTextFrom: lines) {
      rows = try TableRowReader(
        format, columns: columns, options: input.options, head: lines, at: location)
    }
    try start.withUnsafeBytes { try pass($0, body) }
  }

  private mutating func pass(
    _ block: UnsafeRawBufferPointer, _ body: (Row, RowLocation) throws -> Void
  ) throws {
    let location = location
    if rows != nil {
      try rows?.split(block, body)
    } else {
      try lines.split(block) { try Self.take($0, at: location, body) }
    }
  }

  private static func take(
    _ line: Line, at location: String, _ body: (Row, RowLocation) throws -> Void
  ) throws {
    var row = Row(line: line.number, fields: [line.bytes])
    if line.isTooLong {
      row.error = RowError(
        problem: "a line of over \(Line.maxLength >> 20) MiB", expected: "one text a line")
    }
    try body(row, RowLocation(file: location, number: line.number))
  }

  /// The format that the options or the name of the file tell.
  private var namedFormat: TableFormat? {
    guard input.format == .auto else { return TableFormat(rawValue: input.format.rawValue) }
    let parts = name.lowercased().split(separator: ".", omittingEmptySubsequences: false)
    return TableFormat(fileExtension: parts.count > 1 ? String(parts[parts.count - 1]) : "")
  }

  /// The format of tables, JSON or fastText; nil if each line is a text.
  private func format(ofTextFrom head: [UInt8]) throws -> TableFormat? {
    guard input.format == .auto else { return namedFormat }
    let found =
      namedFormat
      ?? TableFormat.contentFormats.first {
        TableRowReader.recognizes(
          head, as: $0, columns: columns, options: input.options, isGiven: true)
      }
    if !input.columns.isEmpty, found == nil || found == .fastText {
      throw UserError(
        .usage, at: location,
        problem: "text without the column \((columns.text + columns.kept).quoted(limit: 9))",
        expected: "a table whose first line has the column, or JSON objects with the key",
        hint: "leave out --column\(columns.kept.isEmpty ? "" : " and --keep"), or name the format "
          + "with --format")
    }
    guard input.columns.isEmpty, namedFormat == nil, let found else { return found }
    warn(
      "\(location): the first line looks like the format \(found.rawValue), but each line is taken "
        + "as a text; name it with --format \(found.rawValue), or --format text for plain text")
    return nil
  }
}
