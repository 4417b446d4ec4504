/// Why a row of a file cannot be used.
package struct RowError: Error {
  /// What was seen.
  package var problem: String
  /// What should have been there.
  package var expected: String

  package init(problem: String, expected: String) {
    (self.problem, self.expected) = (problem, expected)
  }
}

/// What is wrong with a row of a table, and where.
package struct LocatedRowError {
  /// Why it cannot be used.
  package var reason: RowError
  /// From 1.
  package var line: Int
  /// In characters, from 1, if that is known.
  package var column: Int?
  /// Whether where the next row begins is unknown, so that reading cannot go on.
  package var isFinal = false
}

/// What becomes of a bad row.
public enum RowErrorPolicy: String, CaseIterable, Sendable {
  /// It is reported and passed over.
  case skip
  /// It ends the run.
  case stop
}

/// Where a row stands in a file, for messages; spelt out only when there is one.
struct RowLocation: CustomStringConvertible {
  /// The file.
  var member: String
  /// What is counted: lines, or objects of a JSON array.
  var unit = "line"
  /// The number of the line or object, from 1; nothing where a file is one row.
  var number: Int?
  /// The character of the line, from 1, if that is known.
  var column: Int?

  var description: String {
    let line = number.map { ": \(unit) \($0)" } ?? ""
    return member + line + (column.map { ", column \($0)" } ?? "")
  }
}
