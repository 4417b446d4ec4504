import Safetensors
import StageKit
import Support

/// A report on a file or folder, printable as text or JSON.
struct InspectionReport {
  /// A value of a field or a table cell.
  enum Value {
    case text(String)
    case integer(Int)
    /// A number with a fixed number of decimals.
    case number(Double, decimals: Int)
    /// A number with as many digits as are needed to read it back exactly.
    case exact(Double)
    case fraction(Double)
    case shape([Int])
  }

  /// A labelled value.
  typealias Field = (label: String, value: Value)

  /// A part of the report.
  struct Section {
    enum Content {
      case fields([Field])
      case table(header: [String], rows: [[Value]])
    }
    /// The label that becomes the key in JSON.
    var key: String
    /// The heading in text, or nil.
    var title: String?
    var content: Content
  }

  /// The file or folder.
  let path: String
  /// The kind of file or folder, as a phrase.
  var kind = ""
  /// The sections so far. Empty sections are left out.
  private(set) var sections: [Section] = []

  /// Describes a file or folder.
  /// - Parameter rows: the number of rows or words to show; by default 5 of a file, none of a folder.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  init(of path: String, rows: Int?) throws {
    self.path = path
    if isDirectory(path) == true {
      try describeFolder(rows: rows)
    } else {
      try describe(SafetensorsFile(path: path), rows: rows ?? 5)
    }
  }

  /// Describes an opened file.
  /// - Throws: ``UserError`` with exit status `data`.
  init(of file: SafetensorsFile, rows: Int) throws {
    path = file.path
    try describe(file, rows: rows)
  }

  /// Adds a section with one line for each field.
  mutating func add(_ key: String, title: String? = nil, fields: [Field]) {
    guard !fields.isEmpty else { return }
    sections.append(Section(key: key, title: title, content: .fields(fields)))
  }

  /// Adds a table.
  mutating func add(_ key: String, title: String? = nil, header: [String], rows: [[Value]]) {
    guard !rows.isEmpty else { return }
    sections.append(Section(key: key, title: title, content: .table(header: header, rows: rows)))
  }
}

// MARK: Printing

extension InspectionReport {
  /// The report as text, with control characters escaped.
  var text: String {
    let parts = sections.map { section in
      let title = section.title.map { escapingControlCharacters($0) + "\n" } ?? ""
      switch section.content {
      case .fields(let fields):
        return title
          + TextTable.text(fields.map { [escapingControlCharacters($0.label), $0.value.text] })
      case .table(let header, let rows):
        let numeric = header.indices.filter { column in rows.allSatisfy { $0[column].isNumeric } }
        return title
          + TextTable.text(
            [header.map(escapingControlCharacters)] + rows.map { $0.map(\.text) },
            numeric: Set(numeric))
      }
    }
    return (["\(escapingControlCharacters(path)): \(escapingControlCharacters(kind))"] + parts)
      .joined(separator: "\n\n")
  }

  /// The report as a JSON object with a member for each section, in the order of the text. Fields are
  /// an object, a table is an array of objects.
  var json: String {
    let members = sections.map { section in
      switch section.content {
      case .fields(let fields): (section.key, Self.object(fields))
      case .table(let header, let rows):
        (
          section.key,
          "[\n"
            + rows.map { "    " + Self.object(Array(zip(header, $0))) }.joined(separator: ",\n")
            + "\n  ]"
        )
      }
    }
    let all = [("path", quotedAsJSON(path)), ("kind", quotedAsJSON(kind))] + members
    let lines = all.map { "  \(quotedAsJSON(Self.camelCase($0.0))): \($0.1)" }
    return "{\n\(lines.joined(separator: ",\n"))\n}"
  }

  private static func object(_ members: [(String, Value)]) -> String {
    let pairs = members.map { "\(quotedAsJSON(camelCase($0.0))): \($0.1.json)" }
    return "{\(pairs.joined(separator: ", "))}"
  }

  /// `mean length` as `meanLength`.
  private static func camelCase(_ label: String) -> String {
    let words = label.split(separator: " ")
    return (words.first.map(String.init) ?? "")
      + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
}

extension InspectionReport.Value {
  fileprivate var isNumeric: Bool {
    switch self {
    case .text, .shape: false
    case .integer, .number, .exact, .fraction: true
    }
  }

  fileprivate var text: String {
    switch self {
    case .text(let text): escapingControlCharacters(text)
    case .integer(let value): "\(value)"
    case .number(let value, let decimals): NumberFormat.fixed(value, decimals)
    case .exact(let value): "\(value)"
    case .fraction(let value):
      value.isFinite ? "\(NumberFormat.percent(value)) %" : NumberFormat.none
    case .shape(let sizes): "[\(sizes.map(String.init).joined(separator: ", "))]"
    }
  }

  fileprivate var json: String {
    switch self {
    case .text(let text): quotedAsJSON(text)
    case .integer, .shape: text
    case .number(let value, let decimals):
      value.isFinite ? NumberFormat.fixed(value, decimals) : "null"
    case .exact(let value): value.isFinite ? "\(value)" : "null"
    case .fraction(let value): value.isFinite ? NumberFormat.fixed(value, 6) : "null"
    }
  }
}
