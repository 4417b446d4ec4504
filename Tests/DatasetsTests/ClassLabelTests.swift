import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Support

/// Folders of Hugging Face datasets, whose labels are numbers.
struct ClassLabelTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  private static let card = """
    ---
    license: mit
    dataset_info:
      features:
      - name: text
        dtype: string
      - name: label
        dtype:
          class_label:
            names:
              '0': negative
              '1': positive
      splits:
      - name: train
    ---

    # A dataset
    """

  private func lines(_ range: Range<Int>) -> String {
    range.map { "{\"text\":\"row \($0)\",\"label\":\($0 % 2)}\n" }.joined()
  }

  @Test func `names come from the card, splits from the files`() throws {
    try bench.file("a/README.md", Self.card)
    try bench.file("a/data/train-00000-of-00001.jsonl", lines(0..<20))
    try bench.file("a/data/test-00000-of-00001.csv", "text,label\nrow 90,0\nrow 91,1\nrow 92,-1\n")
    var options = own()
    options.split = .official
    let result = try options.read(path: bench("a"))
    #expect(result[.train].classNames == ["negative", "positive"])
    #expect(result.shards.map(\.count) == [18, 2, 2])
    #expect(rows(result).contains("row 91 = positive"))
    #expect(result.report.dropped("no label (-1)") == 1)
    #expect(
      result.report.format == "CSV; JSON; names of classes from \(bench("a"))/README.md")

    // Names given by the user win.
    options.table.labels = "0=bad,1=good"
    #expect(try options.read(path: bench("a"))[.train].classNames == ["bad", "good"])
  }

  @Test func `older cards are JSON, and names may be a list`() throws {
    let infos =
      #"{"default": {"features": {"label": {"num_classes": 2, "names": ["x", "y"], "_type": "ClassLabel"}}}}"#
    try bench.file("b/dataset_infos.json", infos)
    try bench.file("b/train.jsonl", lines(0..<20))
    #expect(try own().read(path: bench("b"))[.train].classNames == ["x", "y"])
    let list = Self.card.replacing("'0': negative", with: "- x").replacing(
      "'1': positive", with: "- y")
    #expect(ClassLabels.names(inCard: Array(list.utf8), "label") == [["x", "y"]])
    let info = #"{"features": {"label": {"names": ["x"], "_type": "ClassLabel"}}}"#
    #expect(ClassLabels.names(inInfos: Array(info.utf8), "label") == [["x"]])
    for card in ["---\nlabel: [\n---\n", "---\ndataset_info: x\n---\n", "---", "# a", ""] {
      #expect(ClassLabels.names(inCard: Array(card.utf8), "label").isEmpty)
    }

    try bench.file("b/README.md", Self.card)
    let error = try userError { _ = try own().read(path: bench("b")) }
    #expect(error.problem == "different names for the classes of “label”")
  }

  @Test func `a number without a name is a bad row`() throws {
    try bench.file("c/README.md", Self.card)
    try bench.file("c/train.csv", "text,label\na,7\n")
    let error = try userError { _ = try own().read(path: bench("c")) }
    #expect(error.problem == "the label 7" && error.location == "\(bench("c"))/train.csv: line 2")
  }
}
