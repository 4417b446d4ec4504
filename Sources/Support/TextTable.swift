/// Plain text in columns.
public enum TextTable {
  /// Returns rows of cells with aligned columns and without spaces at the ends of lines.
  /// - Parameter numeric: the columns that are aligned to the right.
  public static func text(_ rows: [[String]], numeric: Set<Int> = []) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return numeric.contains(column) ? padding + cell : cell + padding
      }
      let line = cells.joined(separator: "  ")
      return String(line.prefix(line.lastIndex { $0 != " " }.map { line[...$0].count } ?? 0))
    }.joined(separator: "\n")
  }
}
