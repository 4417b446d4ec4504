import StageKit
import Safetensors
import Support

/// What is known of a file or folder: sections of facts and tables, for the eye and for programs.
struct InspectionReport {
  /// One value.
  enum Value {
    case text(String)
    case integer(Int)
    /// With so many decimals.
    case number(Double, Int)
    /// With the digits that tell it from every other number.
    case exact(Double)
    case share(Double)
    case shape([Int])
  }

  /// A labelled value.
  typealias Fact = (label: String, value: Value)

  /// A part with a heading.
  struct Section {
    enum Content {
      case facts([Fact])
      case table(head: [String], rows: [[Value]])
    }
    /// The key in JSON.
    var key: String
    /// The line above it, if there is one.
    var title: String?
    var content: Content
  }

  /// The file or folder.
  let path: String
  /// What it is, such as `examples`.
  var kind = ""
  /// The parts so far.
  private(set) var sections: [Section] = []

  /// Nothing is known yet.
  init(_ path: String) { self.path = path }

  /// Adds facts, one a line.
  mutating func add(_ key: String, _ title: String? = nil, facts: [Fact]) {
    guard !facts.isEmpty else { return }
    sections.append(Section(key: key, title: title, content: .facts(facts)))
  }

  /// Adds a table.
  mutating func add(_ key: String, _ title: String? = nil, head: [String], rows: [[Value]]) {
    guard !rows.isEmpty else { return }
    sections.append(Section(key: key, title: title, content: .table(head: head, rows: rows)))
  }
}

extension InspectionReport {
  /// For the eye; printable, whatever the file holds.
  var text: String {
    let parts = sections.map { section in
      let body =
        switch section.content {
        case .facts(let facts):
          TextTable.text(
            facts.map {
              [escapingControlCharacters($0.label), escapingControlCharacters($0.value.text)]
            })
        case .table(let head, let rows):
          TextTable.text(
            [head.map(escapingControlCharacters)]
              + rows.map { $0.map { escapingControlCharacters($0.text) } },
            numeric: Set(head.indices.filter { column in rows.allSatisfy { $0[column].isNumeric } })
          )
        }
      return (section.title.map { escapingControlCharacters($0) + "\n" } ?? "") + body
    }
    return (["\(escapingControlCharacters(path)): \(escapingControlCharacters(kind))"] + parts)
      .joined(separator: "\n\n")
  }

  /// For programs: an object with a member for each part, facts as objects, tables as arrays of
  /// objects.
  var json: String {
    let parts = sections.map { section in
      let body =
        switch section.content {
        case .facts(let facts): Self.object(facts)
        case .table(let head, let rows):
          "[\n"
            + rows.map { row in "    " + Self.object(zip(head, row).map { (label: $0, value: $1) })
            }
            .joined(separator: ",\n") + "\n  ]"
        }
      return "  \(quotedAsJSON(Self.key(section.key))): \(body)"
    }
    let first = ["  \"path\": \(quotedAsJSON(path))", "  \"kind\": \(quotedAsJSON(kind))"]
    return "{\n\((first + parts).joined(separator: ",\n"))\n}"
  }

  private static func object(_ members: [Fact]) -> String {
    let pairs = members.map { "\(quotedAsJSON(key($0.label))): \($0.value.json)" }
    return "{\(pairs.joined(separator: ", "))}"
  }

  /// `mean length` as `meanLength`.
  private static func key(_ label: String) -> String {
    let words = label.split(separator: " ")
    return (words.first.map(String.init) ?? "")
      + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
}

extension InspectionReport.Value {
  fileprivate var isNumeric: Bool {
    switch self {
    case .text, .shape: false
    case .integer, .number, .exact, .share: true
    }
  }

  fileprivate var text: String {
    switch self {
    case .text(let text): text
    case .integer(let value): "\(value)"
    case .number(let value, let digits): NumberFormat.fixed(value, digits)
    case .exact(let value): "\(value)"
    case .share(let value): value.isFinite ? "\(NumberFormat.percent(value)) %" : NumberFormat.none
    case .shape(let sizes): "[\(sizes.map(String.init).joined(separator: ", "))]"
    }
  }

  fileprivate var json: String {
    switch self {
    case .text(let text): quotedAsJSON(text)
    case .integer, .shape: text
    case .number(let value, let digits): value.isFinite ? NumberFormat.fixed(value, digits) : "null"
    case .exact(let value): value.isFinite ? "\(value)" : "null"
    case .share(let value): value.isFinite ? NumberFormat.fixed(value, 6) : "null"
    }
  }
}
