import DLNC
import StageKit
import Support

/// The summary of `export`: the size of the model before and after.
struct ExportSummary: StageSummary {
  var before: ModelSize
  var after: ModelSize

  /// A table of sizes, and what was left out.
  var text: String {
    let ngrams = before.ngrams.keys.sorted().map { task in
      ("n-grams of \(task)", before.ngrams[task], after.ngrams[task])
    }
    let counts =
      [
        ("bytes", before.bytes, after.bytes), ("parameters", before.parameters, after.parameters),
        ("words", before.words, after.words), ("tasks", before.tasks, after.tasks),
      ] + ngrams
    let rows = counts.map { name, before, after in
      [
        name, before.map(NumberFormat.grouped) ?? "", after.map(NumberFormat.grouped) ?? "",
        "\(NumberFormat.percent(Double(after ?? 0) / Double(before ?? 1))) %",
        name == "bytes" || after ?? 0 >= before ?? 0
          ? "" : "\(NumberFormat.grouped((before ?? 0) - (after ?? 0))) dropped",
      ]
    }
    return TextTable.text([["", "before", "after", "", ""]] + rows, numeric: [1, 2, 3])
  }
}
