import Datasets
import Shards
import StageKit
import Support

/// A task whose files were inspected, with the columns to read.
struct InspectedTask {
  let input: TaskInput
  let inspection: TableInspection
  let columns: ColumnChoice
  /// The number of folds of a cross-validation, which divides all rows anew; nil without one.
  let folds: Int?

  var name: String { input.name }

  /// The column of the split, if it is used.
  var splitColumn: ColumnChoice.Column? { folds == nil ? columns.split : nil }

  /// Whether the rows keep the splits of their files or column.
  var keepsSplits: Bool { splitColumn != nil || keepsNamedSplits }

  /// Whether the rows keep the splits that files and folders are named as.
  var keepsNamedSplits: Bool {
    let splits = inspection.namedSplits
    return folds == nil && columns.split == nil && splits.contains(.train) && splits.count > 1
  }

  /// The splits of the data.
  var splits: [Split] {
    keepsNamedSplits
      ? inspection.namedSplits.sorted() : splitColumn?.profile.namedSplits.sorted() ?? []
  }

  /// A tag or character reference, if the texts contain HTML.
  var htmlExample: String? { columns.text.lazy.compactMap(\.profile.htmlExample).first }

  // MARK: Text for people

  /// The choices, with a line for each.
  var table: String {
    var lines = [("format", formatLine)]
    lines += columns.text.map { ("text", line($0, "\(different($0)), \(length($0))")) }
    lines.append(("label", line(columns.label, classes)))
    if let separator = columns.label.profile.likelySeparator {
      lines.append(
        (
          "hint",
          "over half of the labels have “\(separator)”; if it separates several labels, divide them with "
            + "--label-separator '\(separator)'"
        ))
    }
    if let id = columns.id { lines.append(("id", line(id, "all different"))) }
    lines.append(("split", splitLine))
    let head = "\(input.paths.joined(separator: ", ")): the task “\(name)”"
    let rows = lines.map { name, text in
      "  " + name.padding(to: 8)
        + wrapped(text, width: 70).joined(separator: "\n          ")
        .replacing("\u{A0}", with: " ")
    }
    return escapingControlCharacters(head) + "\n" + rows.joined(separator: "\n")
  }

  private func line(_ column: ColumnChoice.Column, _ content: String) -> String {
    inspection.hasColumns
      ? "\(escapingControlCharacters(column.name)): \(column.reason); \(content)"
      : content
  }

  private func different(_ column: ColumnChoice.Column) -> String {
    "\(NumberFormat.grouped(column.profile.distinct)) different texts"
  }

  private func length(_ column: ColumnChoice.Column) -> String {
    "\(NumberFormat.grouped(column.profile.meanLength)) characters on average"
  }

  private var formatLine: String {
    let kind =
      switch inspection.format {
      case .csv: "CSV"
      case .tsv: "TSV"
      case .jsonLines: "JSON"
      case .fastText: "fastText's format"
      case .folders: "a folder for each class"
      default: inspection.format.rawValue
      }
    let rest = [
      inspection.delimiter.flatMap { inspection.format == .csv ? Self.delimiterName($0) : nil },
      inspection.hasHeader ? nil : "no line of names",
      inspection.fileCount > 1 ? "\(NumberFormat.grouped(inspection.fileCount)) files" : nil,
      inspection.rowPhrase,
    ]
    return ([kind] + rest.compactMap { $0 }).joined(separator: ", ")
  }

  private static func delimiterName(_ delimiter: UInt8) -> String? {
    switch delimiter {
    case UInt8(ascii: ","): nil
    case UInt8(ascii: ";"): "semicolons"
    case UInt8(ascii: "\t"): "tabs"
    default: "“\(UnicodeScalar(delimiter))”"
    }
  }

  /// The classes with their numbers of rows, the most frequent first.
  private var classes: String {
    let values = columns.label.profile.values
    let shown = values.prefix(25).map { "\(escapingControlCharacters($0.name))\u{A0}(\($0.rows))" }
    return
      "\(values.count) different values in \(inspection.rowPhrase)"
      + (columns.isMultiLabel ? ", any number in a row: " : ": ") + shown.joined(separator: ", ")
      + (values.count > 25 ? " and \(values.count - 25) more" : "")
  }

  private var splitLine: String {
    let names = splits.map(\.rawValue).joined(separator: ", ")
    if let folds { return "\(folds) folds, each of which is tested once" }
    if let split = splitColumn { return line(split, names) }
    if keepsNamedSplits { return "\(names), as files and folders are named" }
    return "none; a tenth of the rows becomes validation, a fifth test"
  }
}

extension String {
  /// The text with spaces up to a length.
  fileprivate func padding(to length: Int) -> String {
    self + String(repeating: " ", count: max(0, length - count))
  }
}
