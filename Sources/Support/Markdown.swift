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
