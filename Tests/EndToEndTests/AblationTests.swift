import Testing
import TestSupport

/// Models of one kind and seed with different settings, as in a search or an ablation.
struct AblationTests {
  @Test func `variants are named by the options in which they differ from the first`() throws {
    let bench = try Project.bench()
    for command in [
      "ingest --archive fixtures/SemEval2018-Task1-all-data.zip --output rows",
      "vocab --examples rows --vectors fixtures/glove.fixture.zip --output tokens",
      "train --vocab tokens --hidden 4 --epochs 1 --output first",
      "train --vocab tokens --hidden 4 --epochs 1 --seed 2 --output again",
      "train --vocab tokens --hidden 6 --epochs 1 --pooling mean --output other",
      "evaluate --models first --models again --models other --vocab tokens --output report",
    ] {
      let words = command.split(separator: " ").map(String.init)
      let run = try Project.run(words[0], Array(words.dropFirst()), in: bench)
      try #require(run.status == 0, "\(command)\n\(run.error)")
    }
    let report = try #require(bench.read("report/report.md"))
    #expect(report.contains("| DLNC; hidden 6, pooling mean | "))
    #expect(report.contains("Is DLNC better than with hidden 6, pooling mean?"))
    #expect(!report.contains("DLNC; seed"))
    let json = try #require(bench.read("report/report.json"))
    #expect(json.contains("\"detail\": \"hidden 6, pooling mean\""))
  }
}
