import Testing
import TestSupport

/// Mistakes in a manifest, with the real stages: reported before anything runs, with line and column.
struct BadManifestTests {
  /// The quickstart with one piece replaced, and the error message.
  private static let mistakes: [(piece: String, by: String, status: Int32, message: String)] = [
    (
      "name: quickstart", "nmae: quickstart", 78,
      """
      pipeline: m.yaml:3:1: unknown key “nmae” in a manifest
        3 | nmae: quickstart
          | ^~~~
        expected: one of name, settings, stages
        what to do: did you mean “name”?
      *
      """
    ),
    (
      "threshold: 0.5", "treshold: 0.5", 78,
      """
      pipeline: m.yaml:15:30: ingest has no option --treshold
        15 |     with: { dataset: ei-reg, treshold: 0.5, split: random, seed: 1 }
           |                              ^~~~~~~~
        what to do: did you mean “threshold”?

      """
    ),
    (
      "split: random", "split: sideways", 78,
      """
      pipeline: m.yaml:15:53: --split does not take “sideways”
        15 |     with: { dataset: ei-reg, threshold: 0.5, split: sideways, seed: 1 }
           |                                                     ^~~~~~~~
        what to do: the values here are random, random-near, official, official-dev

      """
    ),
    (
      "hidden: 64, epochs: 6", "hidden: 0, epochs: 6", 64,
      """
      pipeline: m.yaml:35:3: train refuses its options:
        Error: --hidden is 0; it must be from 1 to 65536.
      *
      """
    ),
    (
      "with: { minimum-count: 1, dimension: 100 }", "with: { seed: -1 }", 64,
      """
      pipeline: m.yaml:23:3: vocab refuses its options:
        Error: The value '-1' is invalid for '--seed <number>': expected a whole number from 0 to 18446744073709551615
      *
      """
    ),
    (
      "run: finetune", "run: fintune", 69,
      """
      pipeline: m.yaml:42:10: there is no executable */fintune
        42 |     run: fintune
           |          ^~~~~~~
        what to do: did you mean “finetune”?

      """
    ),
    (
      "examples: [yelp, tweets]", "examples: [yelp, twets]", 66,
      """
      pipeline: m.yaml:25:32: no stage, file or folder “twets”
        25 |     inputs: { examples: [yelp, twets], vectors: fixtures/glove.fixture.zip }
           |                                ^~~~~
        expected: a path, or one of the stages *
        what to do: did you mean the stage “tweets”?

      """
    ),
    (
      "archive: fixtures/Yelp-JSON.zip", "archive: fixtures/Yelp.zip", 66,
      """
      pipeline: m.yaml:9:24: no file or folder “fixtures/Yelp.zip”
        9 |     inputs: { archive: fixtures/Yelp.zip }
          |                        ^~~~~~~~~~~~~~~~~
        what to do: check the path; it is relative to the folder where pipeline is started

      """
    ),
    (
      "checkpoint: train", "checkpoint: report", 78,
      """
      pipeline: m.yaml:48:31: a dependency cycle: finetune reads report reads finetune
      *
      """
    ),
  ]

  @Test func `a mistake is shown in its line and nothing runs`() throws {
    let bench = try Project.bench()
    let text = try #require(bench.read("pipelines/quickstart.yaml"))
    for (piece, by, status, message) in Self.mistakes {
      try #require(text.contains(piece))
      try bench.write(text.replacing(piece, with: by), to: "m.yaml")
      try Refused("pipeline run m.yaml", status, message).check(in: bench)
    }
  }

  @Test func `a file that is not a manifest is rejected`() throws {
    let bench = try Project.bench()
    try bench.write("", to: "empty.yaml")
    try Refused(
      "pipeline run empty.yaml", 78,
      """
      pipeline: empty.yaml: an empty file
        expected: a manifest
        what to do: see pipelines/quickstart.yaml for an example

      """
    ).check(in: bench)
    try Refused(
      "pipeline run fixtures/Yelp-JSON.zip", 78,
      """
      pipeline: fixtures/Yelp-JSON.zip: not a manifest (* bytes)
        expected: a YAML file in UTF-8 of at most 1048576 bytes
        what to do: see pipelines/quickstart.yaml for an example

      """
    ).check(in: bench)
    try Refused.usage("pipeline run --jobs -1", "--jobs must be at least 1.").check(in: bench)
  }

  @Test func `a damaged archive fails its stage, skips what needs it and leaves the rest usable`()
    throws
  {
    let bench = try Project.bench()
    try Project.quick(bench)
    #expect(
      try Project.run("pipeline", ["run", "quick.yaml", "--until", "vocab"], in: bench).status == 0)
    let before = bench.read("runs/quickstart/tweets/stamp.json")
    try bench.write("<html>quota</html>", to: "page.zip")
    let text = try #require(bench.read("quick.yaml"))
    try bench.write(
      text.replacing("fixtures/SemEval2018-Task1-all-data.zip", with: "page.zip"), to: "quick.yaml")
    let run = try Project.run("pipeline", ["run", "quick.yaml", "--until", "vocab"], in: bench)
    #expect(run.status == 65)
    #expect(run.error.contains("ingest: page.zip: an HTML page\n"))
    #expect(run.output.contains("tweets      failed with exit status 65\n"))
    #expect(run.output.contains("vocab       skipped, needs tweets\n"))
    #expect(before != nil && bench.read("runs/quickstart/tweets/stamp.json") == before)
    let names = bench.names(in: "runs/quickstart")
    #expect(names.filter { $0.contains(".") } == [".manifest"], "\(names)")
  }
}
