import Support

/// How texts lie in the lines of an input.
public enum InputFormat: String, CaseIterable, Sendable {
  /// By the name of the file: `.csv`, `.tsv`, `.jsonl` and `.ndjson` say what they are, all others
  /// are text.
  case auto
  /// Each line is a text.
  case text
  /// A table as RFC 4180 has it, also with semicolons or tabs; the first line names the columns.
  case csv
  /// Fields between tabs, without quoting; the first line names the columns.
  case tsv
  /// Each line is a JSON object.
  case jsonLines = "json-lines"

  /// The format of the input of this name.
  /// - Throws: ``UserError`` of kind `usage` for a file that says that it is of another format.
  func resolved(for name: String) throws -> InputFormat {
    guard self == .auto else { return self }
    let lower = name.lowercased()
    for (ending, format) in [
      (".csv", InputFormat.csv), (".tsv", .tsv), (".jsonl", .jsonLines), (".ndjson", .jsonLines),
    ] where lower.hasSuffix(ending) { return format }
    for ending in [".json", ".gz", ".zip", ".safetensors"] where lower.hasSuffix(ending) {
      throw UserError(
        .usage, at: name, problem: "a file called “\(ending)”",
        expected: "lines of text, .csv, .tsv or .jsonl",
        hint: "convert it, or say with --format how its lines are to be taken")
    }
    return .text
  }
}
