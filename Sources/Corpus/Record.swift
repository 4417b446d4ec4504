/// A row of a table: its fields without their quotes. Valid only while it is handed over.
package struct Record {
  /// What is wrong with a row.
  struct Defect {
    var reason: RowDefect
    var line: Int
    /// In characters, from 1.
    var column: Int
    /// Whether where the next row begins is unknown, so that reading cannot go on.
    var isFinal = false
  }

  /// The fields, one behind the other.
  private let bytes: UnsafeRawBufferPointer
  /// Where each field ends in `bytes`.
  private let ends: [Int]
  /// The line on which the row begins, from 1.
  let line: Int
  /// Set if the row is bad; it has no fields then.
  let defect: Defect?

  init(_ bytes: UnsafeRawBufferPointer, ends: [Int], line: Int, defect: Defect?) {
    (self.bytes, self.ends, self.line, self.defect) = (bytes, ends, line, defect)
  }

  /// How many fields there are.
  var count: Int { ends.count }

  subscript(field: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[(field == 0 ? 0 : ends[field - 1])..<ends[field]])
  }

  /// The fields as names of columns.
  var names: [String] {
    (0..<count).map { String(decoding: cleanText(Array(self[$0])), as: UTF8.self) }
  }
}

extension Member {
  /// Hands over the rows of a table one by one. Blank lines are none.
  /// - Throws: ``Refusal`` of kind `data` if the archive is damaged or the text is UTF-16, and what
  ///   `body` throws.
  func forEachRecord(
    _ splitter: RecordSplitter, _ body: (Record) throws -> Void
  ) throws {
    var splitter = splitter
    try forEachTextBlock { try splitter.split($0, body) }
    try splitter.finish(body)
  }
}
