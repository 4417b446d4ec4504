/// A row of a table: its fields without their quotes. Valid only while it is handed over.
struct CSVRecord {
  /// The fields, one behind the other.
  private let bytes: UnsafeRawBufferPointer
  /// Where each field ends in `bytes`.
  private let ends: [Int]
  /// The line on which the row begins, from 1.
  let line: Int
  /// Set if the row is bad; it has no fields then.
  let defect: LocatedRowError?

  init(_ bytes: UnsafeRawBufferPointer, ends: [Int], line: Int, defect: LocatedRowError?) {
    (self.bytes, self.ends, self.line, self.defect) = (bytes, ends, line, defect)
  }

  /// How many fields there are.
  var count: Int { ends.count }

  subscript(field: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[(field == 0 ? 0 : ends[field - 1])..<ends[field]])
  }

  /// The fields as names of columns.
  var names: [String] {
    (0..<count).map { String(decoding: normalizeText(Array(self[$0])), as: UTF8.self) }
  }
}
