import Testing
import TestSupport

/// A directory with small models of the fixtures, made once for all tests of a suite:
///
///     runs/quickstart/{yelp,tweets,imdb,vocab,imdb-vocab,train,finetune}, bag-of-words
struct TrainedModels: SuiteTrait, TestScoping {
  @TaskLocal static var bench: TemporaryDirectory?

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: () async throws -> Void
  ) async throws {
    let bench = try Project.bench()
    try Project.quick(bench)
    let runs = [
      ("pipeline", ["run", "quick.yaml", "--until", "finetune"]),
      (
        "train",
        ["--vocab", "runs/quickstart/vocab", "--model", "bag-of-words"]
          + ["--output", "bag-of-words"]
      ),
    ]
    for (program, arguments) in runs {
      let run = try Project.run(program, arguments, in: bench)
      try #require(run.status == 0, "\(run.error)")
    }
    try await Self.$bench.withValue(bench) { try await function() }
  }
}

extension Trait where Self == TrainedModels {
  /// Small models of the fixtures, in ``TrainedModels/bench``.
  static var trainedModels: Self { Self() }
}
