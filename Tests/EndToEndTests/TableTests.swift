import Foundation
import Testing
import TestSupport

/// A small version of the manifest of Table 1 on the fixtures: all models, training and fine-tuning,
/// four split schemes of one task, several seeds, one report.
@Suite(.serialized)
struct TableTests {
  /// The keys of report.json that are checked.
  private struct Report: Decodable {
    struct Result: Decodable {
      var task: String
      var setup: String
      var model: String
      var training: String
      var split: String
      var seeds: [Int]
    }
    var notes: [String]
    var results: [Result]
  }

  /// Writes `small.yaml`: `pipelines/table1.yaml` with few rows, few hidden units and one epoch.
  private static func shrink(_ bench: TemporaryDirectory, seeds: String) throws {
    var text = try #require(bench.read("pipelines/table1.yaml"))
    for (old, new) in [
      ("train: 8000, validation: 1000, test: 2000", "train: 120, validation: 40, test: 60"),
      ("train: 2000, validation: 1000", "train: 40, validation: 20"), ("hidden: 256", "hidden: 8"),
      ("&seeds [1, 2, 3, 4, 5]", "&seeds \(seeds)"),
    ] {
      try #require(text.contains(old), "\(old)")
      text = text.replacing(old, with: new)
    }
    // The control keeps its 0 epochs.
    text = text.replacing(/epochs: [1-9]\d*/, with: "epochs: 1")
    try bench.write(text, to: "small.yaml")
  }

  private static let arguments = ["run", "small.yaml", "--set", "data=fixtures", "--jobs", "2"]

  /// The jobs that ran, from the runner's log.
  private static func jobs(in error: String) -> [String] {
    error.matches(of: /(?m)^pipeline: (\S+): done in/).map { String($0.1) }
  }

  @Test func `an interrupted table is completed, and another seed runs only its own jobs`()
    throws
  {
    let bench = try Project.bench()
    try Self.shrink(bench, seeds: "[1]")
    let first = try Program("\(Program.folder)/pipeline", Self.arguments, in: bench)
    #expect(eventually { first.errorSoFar.contains("pipeline: vocab: done") })
    kill(first.identifier, SIGINT)
    let stopped = first.end()
    #expect(stopped.status == 130, "\(stopped.error)")
    #expect(!bench.has("runs/table1/report"))
    let rest = try Project.run("pipeline", Self.arguments, in: bench)
    #expect(rest.status == 0, "\(rest.error)")
    let (early, late) = (Self.jobs(in: stopped.error), Self.jobs(in: rest.error))
    #expect(early.contains("vocab") && Set(early).isDisjoint(with: late))
    // Each of the two stages that were interrupted may have finished without being reported.
    #expect((37...39).contains(early.count + late.count))

    try Self.shrink(bench, seeds: "[1, 2]")
    let further = try Project.run("pipeline", Self.arguments, in: bench)
    #expect(further.status == 0, "\(further.error)")
    let ran = Self.jobs(in: further.error)
    #expect(ran.last == "report" && ran.count == 18, "\(ran)")
    #expect(ran.dropLast().allSatisfy { $0.hasSuffix("seed=2") }, "\(ran)")
    try Self.check(bench)
  }

  /// Checks the number of runs in every cell of the table.
  private static func check(_ bench: TemporaryDirectory) throws {
    let text = try #require(bench.read("runs/table1/report/report.json"))
    let report = try JSONDecoder().decode(Report.self, from: Data(text.utf8))
    func models(_ task: String, _ splitScheme: String = "") -> [String] {
      report.results.filter {
        $0.task == task && $0.setup == splitScheme && $0.split == "test"
      }
      .map { "\($0.model) \($0.training) \($0.seeds.count)" }
    }
    let simple = ["bag-of-words trained 1", "majority trained 1"]
    let table =
      ["dlnc", "lstm-linear", "no-task-embedding", "separate-cell"].map { "\($0) trained 2" }
      + simple
    #expect(models("yelp") == table)
    #expect(models("ei-reg", "random") == table)
    for splitScheme in ["random-near", "official", "official-dev"] {
      #expect(models("ei-reg", splitScheme) == [table[0], table[1]] + simple)
    }
    #expect(
      models("imdb") == [
        "dlnc fine-tuned 2", table[1], "no-task-embedding fine-tuned 2",
        "separate-cell fine-tuned 2", "random encoder fine-tuned 2",
      ] + simple)
    #expect(
      report.notes.contains(
        "Yelp, DLNC: the numbers are of models that learned it with EI-reg (random), 2 of them. Left "
          + "out, being of the same seeds: models that learned it with EI-reg (random-near), 2 of "
          + "them; with EI-reg (official), 2 of them; with EI-reg (official-dev), 2 of them."))
  }
}
