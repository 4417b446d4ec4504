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
    let output = "second-\(second.count)"
    let run = try Project.run(
      "evaluate",
      [
        "--models", "bag-of-words", "--models", second, "--vocab", "\(made)/vocab", "--output",
        output,
      ],
      in: bench)
    #expect(run.status == 65 && !bench.has(output))
    #expect(
      run.error.hasSuffix(
        """
        evaluate: \(second): the same model as bag-of-words
          expected: each model once
          what to do: leave one of them out

        """), "\(run.error)")
  }

  @Test func `a model that learned from validation rows has no result on them`() throws {
    func run(
      _ program: String, _ arguments: String...
    ) throws -> (status: Int32, output: String, error: String) {
      try Project.run(program, arguments, in: bench)
    }
    let train = try run(
      "train", "--vocab", "\(made)/vocab", "--model", "bag-of-words", "--recipe", "best",
      "--output",
      "best")
    #expect(
      train.status == 0 && train.output.contains("fitted again with that penalty"),
      "\(train.error)")
    #expect(bench.read("best/README.md")?.contains("no validation rows are left") == true)
    let all = try run(
      "evaluate", "--models", "best", "--vocab", "\(made)/vocab", "--output", "all")
    #expect(all.status == 0 && all.output.contains(" test "), "\(all.error)")
    #expect(!all.output.contains(" validation "), "\(all.output)")
    let notes =
      bench.read("all/report.md")?.split(separator: "\n")
      .filter { $0.contains("because it learned from them, too") } ?? []
    #expect(notes.count == 1, "\(notes)")
    let only = try run(
      "evaluate", "--models", "best", "--vocab", "\(made)/vocab", "--splits", "validation",
      "--output", "only")
    #expect(
      only.status == 64 && only.error.contains("from the validation rows, too"), "\(only.error)")
    let without = try run(
      "train", "--vocab", "\(made)/vocab", "--model", "bag-of-words", "--recipe", "best",
      "--no-fit-validation-rows", "--output", "without")
    #expect(without.status == 0 && !without.output.contains("fitted again"), "\(without.error)")
    let chosen = try run(
      "evaluate", "--models", "without", "--vocab", "\(made)/vocab", "--splits", "validation",
      "--output", "chosen")
    #expect(chosen.status == 0 && chosen.output.contains(" validation "), "\(chosen.error)")
  }

  @Test(arguments: ["--fit-validation-rows", "--character-ngrams=3-5"])
  func `a network without n-grams has no flags of the bag of words`(flag: String) throws {
    let run = try Project.run(
      "train", ["--vocab", "\(made)/vocab", flag, "--output", "none"], in: bench)
    #expect(
      run.status == 64 && run.error.contains("it is for --model bag-of-words"), "\(run.error)")
  }

  @Test func `a folder a second time in another spelling is rejected`() throws {
    let run = try Project.run(
      "evaluate",
      ["--models", "bag-of-words", "--vocab", "\(made)/vocab", "--vocab", "./\(made)/vocab/"]
        + ["--output", "twice"], in: bench)
    #expect(run.status == 64 && run.error.contains("--vocab names one folder twice."))
  }
}
