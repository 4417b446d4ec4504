/// An export of a text classification project of doccano: JSON lines such as
/// `{"id": 7, "text": …, "label": ["negative"], "Comments": []}`, or a CSV with the columns id, text,
/// label and Comments, in which labels are joined by `#`.
struct Doccano: AnnotationExport {
  private let columns: AnnotationColumns
  private let isTable: Bool
  var name: String { isTable ? "doccano CSV" : "doccano JSON" }

  /// The columns by which a table is recognised.
  static let tableColumns = ["id", "text", "label", "Comments"]

  init(_ columns: AnnotationColumns, isTable: Bool) {
    (self.columns, self.isTable) = (columns, isTable)
  }

  static func recognizes(_ record: JSONValue, _ columns: AnnotationColumns) -> Bool {
    // In other files with lists of labels, an empty one says that no label applies.
    ["label", nil].contains(columns.label) && record["label"]?.elements != nil
      && (record["id"] != nil && !columns.isMultiLabel || record["Comments"] != nil)
  }

  func read(_ record: JSONValue) throws -> AnnotatedText {
    let text = try columns.text(in: record) { record[path: $0] }
    let key = columns.label ?? "label"
    guard let value = record[path: key] else {
      throw RowError(
        problem: "no “\(key)” among the keys \(record.keys.quoted(limit: 40))",
        expected: "the labels of a text", hint: "name the key with --label-column")
    }
    return AnnotatedText(text: text, answers: [(nil, try answer(value))])
  }

  private func answer(_ value: JSONValue) throws -> Answer {
    if value.isEmpty { return .none("not annotated") }
    if let label = value.scalar {
      let labels = isTable ? label.split(separator: UInt8(ascii: "#")).map { Array($0) } : [label]
      return labels.isEmpty ? .none("not annotated") : .labels(labels)
    }
    let labels = (value.elements ?? []).compactMap(\.scalar)
    guard labels.count == value.elements?.count else {
      throw RowError(
        problem: "labels of parts of a text", expected: "labels of whole texts",
        hint: "export a project of document classification")
    }
    return labels.isEmpty ? .none("not annotated") : .labels(labels)
  }
}
