import Foundation
import Testing
import TestSupport

/// The quickstart from archives to report, as a user runs it, and what reruns afterwards.
@Suite(.serialized)
struct QuickstartTests {
  @Test func `archives become a report, a second run does nothing, a change reruns what needs it`()
    throws
  {
    let bench = try Project.bench()
    try Project.quick(bench)
    let first = try Project.run("pipeline", ["run", "quick.yaml"], in: bench)
    #expect(first.status == 0, "\(first.error)")
    for name in ["report.json", "report.md", "report.html", "summary.txt", "stamp.json"] {
      #expect(bench.has("runs/quickstart/report/\(name)"), "\(name)")
    }
    let report = bench.read("runs/quickstart/report/report.json")
    let model = bench.read("runs/quickstart/train/model.safetensors")

    let second = try Project.run("pipeline", ["run", "quick.yaml"], in: bench)
    #expect(second.status == 0)
    #expect(bench.read("runs/quickstart/report/report.json") == report)
    #expect(!second.error.contains("evaluate:"), "a fresh stage was run: \(second.error)")

    // Only fine-tuning changes: training stays, the report is made again.
    let text = try #require(bench.read("quick.yaml"))
    try bench.write(
      text.replacingOccurrences(of: "source: yelp", with: "source: ei-reg"), to: "quick.yaml")
    let plan = try Project.run("pipeline", ["run", "quick.yaml", "--dry-run"], in: bench)
    let planned = plan.output.split(separator: "\n").filter { !$0.hasPrefix(" ") }
    #expect(
      planned == [
        "finetune: option source yelp -> ei-reg", "report: runs if its input changes: finetune",
      ])
    let third = try Project.run("pipeline", ["run", "quick.yaml"], in: bench)
    #expect(third.status == 0, "\(third.error)")
    #expect(bench.read("runs/quickstart/train/model.safetensors") == model)
    #expect(bench.read("runs/quickstart/report/report.json") != report)
  }

  @Test func `the quickstart gives no warning`() throws {
    let bench = try Project.bench()
    let run = try Project.run("pipeline", ["run"], in: bench)
    #expect(run.status == 0 && !run.error.contains("warning"), "\(run.error)")
    #expect(!run.output.contains("warning"))
  }

  @Test func `the same manifest gives the same bytes in another folder and on one thread`() throws {
    let benches = [try Project.bench(), try Project.bench()]
    for (bench, threads) in zip(benches, ["1", "2"]) {
      try Project.quick(bench)
      let text = try #require(bench.read("quick.yaml"))
      try bench.write(
        text.replacing("epochs: 1", with: "epochs: 1, threads: \(threads)"),
        to: "quick.yaml")
      let run = try Project.run("pipeline", ["run", "quick.yaml"], in: bench)
      #expect(run.status == 0, "\(run.error)")
    }
    let files = [
      "vocab/vocabulary.safetensors", "vocab/embedding.safetensors", "vocab/yelp/train.safetensors",
      "train/model.safetensors", "train/README.md", "train/metrics.jsonl",
      "train/tensorboard/validation/events.out.tfevents.0", "finetune/model.safetensors",
      "finetune/README.md", "finetune/tensorboard/train/events.out.tfevents.0",
      "report/report.json",
      "report/report.md",
    ]
    for file in files {
      let contents = benches.map {
        FileManager.default.contents(atPath: $0("runs/quickstart/\(file)"))
      }
      #expect(contents[0] != nil && contents[0] == contents[1], "\(file)")
    }
  }

  @Test func `the fixtures ingested without arguments are the quickstart's`() throws {
    let bench = try Project.bench()
    let run = try Project.run("ingest", [], in: bench)
    #expect(run.status == 0, "\(run.error)")
    let table = try Project.run("pipeline", ["status"], in: bench).output
    for stage in ["yelp", "tweets", "imdb"] {
      #expect(table.contains(try Regex("(?m)^\(stage) +fresh")), "\(table)")
    }
  }

  @Test func `verbose adds what the output depends on, quiet leaves only warnings`() throws {
    let bench = try Project.bench()
    func said(_ flags: [String]) throws -> String {
      try Project.run(
        "ingest",
        ["--archive", "fixtures/aclImdb_v1.tar.gz", "--train", "200", "--validation", "80"]
          + ["--output", "out"] + flags, in: bench
      ).error
    }
    #expect(try said(["--verbose"]).contains("ingest: option seed: 1\n"))
    #expect(try !said([]).contains("option seed"))
    #expect(try said(["--quiet"]).isEmpty)
  }

  @Test func `a stage that runs before its input exists says which stage makes it`() throws {
    let bench = try Project.bench()
    let made = "runs/quickstart"
    for (stage, arguments) in [
      ("vocab", ["--examples", "\(made)/yelp", "--vectors", "fixtures/glove.fixture.zip"]),
      ("pretrain", ["--vocab", "\(made)/vocab"]), ("train", ["--vocab", "\(made)/vocab"]),
      ("finetune", ["--checkpoint", "\(made)/train", "--vocab", "\(made)/imdb-vocab"]),
      ("evaluate", ["--models", "\(made)/train", "--vocab", "\(made)/vocab"]),
      ("export", ["--checkpoint", "\(made)/train"]),
    ] {
      let run = try Project.run(stage, arguments + ["--output", "out"], in: bench)
      #expect(run.status == 66, "\(stage): \(run.status) \(run.error)")
      #expect(run.error.contains("runs/quickstart/"), "\(run.error)")
      #expect(run.output.isEmpty)
    }
    #expect(bench.names() == ["fixtures", "pipelines"])
  }

  /// The programs with the flags that they require: ArgumentParser reports a missing flag first.
  private static let programs = [
    ("ingest", []), ("vocab", ["--examples", "a", "--vectors", "b"]),
    ("pretrain", ["--vocab", "a"]), ("train", ["--vocab", "a"]),
    ("finetune", ["--checkpoint", "a", "--vocab", "b"]),
    ("evaluate", ["--models", "a", "--vocab", "b"]), ("predict", []), ("inspect", []),
    ("export", ["--checkpoint", "a"]), ("pipeline", []),
  ]

  @Test(arguments: programs)
  func `every program explains itself and rejects an unknown flag`(
    program: String, required: [String]
  ) throws {
    let bench = try TemporaryDirectory()
    let help = try Project.run(program, ["--help"], in: bench)
    #expect(help.status == 0)
    #expect(help.output.contains("USAGE: \(program)"))
    let wrong = try Project.run(program, required + ["--no-such-flag"], in: bench)
    #expect(wrong.status == 64)
    #expect(wrong.error.contains("no-such-flag"))
  }
}
