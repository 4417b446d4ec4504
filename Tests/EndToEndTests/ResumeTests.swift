import Foundation
import Testing
import TestSupport

/// Signals during training: the exit status reports the signal, the state is saved, and the same command
/// resumes to the bytes of an undisturbed run.
@Suite(.serialized)
struct ResumeTests {
  private static let arguments = [
    "--vocab", "runs/quickstart/vocab", "--hidden", "96", "--epochs", "10", "--patience", "4",
    "--output", "out",
  ]
  private static let pretraining = [
    "--vocab", "runs/quickstart/vocab", "--hidden", "64", "--epochs", "10", "--batch", "16",
    "--output", "out",
  ]
  private static let finetuning = [
    "--checkpoint", "runs/quickstart/train", "--vocab", "runs/quickstart/imdb-vocab",
    "--learn", "all", "--epochs", "20", "--patience", "6", "--output", "out",
  ]

  /// A folder with the quickstart's products up to a stage.
  private static func bench(until stage: String = "vocab") throws -> TemporaryDirectory {
    let bench = try Project.bench()
    let run = try Project.run(
      "pipeline", ["run", "pipelines/quickstart.yaml", "--until", stage], in: bench)
    try #require(run.status == 0, "\(run.error)")
    return bench
  }

  /// Every file of the output but the stamp, which holds times.
  private static func contents(_ bench: TemporaryDirectory) throws -> [String: Data] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: bench("out"))
    #expect(names.contains("tensorboard/train/events.out.tfevents.0"))
    return Dictionary(
      uniqueKeysWithValues: names.filter { $0 != "stamp.json" }.compactMap { name in
        FileManager.default.contents(atPath: bench("out/\(name)")).map { (name, $0) }
      })
  }

  @Test(
    arguments: [
      ("pretrain", "vocab", pretraining), ("train", "vocab", arguments),
      ("finetune", "finetune", finetuning),
    ])
  func `an interrupted training saves its state and resumes to the same bytes on any threads`(
    stage: String, until: String, arguments: [String]
  ) throws {
    let bench = try Self.bench(until: until)
    let whole = try Project.run(stage, arguments + ["--threads", "1"], in: bench)
    #expect(whole.status == 0, "\(whole.error)")
    let expected = try Self.contents(bench)
    bench.remove("out")
    for (signal, status, threads) in [(SIGTERM, 143, "2"), (SIGINT, 130, "1")]
      as [(Int32, Int32, String)]
    {
      let program = try Program(
        "\(Program.folder)/\(stage)", arguments + ["--threads", threads, "--verbose"], in: bench)
      #expect(eventually { program.errorSoFar.contains("\(stage): epoch ") })
      kill(program.identifier, signal)
      let end = program.end()
      #expect(end.status == status, "\(end.status) \(end.error)")
      #expect(end.error.contains("run the same command again to resume"))
      #expect(bench.has("out.resume") && !bench.has("out"))
    }
    let rest = try Project.run(stage, arguments + ["--threads", "2"], in: bench)
    #expect(rest.status == 0)
    #expect(rest.error.contains(#/resuming at epoch \d+ of \d+\n/#))
    #expect(try Self.contents(bench) == expected)
    #expect(!bench.has("out.resume"))
  }

  /// Starts a stage, and interrupts it in its second epoch.
  /// - Returns: what it printed.
  private static func interrupt(
    _ stage: String, _ arguments: [String], in bench: TemporaryDirectory
  ) throws -> String {
    let program = try Program(
      "\(Program.folder)/\(stage)", arguments + ["--verbose"], in: bench)
    #expect(eventually { program.errorSoFar.contains("\(stage): epoch ") })
    kill(program.identifier, SIGINT)
    let end = program.end()
    #expect(end.status == 130, "\(end.error)")
    return end.error
  }

  @Test func `other settings set the state aside, and it is resumed when the settings return`()
    throws
  {
    let bench = try Self.bench()
    #expect(try Project.run("train", Self.arguments, in: bench).status == 0)
    let expected = try Self.contents(bench)
    bench.remove("out")
    let first = try Self.interrupt("train", Self.arguments, in: bench)
    let stopped = try #require(first.firstMatch(of: /interrupted at (epoch \d+ of 10);/)).1
    #expect(
      try Project.run("inspect", ["out.resume"], in: bench).output.hasPrefix(
        "out.resume: the state of an interrupted training\n\n"
          + "interrupted at             \(stopped)\n"))
    var other = Self.arguments
    other[5] = "11"
    let second = try Self.interrupt("train", other, in: bench)
    #expect(
      second.contains(
        "train: warning: out.resume is the state of another training, interrupted at \(stopped) "
          + "(option epochs 10 -> 11); it is kept as out.resume-"), "\(second)")
    // A run that saves no state leaves that of others alone.
    let linear = ["--vocab", "runs/quickstart/vocab", "--model", "majority", "--output", "out"]
    let third = try Project.run("train", linear, in: bench)
    #expect(third.error.contains("kept the state of interrupted trainings with other settings ("))
    let last = try Project.run("train", Self.arguments, in: bench)
    #expect(last.error.contains("train: resuming at \(stopped)\n"), "\(last.error)")
    #expect(last.error.contains("(option epochs 11 -> 10); it is kept as out.resume-"))
    #expect(try Self.contents(bench) == expected)
    let names = bench.names().filter { $0.hasPrefix("out") }
    #expect(names.count == 2 && names[1].hasPrefix("out.resume-"), "\(names)")
  }

  @Test func `pipeline status and a dry run show how far an interrupted stage has come`() throws {
    let bench = try Project.bench()
    let manifest = try #require(bench.read("pipelines/quickstart.yaml"))
    try bench.write(manifest, to: "own.yaml")
    let first = try Project.run("pipeline", ["run", "own.yaml", "--until", "train"], in: bench)
    try #require(first.status == 0, "\(first.error)")
    for (stage, setting) in [("finetune", "source: yelp"), ("train", "hidden: 64")] {
      let longer = manifest.replacing("\(setting), epochs: 6", with: "\(setting), epochs: 200")
      try #require(longer != manifest)
      try bench.write(longer, to: "own.yaml")
      let run = try Program(
        "\(Program.folder)/pipeline", ["run", "own.yaml", "--verbose", "--until", stage],
        in: bench)
      #expect(eventually { run.errorSoFar.contains("\(stage): epoch ") })
      kill(run.identifier, SIGINT)
      #expect(run.end().status == 130)
      for command in [
        ["status", "own.yaml"], ["run", "own.yaml", "--until", stage, "--dry-run"],
      ] {
        let output = try Project.run("pipeline", command, in: bench).output
        #expect(
          output.contains(try Regex("(?m)^\(stage)\\b.* interrupted at epoch \\d+ of 200\\b")),
          "\(output)")
      }
    }
  }

  @Test func `a training that is killed again and again ends in the same bytes`() throws {
    let bench = try Self.bench()
    #expect(try Project.run("train", Self.arguments, in: bench).status == 0)
    let expected = try Self.contents(bench)
    bench.remove("out")
    let often = Self.arguments + ["--checkpoint-seconds", "0.1"]
    for turn in 1...4 {
      let program = try Program("\(Program.folder)/train", often, in: bench)
      usleep(UInt32(150_000 + 90_000 * turn))
      kill(program.identifier, SIGKILL)
      _ = program.end()
    }
    #expect(try Project.run("train", often, in: bench).status == 0)
    #expect(try Self.contents(bench) == expected)
    #expect(bench.names().filter { $0.hasPrefix("out") } == ["out"])
  }
}
