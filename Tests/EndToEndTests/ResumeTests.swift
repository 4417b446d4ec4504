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

  @Test(arguments: [("train", "vocab", arguments), ("finetune", "finetune", finetuning)])
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
        "\(Program.folder)/\(stage)", arguments + ["--threads", threads], in: bench)
      #expect(eventually { program.errorSoFar.contains("\(stage): epoch ") })
      kill(program.identifier, signal)
      let end = program.end()
      #expect(end.status == status, "\(end.status) \(end.error)")
      #expect(end.error.contains("run the same command again to resume"))
      #expect(bench.has("out.resume") && !bench.has("out"))
    }
    let rest = try Project.run(stage, arguments + ["--threads", "2"], in: bench)
    #expect(rest.status == 0)
    #expect(rest.error.contains("resuming an interrupted run"))
    #expect(try Self.contents(bench) == expected)
    #expect(!bench.has("out.resume"))
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
