import Shards

/// The file format of the user's own labelled text.
public enum TableFormat: String, CaseIterable, Sendable {
  /// Detected by the names and the first lines of the files.
  case auto
  /// A table with quoting as in RFC 4180 and fields separated by commas, semicolons or tabs.
  case csv
  /// A table with fields separated by tabs, without quoting.
  case tsv
  /// One JSON object per line, an array of objects, or an object around one.
  case jsonLines = "json-lines"
  /// fastText's format: `__label__NAME` and the text on a line.
  case fastText = "fasttext"
  /// One text per file, in a folder named after its class.
  case folders
  /// A workbook in the format of Excel.
  case xlsx
  /// An export of doccano: JSON or CSV.
  case doccano
  /// An export of Label Studio: JSON, JSON-MIN, CSV or TSV.
  case labelStudio = "label-studio"
  /// The annotations of a dataset of Prodigy.
  case prodigy
  /// Texts with the categories of spaCy.
  case spacy
  /// The labels file of a project of Azure's custom text classification, and its texts.
  case azure

  /// The file name extensions of the format.
  private var extensions: [String] {
    switch self {
    case .auto: []
    case .csv: ["csv"]
    case .tsv: ["tsv", "tab"]
    case .jsonLines: ["jsonl", "ndjson", "json"]
    case .fastText: ["ft", "fasttext"]
    case .folders: ["html", "htm"]
    case .xlsx: ["xlsx", "xlsm"]
    case .doccano, .labelStudio: ["json", "jsonl", "ndjson", "csv", "tsv"]
    case .prodigy, .spacy: ["json", "jsonl", "ndjson"]
    case .azure: []
    }
  }

  /// The name in reports.
  var displayName: String {
    switch self {
    case .auto: "unknown"
    case .csv: "CSV"
    case .tsv: "TSV"
    case .jsonLines: "JSON"
    case .fastText: "fastText"
    case .folders: "a folder for each class"
    case .xlsx: "Excel workbook"
    case .doccano: "doccano"
    case .labelStudio: "Label Studio"
    case .prodigy: "Prodigy"
    case .spacy: "spaCy categories"
    case .azure: "Azure labels file"
    }
  }

  /// Extensions that do not indicate a format.
  private static let neutral = ["", "txt", "text", "data"]
  /// The names of files that accompany data; the last three are of Hugging Face datasets.
  private static let notes = [
    "readme", "license", "licence", "copying", "changelog", "dataset_info", "dataset_infos",
    "dataset_dict",
  ]

  /// The formats that the content of a file tells, in the order to try. Without quotes, a line is the
  /// same in TSV and CSV; a quoted line is a CSV if that finds the columns.
  package static let contentFormats: [TableFormat] = [.jsonLines, .fastText, .tsv, .csv]

  /// The format of tables, JSON or fastText with this extension, in lower case.
  package init?(fileExtension: String) {
    let formats: [TableFormat] = [.csv, .tsv, .jsonLines, .fastText]
    guard let format = formats.first(where: { $0.extensions.contains(fileExtension) }) else {
      return nil
    }
    self = format
  }

  /// The format to read a file as; nil to skip it.
  /// - Parameters:
  ///   - isOnlyFile: whether the user named this file, not a folder or archive with several.
  ///   - recognizes: whether the content begins as a file of the format; called if the name does not
  ///     tell.
  func format(
    ofFileAt path: String, isOnlyFile: Bool, recognizes: (TableFormat) throws -> Bool
  ) rethrows -> TableFormat? {
    let name = (path.split(separator: "/").last ?? "").lowercased()
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let fileExtension = parts.count > 1 ? String(parts[parts.count - 1]) : ""
    if !isOnlyFile, Self.notes.contains(String(parts.first ?? "")) { return nil }
    let isNeutral = Self.neutral.contains(fileExtension)
    guard self == .auto else {
      return isOnlyFile || isNeutral || extensions.contains(fileExtension) ? self : nil
    }
    if let format = TableFormat(fileExtension: fileExtension) { return format }
    guard isNeutral || isOnlyFile else {
      return Self.folders.extensions.contains(fileExtension) ? .folders : nil
    }
    if let format = try Self.contentFormats.first(where: recognizes) { return format }
    // Reading the only file as CSV reports its columns.
    return isOnlyFile ? .csv : path.contains("/") ? .folders : nil
  }
}

extension Split {
  /// The common names of the splits.
  private static let names: [(Split, [String])] = [
    (.train, ["train", "training"]),
    (.validation, ["validation", "valid", "val", "dev", "devel", "development"]),
    (.test, ["test", "testing"]),
  ]

  /// The split with this common name, ignoring case.
  init?(name: String) {
    let name = name.lowercased()
    guard let found = Self.names.first(where: { $0.1.contains(name) }) else { return nil }
    self = found.0
  }

  /// The split named by a word of a path, such as `dev` in `mine/reviews-dev.csv`; nil unless there is
  /// exactly one.
  package init?(path: some StringProtocol) {
    let words = path.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let named = Set(words.compactMap { Split(name: String($0)) })
    guard let split = named.first, named.count == 1 else { return nil }
    self = split
  }
}
