/// What a column of the tables stands for: rows that may be compared with each other.
///
/// Results on different tasks, or on different ways to split one task, never share a column.
public struct EvaluationTask: Hashable, Sendable {
  /// The name of the task, such as `ei-reg`.
  public var task: String
  /// What else sets these rows apart, such as how the data were split (`random`, `official`);
  /// empty when there is nothing to say.
  public var splitScheme: String

  /// A column of these parts.
  public init(task: String, splitScheme: String = "") {
    self.task = task
    self.splitScheme = splitScheme
  }

  /// The column as a heading, such as `EI-reg (official)`.
  public var title: String {
    let known =
      switch task {
      case "yelp": "Yelp"
      case "ei-reg": "EI-reg"
      case "imdb": "IMDB"
      default: task
      }
    return splitScheme.isEmpty ? known : "\(known) (\(splitScheme))"
  }

  /// Each column once, in the order of the paper's tasks, others behind.
  static func ordered(_ columns: [EvaluationTask]) -> [EvaluationTask] {
    let tasks = unique(PaperResults.table.map(\.task))
    let given = unique(columns)
    return tasks.flatMap { task in given.filter { $0.task == task } }
      + given.filter { !tasks.contains($0.task) }
  }

  /// The elements column by column, in the order of ``ordered(_:)``.
  static func grouped<Element>(
    _ elements: [Element], by column: KeyPath<Element, EvaluationTask>
  ) -> [Element] {
    ordered(elements.map { $0[keyPath: column] }).flatMap { wanted in
      elements.filter { $0[keyPath: column] == wanted }
    }
  }

  /// The column as a part of file names and anchors, such as `ei-reg-official`.
  var slug: String { Evaluation.slug([task, splitScheme]) }
}

/// The parts that are not empty as one word of a-z, 0-9 and dashes, for file names and anchors.
func slug(_ parts: [String]) -> String {
  var result = ""
  for part in parts where !part.isEmpty {
    if !result.isEmpty { result += "-" }
    for byte in part.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: "A")...UInt8(ascii: "Z"):
        result.unicodeScalars.append(Unicode.Scalar(byte | 0x20))
      default: if !result.hasSuffix("-") { result += "-" }
      }
    }
  }
  return result
}
