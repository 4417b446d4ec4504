import Support

/// Why a row of a file cannot be used.
package struct RowError: Error {
  /// The problem, such as “3 fields”.
  package var problem: String
  /// The valid form.
  package var expected: String
  /// How to correct the row, if that is known.
  package var hint: String?
  /// The line, from 1, if it is not the line of the row.
  package var line: Int?
  /// The character of the line, from 1, if known.
  package var column: Int?
  /// Whether the beginning of the next row is unknown, so that reading cannot continue.
  package var isFinal = false
  /// The kind of the row in the counts of skipped rows.
  package var kind = "a bad row"
  /// Whether the row is valid but has no answer to learn from; it is dropped and counted.
  package var isUnanswered = false

  package init(problem: String, expected: String, hint: String? = nil) {
    (self.problem, self.expected, self.hint) = (problem, expected, hint)
  }
}

extension RowError {
  /// The ``kind`` of a row with several labels.
  static let severalLabelsKind = "a text with several labels"

  /// The error about a text with several labels.
  static func severalLabels(_ labels: [String]) -> RowError {
    var error = RowError(
      problem: "\(labels.count) labels: \(labels.quoted(limit: 5))",
      expected: "one label a text", hint: "read all of them with --multi-label, keep one of them")
    error.kind = severalLabelsKind
    return error
  }

  /// The error for the user.
  /// - Parameter hint: in place of the error's own.
  package func refusal(at location: RowLocation, hint: String? = nil) -> UserError {
    UserError(
      .data, at: location.description, problem: problem, expected: expected,
      hint: hint ?? self.hint)
  }

  /// The error with its position in the file, if it has one within the row.
  func located(in line: Line) -> RowError {
    var error = self
    if let column = error.column, let start = line.start {
      error.column = error.line == 1 ? start.column + column - 1 : column
    }
    error.line = error.line.map { ($0 - 1) + (line.start?.line ?? line.number) }
    return error
  }
}

/// How bad rows are handled.
public enum RowErrorPolicy: String, CaseIterable, Sendable {
  /// Report and skip the row.
  case skip
  /// Stop with an error.
  case stop
}

/// A value of an input that is passed on as it is. Valid as long as its row.
package enum KeptValue {
  /// A field of a table, or a string.
  case text(UnsafeRawBufferPointer)
  /// Any other value of JSON, as written.
  case json(UnsafeRawBufferPointer)
}

/// A row of a table: its fields without their quotes. Valid only during the call that receives it.
package struct Row {
  /// The line on which the row begins, from 1.
  package let line: Int
  /// The fields; empty if there is an error.
  package var fields: [UnsafeRawBufferPointer] = []
  /// The labels in place of the field of the label, if the row has a list of them; only in multi-label
  /// tasks.
  var labels: [[UInt8]]?
  /// The values that are only passed on.
  package var kept: [KeptValue] = []
  /// Why the row cannot be used, or nil.
  package var error: RowError?

  package init(line: Int, fields: [UnsafeRawBufferPointer] = [], error: RowError? = nil) {
    (self.line, self.fields, self.error) = (line, fields, error)
  }
}

extension Row {
  /// Calls `body` with a row of fields in memory.
  static func withFields(
    _ fields: [[UInt8]], line: Int, _ body: (Row) throws -> Void
  ) rethrows {
    try Array(fields.joined()).withUnsafeBytes { bytes in
      var (row, start) = (Row(line: line), 0)
      for field in fields {
        row.fields.append(UnsafeRawBufferPointer(rebasing: bytes[start..<start + field.count]))
        start += field.count
      }
      try body(row)
    }
  }

  /// Moves the last `count` fields of a valid row to the values that are only passed on.
  mutating func separateKept(_ count: Int) {
    guard error == nil else { return }
    kept = fields.suffix(count).map { .text($0) }
    fields.removeLast(kept.count)
  }

  /// Calls `body` with the row whose first `count` fields, the parts of the text, are joined with
  /// spaces.
  func joiningText(_ count: Int, _ body: (Row) throws -> Void) rethrows {
    guard count > 1, error == nil else { return try body(self) }
    try Array(fields[..<count].joined(separator: [0x20])).withUnsafeBytes { text in
      var row = self
      row.fields.replaceSubrange(..<count, with: [text])
      try body(row)
    }
  }
}

/// The location of a row for messages; formatted only when there is a message.
package struct RowLocation: CustomStringConvertible {
  /// The location of the file.
  package var file: String
  /// The counted unit: lines, objects of a JSON array, or rows of a sheet.
  var unit = "line"
  /// The number of the line or object, from 1; nil where a file is one row.
  var number: Int?
  /// The character of the line, from 1, if known.
  var column: Int?

  package init(file: String, unit: String = "line", number: Int? = nil, column: Int? = nil) {
    (self.file, self.unit, self.number, self.column) = (file, unit, number, column)
  }

  package var description: String {
    let line = number.map { ": \(unit) \($0)" } ?? ""
    return file + line + (column.map { ", column \($0)" } ?? "")
  }
}
