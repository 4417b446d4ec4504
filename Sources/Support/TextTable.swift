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

/// Returns the lines of a text that is broken between words where it is wider than `width` characters.
/// Longer words are kept. Lines after the first one begin with the spaces of the first one and
/// `indent` more.
public func wrapped(_ text: String, width: Int, indent: Int = 0) -> [String] {
  var lines: [String] = []
  var rest = text[...]
  let margin = String(repeating: " ", count: text.prefix { $0 == " " }.count + indent)
  // Beside a wide margin, nothing can be wrapped.
  while rest.count > width, margin.count * 2 <= width {
    let start = rest.firstIndex { $0 != " " } ?? rest.startIndex
    let end = rest.index(rest.startIndex, offsetBy: width)
    let gap = rest[start...end].lastIndex(of: " ") ?? rest[end...].firstIndex(of: " ")
    guard let gap else { break }
    lines.append(String(rest[..<gap]))
    rest = (margin + rest[gap...].drop { $0 == " " })[...]
  }
  return lines + [String(rest)]
}

/// Returns names separated by commas; of more than `limit`, the first ones and the number of the others.
public func abbreviated(_ names: [String], limit: Int = 25) -> String {
  let shown = names.prefix(limit).joined(separator: ", ")
  return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
}

/// Tables and text in GitHub's dialect of Markdown.
public enum Markdown {
  /// Returns a table of cells that are Markdown already.
  /// - Parameter head: the headings, and whether the column is numeric and aligned to the right.
  public static func table(head: [(text: String, numeric: Bool)], rows: [[String]]) -> String {
    let lines = [head.map(\.text), head.map { $0.numeric ? "---:" : "---" }] + rows
    return lines.map { "| \($0.joined(separator: " | ")) |\n" }.joined()
  }

  /// Returns `text` escaped, so that Markdown shows it literally and on one line.
  public static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\", "`", "*", "_", "[", "]", "|", "~", "#": result += "\\\(scalar)"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\n", "\r", "\t": result += " "
      case _ where scalar.properties.generalCategory == .control:
        result += "\\\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
