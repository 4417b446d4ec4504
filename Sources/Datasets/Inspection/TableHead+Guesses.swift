extension TableHead {
  /// The delimiter with which the rows have the most fields; nil if none gives two fields or more.
  var fields: UInt8? {
    let counts = delimiters.map { delimiter in
      (delimiter: delimiter, rows: rows(delimiter: delimiter).map(\.names.count))
    }
    // A few rows may be bad.
    let even = counts.filter { _, rows in
      rows.first ?? 0 > 1 && rows.count { $0 == rows.first } * 10 >= rows.count * 9
    }
    return even.max { $0.rows.first ?? 0 < $1.rows.first ?? 0 }?.delimiter
  }

  /// Whether the first row has a usual name of a text and one of a label.
  func hasUsualNames(delimiter: UInt8) -> Bool {
    let names = rows(delimiter: delimiter).first?.names ?? []
    return [ColumnRole.text, .label].allSatisfy { role in
      names.contains { role.rank(of: $0) != nil }
    }
  }

  /// Whether the first row has the names of the columns, and is no row itself. Usual names decide;
  /// without any, names are short, no numbers or dates, and no values of later rows.
  func namesColumns(delimiter: UInt8) -> Bool {
    let rows = rows(delimiter: delimiter)
    guard let names = rows.first?.names else { return true }
    let usual = names.count { name in
      ColumnRole.allCases.contains { $0.usualNames.joined().contains(ColumnRole.plain(name)) }
    }
    let isRepeated = names.indices.contains { index in
      !names[index].isEmpty
        && rows.dropFirst().contains { $0.names.count > index && $0.names[index] == names[index] }
    }
    let hasValue = names.contains { name in
      name.count > 60 || Double(name) != nil || name.split(separator: " ").count > 6 || isDate(name)
    }
    return usual > 1 || !isRepeated && (usual == 1 || !hasValue)
  }
}
