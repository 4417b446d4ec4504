import Support

/// An export of Label Studio.
///
/// In its JSON, an object is a task: `{"data": {"text": …}, "annotations": [{"was_cancelled": false,
/// "result": [{"from_name": "sentiment", "type": "choices", "value": {"choices": ["Negative"]}}]}]}`. In
/// JSON-MIN, CSV and TSV, a record is one annotation:
/// `{"id": 1, "text": …, "sentiment": "Negative", "annotator": 1, "annotation_id": 5, …}`.
struct LabelStudio: AnnotationExport {
  private let columns: AnnotationColumns
  private let isTable: Bool
  /// The question or column of the label, once it is known.
  private var question: String?
  /// Whether any record was a whole task.
  private var hasTasks = false

  var name: String {
    isTable ? "Label Studio CSV" : hasTasks ? "Label Studio JSON" : "Label Studio JSON-MIN"
  }

  /// The columns by which a table is recognised.
  static let tableColumns = ["id", "annotator", "annotation_id"]

  /// The columns of JSON-MIN, CSV and TSV that do not come from the data or the answers.
  private static let ownColumns: Set<String> = [
    "id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement",
    "comment_count", "updated_by",
  ]

  init(_ columns: AnnotationColumns, isTable: Bool) {
    (self.columns, self.isTable) = (columns, isTable)
    question = columns.label
  }

  static func recognizes(_ record: JSONValue, _ columns: AnnotationColumns) -> Bool {
    isTask(record) || ["id", "annotator", "annotation_id"].allSatisfy { record[$0] != nil }
  }

  private static func isTask(_ record: JSONValue) -> Bool {
    guard case .object? = record["data"] else { return false }
    return annotations(of: record) != nil
  }

  /// The annotations of a task, which early versions called completions.
  private static func annotations(of record: JSONValue) -> [JSONValue]? {
    (record["annotations"] ?? record["completions"])?.elements
  }

  mutating func read(_ record: JSONValue) throws -> AnnotatedText {
    guard let data = record["data"], case .object = data else { return try readAnnotation(record) }
    hasTasks = true
    let texts = data.keys.filter { data[$0]?.string != nil }
    let usual = data["text"] == nil && texts.count == 1 ? texts : ["text"]
    let text = try columns.text(in: data, usual: usual) { data[path: $0] ?? record[path: $0] }
    guard let annotations = Self.annotations(of: record) else {
      throw RowError(
        problem: "no “annotations” among the keys \(record.keys.quoted(limit: 40))",
        expected: "the annotations of the task", hint: "export as JSON or JSON-MIN")
    }
    var answers: [AnnotatedText.NamedAnswer] = []
    var groundTruth: [AnnotatedText.NamedAnswer] = []
    for annotation in annotations {
      let answer = try self.answer(in: annotation)
      answers.append((nil, answer))
      if annotation["ground_truth"]?.isTrue == true, case .labels = answer {
        groundTruth.append((nil, answer))
      }
    }
    return AnnotatedText(text: text, answers: groundTruth.isEmpty ? answers : groundTruth)
  }

  func value(of column: String, in record: JSONValue) -> JSONValue? {
    record["data"]?[path: column] ?? record[path: column]
  }

  // MARK: Tasks

  private mutating func answer(in annotation: JSONValue) throws -> Answer {
    if annotation["was_cancelled"]?.isTrue == true { return .none("cancelled") }
    var labels: [[UInt8]] = []
    for result in annotation["result"]?.elements ?? [] {
      let value = result["value"]
      guard let chosen = value?["choices"]?.elements ?? value?["rating"].map({ [$0] }) else {
        continue
      }
      let name = String(decoding: result["from_name"]?.string ?? [], as: UTF8.self)
      let question = question ?? name
      guard columns.label == nil || name == question else { continue }
      guard name == question else {
        throw RowError(
          problem: "answers to several questions: “\(question)”, “\(name)”",
          expected: "one question",
          hint: "name it, as in --label-column \(question)")
      }
      self.question = question
      labels += try chosen.map { try Self.label($0) }
    }
    return labels.isEmpty ? columns.nothing("no choice") : .labels(labels)
  }

  private static func label(_ value: JSONValue) throws -> [UInt8] {
    guard let label = value.scalar else {
      throw RowError(problem: "a choice that is no text", expected: "the name of a class")
    }
    return label
  }

  // MARK: Annotations

  private mutating func readAnnotation(_ record: JSONValue) throws -> AnnotatedText {
    let text = try columns.text(in: record) { record[path: $0] }
    let question = try question ?? self.question(in: record)
    if let question, let value = record[path: question], !value.isEmpty { self.question = question }
    let annotation = record["annotation_id"]?.scalar.map { String(decoding: $0, as: UTF8.self) }
    var answer = try answer(question.flatMap { record[path: $0] })
    // Without an annotation, the text is not known to have no label.
    if case .labels([]) = answer, annotation?.isEmpty != false { answer = .none("no choice") }
    return AnnotatedText(
      text: text, key: record["id"]?.scalar, answers: [(annotation, answer)])
  }

  /// The only column that can be the label; nil if there is none, as the text was not annotated.
  private func question(in record: JSONValue) throws -> String? {
    let texts = columns.text.isEmpty ? ["text"] : columns.text
    let others = record.keys.filter { !Self.ownColumns.contains($0) && !texts.contains($0) }
    if others.contains("label") { return "label" }
    guard others.count < 2 else {
      throw RowError(
        problem: "the columns \(others.quoted(limit: 20)) beside the text",
        expected: "one that holds the label", hint: "name it with --label-column")
    }
    return others.first
  }

  private func answer(_ value: JSONValue?) throws -> Answer {
    guard var value, !value.isEmpty else { return columns.nothing("no choice") }
    // In a table, several choices are one cell with JSON.
    if isTable, let text = value.string, text.starts(with: "{\"choices\"".utf8) {
      value = try text.withUnsafeBytes { try JSONValue($0) }
    }
    let chosen = value["choices"] ?? value
    if let label = chosen.scalar { return .labels([label]) }
    guard let elements = chosen.elements else {
      throw RowError(
        problem: "a label that is an object with the keys \(chosen.keys.quoted(limit: 20))",
        expected: "a choice, or {\"choices\": […]}", hint: "name the column with --label-column")
    }
    let labels = try elements.map { try Self.label($0["rating"] ?? $0) }
    return labels.isEmpty ? columns.nothing("no choice") : .labels(labels)
  }
}
