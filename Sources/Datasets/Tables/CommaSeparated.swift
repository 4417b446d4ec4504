/// The names in a list that is written as a row of a CSV, such as `id,"a, b"`; nil if it is not one row.
package func commaSeparated(_ list: String) -> [String]? {
  let rows = csvRows(Array(list.utf8))
  return rows.count == 1 && rows[0].error == nil ? rows[0].fields : nil
}

/// All rows of a small table: the line of each, and its fields or the problem with it.
package func csvRows(
  _ text: [UInt8], delimiter: UInt8 = UInt8(ascii: ",")
) -> [(line: Int, fields: [String], error: RowError?)] {
  var parser = CSVParser(delimiter: delimiter, quote: UInt8(ascii: "\""))
  var rows: [(line: Int, fields: [String], error: RowError?)] = []
  func take(_ row: Row) {
    rows.append(
      (row.line, row.fields.map { String(decoding: $0, as: UTF8.self) }, row.error))
  }
  text.withUnsafeBytes { parser.split($0, take) }
  parser.finish(take)
  return rows
}
