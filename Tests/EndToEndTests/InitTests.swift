import Foundation
import Testing
import TestSupport

/// `pipeline init`: from files to a manifest, and from there to results.
@Suite(.serialized)
struct InitTests {
  private let bench: TemporaryDirectory
  init() throws { bench = try Project.bench() }

  private func initialize(
    _ arguments: String
  ) throws -> (status: Int32, output: String, error: String) {
    try Project.run(
      "pipeline", ["init"] + arguments.split(separator: " ").map(String.init), in: bench)
  }

  @Test func `one file becomes a report, a model and commands that predict`() throws {
    let run = try initialize(
      "fixtures/own-reviews.csv --name mine --output mine.yaml --vectors fixtures/glove.fixture.zip "
        + "--run")
    #expect(run.status == 0, "\(run.error)")
    #expect(
      run.output.hasPrefix(
        """
        fixtures/own-reviews.csv: the task “own-reviews”
          format  CSV, 483 rows
          text    review: its name; 474 different texts, 148 characters on average
        """), "\(run.output)")
    #expect(run.output.contains("\n  label   stars: its name; 6 different values in 483 rows:"))
    #expect(run.output.contains("\n  id      id: its name; all different\n"))
    #expect(run.error.contains("\npipeline: stage 2 of 5, vocab: never run\n"), "\(run.error)")
    #expect(bench.has("runs/mine/report/report.html") && bench.has("runs/mine/train/README.md"))
    let lines = run.output.split(separator: "\n").suffix(3).map(String.init)
    let chosen = try #require(
      lines[0].wholeMatch(
        of:
          /own-reviews, with the (network|bag of words), the best of 2 models on the validation rows:/
      ), "\(run.output)")
    let folder = chosen.1 == "network" ? "train" : "bag-of-words"
    let commands = lines.dropFirst()
    #expect(commands.allSatisfy { $0.contains(" --checkpoint runs/mine/\(folder)") })
    for command in commands {
      let line = command.replacing("FILE", with: "fixtures/own-reviews.csv")
      let prediction = try Program("/bin/sh", ["-c", line], in: bench).end()
      #expect(prediction.status == 0, "\(line): \(prediction.error)")
      #expect(prediction.output.contains("label"))
    }
    // The manifest is the user's now.
    try bench.write(bench.read("mine.yaml") ?? "" + "# mine\n", to: "mine.yaml")
    let again = try initialize("fixtures/own-moods.jsonl --name mine --output mine.yaml")
    #expect(again.status == 73)
    #expect(again.error.contains("replace it with --force"), "\(again.error)")
    #expect(bench.read("mine.yaml")?.contains("own-reviews") == true)
  }

  @Test func `several inputs are tasks of one model, with their splits and formats`() throws {
    let run = try initialize(
      "fixtures/own-moods.jsonl fixtures/own-films.zip --vectors fixtures/glove.fixture.zip "
        + "--output both.yaml")
    #expect(run.status == 0, "\(run.error)")
    #expect(
      run.output.contains(
        "\n  split   part: its values are names of splits; train, validation, test\n"))
    #expect(run.output.contains("\n  format  a folder for each class, "))
    // The path of the program is quoted if it has a blank.
    #expect(run.output.replacing("'", with: "").hasSuffix("pipeline run both.yaml\n"))
    #expect(!bench.has("runs"))
    let plan = try Project.run("pipeline", ["run", "both.yaml", "--dry-run"], in: bench)
    #expect(plan.status == 0, "\(plan.error)")
    #expect(
      plan.output.contains(
        "--name own-moods --text-column body --label-column mood "), "\(plan.output)")
    #expect(plan.output.contains("--split-column part "))
    #expect(
      plan.output.contains(
        "--examples runs/own-moods-own-films/own-moods --examples runs/own-moods-own-films/own-films"
      ))
  }

  @Test func `names of tasks come from the files or from the user`() throws {
    let rows = "text,label\n" + (0..<40).map { "the soup \($0),\($0 % 2)\n" }.joined()
    for name in ["a/data.csv", "b/data.csv", "c/mails-train.csv", "c/mails-test.csv"] {
      try bench.write(rows, to: name)
    }
    let same = try initialize("a/data.csv b/data.csv")
    #expect(same.status == 64)
    #expect(
      same.error == """
        pipeline: b/data.csv: the name “data”, which a/data.csv has, too
          expected: another name for each input
          what to do: name them, as in one=a/data.csv two=b/data.csv; one name for both reads them as \
        one task

        """)
    let named = try initialize("old=a/data.csv new=b/data.csv --output named.yaml")
    #expect(named.status == 0 && named.output.contains("b/data.csv: the task “new”\n"))
    let splits = try initialize("c/mails-train.csv c/mails-test.csv --output mails.yaml")
    #expect(splits.output.contains("the task “mails”\n"), "\(splits.error)")
    #expect(splits.output.contains("train, test, as files and folders are named"))
    #expect(bench.read("mails.yaml")?.contains("split: official\n") == true)
  }

  @Test func `columns are named for all tasks or for one`() throws {
    let rows =
      "word,colour,size\n" + (0..<40).map { "the soup \($0),\($0 % 2),\($0 % 3)\n" }.joined()
    try bench.write(rows, to: "one.csv")
    try bench.write(rows.replacing("size", with: "label"), to: "two.csv")
    #expect(try initialize("one.csv two.csv").status == 65)
    let run = try initialize("one.csv two.csv --label-column one:size --output m.yaml")
    #expect(run.status == 0, "\(run.error)")
    #expect(run.output.contains("  label   size: named by you; 3 different values"))
    let all = try initialize("one.csv two.csv --label-column colour --output m.yaml --force")
    #expect(all.output.components(separatedBy: "colour: named by you").count == 3, "\(all.error)")
    let missing = try initialize("one.csv two.csv --label-column color --output n.yaml")
    #expect(missing.status == 64 && missing.error.contains("--label-column color: no such column"))
  }

  @Test func `columns of 0 and 1 become the flag by which ingest reads them`() throws {
    let rows = (0..<40).map { "the soup \($0),\($0 % 2),\(1 - $0 % 2)\n" }.joined()
    try bench.write("text,warm,\"cold, or so\"\n" + rows, to: "hot.csv")
    let made = try initialize("hot.csv --output hot.yaml")
    #expect(made.output.contains("\n  label   warm, cold, or so: columns of 0 and 1"), "\(made)")
    let run = try Project.run("pipeline", ["run", "hot.yaml", "--until", "hot"], in: bench)
    #expect(run.status == 0, "\(run.error)")
    #expect(bench.read("runs/hot/hot/summary.txt")?.contains("(cold, or so 20, warm 20)") == true)
  }

  @Test func `several labels in lists are recognised, joined ones are told and divided on request`()
    throws
  {
    let tickets = try initialize("fixtures/own-tickets.jsonl --output tickets.yaml")
    #expect(tickets.output.contains("\n  label   tags: "), "\(tickets)")
    #expect(
      tickets.output.replacing(/\s+/, with: " ").contains("300 rows, any number in a row: billing"))
    let run = try Project.run(
      "pipeline", ["run", "tickets.yaml", "--until", "own-tickets"], in: bench)
    #expect(run.status == 0, "\(run.error)")
    let summary = bench.read("runs/own-tickets/own-tickets/summary.txt") ?? ""
    #expect(summary.contains("; 80 without a label, 1.19 labels a row)"), "\(summary)")

    let names = ["hot", "mild", "red", "green"]
    let rows = (1..<61).map { number in
      let labels = names.enumerated().filter { number >> $0.offset & 1 == 1 }.map(\.element)
      return "the soup at table \(number)\t\(labels.joined(separator: "|"))\n"
    }
    try bench.write("text\tlabel\n" + rows.joined(), to: "joined.tsv")
    let joined = try initialize("joined.tsv")
    #expect(joined.status == 0, "\(joined.error)")
    #expect(joined.output.contains("--label-separator '|'"), "\(joined.output)")
    #expect(bench.read("joined.yaml")?.contains("multi-label") == false)
    let divided = try Project.run(
      "pipeline", ["init", "joined.tsv", "--label-separator", "|", "--force"], in: bench)
    #expect(divided.status == 0 && !divided.output.contains("hint"), "\(divided)")
    #expect(
      bench.read("joined.yaml")?.contains(
        "      multi-label: true\n      label-separator: \"|\"\n") == true)
    let plan = try Project.run("pipeline", ["run", "joined.yaml", "--dry-run"], in: bench)
    #expect(plan.output.contains("--multi-label --label-separator '|'"), "\(plan)")
    let other = try Project.run(
      "pipeline", ["init", "joined.tsv", "--label-separator", "/"], in: bench)
    #expect(other.status == 64)
    #expect(other.error.contains("--label-separator '/': no label has it"), "\(other.error)")
  }

  @Test func `a cross-validation has a job for each fold, and its model for use predicts`() throws {
    let rows = (0..<40).map { "\($0 % 2 == 0 ? "warm" : "cold") soup at table \($0),\($0 % 2)\n" }
    try bench.write("text,label\n" + rows.joined(), to: "soups.csv")
    let run = try initialize("soups.csv --name cv --folds 2 --recipe paper --run")
    #expect(run.status == 0, "\(run.error)")
    #expect(run.output.contains("\n  split   2 folds, each of which is tested once\n"))
    #expect(run.error.contains("pipeline: train: 3 folds done in "), "\(run.error)")
    let lines = run.output.split(separator: "\n").suffix(3)
    #expect(lines.first?.contains("of 2 models on the test rows, ") == true, "\(run.output)")
    let command = String(try #require(lines.last)).replacing(
      "FILE", with: "soups.csv")
    #expect(command.contains("/fold=all "))
    #expect(try Program("/bin/sh", ["-c", command], in: bench).end().status == 0)
  }

  @Test func `bad rows stop, or are passed over by the run, too`() throws {
    let rows = "text,label\n" + (0..<40).map { "the soup \($0),\($0 % 2)\n" }.joined()
    try bench.write(rows + "a,b,c\n", to: "a.csv")
    let stopped = try initialize("a.csv")
    #expect(stopped.status == 65 && stopped.error.contains("--on-error skip"), "\(stopped.error)")
    #expect(!bench.has("a.yaml"))
    #expect(try initialize("a.csv --on-error skip --output a.yaml").status == 0)
    #expect(bench.read("a.yaml")?.contains("on-error: skip\n") == true)
  }
}
