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

  package init(problem: String, expected: String, hint: String? = nil) {
    (self.problem, self.expected, self.hint) = (problem, expected, hint)
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
  /// The values that are only passed on.
  package var kept: [KeptValue] = []
  /// Why the row cannot be used, or nil.
  package var error: RowError?

  package init(line: Int, fields: [UnsafeRawBufferPointer] = [], error: RowError? = nil) {
    (self.line, self.fields, self.error) = (line, fields, error)
  }
}

/// The location of a row for messages; formatted only when there is a message.
package struct RowLocation: CustomStringConvertible {
  /// The location of the file.
  package var file: String
  /// The counted unit: lines, or objects of a JSON array.
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
