import Support

/// The answer of one annotator about a text.
enum Answer {
  /// The labels that apply; one or more, or of a multi-label task any number.
  case labels([[UInt8]])
  /// A label that does not apply.
  case rejected([UInt8])
  /// No answer, for a reason such as “ignored”.
  case none(String)
}

/// A record of an annotation export: a text with the answers about it.
struct AnnotatedText {
  /// The answer of an annotator. Answers under the same name are of the same annotator.
  typealias NamedAnswer = (annotator: String?, answer: Answer)

  var text: [UInt8]
  /// Records with the same key are about one text; nil if each is about its own.
  var key: [UInt8]?
  var answers: [NamedAnswer]
}

/// Collects the records of a file and makes one row of those about the same text.
struct AnnotationGroups {
  fileprivate struct Group {
    var line: Int
    var text: [UInt8]
    /// The values of the further columns.
    var others: [[UInt8]]
    var answers: [AnnotatedText.NamedAnswer]
  }

  private var groups: [Group] = []
  private var indices: [TextKey: Int] = [:]

  /// Adds a record.
  /// - Parameter others: the values of the columns after text and label.
  mutating func add(_ record: AnnotatedText, others: [[UInt8]], line: Int) {
    if let key = record.key.map({ TextKey($0) }) {
      if let index = indices[key] {
        groups[index].answers += record.answers
        return
      }
      indices[key] = groups.count
    }
    groups.append(
      Group(line: line, text: record.text, others: others, answers: record.answers))
  }

  /// Calls `body` with a row for each text, in the order of their first records: the text, the label and
  /// the values of the further columns, or the reason why there is no label.
  /// - Parameter isMultiLabel: whether a text can have any number of labels, which are then a list.
  func forEachRow(isMultiLabel: Bool, _ body: (Row) throws -> Void) rethrows {
    let soleLabel = soleLabel
    for group in groups {
      switch group.labels(soleLabel, isMultiLabel: isMultiLabel) {
      case .success(let labels):
        let fields = [group.text, labels.first ?? []] + group.others
        try Row.withFields(fields, line: group.line) { row in
          var row = row
          if isMultiLabel { row.labels = labels }
          try body(row)
        }
      case .failure(let error): try body(Row(line: group.line, error: error))
      }
    }
  }

  /// The label of all answers, if there is only one; then its rejection is a second class.
  private var soleLabel: [UInt8]? {
    var label: [UInt8]?
    for (_, answer) in groups.lazy.flatMap(\.answers) {
      let labels: [[UInt8]] =
        switch answer {
        case .labels(let labels): labels
        case .rejected(let label): [label]
        case .none: []
        }
      for found in labels {
        guard label == nil || label == found else { return nil }
        label = found
      }
    }
    return label
  }
}

extension AnnotationGroups.Group {
  /// The labels on which all annotators agree.
  /// - Parameter soleLabel: the label of the file, if there is only one.
  fileprivate func labels(
    _ soleLabel: [UInt8]?, isMultiLabel: Bool
  ) -> Result<[[UInt8]], RowError> {
    var choices: [String: Set<TextKey>] = [:]
    var rejected: Set<TextKey> = []
    for (index, (annotator, answer)) in answers.enumerated() {
      switch answer {
      case .labels(let labels):
        choices[annotator ?? "\u{0} \(index)", default: []].formUnion(labels.map { TextKey($0) })
      case .rejected(let label): rejected.insert(TextKey(label))
      case .none: break
      }
    }
    let distinct = Set(choices.values)
    let all = distinct.reduce(into: Set<TextKey>()) { $0.formUnion($1) }
    func names(_ labels: Set<TextKey>) -> [String] {
      labels.map { escapingControlCharacters(String(decoding: $0.bytes, as: UTF8.self)) }.sorted()
    }
    guard distinct.count < 2, all.isDisjoint(with: rejected) else {
      let labels = names(all.union(rejected)).quoted(limit: 5)
      return unanswered("annotators disagree", "settle \(labels) in the annotation tool")
    }
    if let labels = distinct.first {
      guard isMultiLabel || labels.count < 2 else {
        return .failure(.severalLabels(names(labels)))
      }
      return .success(labels.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) })
    }
    if let label = rejected.first {
      guard label.bytes == soleLabel else {
        return unanswered("a label was rejected, and none accepted")
      }
      return .success(isMultiLabel ? [] : [Array("not ".utf8) + label.bytes])
    }
    let reasons = answers.compactMap {
      if case .none(let reason) = $0.answer { reason } else { nil }
    }
    return unanswered(reasons.first ?? "not annotated")
  }

  private func unanswered(_ reason: String, _ hint: String? = nil) -> Result<[[UInt8]], RowError> {
    var error = RowError(problem: reason, expected: "an answer", hint: hint)
    error.isUnanswered = true
    return .failure(error)
  }
}
