/// Text as Markdown, in the dialect of GitHub.
public enum Markdown {
  /// `text` so that Markdown shows it as it is, on one line.
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

  /// A table of cells that are Markdown already.
  /// - Parameter head: the headings, and whether numbers stand below them.
  public static func table(head: [(text: String, numeric: Bool)], rows: [[String]]) -> String {
    let lines = [head.map(\.text), head.map { $0.numeric ? "---:" : "---" }] + rows
    return lines.map { "| \($0.joined(separator: " | ")) |\n" }.joined()
  }
}
