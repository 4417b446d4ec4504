import Foundation
import Testing

@testable import PipelineKit

/// Well-formed manifests that have no valid plan, and the complete messages.
struct PlanErrorTests {
  @Test func `a dependency cycle is shown link by link`() async throws {
    try await expectMessage(
      """
      m.yaml:5:35: a dependency cycle: a reads c reads b reads a
        5 |   b: { run: train, inputs: { one: a } }
          |                                   ^
        what to do: a stage can only read earlier results
      """,
      for: """
        name: m
        stages:
          z: { run: ingest }
          a: { run: vocab, inputs: { many: [z, c] } }
          b: { run: train, inputs: { one: a } }
          c: { run: train, each: b }
        """)
    try await expectMessage(
      """
      m.yaml:3:35: a dependency cycle: a reads a
        3 |   a: { run: train, inputs: { one: a } }
          |                                   ^
        what to do: a stage can only read earlier results
      """,
      for: manifest(stage: "a: { run: train, inputs: { one: a } }"))
  }

  @Test func `an option given in two groups is refused`() async throws {
    try await expectMessage(
      """
      m.yaml:3:49: --seed is given twice
        3 |   a: { run: train, with: { seed: 1 }, matrix: { seed: [1, 2] } }
          |                                                 ^~~~
        what to do: keep it in one of the groups
      """,
      for: manifest(stage: "a: { run: train, with: { seed: 1 }, matrix: { seed: [1, 2] } }"))
  }

  @Test func `jobs that do not match are rejected`() async throws {
    let head = """
      name: m
      stages:
        a: { run: train, matrix: { seed: [1, 2] } }

      """
    try await expectMessage(
      """
      m.yaml:4:35: --one takes one path, this names 2
        4 |   b: { run: train, inputs: { one: a } }
          |                                   ^
        what to do: for one job each, give the stage each: a
      """,
      for: head + "  b: { run: train, inputs: { one: a } }")
    try await expectMessage(
      """
      m.yaml:4:35: no job of “a” matches b/seed=3
        4 |   b: { run: train, inputs: { one: a }, matrix: { seed: [2, 3] } }
          |                                   ^
        what to do: give the axes that both have the same values
      """,
      for: head + "  b: { run: train, inputs: { one: a }, matrix: { seed: [2, 3] } }")
    try await expectMessage(
      """
      m.yaml:4:49: no job of “a” has seed=3
        4 |   b: { run: train, each: a, matrix: { seed: [1, 3] } }
          |                                                 ^
        what to do: add it to the matrix of “a”, or leave it out here
      """,
      for: head + "  b: { run: train, each: a, matrix: { seed: [1, 3] } }")
    let values = (0..<10).map(String.init).joined(separator: ", ")
    let axes = ["model", "text", "seed", "number", "list"].map { "\($0): [\(values)]" }
    try await expectMessage(
      """
      m.yaml:3:3: more than 10000 jobs
        3 |   a:
          |   ^
      """,
      for: manifest(stage: "a:\n    run: train\n    matrix: { \(axes.joined(separator: ", ")) }"))
  }

  @Test func `unknown and unclosed settings are rejected`() async throws {
    let text =
      "name: m\nsettings: { data: d }\nstages:\n  a: { run: ingest, inputs: { one: \"{dta}/x\" }, with: { text: \"{data\" } }"
    let said = await (try TestProject()).message(text, settings: [("daat", "x")])
    #expect(
      said == """
        --set daat=x: no setting “daat” in m.yaml
          what to do: did you mean “data”?
        m.yaml:4:36: no setting “dta”
          4 |   a: { run: ingest, inputs: { one: "{dta}/x" }, with: { text: "{data" } }
            |                                    ^~~~~~~~~
          what to do: did you mean “data”?
        m.yaml:4:63: an unclosed {
          4 |   a: { run: ingest, inputs: { one: "{dta}/x" }, with: { text: "{data" } }
            |                                                               ^~~~~~~
          what to do: write {{ for a literal brace
        """)
  }

  @Test func `an executable that is missing or not a stage is rejected`() async throws {
    try await expectMessage(
      """
      m.yaml:3:13: there is no executable bin/fly
        3 |   a: { run: fly }
          |             ^~~
        what to do: name ingest, vocab, train, finetune or evaluate; if it is one, build it: swift build
      m.yaml:5:13: there is no executable bin/tarin
        5 |   c: { run: tarin }
          |             ^~~~~
        what to do: did you mean “train”?
      """,
      for: manifest(stage: "a: { run: fly }\n  b: { run: fly }\n  c: { run: tarin }"))
    let project = try TestProject()
    try FileManager.default.createSymbolicLink(
      atPath: project.folder("bin/true"), withDestinationPath: "/bin/true")
    #expect(
      await project.message(manifest(stage: "a: { run: \"true\" }")) == """
        m.yaml:3:13: bin/true is not a stage: it does not describe its options
          3 |   a: { run: "true" }
            |             ^~~~~~
          what to do: build it again: swift build
        """)
  }
}
