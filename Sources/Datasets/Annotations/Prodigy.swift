/// The annotations of a dataset of Prodigy, as `prodigy db-out` writes them: one object a line.
///
/// A binary answer is about one label: `{"text": …, "label": "SPORT", "answer": "accept"}`. A choice has
/// `options` and the accepted ones: `"accept": ["SPORT"], "answer": "accept"`.
struct Prodigy: AnnotationExport {
  private let columns: AnnotationColumns
  let name = "Prodigy"

  init(_ columns: AnnotationColumns) { self.columns = columns }

  private static let answers = ["accept", "reject", "ignore"]

  static func recognizes(_ record: JSONValue, _ columns: AnnotationColumns) -> Bool {
    guard let answer = record["answer"]?.string,
      answers.contains(where: { answer.elementsEqual($0.utf8) })
    else { return false }
    let isTask = ["_input_hash", "_task_hash", "options"].contains { record[$0] != nil }
    let hasLabel = ["accept", "label"].contains { record[$0] != nil }
    return isTask || hasLabel && ["label", "accept", nil].contains(columns.label)
  }

  func read(_ record: JSONValue) throws -> AnnotatedText {
    let text = try columns.text(in: record) { record[path: $0] }
    let annotator = record["_annotator_id"]?.scalar ?? record["_session_id"]?.scalar ?? []
    return AnnotatedText(
      text: text, key: record["_input_hash"]?.scalar ?? text,
      answers: [(String(decoding: annotator, as: UTF8.self), try answer(in: record))])
  }

  private func answer(in record: JSONValue) throws -> Answer {
    let answer = String(decoding: record["answer"]?.string ?? [], as: UTF8.self)
    guard Self.answers.contains(answer) else {
      throw RowError(
        problem: record["answer"] == nil ? "no “answer”" : "the answer “\(answer)”",
        expected: "accept, reject or ignore")
    }
    guard answer != "ignore" else { return .none("ignored") }
    if let accepted = record["accept"]?.elements {
      guard answer == "accept" else { return .none("rejected") }
      let labels = accepted.compactMap(\.scalar)
      return labels.isEmpty ? columns.nothing("no choice") : .labels(labels)
    }
    if record["options"] != nil {
      return answer == "accept" ? columns.nothing("no choice") : .none("rejected")
    }
    let key = columns.label ?? "label"
    guard let label = record[path: key]?.scalar else {
      throw RowError(
        problem: "no “\(key)” and no “accept” among the keys \(record.keys.quoted(limit: 40))",
        expected: "the label of a whole text", hint: "export a dataset of text classification")
    }
    return answer == "accept" ? .labels([label]) : .rejected(label)
  }
}
