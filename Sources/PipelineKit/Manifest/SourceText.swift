import Support

/// A position in a manifest, in Unicode scalars from 1, and the length of the marked text.
struct SourcePosition: Equatable, Sendable {
  var line: Int
  var column: Int
  var length = 1
  /// The argument of the command line that replaces this place, such as `--set train.epochs=3`.
  var argument: String?
}

/// Text and its position in a manifest.
struct Located: Equatable, Sendable {
  var text: String
  var position: SourcePosition
}

/// The text of a manifest and its lines, for messages that quote them.
struct SourceText: Sendable {
  let path: String
  let text: String
  let lines: [Substring]

  init(path: String, text: String) {
    (self.path, self.text) = (path, text)
    // The line breaks of YAML, of which CR LF is one character.
    lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
  }

  /// The line of this number, from 1; empty if there is none.
  func line(_ number: Int) -> Substring {
    lines.indices.contains(number - 1) ? lines[number - 1] : ""
  }

  /// The rest of a line from a position.
  func text(from position: SourcePosition) -> String {
    String(line(position.line).unicodeScalars.dropFirst(max(0, position.column - 1)))
  }

  /// The place in words, such as `m.yaml:3:5`, for messages on one line.
  func location(of position: SourcePosition) -> String {
    position.argument ?? "\(path):\(position.line):\(position.column)"
  }

  /// An error that quotes the line and marks the position with a caret.
  func error(
    at position: SourcePosition, _ problem: String, expected: String? = nil, hint: String? = nil
  ) -> UserError {
    let hasLine = position.argument == nil && lines.indices.contains(position.line - 1)
    return UserError(
      position.argument == nil ? .configuration : .usage, at: location(of: position),
      problem: hasLine ? "\(problem)\n\(excerpt(position))" : problem, expected: expected,
      hint: hint)
  }

  /// The line with a caret under the position; of a long line, the part around the position.
  private func excerpt(_ position: SourcePosition) -> String {
    let scalars = lines[position.line - 1].unicodeScalars.map { $0 == "\t" ? "→" : $0 }
    let width = 90
    let column = min(position.column - 1, scalars.count)
    let isLong = scalars.count > width
    let start = isLong && column > width * 2 / 3 ? column - width / 3 : 0
    let end = min(scalars.count, start + width)
    var excerpt = String(String.UnicodeScalarView(scalars[start..<end]))
    if start > 0 { excerpt = "…" + excerpt }
    if end < scalars.count { excerpt += "…" }
    let indent = String(repeating: " ", count: column - start + (start > 0 ? 1 : 0))
    let underline = String(repeating: "~", count: max(0, min(position.length, end - column) - 1))
    let number = String(position.line)
    let margin = String(repeating: " ", count: number.count)
    return "  \(number) | \(excerpt)\n  \(margin) | \(indent)^\(underline)"
  }
}

/// All errors of a manifest, which is checked to its end before any is reported.
public struct Diagnostics: UserErrorGroup, Equatable, Sendable, CustomStringConvertible {
  /// The errors, in the order of the manifest.
  public let errors: [UserError]

  /// The messages, separated by line breaks.
  public var description: String { errors.map(\.description).joined(separator: "\n") }
}

extension [UserError] {
  /// The errors by line and column; those without a position first.
  var sortedByPosition: [UserError] {
    func position(_ error: UserError) -> [Int] {
      error.location.split(separator: ":").suffix(2).map { Int($0) ?? 0 }
    }
    return enumerated().sorted {
      let (left, right) = (position($0.element) + [$0.offset], position($1.element) + [$1.offset])
      return left.lexicographicallyPrecedes(right)
    }.map(\.element)
  }
}
