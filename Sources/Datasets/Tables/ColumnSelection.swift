import Support

/// Selects fields of rows by column.
struct ColumnSelection {
  /// The names of all columns.
  let names: [String]
  /// The indices of the selected columns.
  let indices: [Int]
  /// Whether the row with the names is still to come.
  var expectsHeader: Bool
  /// Whether the names are not in the file.
  private let hasGivenNames: Bool
  private var isFirst = true
  /// The character that encloses fields; nil if none does.
  let quote: UInt8?
  let delimiter: UInt8
  /// Whether any field began with a quotation mark of another kind.
  private var hasOtherQuotes = false

  init(names: [String], indices: [Int], expectsHeader: Bool, quote: UInt8?, delimiter: UInt8) {
    (self.names, self.indices, self.expectsHeader) = (names, indices, expectsHeader)
    (self.quote, self.delimiter, hasGivenNames) = (quote, delimiter, !expectsHeader)
  }

  /// Calls `body` with the selected fields of a row, unless it is the row with the names.
  mutating func apply(to row: Row, _ body: (Row) throws -> Void) rethrows {
    var row = row
    if row.error == nil {
      guard !expectsHeader else {
        expectsHeader = false
        return
      }
      row.error = error(in: row.fields)
      row.fields = row.error == nil ? indices.map { row.fields[$0] } : []
    }
    try body(row)
  }

  private mutating func error(in fields: [UnsafeRawBufferPointer]) -> RowError? {
    let otherQuote = quote == nil ? UInt8(ascii: "\"") : UInt8(ascii: "'")
    hasOtherQuotes =
      hasOtherQuotes || quote != otherQuote && fields.contains { $0.first == otherQuote }
    guard fields.count == names.count else {
      var error = RowError(
        problem: NumberFormat.count(fields.count, "field"),
        expected: "\(names.count): \(names.prefix(12).joined(separator: ", "))")
      if hasOtherQuotes {
        error.hint =
          "fields are in quotes, which are read with "
          + (quote == nil ? "--format csv" : "--quote \"'\"")
      } else if fields.count > names.count, quote != nil, 0x21...0x7E ~= delimiter {
        error.hint = "put fields that contain “\(UnicodeScalar(delimiter))” in quotes"
        if fields.last?.isEmpty == true { error.hint? += " and remove it at the end of the row" }
      }
      return error
    }
    defer { isFirst = false }
    guard isHeader(fields) else { return nil }
    var error = RowError(problem: "the names of the columns", expected: "a row")
    error.hint =
      isFirst && hasGivenNames
      ? "leave --header out, as the file has a line of names"
      : "remove the line: where tables are joined, only the first keeps its names"
    return error
  }

  /// Whether the fields are the names of the columns again, as in tables that were put together.
  private func isHeader(_ fields: [UnsafeRawBufferPointer]) -> Bool {
    // Most rows have a longer field, which is found without a look at the characters.
    let canBeHeader =
      names.count > 1 && zip(fields, names).allSatisfy { $0.count < $1.utf8.count + 8 }
    return canBeHeader
      && zip(fields, names).allSatisfy {
        normalizedName($0).lowercased() == $1.lowercased()
      }
  }
}
