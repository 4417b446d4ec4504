import Foundation
import Shards
import TestSupport
import Testing

/// The reports and descriptions of a model with a multi-label task.
struct MultiLabelEvaluationTests {
  private let bench: TemporaryDirectory

  /// A folder with the bag of words `model` of the task tags, trained on `words`.
  init() throws {
    bench = try Project.bench()
    try write(120, .train, to: "tags")
    try write(60, .validation, to: "tags")
    try write(40, .test, to: "tags")
    try run(
      "vocab",
      "--examples tags --vectors fixtures/glove.fixture.zip --minimum-count 1 --output words")
    try run("train", "--vocab words --model bag-of-words --output model")
  }

  /// Rows of which a word says whether they have the label of its position.
  private func write(_ rows: Int, _ split: Split, to folder: String, oneClass: Bool = false) throws
  {
    var builder = ShardBuilder<UInt8>(
      ShardHeader(
        task: "tags", split: split, classNames: ["bug", "ui", "a|b"], isMultiLabel: !oneClass))
    for row in 0..<rows {
      let labels = oneClass ? [0] : (0..<3).filter { (row / 2 + 3 * $0) % 7 < 2 }
      let words = labels.map { ["crash", "button", "invoice"][$0] }
      builder.append(
        "\(split.rawValue) \(row): the \(words.joined(separator: " ")) today".utf8,
        classes: labels.map { Int32($0) }, textID: row, id: "\(split.rawValue):\(row)")
    }
    try bench.write(
      builder.shard.document().encoded(), to: "\(folder)/\(split.rawValue).safetensors")
  }

  @discardableResult
  private func run(
    _ program: String, _ arguments: String, status: Int32 = 0
  ) throws -> (output: String, error: String) {
    let words = arguments.split(separator: " ").map(String.init)
    let run = try Project.run(program, words, in: bench)
    try #require(run.status == status, "\(program) \(arguments)\n\(run.error)")
    return (run.output, run.error)
  }

  @Test func `a report has micro-F1 and says which checks leave the task out`() throws {
    let made = try run(
      "evaluate", "--models model --vocab words --check-labels --size-curve --output report")
    #expect(made.output.contains(#/task +split +rows +micro-F1 +macro-F1 +subset accuracy\n/#))
    for flag in ["check-labels", "size-curve"] {
      let note = "--\(flag) leaves out tags: its rows have any number of labels"
      #expect(made.error.contains(note), "\(made.error)")
      #expect(bench.read("report/report.md")?.contains(note) == true)
    }
    let rows = try #require(bench.read("report/predictions/tags.csv")).split(separator: "\r\n")
    #expect(rows.count == 41 && rows[0].hasSuffix("label,prediction,confidence,p:bug,p:ui,p:a|b"))
    #expect(
      rows[3].hasPrefix(
        #"tags,Bag of words,1,test,test:2,test 2: the crash invoice today,bug|a\u{7c}b,"#))
    #expect(rows[7].hasPrefix("tags,Bag of words,1,test,test:6,test 6: the  today,,"))
  }

  @Test func `new rows must be of the kind that the model learned`() throws {
    try write(30, .test, to: "new")
    try run("evaluate", "--models model --rows new --output new-report")
    let text = try #require(bench.read("new-report/report.md"))
    #expect(text.contains("**tags (new rows):** Bag of words has a micro-F1 of "))
    try write(30, .test, to: "other", oneClass: true)
    let refused = try run("evaluate", "--models model --rows other --output none", status: 65)
    #expect(
      refused.error.hasPrefix(
        """
        evaluate: other: rows of “tags” with one class each
          expected: any number of labels, as model learned the task
          what to do: run ingest with --multi-label

        """), "\(refused.error)")
  }

  @Test func `inspect shows label sets and thresholds`() throws {
    let shard = try run("inspect", "tags/test.safetensors --rows 20").output
    #expect(shard.contains(#/labels a row +0\.\d\d\nrows without label +\d+\n/#), "\(shard)")
    #expect(
      shard.contains("\n  2  test:2   bug|a\\u{7c}b  test 2: the crash invoice today\n"), "\(shard)"
    )
    let model = try run("inspect", "model/model.safetensors").output
    #expect(
      model.contains(#/task +label +threshold +rows\ntags +bug +0\.\d\d\d +60\n/#), "\(model)")
  }
}
