import Datasets
import Support

/// Finds the texts of a CSV that comes block by block.
struct TableReader {
  private let column: String
  private let place: String
  /// What has come, until it holds the line of names.
  private var head: [UInt8] = []
  private var table: CSVReader?

  /// - Parameters:
  ///   - column: the column of the text.
  ///   - place: the input, for messages.
  init(column: String, place: String) { (self.column, self.place) = (column, place) }

  /// Hands over the rows; a row has one field, the text, or is bad.
  /// - Throws: ``UserError`` of kind `data` if there is no such column, and what `body` throws.
  mutating func split(
    _ block: UnsafeRawBufferPointer, _ body: (Row) throws -> Void
  ) throws {
    guard table == nil else {
      try table?.split(block, body)
      return
    }
    head.append(contentsOf: block)
    if block.contains(UInt8(ascii: "\n")) || head.count > Line.maxLength { try begin(body) }
  }

  /// Hands over what stands behind the last line ending, if anything.
  /// - Throws: as ``split(_:_:)``.
  mutating func finish(_ body: (Row) throws -> Void) throws {
    if table == nil, !head.isEmpty { try begin(body) }
    try table?.finish(body)
  }

  private mutating func begin(_ body: (Row) throws -> Void) throws {
    let start = head
    head = []
    try start.withUnsafeBytes { bytes in
      let text = try withoutByteOrderMark(bytes, at: place, hint: "save it again as UTF-8")
      var table = try CSVReader(
        text, .csv, columns: [column], at: place,
        hint: "name the column of the text with --column")
      try table.split(text, body)
      self.table = table
    }
  }
}
