import Testing
import TestSupport

/// Inputs of `evaluate` that do not belong together.
@Suite(.trainedModels)
struct EvaluateTests {
  private let bench: TemporaryDirectory
  private let made = "runs/quickstart"

  init() throws { bench = try #require(TrainedModels.bench) }

  @Test func `data that no model was trained on is named, also in the report`() throws {
    let run = try Project.run(
      "evaluate",
      ["--models", "bag-of-words", "--vocab", "\(made)/vocab", "--vocab", "\(made)/imdb-vocab"]
        + ["--output", "out", "-q"], in: bench)
    let warning =
      "--vocab \(made)/imdb-vocab is not used: no model was trained on its rows of imdb, and a model "
      + "is only tested on rows of the data that it was trained on; leave it out, or add a model "
      + "trained on it"
    #expect(run.status == 0 && run.error == "evaluate: warning: \(warning)\n", "\(run.error)")
    #expect(!run.output.contains("warning"))
    #expect(bench.read("out/report.json")?.contains("\"\(warning)\"") == true)
    #expect(bench.read("out/report.html")?.contains(warning) == true)
  }

  @Test(arguments: ["bag-of-words/model.safetensors", "copy"])
  func `a model a second time is rejected, whatever its path`(second: String) throws {
    try bench.write(bench.read("bag-of-words/README.md") ?? "", to: "copy/README.md")
    let copy = try Program(
      "/bin/cp", ["-r", "bag-of-words/model.safetensors", "copy/model.safetensors"], in: bench
    ).end()
    #expect(copy.status == 0)
    let run = try Project.run(
      "evaluate",
      [
        "--models", "bag-of-words", "--models", second, "--vocab", "\(made)/vocab", "--output",
        "twice",
      ],
      in: bench)
    #expect(run.status == 65 && !bench.has("twice"))
    #expect(
      run.error.hasSuffix(
        """
        evaluate: \(second): the same model as bag-of-words
          expected: each model once
          what to do: leave one of them out

        """), "\(run.error)")
  }

  @Test func `a folder a second time in another spelling is rejected`() throws {
    let run = try Project.run(
      "evaluate",
      ["--models", "bag-of-words", "--vocab", "\(made)/vocab", "--vocab", "./\(made)/vocab/"]
        + ["--output", "twice"], in: bench)
    #expect(run.status == 64 && run.error.contains("--vocab names one folder twice."))
  }
}
