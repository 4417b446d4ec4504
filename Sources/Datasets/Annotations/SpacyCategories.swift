import Support

/// Texts with the categories of spaCy: `{"text": …, "cats": {"NEGATIVE": 1.0, "POSITIVE": 0.0}}`.
struct SpacyCategories: AnnotationExport {
  private let columns: AnnotationColumns
  let name = "spaCy categories"

  init(_ columns: AnnotationColumns) { self.columns = columns }

  static func recognizes(_ record: JSONValue, _ columns: AnnotationColumns) -> Bool {
    guard ["cats", nil].contains(columns.label), case .object? = record["cats"] else {
      return false
    }
    return true
  }

  func read(_ record: JSONValue) throws -> AnnotatedText {
    let text = try columns.text(in: record) { record[path: $0] }
    return AnnotatedText(text: text, answers: [(nil, try answer(in: record))])
  }

  private func answer(in record: JSONValue) throws -> Answer {
    guard case .object(let categories)? = record[path: columns.label ?? "cats"] else {
      throw RowError(
        problem: "no object “cats” among the keys \(record.keys.quoted(limit: 40))",
        expected: "categories such as {\"POSITIVE\": 1.0, \"NEGATIVE\": 0.0}")
    }
    var labels: [[UInt8]] = []
    for category in categories {
      let (name, value) = (category.key, category.value)
      let text = String(decoding: value.scalar ?? [], as: UTF8.self)
      switch (value.isTrue ? 1 : text == "false" ? 0 : Double(text)) {
      case 1: labels.append(Array(name.utf8))
      case 0: break
      default:
        throw RowError(
          problem: "the category “\(name)” with the value \(text.isEmpty ? "of no number" : text)",
          expected: "1 for the category of the text and 0 for the others",
          hint: "decide for one category")
      }
    }
    if labels.isEmpty, let name = categories.first?.key, categories.count == 1 {
      return .rejected(Array(name.utf8))
    }
    guard labels.isEmpty else { return .labels(labels) }
    return categories.isEmpty ? .none("no category is 1") : columns.nothing("no category is 1")
  }
}
