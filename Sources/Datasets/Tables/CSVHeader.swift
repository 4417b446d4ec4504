/// The columns of a table, or the keys of JSON objects, that are read.
struct CSVHeader: Equatable {
  /// Where the text stands.
  var text: String
  /// Where the label stands.
  var label: String
  /// Where the split stands, if it is read.
  var split: String?

  /// All of them.
  var all: [String] { [text, label] + (split.map { [$0] } ?? []) }

  /// What to do where they are not there.
  static let hint =
    "name the columns with --text-column and --label-column; for a file without a line of names "
    + "give the names with --header"
}
