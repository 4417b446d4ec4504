import Support

/// Labels in columns of 0 and 1, one for each class. In one-hot encoding, exactly one of them is 1.
enum OneHotLabel {
  /// Whether a value is 1, also as a decimal or a truth value; nil unless it is 0 or 1.
  static func flag(_ value: some Collection<UInt8>) -> Bool? {
    switch String(decoding: value, as: UTF8.self).lowercased() {
    case "1", "1.0", "true": true
    case "0", "0.0", "false": false
    default: nil
    }
  }

  /// The columns with 1.
  /// - Throws: ``RowError`` if a value is neither 0 nor 1.
  static func columns(
    _ columns: [String], _ values: some Sequence<UnsafeRawBufferPointer>
  ) throws(RowError) -> [String] {
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
    return found
  }

  /// The column of the only 1.
  /// - Throws: ``RowError`` if a value is neither 0 nor 1, or unless there is exactly one 1.
  static func column(
    _ columns: [String], _ values: some Sequence<UnsafeRawBufferPointer>
  ) throws(RowError) -> String {
    let found = try self.columns(columns, values)
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
  /// by the name of the class or, in a multi-label task, by a list of names.
  func namingClass(_ columns: TableColumns, _ body: (Row) throws -> Void) rethrows {
    let names = columns.labels
    guard names.count > 1, error == nil, fields.count > names.count else {
      return try body(self)
    }
    var row = self
    var name = ""
    do throws(RowError) {
      let values = fields[1...names.count]
      if columns.isMultiLabel {
        row.labels = try OneHotLabel.columns(names, values).map { Array($0.utf8) }
      } else {
        name = try OneHotLabel.column(names, values)
      }
    } catch {
      (row.fields, row.error) = ([], error)
      return try body(row)
    }
    try Array(name.utf8).withUnsafeBytes { name in
      row.fields.replaceSubrange(1...names.count, with: [name])
      try body(row)
    }
  }
}
