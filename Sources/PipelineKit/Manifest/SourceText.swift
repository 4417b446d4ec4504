import Support

/// A place in a manifest, counted from 1 in Unicode scalars, and how much of the line it takes.
public struct SourcePosition: Equatable, Sendable {
  var line: Int
  var column: Int
  var length = 1
}

/// A piece of text and where it stands.
public struct Located: Equatable, Sendable {
  /// The text.
  public var text: String
  /// Where it begins.
  public var place: SourcePosition
}

/// The text of a manifest by lines, to show the reader where a mistake stands.
struct SourceText: Sendable {
  let path: String
  private let lines: [String]

  init(path: String, text: String) {
    self.path = path
    lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0) }
  }

  /// A refusal that shows the line and marks the place in it.
  func refusal(
    at place: SourcePosition, _ problem: String, expected: String? = nil, hint: String? = nil
  ) -> UserError {
    var text = problem
    if lines.indices.contains(place.line - 1) { text += "\n" + excerpt(place) }
    return UserError(
      .configuration, at: "\(path):\(place.line):\(place.column)", problem: text,
      expected: expected,
      hint: hint)
  }

  /// The line with a caret under the place; of a long line the part around the place.
  private func excerpt(_ place: SourcePosition) -> String {
    let scalars = lines[place.line - 1].unicodeScalars.map { $0 == "\t" ? " " : $0 }
    let width = 90
    let column = min(place.column - 1, scalars.count)
    let isLong = scalars.count > width
    let start = isLong && column > width * 2 / 3 ? column - width / 3 : 0
    let end = min(scalars.count, start + width)
    var shown = String(String.UnicodeScalarView(scalars[start..<end]))
    if start > 0 { shown = "…" + shown }
    if end < scalars.count { shown += "…" }
    let gap = String(repeating: " ", count: column - start + (start > 0 ? 1 : 0))
    let tail = max(0, min(place.length, end - column) - 1)
    let number = String(place.line)
    let margin = String(repeating: " ", count: number.count)
    return "  \(number) | \(shown)\n  \(margin) | \(gap)^\(String(repeating: "~", count: tail))"
  }
}

/// Several refusals at once: a manifest is checked to its end before anything is said.
public struct Diagnostics: UserErrorGroup, Equatable, Sendable, CustomStringConvertible {
  /// The refusals, in the order of the manifest.
  public var all: [UserError]

  /// All messages, one below the other.
  public var description: String { all.map(\.description).joined(separator: "\n") }
}
