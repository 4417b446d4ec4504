/// Rows of cells with their columns one below the other, without spaces at the ends of lines.
/// - Parameter numeric: the columns whose cells end one below the other rather than begin.
public func aligned(_ rows: [[String]], numeric: Set<Int> = []) -> String {
  let columns = rows.map(\.count).max() ?? 0
  let widths = (0..<columns).map { column in
    rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
  }
  return rows.map { row in
    let cells = row.enumerated().map { column, cell in
      let gap = String(repeating: " ", count: widths[column] - cell.count)
      return numeric.contains(column) ? gap + cell : cell + gap
    }
    let line = cells.joined(separator: "  ")
    return String(line.prefix(line.lastIndex { $0 != " " }.map { line[...$0].count } ?? 0))
  }.joined(separator: "\n")
}
