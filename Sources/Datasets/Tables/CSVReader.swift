import Safetensors
import Support

/// Cuts a table into rows and finds the wanted fields of each by the names of the columns.
package struct CSVReader {
  private var records: CSVParser
  private var columns: ColumnIndices

  /// Looks at the beginning of a table. The delimiter of a CSV is the one of comma, semicolon and
  /// tab that finds the columns.
  /// - Parameters:
  ///   - head: the first bytes of the file, without a byte order mark, the first row among them.
  ///   - columns: the names of the wanted columns.
  ///   - header: the names of all columns, if the file has no line of them.
  ///   - advice: what the user can do if the columns are not there.
  /// - Throws: ``UserError`` of kind `data` if they are not.
  package init(
    _ head: some Collection<UInt8>, _ format: TableFormat, columns: [String],
    header: [String]? = nil, at place: @autoclosure () -> String, hint: String
  ) throws {
    let isQuoting = format == .csv
    let delimiters = (isQuoting ? ",;\t" : "\t").utf8.map { $0 }
    let firsts = delimiters.map { Self.firstRow(head, delimiter: $0, isQuoting: isQuoting) }
    for (delimiter, first) in zip(delimiters, firsts)
    where header == nil || header?.count == first.count {
      guard let places = columnIndices(of: columns, in: header ?? first) else { continue }
      self.columns = ColumnIndices(
        names: header ?? first, places: places, areRead: header != nil)
      records = CSVParser(delimiter: delimiter, isQuoting: isQuoting)
      return
    }
    if let header {
      throw UserError(
        .data, at: "\(place()): line 1", problem: "\(firsts[0].count) fields",
        expected: "\(header.count), as --header names")
    }
    throw lackOfColumns(
      columns, in: firsts.max { $0.count < $1.count } ?? [], at: "\(place()): line 1",
      hint: hint)
  }

  /// Hands over the wanted fields of each row.
  package mutating func split(
    _ block: UnsafeRawBufferPointer, _ body: (CSVRow) throws -> Void
  ) rethrows {
    try records.split(block) { try columns.hand($0, body) }
  }

  /// Hands over what stands behind the last line ending, if anything.
  package mutating func finish(_ body: (CSVRow) throws -> Void) rethrows {
    try records.finish { try columns.hand($0, body) }
  }

  /// The fields of the first row as far as they lie in `head`.
  private static func firstRow(
    _ head: some Collection<UInt8>, delimiter: UInt8, isQuoting: Bool
  ) -> [String] {
    var splitter = CSVParser(delimiter: delimiter, isQuoting: isQuoting)
    var first: [String]?
    func take(_ record: CSVRecord) { first = first ?? record.names }
    Array(head).withUnsafeBytes { splitter.split($0, take) }
    if first == nil { splitter.finish(take) }
    return first ?? []
  }
}

/// The columns of a table.
private struct ColumnIndices {
  /// The names of all.
  let names: [String]
  /// The places of those that are wanted.
  let places: [Int]
  /// Whether the line of names is behind us.
  var areRead: Bool

  /// Hands over the wanted fields of a record, unless it is the line of names.
  mutating func hand(_ record: CSVRecord, _ body: (CSVRow) throws -> Void) rethrows {
    var row = CSVRow(line: record.line, defect: record.defect)
    if record.defect == nil {
      if !areRead {
        areRead = true
        return
      }
      if record.count == names.count {
        row.fields = places.map { record[$0] }
      } else {
        let reason = RowError(
          problem: "\(record.count) fields",
          expected: "\(names.count): \(names.prefix(12).joined(separator: ", "))")
        row.defect = LocatedRowError(reason: reason, line: record.line)
      }
    }
    try body(row)
  }
}

/// The wanted fields of a row of a table. Valid only while it is handed over.
package struct CSVRow {
  /// The line on which the row begins, from 1.
  package let line: Int
  /// What is wrong with the row, if anything is; it has no fields then.
  package var defect: LocatedRowError?
  /// In the order in which the columns were asked for.
  package var fields: [UnsafeRawBufferPointer] = []
}

/// Where each of the wanted columns stands among `names`; nothing unless each is there once.
func columnIndices(of columns: [String], in names: [String]) -> [Int]? {
  let places = columns.compactMap { wanted in
    let found = names.indices.filter { names[$0].utf8.elementsEqual(wanted.utf8) }
    return found.count == 1 ? found.first : nil
  }
  return places.count == columns.count ? places : nil
}

/// What is said of a table that has not each of the columns once.
func lackOfColumns(
  _ columns: [String], in names: [String], at place: String, hint: String
) -> UserError {
  let twin = columns.first { wanted in names.count { $0.utf8.elementsEqual(wanted.utf8) } > 1 }
  let list = names.prefix(12).map { "“\($0)”" }.joined(separator: ", ")
  let more = names.count > 12 ? " and \(names.count - 12) more" : ""
  let problem = names.isEmpty ? "no line of names" : "the columns \(list)\(more)"
  let wanted = columns.map { "“\($0)”" }.joined(separator: ", ")
  return UserError(
    .data, at: place, problem: twin.map { "several columns “\($0)”" } ?? problem,
    expected: "\(columns.count > 1 ? "one column each:" : "one column") \(wanted)", hint: hint)
}
