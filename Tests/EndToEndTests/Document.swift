import Foundation
import Testing

/// README.md or an article of the documentation catalog.
struct Document: Sendable, CustomTestStringConvertible {
  /// The path below the project's root.
  let path: String
  let text: String

  /// A fenced code block.
  struct Block: Sendable {
    /// The number of the line with the opening fence, from 1.
    let line: Int
    /// The first word after the fence.
    let language: String
    /// The rest of that line: how the block is tested.
    let annotation: String
    let text: String
  }

  /// The folder of the articles.
  static let catalog = "Sources/Documentation/Documentation.docc"

  /// All documents; README.md is the first one.
  static let all: [Document] = {
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: "\(Project.root)/\(catalog)"))
    let articles = (names ?? []).filter { $0.hasSuffix(".md") }.sorted()
    return (["README.md"] + articles.map { "\(catalog)/\($0)" }).map(Document.init)
  }()

  /// Reads the document at a path below the project's root.
  init(path: String) {
    self.path = path
    let data = FileManager.default.contents(atPath: "\(Project.root)/\(path)") ?? Data()
    text = String(decoding: data, as: UTF8.self)
  }

  var testDescription: String { path }

  /// The fenced code blocks, in their order.
  var blocks: [Block] {
    var blocks: [Block] = []
    var opening: (line: Int, info: [Substring])?
    var body: [Substring] = []
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where line.hasPrefix("```") || opening != nil {
      if let (start, info) = opening {
        guard line == "```" else {
          body.append(line)
          continue
        }
        blocks.append(
          Block(
            line: start, language: info.first.map(String.init) ?? "",
            annotation: info.count > 1 ? String(info[1]) : "", text: body.joined(separator: "\n")))
        (opening, body) = (nil, [])
      } else {
        opening = (index + 1, line.dropFirst(3).split(separator: " ", maxSplits: 1))
      }
    }
    return blocks
  }

  /// The text without code blocks.
  var prose: String {
    var isCode = false
    return text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
      if line.hasPrefix("```") { isCode.toggle() }
      return !isCode && !line.hasPrefix("```")
    }.joined(separator: "\n")
  }

  /// The anchors of the headings, as they are used in links.
  var anchors: Set<String> {
    Set(
      prose.split(separator: "\n").filter { $0.hasPrefix("#") }.map { heading in
        heading.drop { $0 == "#" || $0 == " " }.lowercased()
          .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }
          .replacing(" ", with: "-")
      })
  }

  /// Blocks of a language with an annotation, in all documents.
  static func blocks(_ language: String, _ annotation: String) -> [Block] {
    all.flatMap(\.blocks).filter { $0.language == language && $0.annotation == annotation }
  }
}
