/// The elements of an HTML page or SVG file, parsed strictly: tags are closed in order, attributes
/// are quoted.
struct HTMLElements {
  private(set) var names: [String] = []
  private(set) var ids: [String] = []
  /// The identifiers that links and labels refer to.
  private(set) var references: [String] = []
  /// The first problem, or nil.
  private(set) var problem: String?

  init(_ source: String) {
    var open: [String] = []
    for piece in source.split(separator: "<", omittingEmptySubsequences: false).dropFirst() {
      guard let end = piece.firstIndex(of: ">") else { problem = "unclosed tag \(piece)"; return }
      if piece.dropFirst(piece.distance(from: piece.startIndex, to: end) + 1).contains(">"),
        open.last != "style", !piece.hasPrefix("style")
      {
        problem = "a bare > after \(piece[..<end])"; return
      }
      let tag = piece[..<end]
      if tag.hasPrefix("!DOCTYPE") { continue }
      if tag.hasPrefix("/") {
        guard open.popLast() == String(tag.dropFirst()) else { problem = "stray <\(tag)>"; return }
        continue
      }
      let name = String(tag.prefix { $0.isLetter || $0.isNumber })
      names.append(name)
      if !["meta", "br", "col", "hr"].contains(name) { open.append(name) }
      readAttributes(String(tag.dropFirst(name.count)))
    }
    if !open.isEmpty { problem = "left open: \(open)" }
  }

  private mutating func readAttributes(_ text: String) {
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    if parts.count % 2 == 0 { problem = "odd quotes in \(text)" }
    for index in stride(from: 0, to: parts.count - 1, by: 2) {
      let (key, value) = (parts[index].dropLast().drop { $0 == " " }, String(parts[index + 1]))
      if !parts[index].hasSuffix("=") { problem = "unquoted attribute in \(text)" }
      switch key {
      case "id": ids.append(value)
      case "href": references.append(String(value.dropFirst()))
      case "aria-labelledby": references += value.split(separator: " ").map(String.init)
      default: break
      }
    }
  }
}
