import Datasets
import Support

/// The format of the lines of an input.
public enum InputFormat: String, CaseIterable, Sendable {
  /// Chosen by the name of the file: `.csv`, `.tsv`, `.jsonl` and `.ndjson`; all others are text.
  case auto
  /// Each line is a text.
  case text
  /// A table as in RFC 4180, also with semicolons or tabs. The first line names the columns.
  case csv
  /// Fields separated by tabs, without quoting. The first line names the columns.
  case tsv
  /// Each line is a JSON object.
  case jsonLines = "json-lines"

  /// Resolves `auto` by the name of an input.
  /// - Throws: ``UserError`` with exit status `usage` if the name has an unsupported extension.
  func resolved(for name: String) throws -> InputFormat {
    guard self == .auto else { return self }
    let lowercased = name.lowercased()
    let formats: [(String, InputFormat)] = [
      (".csv", .csv), (".tsv", .tsv), (".jsonl", .jsonLines), (".ndjson", .jsonLines),
    ]
    for (suffix, format) in formats where lowercased.hasSuffix(suffix) { return format }
    for suffix in [".json", ".gz", ".zip", ".safetensors"] where lowercased.hasSuffix(suffix) {
      throw UserError(
        .usage, at: name, problem: "a file called “\(suffix)”",
        expected: "lines of text, .csv, .tsv or .jsonl",
        hint: "convert it, or say with --format how its lines are to be taken")
    }
    return .text
  }
}

/// Finds the text in each line of an input that is not CSV.
struct TextRowReader {
  private let format: InputFormat
  private let column: String
  private let location: String
  /// The index of the text and the number of fields of a TSV, once its header has been read.
  private var header: (textIndex: Int, count: Int)?
  private let fields: JSONFieldReader

  /// Creates a reader.
  /// - Parameters:
  ///   - format: any format but `auto` and `csv`.
  ///   - column: the column or key of the text.
  ///   - location: the input, for messages.
  init(_ format: InputFormat, column: String, location: String) {
    (self.format, self.column, self.location) = (format, column, location)
    fields = JSONFieldReader([column])
  }

  /// Calls `body` with the text of a line, which is valid during the call. Headers and blank lines
  /// between JSON objects have none.
  /// - Throws: `RowError` if the line is bad, ``UserError`` with exit status `data` if the whole input
  ///   is, and the errors of `body`.
  mutating func read(_ line: Line, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    guard !line.isTooLong else {
      throw RowError(
        problem: "a line of over \(Line.maxLength >> 20) MiB", expected: "one text a line")
    }
    switch format {
    case .auto, .csv, .text: try body(line.bytes)
    case .tsv: if let text = try field(of: line.bytes) { try body(text) }
    case .jsonLines:
      if line.bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
      try body(try value(in: line.bytes))
    }
  }

  /// The text of a line of TSV, or nil for the header.
  private mutating func field(
    of line: UnsafeRawBufferPointer
  ) throws -> UnsafeRawBufferPointer? {
    let fields = line.split(
      separator: UInt8(ascii: "\t"), maxSplits: header?.count ?? 10_000,
      omittingEmptySubsequences: false)
    guard let header else {
      self.header = try readHeader(fields.map { String(decoding: $0, as: UTF8.self) })
      return nil
    }
    guard fields.count == header.count else {
      let count = fields.count > header.count ? "more than \(header.count)" : "\(fields.count)"
      throw RowError(problem: "\(count) fields", expected: "\(header.count)")
    }
    return UnsafeRawBufferPointer(rebasing: fields[header.textIndex])
  }

  private func readHeader(_ names: [String]) throws -> (textIndex: Int, count: Int) {
    let indices = names.indices.filter { names[$0].utf8.elementsEqual(column.utf8) }
    guard let index = indices.first, indices.count == 1 else {
      let list = names.prefix(12).joined(separator: ", ")
      throw UserError(
        .data, at: "\(location): line 1",
        problem: indices.isEmpty
          ? "the columns \(list)" : "\(indices.count) columns “\(column)”",
        expected: "a line of names with one column “\(column)”",
        hint: "name the column of the text with --column")
    }
    return (index, names.count)
  }

  /// The text under the key of a JSON object.
  private func value(in line: UnsafeRawBufferPointer) throws -> UnsafeRawBufferPointer {
    switch try fields.read(line).first {
    case .string(let text): return text
    case .literal, .null, .composite:
      throw RowError(problem: "“\(column)” that is no string", expected: "a text")
    case .missing, nil: throw RowError(problem: "no “\(column)”", expected: "a text under that key")
    }
  }
}

/// Finds the texts of a CSV that arrives in blocks.
struct TableReader {
  private let column: String
  private let location: String
  private let options: TextFileOptions
  /// The bytes before the end of the header.
  private var head: [UInt8] = []
  private var table: CSVReader?

  /// Creates a reader.
  /// - Parameters:
  ///   - column: the column of the text.
  ///   - location: the input, for messages.
  ///   - options: how the table is read.
  init(column: String, location: String, options: TextFileOptions = TextFileOptions()) {
    (self.column, self.location, self.options) = (column, location, options)
  }

  /// Calls `body` with the rows that a block completes. A row has one field, the text, or is bad.
  /// - Throws: ``UserError`` with exit status `data` if there is no such column, and the errors of
  ///   `body`.
  mutating func split(_ block: UnsafeRawBufferPointer, _ body: (Row) throws -> Void) throws {
    guard table == nil else {
      try table?.split(block, body)
      return
    }
    head.append(contentsOf: block)
    let isLineEnd = { (byte: UInt8) in byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
    if block.contains(where: isLineEnd) && CSVReader.canBegin(with: head, .csv, options)
      || head.count > Line.maxLength
    {
      try begin(body)
    }
  }

  /// Calls `body` with the last row if it has no line ending.
  /// - Throws: as ``split(_:_:)``.
  mutating func finish(_ body: (Row) throws -> Void) throws {
    if table == nil, !head.isEmpty { try begin(body) }
    try table?.finish(body)
  }

  private mutating func begin(_ body: (Row) throws -> Void) throws {
    let start = head
    head = []
    try start.withUnsafeBytes { bytes in
      var table = try CSVReader(
        bytes, .csv, columns: [column], options: options, at: location,
        hint: "name the column of the text with --column")
      try table.split(bytes, body)
      self.table = table
    }
  }
}
