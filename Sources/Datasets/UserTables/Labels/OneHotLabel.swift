import Support

/// A label in one-hot encoding: a column for each class, with 1 in that of the class and 0 in all others.
enum OneHotLabel {
  /// Whether a value is 1, also as a decimal or a truth value; nil unless it is 0 or 1.
  static func flag(_ value: some Collection<UInt8>) -> Bool? {
    switch String(decoding: value, as: UTF8.self).lowercased() {
    case "1", "1.0", "true": true
    case "0", "0.0", "false": false
    default: nil
    }
  }

  /// The column of the only 1.
  /// - Throws: ``RowError`` if a value is neither 0 nor 1, or unless there is exactly one 1.
  static func column(
    _ columns: [String], _ values: some Sequence<UnsafeRawBufferPointer>
  ) throws(RowError) -> String {
    var found: [String] = []
    for (column, value) in zip(columns, values) {
      let value = value.trimmingBlanks
      guard let isSet = flag(value) else {
        throw RowError(
          problem: "“\(String(decoding: value.prefix(40), as: UTF8.self))” under “\(column)”",
          expected: "0 or 1, as in each of --label-columns")
      }
      if isSet { found.append(column) }
    }
    guard found.count < 2 else { throw RowError.severalLabels(found) }
    guard let column = found.first else {
      var error = RowError(
        problem: "no 1 under \(columns.quoted(limit: 20))", expected: "1 in the column of the class"
      )
      error.kind = "a row of no class"
      throw error
    }
    return column
  }
}

extension Row {
  /// Calls `body` with the row in which the fields of several label columns, after the text, are replaced
  /// by the name of the class.
  func namingClass(_ columns: [String], _ body: (Row) throws -> Void) rethrows {
    guard columns.count > 1, error == nil, fields.count > columns.count else {
      return try body(self)
    }
    var row = self
    let name: String
    do throws(RowError) {
      name = try OneHotLabel.column(columns, fields[1...columns.count])
    } catch {
      (row.fields, row.error) = ([], error)
      return try body(row)
    }
    try Array(name.utf8).withUnsafeBytes { name in
      row.fields.replaceSubrange(1...columns.count, with: [name])
      try body(row)
    }
  }
}
