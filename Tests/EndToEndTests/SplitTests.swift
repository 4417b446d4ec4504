import Foundation
import Testing
import TestSupport

/// Two ways to divide one task, whose vocabularies are the same: a model is only tested on rows
/// that were held out from those that it learned from.
struct SplitTests {
  /// A folder with EI-reg divided as `random` and as `official`, and a model of each.
  private static func bench() throws -> TemporaryDirectory {
    let bench = try Project.bench()
    for split in ["random", "official"] {
      // Only a few words are so frequent, and the same ones.
      for command in [
        "ingest --archive fixtures/SemEval2018-Task1-all-data.zip --split \(split) --output "
          + "\(split)/rows",
        "vocab --examples \(split)/rows --vectors fixtures/glove.fixture.zip "
          + "--minimum-count 125 --output \(split)/tokens",
        "train --vocab \(split)/tokens --hidden 4 --epochs 1 --output \(split)/dlnc",
        "train --vocab \(split)/tokens --model majority --output \(split)/majority",
      ] {
        let run = try Self.run(command, in: bench)
        try #require(run.status == 0, "\(command)\n\(run.error)")
      }
    }
    let words = ["random", "official"].map { split in
      bench.read("\(split)/tokens/vocabulary.tsv")?.split(separator: "\n").map {
        $0.split(separator: "\t").prefix(2)
      }
    }
    try #require(words[0]?.count ?? 0 > 2 && words[0] == words[1])
    return bench
  }

  private static func run(
    _ command: String, in bench: TemporaryDirectory
  ) throws -> (status: Int32, output: String, error: String) {
    let words = command.split(separator: " ").map(String.init)
    return try Project.run(words[0], Array(words.dropFirst()), in: bench)
  }

  /// The lines that `evaluate` prints of its results, without the heading.
  private static func lines(_ arguments: String, in bench: TemporaryDirectory) throws -> [Substring]
  {
    let run = try run("evaluate \(arguments) --output report", in: bench)
    #expect(run.status == 0, "\(run.error)")
    return run.output.split(separator: "\n").dropFirst().filter { !$0.hasPrefix("warning:") }
  }

  @Test func `a model is never tested on rows of another division`() throws {
    let bench = try Self.bench()
    for model in ["dlnc", "majority"] {
      try Refused(
        "evaluate --models official/\(model) --vocab random/tokens --output out", 65,
        """
        evaluate: official/\(model): a model that learned “ei-reg” from * rows (official, SHA-256 \
        *…), where random/tokens has * rows (random, SHA-256 *…)
          expected: the output of vocab that the model was trained on
          what to do: add it with --vocab

        """
      ).check(in: bench)
      let both = "--vocab random/tokens --vocab official/tokens"
      let official = try Self.lines("--models official/\(model) \(both)", in: bench)
      #expect(official.count == 3 && official.allSatisfy { $0.contains(" EI-reg (official) ") })
      let random = try Self.lines("--models random/\(model) \(both)", in: bench)
      #expect(random.count == 3 && random.allSatisfy { $0.contains(" EI-reg (random) ") })
    }
    let mixed = try Self.lines(
      "--models random/dlnc --models official/dlnc --vocab official/tokens --vocab random/tokens",
      in: bench)
    #expect(mixed.count == 6)
  }

  @Test func `splits that are not asked for are not read`() throws {
    let bench = try Self.bench()
    try bench.write("no shard", to: "official/tokens/ei-reg/test.safetensors")
    let arguments = "--models official/dlnc --vocab official/tokens"
    let lines = try Self.lines("\(arguments) --splits validation", in: bench)
    #expect(lines.count == 1 && lines[0].contains(" validation "))
    let report = try #require(bench.read("report/report.md"))
    #expect(report.contains("| Validation accuracy |"))
    #expect(
      !report.split(separator: "\n").contains { $0.hasPrefix("| Model") && $0.contains("aper") })
    #expect(try Self.lines("\(arguments) --splits validation,train", in: bench).count == 2)
    #expect(try Self.run("evaluate \(arguments) --output out", in: bench).status == 65)
    for wrong in ["dev", "test,test", "", "train,"] {
      let run = try Project.run(
        "evaluate", ["--splits=\(wrong)", "--output", "out"], in: bench)
      #expect(run.status == 64, "\(wrong): \(run.error)")
    }
  }
}
