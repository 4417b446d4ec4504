import Testing

@testable import PipelineKit

/// The jobs of a manifest with cross-validation.
struct FoldPlanTests {
  @Test func `folds make a job for each fold and one for all rows, which each carries along`()
    async throws
  {
    let lines = try await TestProject().lines(
      """
      name: m
      stages:
        rows: { run: ingest, with: { text: x, folds: 2 } }
        more: { run: ingest, with: { folds: 2 } }
        single: { run: ingest }
        vocab: { run: vocab, each: rows, inputs: { many: [rows, more, single] } }
        train: { run: train, each: vocab, inputs: { one: vocab }, matrix: { seed: [1, 2] } }
        report: { run: evaluate, inputs: { many: [train] } }
      """)
    let folds = ["1", "2", "all"]
    #expect(
      Array(lines.prefix(3))
        == folds.map {
          "ingest --text x --folds 2 --fold \($0) --output runs/m/rows/fold=\($0)"
        })
    #expect(
      Array(lines[7..<10])
        == folds.map {
          "vocab --many runs/m/rows/fold=\($0) --many runs/m/more/fold=\($0) --many runs/m/single "
            + "--output runs/m/vocab/fold=\($0)"
        })
    #expect(
      lines[10]
        == "train --one runs/m/vocab/fold=1 --seed 1 --output runs/m/train/fold=1,seed=1")
    #expect(lines.count == 17 && lines[16].contains("--many runs/m/train/fold=all,seed=2 "))
  }

  @Test func `some folds can be named, and their number can be set`() async throws {
    let text = """
      name: m
      stages:
        a: { run: ingest, with: { folds: 5 }, matrix: { fold: [1, 2] } }
        b: { run: ingest, with: { folds: 5 } }
        c: { run: ingest, with: { folds: 5, fold: all } }
      """
    let plan = try await TestProject().plan(text, settings: [("b.folds", "3")])
    #expect(
      plan.jobs.map(\.id) == [
        "a/fold=1", "a/fold=2", "b/fold=1", "b/fold=2", "b/fold=3", "b/fold=all", "c",
      ])
  }

  @Test(arguments: ["1", "x", "101"])
  func `a number of folds that cannot be is refused`(folds: String) async throws {
    let message = await (try TestProject()).message(
      manifest(stage: "a: { run: ingest, with: { folds: \(folds) } }"))
    #expect(message.contains("“\(folds)” for “folds”\n"), "\(message)")
    #expect(message.hasSuffix("\n  expected: a number from 2 to 100"), "\(message)")
  }

  @Test func `only the report may read several folds`() async throws {
    try await expectMessage(
      """
      m.yaml:4:41: “rows” has a job for each fold, and vocab would read all
        4 |   vocab: { run: vocab, inputs: { many: [rows] }, matrix: { seed: [1, 2] } }
          |                                         ^~~~
        what to do: give vocab the line each: rows
      """,
      for: """
        name: m
        stages:
          rows: { run: ingest, with: { folds: 2 } }
          vocab: { run: vocab, inputs: { many: [rows] }, matrix: { seed: [1, 2] } }
        """)
  }
}
