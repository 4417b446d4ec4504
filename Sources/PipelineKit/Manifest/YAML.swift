import Foundation
import Support
import Yams

extension SourceText {
  /// Decodes a manifest, which must be UTF-8, with or without a byte order mark.
  /// - Throws: ``UserError`` that names another encoding, or the line of the first bad byte.
  init(bytes: Data, path: String) throws {
    func refusal(_ problem: String, hint: String) -> UserError {
      UserError(
        .configuration, at: path, problem: problem,
        expected: "a YAML file in UTF-8 of at most \(Manifest.maxSize) bytes", hint: hint)
    }
    let head = bytes.prefix(2)
    if [[0xFF, 0xFE], [0xFE, 0xFF]].contains(Array(head)) || head.count == 2 && head.contains(0) {
      throw refusal(
        "text in UTF-16 or UTF-32", hint: "save it as UTF-8: iconv -f UTF-16 -t UTF-8 OLD >NEW")
    }
    guard bytes.count <= Manifest.maxSize, !bytes.contains(0) else {
      throw refusal(
        "not a manifest (\(bytes.count) bytes)",
        hint: "see pipelines/quickstart.yaml for an example")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    self.init(path: path, text: String(text.trimmingPrefix { $0 == "\u{FEFF}" }))
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if let index = lines.firstIndex(where: { String(validating: $0, as: UTF8.self) == nil }) {
      let scalars = Array(String(decoding: lines[index], as: UTF8.self).unicodeScalars)
      let column = scalars.firstIndex(of: "\u{FFFD}") ?? 0
      throw error(
        at: SourcePosition(line: index + 1, column: column + 1), "a byte that is not UTF-8",
        hint: "save the file as UTF-8; if it is Latin-1: iconv -f latin1 -t UTF-8 OLD >NEW")
    }
  }

  /// Parses the text into a tree of nodes. Scalars stay as written (`Resolver.basic`): `no`, `1e3`
  /// and `012` remain text, which the stage interprets.
  /// - Throws: ``Diagnostics`` or ``UserError``.
  func parsed() throws -> Node {
    let example = "see pipelines/quickstart.yaml for an example"
    try rejectOddSpaces()
    do {
      guard let node = try Yams.compose(yaml: text, .basic) else {
        throw UserError(
          .configuration, at: path, problem: "an empty file", expected: "a manifest", hint: example)
      }
      return node
    } catch let error as YamlError {
      switch error {
      case .scanner(let context, let problem, let mark, _),
        .parser(let context, let problem, let mark, _),
        .composer(let context, let problem, let mark, _):
        throw syntaxError(problem, SourcePosition(mark), context.map { SourcePosition($0.mark) })
      case .duplicatedKeysInMapping(let keys, let context):
        let names = keys.map { "“\($0)”" }.joined(separator: ", ")
        throw self.error(
          at: SourcePosition(context.mark), "duplicate key \(names) in a mapping",
          hint: keys.contains("<<") ? "merge several with a list: <<: [*one, *two]" : "keep one")
      case .reader(let problem, let offset, _, _):
        let before = text.prefix(offset ?? 0).split(
          omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let column = (before.last?.unicodeScalars.count ?? 0) + 1
        throw self.error(
          at: SourcePosition(line: before.count, column: column), "not YAML: \(problem)",
          hint: "remove the character, or write it as an escape in double quotes")
      default:
        throw UserError(
          .configuration, at: path, problem: "not YAML: \(error)", hint: example)
      }
    }
  }

  /// Rejects spaces that are none to YAML, such as a no-break space from a web page, in the
  /// indentation and after a colon, where they look like a space and mean a letter.
  private func rejectOddSpaces() throws {
    for (index, line) in lines.enumerated() {
      let scalars = Array(line.unicodeScalars)
      let column = scalars.firstIndex { $0.properties.isWhitespace && $0 != " " && $0 != "\t" }
      guard let column else { continue }
      let before = scalars[..<column]
      guard before.allSatisfy({ $0 == " " }) || before.last == ":" else { continue }
      let code = String(scalars[column].value, radix: 16, uppercase: true)
      throw error(
        at: SourcePosition(line: index + 1, column: column + 1),
        "not YAML: the character U+\(String(repeating: "0", count: max(0, 4 - code.count)))\(code) "
          + "instead of a space", hint: "replace it by a space")
    }
  }

  /// The error for a mistake that libyaml found, with the advice for the most probable cause.
  private func syntaxError(
    _ problem: String, _ position: SourcePosition, _ context: SourcePosition?
  ) -> UserError {
    for number in [position.line, position.line - 1] {
      let indent = line(number).prefix { $0 == " " || $0 == "\t" }
      guard let tab = indent.firstIndex(of: "\t") else { continue }
      let column = indent.distance(from: indent.startIndex, to: tab) + 1
      return error(
        at: SourcePosition(line: number, column: column),
        "not YAML: a tab, shown as →, where the indentation must be spaces",
        hint: "replace the tabs at the beginning of lines by spaces")
    }
    // At the end of the file, the beginning of what is unfinished says more.
    let position = line(position.line).isEmpty ? context ?? position : position
    return error(
      at: position, "not YAML: \(problem)",
      hint: advice(problem, position, context ?? position)
        ?? "correct the YAML here: a space after each colon, equal indentation, quotes around values "
        + "with special characters; see pipelines/quickstart.yaml for an example")
  }

  private func advice(
    _ problem: String, _ position: SourcePosition, _ context: SourcePosition
  ) -> String? {
    let line = line(position.line)
    let starts = [context, position].compactMap { text(from: $0).first }
    if problem == "found undefined alias" {
      return "define it before, with &, or quote a value that begins with *"
    } else if problem == "but found another document" {
      return "a manifest is one document: remove the line, or make two files"
    } else if problem.contains("escape") {
      return "between double quotes write \\\\ for \\, or use single quotes"
    } else if problem == "found unexpected end of stream" {
      return "close the quotes that begin here"
    } else if let match = line.firstMatch(of: /:\s+({[A-Za-z0-9_-]+}[^\s,{}\[\]]*)/) {
      return "quote a value that begins with a brace: \"\(match.1)\""
    } else if line.contains(/:\s+('[^']*'|"[^"]*")\s*[^\s,}\]#]/) {
      return "quote the whole value; between single quotes, '' means '"
    } else if let first = starts.first(where: "*&!|>%@`".contains) {
      return "quote a value that begins with \(first)"
    } else if let first = starts.last, "-?".contains(first), problem.contains("not allowed") {
      return "quote a value that begins with \(first)"
    } else if [position, context].contains(where: { self.line($0.line).contains(" #") }) {
      return "quote a value that contains “ #”, which begins a comment"
    } else if let bracket = starts.first, "{[".contains(bracket), context.line < position.line {
      return "close the \(bracket) in line \(context.line)"
    } else if problem.hasPrefix("mapping values") || starts.last == ":" {
      let key = /^\s*[A-Za-z0-9_-]+:\S/
      let number = [position.line - 1, position.line].first { self.line($0).contains(key) }
      return number.map { "write a space after the colon in line \($0)" }
        ?? "quote a value that contains “: ”, and write each key on a line"
    }
    return nil
  }
}

extension SourcePosition {
  fileprivate init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }
}
