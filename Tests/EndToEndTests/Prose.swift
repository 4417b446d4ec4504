import Foundation

/// The comments and string literals of a source file, or all of a document.
struct Prose {
  /// `PATH:LINE: PHRASE` for each phrase that must not be used.
  let findings: [String]

  private static let phrases = [
    "stands", "stand in", "behind", "so many", "of its own", "somebody", "nobody", "is told",
    "besides", "goes on", "go on", "for the eye", "parted", "without a word", "by heart",
    "told apart", "way back", "company", "what learns", "as it is met", "a mistake of ours",
  ]

  /// Finds phrases in a file; its extension says what is prose in it.
  init(_ data: Data, path: String) throws {
    var scanner = ProseScanner(data)
    switch path.split(separator: ".").last {
    case "swift", "c", "h", "inc", "modulemap": scanner.scanCode()
    case "py", "sh": scanner.scanScript()
    default: scanner.scanText()
    }
    scanner.removeCodeSpans()
    let prose = String(decoding: scanner.prose, as: UTF8.self)
    let words = Self.phrases.map { $0.replacing(" ", with: "\\s+") }.joined(separator: "|")
    let expression = try NSRegularExpression(
      // A hyphen joins words, so that `stand-in` and `goes-on` are others.
      pattern: "(?<![-\\w])(?:\(words))(?![-\\w])", options: .caseInsensitive)
    let text = prose as NSString
    var found: [(line: Int, phrase: String)] = expression.matches(
      in: prose, range: NSRange(location: 0, length: text.length)
    ).map { match in
      // The prose is ASCII, so that offsets are those of the file.
      let line = data.prefix(match.range.location).count { $0 == 10 } + 1
      let phrase = text.substring(with: match.range).lowercased()
      return (line, phrase.split(whereSeparator: \.isWhitespace).joined(separator: " "))
    }
    found += Self.relativeClauses(String(decoding: data, as: UTF8.self)).map { ($0, "What") }
    found.sort { $0.line < $1.line }
    findings = found.map { "\(path):\($0.line): \($0.phrase)" }
  }

  /// The lines of documentation comments that begin with “What”.
  private static func relativeClauses(_ text: String) -> [Int] {
    var isInside = false
    var lines: [Int] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let line = line.drop { $0 == " " }
      let isComment = line.hasPrefix("///") || line.hasPrefix("/**")
      if isComment, !isInside, line.dropFirst(3).hasPrefix(" What ") { lines.append(index + 1) }
      isInside = isComment
    }
    return lines
  }
}

/// Copies prose byte by byte and replaces everything else: code with `|`, comment markers with spaces.
/// Offsets stay the same.
private struct ProseScanner {
  private(set) var prose: [UInt8]
  private let bytes: [UInt8]
  private var position = 0

  private static let newline = UInt8(ascii: "\n")
  private static let quote = UInt8(ascii: "\"")
  private static let backtick = UInt8(ascii: "`")

  private static let delimiters: [StaticString] = ["\"\"\"", "'''", "\"", "'"]

  init(_ data: Data) {
    bytes = Array(data)
    prose = bytes.map { $0 == Self.newline || $0 == UInt8(ascii: " ") ? $0 : UInt8(ascii: "|") }
  }

  /// Everything is prose.
  mutating func scanText() {
    while position < bytes.count { keep() }
  }

  /// Swift or C: `//`, nested `/* */`, `"…"` and `"""…"""`.
  mutating func scanCode() {
    while position < bytes.count {
      if follows("//") {
        keepLine(marker: "/")
      } else if follows("/*") {
        keepBlockComment()
      } else if bytes[position] == Self.quote {
        keepString(delimiter: follows("\"\"\"") ? "\"\"\"" : "\"")
      } else {
        position += 1
      }
    }
  }

  /// Python or shell: `#`, and strings in single, double or triple quotes.
  mutating func scanScript() {
    while position < bytes.count {
      if follows("#") {
        keepLine(marker: "#")
      } else if let delimiter = Self.delimiters.first(where: follows) {
        keepString(delimiter: delimiter)
      } else {
        position += 1
      }
    }
  }

  /// Replaces code between backticks in a line.
  mutating func removeCodeSpans() {
    var start: Int?
    for index in prose.indices {
      if prose[index] == Self.newline { start = nil }
      guard prose[index] == Self.backtick else { continue }
      if let opening = start {
        for inner in opening...index { prose[inner] = UInt8(ascii: "|") }
        start = nil
      } else {
        start = index
      }
    }
  }

  private func follows(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard position + count <= bytes.count else { return false }
    return (0..<count).allSatisfy { bytes[position + $0] == text.utf8Start[$0] }
  }

  /// Copies a byte; one that is not ASCII becomes `|`.
  private mutating func keep() {
    if bytes[position] < 128 { prose[position] = bytes[position] }
    position += 1
  }

  /// Copies the rest of a line without the markers that it begins with.
  private mutating func keepLine(marker: Character) {
    while position < bytes.count, bytes[position] == marker.asciiValue {
      prose[position] = UInt8(ascii: " ")
      position += 1
    }
    while position < bytes.count, bytes[position] != Self.newline { keep() }
  }

  private mutating func keepBlockComment() {
    var depth = 0
    repeat {
      if follows("/*") {
        depth += 1
        position += 2
      } else if follows("*/") {
        depth -= 1
        position += 2
      } else {
        keep()
      }
    } while depth > 0 && position < bytes.count
  }

  /// Copies a string literal. Code in an interpolation is scanned as code; a short string ends at the
  /// end of its line at the latest.
  private mutating func keepString(delimiter: StaticString) {
    position += delimiter.utf8CodeUnitCount
    while position < bytes.count, !follows(delimiter) {
      if delimiter.utf8CodeUnitCount == 1, bytes[position] == Self.newline { return }
      if follows("\\(") {
        skipInterpolation()
      } else if follows("\\") {
        position = min(position + 2, bytes.count)
      } else {
        keep()
      }
    }
    position = min(position + delimiter.utf8CodeUnitCount, bytes.count)
  }

  private mutating func skipInterpolation() {
    position += 1
    var depth = 0
    repeat {
      if follows("(") { depth += 1 }
      if follows(")") { depth -= 1 }
      if bytes[position] == Self.quote {
        keepString(delimiter: "\"")
      } else if bytes[position] == Self.newline {
        return
      } else {
        position += 1
      }
    } while depth > 0 && position < bytes.count
  }
}
