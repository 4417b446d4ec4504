import Safetensors
import Support

/// A row of labelled text as it stands in a file; the bytes are valid only while it is handed over.
struct TableExample {
  var text: UnsafeRawBufferPointer
  /// Nothing where it is left open.
  var label: UnsafeRawBufferPointer?
  /// What the column of the split says, if there is one.
  var split: UnsafeRawBufferPointer?
}

/// What a row of a file turned out to be.
enum ParsedRow {
  case row(TableExample)
  /// A bad row; after a final one there is no telling where the next begins.
  case defect(RowError, isFinal: Bool)
}

/// Finds text and label in the rows of tables and JSON files.
struct TableRowReader {
  let columns: CSVHeader
  /// The names of the columns, if tables have no line of them.
  let header: [String]?

  /// Hands over all rows of a file.
  /// - Throws: ``UserError`` of kind `data` if the file is not of this format or is damaged, and what
  ///   `body` throws.
  func read(
    _ member: ArchiveEntry, as format: TableFormat, _ body: (ParsedRow, RowLocation) throws -> Void
  ) throws {
    if format == .jsonLines {
      try readObjects(of: member, body)
    } else {
      try readTable(member, format, body)
    }
  }

  /// Whether the beginning of a file is that of a table with the columns, or of a JSON file with
  /// the keys.
  func recognises(_ member: ArchiveEntry, as format: TableFormat) throws -> Bool {
    let head = try member.head()
    if format != .jsonLines { return (try? table(head, format, at: "")) != nil }
    let line = head.prefix { $0 != UInt8(ascii: "\n") }
    return line.withUnsafeBytes { bytes in
      guard case .string? = try? JSONFieldReader(columns.all).read(bytes).first else {
        return false
      }
      return true
    }
  }

  private func readTable(
    _ member: ArchiveEntry, _ format: TableFormat, _ body: (ParsedRow, RowLocation) throws -> Void
  ) throws {
    var table = try table(try member.head(), format, at: member.place)
    func take(_ row: CSVRow) throws {
      var place = RowLocation(member: member.place, number: row.line)
      if let defect = row.defect {
        (place.number, place.column) = (defect.line, defect.column)
        return try body(.defect(defect.reason, isFinal: defect.isFinal), place)
      }
      let labelled = TableExample(
        text: row.fields[0], label: row.fields[1], split: row.fields.dropFirst(2).first)
      try body(.row(labelled), place)
    }
    try member.forEachTextBlock { try table.split($0, take) }
    try table.finish(take)
  }

  private func table(
    _ head: [UInt8], _ format: TableFormat, at place: @autoclosure () -> String
  ) throws -> CSVReader {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    return try CSVReader(
      head.dropFirst(head.starts(with: mark) ? mark.count : 0), format, columns: columns.all,
      header: header, at: place(), hint: CSVHeader.hint)
  }

  private func readObjects(
    of member: ArchiveEntry, _ body: (ParsedRow, RowLocation) throws -> Void
  ) throws {
    let isArray = try member.head().first { $0 > 0x20 && $0 < 0x80 } == UInt8(ascii: "[")
    let fields = JSONFieldReader(columns.all)
    var place = RowLocation(member: member.place, unit: isArray ? "object" : "line")
    func take(_ line: RawRecord) throws {
      place.number = line.number
      let found: TableExample?
      do {
        found = try row(of: line, fields)
      } catch let defect as RowError {
        return try body(.defect(defect, isFinal: false), place)
      }
      if let found { try body(.row(found), place) }
    }
    if isArray {
      try member.forEachObject(longest: RawRecord.longest, take)
    } else {
      try member.forEachLine(take)
    }
  }

  /// The row of a JSON object; nothing for a blank line.
  private func row(of line: RawRecord, _ fields: JSONFieldReader) throws -> TableExample? {
    guard !line.isTooLong else {
      throw RowError(
        problem: "an object of over \(RawRecord.longest >> 20) MiB", expected: "a shorter row")
    }
    if line.bytes.allSatisfy({ $0 <= 0x20 }) { return nil }
    let values = try fields.read(line.bytes)
    var found: [UnsafeRawBufferPointer?] = []
    for (name, value) in zip(columns.all, values) {
      switch value {
      case .string(let text): found.append(text)
      case .null: found.append(nil)
      case .literal(let literal) where name != columns.text: found.append(literal)
      case .literal, .composite:
        throw RowError(
          problem: "“\(name)” that is no string",
          expected: name == columns.text ? "a text" : "a string, a number, true or false")
      case .missing: throw RowError(problem: "no “\(name)”", expected: "a value under that key")
      }
    }
    return TableExample(
      text: found[0] ?? UnsafeRawBufferPointer(start: nil, count: 0), label: found[1],
      split: found.count > 2 ? found[2] : nil)
  }
}
