import Shards

/// How labelled text of the user's own lies in files.
public enum TableFormat: String, CaseIterable, Sendable {
  /// As the names of the files and their first line say.
  case auto
  /// A table with quoting as in RFC 4180, its fields parted by commas, semicolons or tabs.
  case csv
  /// A table with its fields between tabs and without quoting.
  case tsv
  /// A JSON object a line, or one JSON array of objects.
  case jsonLines = "json-lines"
  /// A text a file, in a folder that is called as its class.
  case folders

  /// What the names of such files end in.
  private var endings: [String] {
    switch self {
    case .auto: []
    case .csv: ["csv"]
    case .tsv: ["tsv", "tab"]
    case .jsonLines: ["jsonl", "ndjson", "json"]
    case .folders: ["html", "htm"]
    }
  }

  /// Endings that say nothing of the format.
  private static let neutral = ["", "txt", "text", "data"]
  private static let notes = ["readme", "license", "licence", "copying", "changelog"]

  /// What a file is read as; nothing if it is passed over.
  /// - Parameters:
  ///   - isAlone: whether the user named this file, and no folder or archive of several.
  ///   - isTable: whether the beginning of the file is that of this format; asked of files whose name
  ///     does not say what they are.
  func format(
    ofFileAt path: String, isAlone: Bool, isTable: (TableFormat) throws -> Bool
  ) rethrows -> TableFormat? {
    let name = (path.split(separator: "/").last ?? "").lowercased()
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let ending = parts.count > 1 ? String(parts[parts.count - 1]) : ""
    if name.hasPrefix(".") || Self.notes.contains(String(parts.first ?? "")) { return nil }
    let isNeutral = Self.neutral.contains(ending)
    guard self == .auto else {
      return isAlone || isNeutral || endings.contains(ending) ? self : nil
    }
    let tables: [TableFormat] = [.csv, .tsv, .jsonLines]
    if let format = tables.first(where: { $0.endings.contains(ending) }) { return format }
    guard isNeutral || isAlone else {
      return Self.folders.endings.contains(ending) ? .folders : nil
    }
    // A line without a quote is the same in both; with one it is a CSV if that finds the columns.
    for format in [.jsonLines, .tsv, .csv] as [TableFormat] where try isTable(format) {
      return format
    }
    // Of the one file that the user named it is then said what its columns are.
    return isAlone ? .csv : path.contains("/") ? .folders : nil
  }
}

extension Split {
  /// What the splits are called by those who ship them.
  private static let names: [(Split, [String])] = [
    (.train, ["train", "training"]),
    (.validation, ["validation", "valid", "val", "dev", "devel", "development"]),
    (.test, ["test", "testing"]),
  ]

  /// The split that goes by this name, whatever the case.
  init?(name: String) {
    let name = name.lowercased()
    guard let found = Self.names.first(where: { $0.1.contains(name) }) else { return nil }
    self = found.0
  }

  /// The split that the words of a path name, such as `dev` in `mine/reviews-dev.csv`; nothing if
  /// they name none or several.
  init?(path: some StringProtocol) {
    let words = path.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let named = Set(words.compactMap { Split(name: String($0)) })
    guard let split = named.first, named.count == 1 else { return nil }
    self = split
  }
}
