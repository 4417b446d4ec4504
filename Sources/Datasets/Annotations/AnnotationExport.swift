import Support

/// A kind of file that an annotation tool exports.
protocol AnnotationExport: Sendable {
  /// The name of the format in reports.
  var name: String { get }
  /// Whether a record is of this kind.
  /// - Parameter columns: the columns that the user has named.
  static func recognizes(_ record: JSONValue, _ columns: AnnotationColumns) -> Bool
  /// Reads a record.
  /// - Throws: ``RowError`` if it is not as this kind of export has it.
  mutating func read(_ record: JSONValue) throws -> AnnotatedText
  /// The value of a further column, such as that of the split.
  func value(of column: String, in record: JSONValue) -> JSONValue?
}

extension AnnotationExport {
  func value(of column: String, in record: JSONValue) -> JSONValue? { record[path: column] }
}

/// The columns of an export that the user has named.
struct AnnotationColumns: Sendable {
  /// The keys of the text; empty if the usual one.
  var text: [String]
  /// The key or the question of the label; nil if the usual one.
  var label: String?
  /// Whether a text can have any number of labels.
  var isMultiLabel = false

  /// The answer that no label applies, which only a multi-label task can learn from.
  /// - Parameter reason: why a text of another task has no answer.
  func nothing(_ reason: String) -> Answer { isMultiLabel ? .labels([]) : .none(reason) }

  /// The texts under the keys, joined with spaces.
  /// - Throws: ``RowError`` if one is missing.
  func text(
    in record: JSONValue, usual: [String] = ["text"], _ value: (String) -> JSONValue?
  ) throws -> [UInt8] {
    let parts = try (text.isEmpty ? usual : text).map { key in
      switch value(key) {
      case .string(let text)?: return text
      case .null?: return []
      case let value?:
        throw RowError(
          problem: "“\(key)” that is no string",
          expected: "a text"
            + (value.keys.isEmpty ? "" : " instead of the keys \(value.keys.quoted(limit: 20))"))
      case nil:
        throw RowError(
          problem: "no “\(key)” among the keys \(record.keys.quoted(limit: 40))",
          expected: "the text under that key", hint: "name the key with --text-column")
      }
    }
    return Array(parts.joined(separator: [0x20]))
  }
}

extension TableFormat {
  /// The kinds of exports in the order to try.
  private static let exports: [(format: TableFormat, type: any AnnotationExport.Type)] = [
    (.prodigy, Prodigy.self), (.labelStudio, LabelStudio.self), (.spacy, SpacyCategories.self),
    (.doccano, Doccano.self),
  ]

  /// Whether this is the format of an annotation tool.
  var isAnnotationExport: Bool { Self.exports.contains { $0.format == self } }

  /// A reader of records in this format; nil if it is not that of an annotation tool.
  /// - Parameter isTable: whether the file is a table, not JSON.
  func annotationExport(
    _ columns: AnnotationColumns, isTable: Bool
  ) -> (any AnnotationExport)? {
    switch self {
    case .doccano: Doccano(columns, isTable: isTable)
    case .labelStudio: LabelStudio(columns, isTable: isTable)
    case .prodigy: Prodigy(columns)
    case .spacy: SpacyCategories(columns)
    default: nil
    }
  }

  /// The format of an annotation tool that a file with this first record has; nil for other files. A
  /// label at a path into the record is read as it is.
  static func annotationExport(
    beginningWith record: JSONValue, _ columns: AnnotationColumns
  ) -> TableFormat? {
    guard columns.label?.contains(".") != true else { return nil }
    return exports.first { $0.type.recognizes(record, columns) }?.format
  }
}
