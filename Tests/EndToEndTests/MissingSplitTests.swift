import TestSupport
import Testing

/// Data without validation or test rows goes through all stages, and they say what is missing.
struct MissingSplitTests {
  @Test func `data without validation or test rows is learned, evaluated and predicted`() throws {
    let bench = try Project.bench()
    let rows = (0..<40).map { "the \($0 % 2 == 0 ? "soup" : "film") was \($0),\($0 % 2)\n" }
    try bench.write("text,label\n" + rows.joined(), to: "rows.csv")
    var (output, error) = ("", "")
    for command in [
      "ingest -q --archive rows.csv --name a --validation 0 --test 0% --output a",
      "ingest -q --archive rows.csv --name b --validation 0 --output b",
      "vocab -q --examples a --vectors fixtures/glove.fixture.zip --output words",
      "vocab -q --examples b --base words --vectors fixtures/glove.fixture.zip --output more",
      "train -q --vocab words --hidden 4 --epochs 2 --output dlnc",
      "train -q --vocab words --model bag-of-words --output bag",
      "finetune -q --checkpoint dlnc --vocab more --epochs 1 --output tuned",
      "evaluate -q --models bag --models dlnc --models tuned --vocab words --vocab more "
        + "--output report",
      "inspect tuned", "predict -q --checkpoint tuned --format csv rows.csv",
    ] {
      let words = command.split(separator: " ").map(String.init)
      let run = try Project.run(words[0], Array(words.dropFirst()), in: bench)
      try #require(run.status == 0, "\(command)\n\(run.error)")
      output += run.output
      error += run.error
    }
    #expect(output.contains("  validation: no rows\n  test: no rows\n"))
    #expect(output.contains("kept epoch 2 (*), the last: there are no validation rows\n"))
    for warning in [
      "train: warning: no validation rows of a: all epochs are trained and the last is kept",
      "train: warning: no validation rows of a to choose the penalty: it is 1.0, the default",
      "finetune: warning: no validation rows of b: all epochs are trained",
    ] { #expect(error.contains(warning), "\(error)") }
    let report = try #require(bench.read("report/report.md"))
    #expect(report.contains("- a has no test and no validation rows: its accuracy on the training"))
    #expect(!report.contains("- b has no") && !report.contains("Validation loss"))
    // The tables themselves say which numbers are of training rows.
    #expect(report.contains("| Accuracy, % | a: training rows only | b |"))
    #expect(report.contains("There are no test rows: this is training accuracy."))
    #expect(report.contains("| Model | Training accuracy | 95 % interval |"))
    #expect(report.contains("| Model | Training accuracy | Test accuracy | 95 % interval |"))
    #expect(report.contains("of the 40 training rows right"))
    #expect(report.contains("so this says little about other texts."))
    // Nothing of the training rows is compared beside test rows.
    #expect(!report.contains("Paired tests"))
    #expect(report.split(separator: "\n").count { $0 == "### Classes and confusions" } == 1)
  }
}
