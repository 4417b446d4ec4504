import Foundation
import Shards
import TestSupport
import Testing

/// Labelled rows that arrive after the training: a model is evaluated on them, and trained further.
struct NewRowsTests {
  private let bench: TemporaryDirectory

  /// A folder with the model `model` of the tasks reviews and films, trained on `words`.
  init() throws {
    bench = try Project.bench()
    try bench.write(Self.table(0..<120, "soup", "tea"), to: "old.csv")
    try bench.write(Self.table(0..<80, "film", "plot"), to: "films.csv")
    try run(
      "ingest --archive old.csv --name reviews --output old",
      "ingest --archive films.csv --name films --output films",
      "vocab --examples old --examples films --vectors fixtures/glove.fixture.zip --minimum-count 1 "
        + "--output words",
      "train --vocab words --hidden 8 --epochs 3 --learning-rate 0.02 --warmup 5 --output model")
  }

  private static func table(_ rows: Range<Int>, _ nouns: String...) -> String {
    "text,label\n"
      + rows.map { row in
        let isGood = row % 2 == 0
        let words = isGood ? ["great", "lovely", "fresh"] : ["awful", "stale", "rude"]
        return "the \(nouns[row % 3 % nouns.count]) number \(row) was \(words[row % 3]),"
          + "\(isGood ? "good" : "bad")\n"
      }.joined()
  }

  @discardableResult
  private func run(_ commands: String...) throws -> (output: String, error: String) {
    var result = (output: "", error: "")
    for command in commands {
      let words = command.split(separator: " ").map(String.init)
      let run = try Project.run(words[0], Array(words.dropFirst()), in: bench)
      try #require(run.status == 0, "\(command)\n\(run.error)")
      result = (result.output + run.output, result.error + run.error)
    }
    return result
  }

  private func texts(_ path: String) throws -> [String] {
    let shard = try TextShard(path: bench(path))
    return (0..<shard.count).map { String(decoding: shard.row($0), as: UTF8.self) }
  }

  @Test func `two commands evaluate a model on a new file, also on one of a single class`() throws {
    let known = try texts("old/train.safetensors").filter { $0.contains("great") }.prefix(2)
    let new = (0..<10).map { "the soup of the day \($0) was great" }
    let rows = (known + new).map { "\($0),good\n" }
    try bench.write("text,label\n" + rows.joined(), to: "new.csv")
    let made = try run("ingest --archive new.csv --name reviews --train 0 --output new")
    #expect(made.output.contains("  test: 12 rows (good 12)"), "\(made.output)")
    #expect(try texts("new/test.safetensors").count == 12)
    #expect(!bench.has("new/train.safetensors") && !bench.has("new/validation.safetensors"))

    let short = try run("evaluate --models model --rows new --output short")
    #expect(short.output.contains("reviews (new rows)"), "\(short.output)")
    let page = try #require(bench.read("short/report.md"))
    #expect(page.contains("reviews (new rows): the rows of new. They are no held-out part"))
    #expect(page.contains("Whether its test rows repeat texts that DLNC was trained on is unknown"))

    try run("evaluate --models model --vocab words --rows new --output report")
    for name in ["report.md", "report.html"] {
      let page = try #require(bench.read("report/\(name)"))
      #expect(
        page.contains("2 of its 12 test rows repeat a text that DLNC was trained on; on the "))
      #expect(page.contains("films") && page.contains("reviews (new rows)"))
    }
    #expect(bench.read("report/report.json")?.contains("\"setup\": \"new rows\"") == true)
    // The classes are those of the model, in its order.
    #expect(bench.read("short/report.json")?.contains("\"labels\": [\"bad\", \"good\"]") == true)
  }

  @Test func `a bag of words is evaluated on new rows, too`() throws {
    try run(
      "train --vocab words --model bag-of-words --output bag",
      "ingest --archive old.csv --name reviews --output old-again",
      "evaluate --models bag --vocab words --rows old-again --splits test --output report")
    let page = try #require(bench.read("report/report.md"))
    #expect(page.contains("0 of its 24 test rows repeat a text that Bag of words was trained on."))
  }

  @Test func `a known task learns from new rows, and the other task stays the same`() throws {
    try bench.write(Self.table(200..<280, "garnish", "sorbet"), to: "more.csv")
    try run(
      "ingest --archive more.csv --name reviews --output more",
      "vocab --base model --examples more --vectors fixtures/glove.fixture.zip --minimum-count 1 "
        + "--output more-words")
    let update = try run(
      "finetune --verbose --checkpoint model --vocab more-words --epochs 2 --output update")
    #expect(update.error.contains("copied classifier.reviews.w_h <- classifier.w_h"))
    // Texts with words that the update has added.
    try bench.write("the sorbet was a great film\nan awful garnish\nstale plot\n", to: "texts.txt")
    let predictions = try ["model", "update"].map {
      try run("predict --checkpoint \($0) --task films texts.txt").output
    }
    #expect(predictions[0] == predictions[1] && predictions[0].contains("good"))
    try run(
      "evaluate --models model --models update --vocab words --vocab more-words --rows more "
        + "--output report")
    let page = try #require(bench.read("report/report.md"))
    #expect(page.contains("DLNC, fine-tuned"))
    // Both models on the same rows.
    #expect(page.contains("| DLNC, fine-tuned against DLNC | reviews (new rows) |"), "\(page)")
    #expect(!page.contains("is not used"))
  }

  @Test func `what does not fit the model is refused`() throws {
    try bench.write("text,label\nthe soup was great,good\nthe tea is odd,mixed\n", to: "new.csv")
    try bench.write(Self.table(0..<20, "pie"), to: "pies.csv")
    try run(
      "ingest --archive new.csv --name reviews --train 0 --output new",
      "ingest --archive pies.csv --name pies --train 0 --output pies",
      "vocab --base model --examples new --vectors fixtures/glove.fixture.zip --output new-words")
    for refused in [
      Refused(
        "evaluate --models model --rows new --output out", 65,
        """
        evaluate: new: classes of “reviews” that model does not know: “mixed” (1 row); the first at \
        new.csv:3, “the tea is odd”
          expected: “bad”, “good”
          what to do: map the labels to these classes with ingest --labels, or leave such rows out

        """),
      Refused(
        "evaluate --models model --rows pies --output out", 65,
        """
        evaluate: model: a model of “films”, “reviews”
          expected: a task of --rows: “pies”
          what to do: give ingest the --name of the model's task

        """),
      Refused(
        "evaluate --models model --rows words --output out", 66,
        """
        evaluate: words: no train or validation or test rows
          expected: the output of ingest
          what to do: run ingest on the new file, with --train 0 to make all of it test rows

        """),
      .usage(
        "evaluate --models model --output out",
        "Missing rows to evaluate on: give --vocab, --rows or both."),
      Refused(
        "ingest --archive new.csv --name a --train 0 --test 0 --output out", 64,
        """
        ingest: --test: 0 beside --train 0
          expected: test rows or training rows
          what to do: leave one of them out

        """),
      Refused(
        "finetune --checkpoint model --vocab new-words --output out", 66,
        """
        finetune: warning: no validation rows of reviews: *
        finetune: new-words: no training rows for the task “reviews”, only others
          expected: training rows
          what to do: run ingest without --train 0, then vocab, or name another task

        """),
      Refused(
        "finetune --checkpoint model --vocab words --task films --source none --output out", 64,
        """
        finetune: --source: given for “films”, which the model has learned already
          expected: a new task; a known one starts from its own parameters
          what to do: leave it out

        """),
      Refused(
        "finetune --checkpoint model --vocab words --task films --learn all --output out", 64,
        """
        finetune: --learn all: would change the other tasks of the model: “reviews”
          expected: --learn norms, which trains only what “films” alone uses
          what to do: leave it out, or train a model of all tasks again with the stage train

        """),
    ] { try refused.check(in: bench) }
  }
}
