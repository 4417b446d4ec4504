import Foundation
import Testing

@testable import PipelineKit

/// Manifests that read well and come to no plan, and the whole message with its caret.
struct PlanMistakeTests {
  private func expect(
    _ manifest: String, _ message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let said = await (try Bench()).message(manifest)
    #expect(said == message, sourceLocation: sourceLocation)
  }

  /// A manifest of one stage, from its third line on.
  private func stage(_ text: String) -> String { "name: m\nstages:\n  \(text)" }

  @Test func `a circle of stages is shown link by link`() async throws {
    try await expect(
      """
      name: m
      stages:
        z: { run: ingest }
        a: { run: vocab, inputs: { many: [z, c] } }
        b: { run: train, inputs: { one: a } }
        c: { run: train, each: b }
      """,
      """
      m.yaml:5:35: a circle: a reads c reads b reads a
        5 |   b: { run: train, inputs: { one: a } }
          |                                   ^
        what to do: a stage can only read earlier results
      """)
    try await expect(
      stage("a: { run: train, inputs: { one: a } }"),
      """
      m.yaml:3:35: a circle: a reads a
        3 |   a: { run: train, inputs: { one: a } }
          |                                   ^
        what to do: a stage can only read earlier results
      """)
  }

  @Test func `an option given in two groups is refused`() async throws {
    try await expect(
      stage("a: { run: train, with: { seed: 1 }, matrix: { seed: [1, 2] } }"),
      """
      m.yaml:3:49: --seed is given twice
        3 |   a: { run: train, with: { seed: 1 }, matrix: { seed: [1, 2] } }
          |                                                 ^~~~
        what to do: keep it in one of the groups
      """)
  }

  @Test func `rows that do not go together are refused`() async throws {
    let head = """
      name: m
      stages:
        a: { run: train, matrix: { seed: [1, 2] } }

      """
    try await expect(
      head + "  b: { run: train, inputs: { one: a } }",
      """
      m.yaml:4:35: --one takes one path, this names 2
        4 |   b: { run: train, inputs: { one: a } }
          |                                   ^
        what to do: for one row each, give the stage each: a
      """)
    try await expect(
      head + "  b: { run: train, inputs: { one: a }, matrix: { seed: [2, 3] } }",
      """
      m.yaml:4:35: no row of “a” goes with b/seed=3
        4 |   b: { run: train, inputs: { one: a }, matrix: { seed: [2, 3] } }
          |                                   ^
        what to do: give the axes that both have the same values
      """)
    try await expect(
      head + "  b: { run: train, each: a, matrix: { seed: [1, 3] } }",
      """
      m.yaml:4:49: no row of “a” has seed=3
        4 |   b: { run: train, each: a, matrix: { seed: [1, 3] } }
          |                                                 ^
        what to do: add it to the matrix of “a”, or leave it out here
      """)
    let values = (0..<10).map(String.init).joined(separator: ", ")
    let axes = ["model", "text", "seed", "number", "list"].map { "\($0): [\(values)]" }
    try await expect(
      stage("a:\n    run: train\n    matrix: { \(axes.joined(separator: ", ")) }"),
      """
      m.yaml:3:3: more than 10000 rows
        3 |   a:
          |   ^
      """)
  }

  @Test func `settings that are unknown or left open are refused`() async throws {
    let text =
      "name: m\nsettings: { data: d }\nstages:\n  a: { run: ingest, inputs: { one: \"{dta}/x\" }, with: { text: \"{data\" } }"
    let said = await (try Bench()).message(text, settings: [("daat", "x")])
    #expect(
      said == """
        --set daat=x: no setting “daat” in m.yaml
          what to do: did you mean “data”?
        m.yaml:4:36: no setting “dta”
          4 |   a: { run: ingest, inputs: { one: "{dta}/x" }, with: { text: "{data" } }
            |                                    ^~~~~~~~~
          what to do: did you mean “data”?
        m.yaml:4:63: a { without its }
          4 |   a: { run: ingest, inputs: { one: "{dta}/x" }, with: { text: "{data" } }
            |                                                               ^~~~~~~
          what to do: write {{ for a brace that names no setting
        """)
  }

  @Test func `an executable that is missing or no stage is refused`() async throws {
    try await expect(
      stage("a: { run: fly }\n  b: { run: fly }\n  c: { run: tarin }"),
      """
      m.yaml:3:13: there is no executable bin/fly
        3 |   a: { run: fly }
          |             ^~~
        what to do: build it first: swift build
      m.yaml:5:13: there is no executable bin/tarin
        5 |   c: { run: tarin }
          |             ^~~~~
        what to do: did you mean “train”?
      """)
    let bench = try Bench()
    try FileManager.default.createSymbolicLink(
      atPath: bench.folder("bin/true"), withDestinationPath: "/bin/true")
    #expect(
      await bench.message(stage("a: { run: \"true\" }")) == """
        m.yaml:3:13: bin/true is no stage: it does not say what it accepts
          3 |   a: { run: "true" }
            |             ^~~~~~
          what to do: build it again: swift build
        """)
  }
}
