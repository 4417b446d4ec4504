import Foundation
import Testing

@testable import PipelineKit

/// `--set STAGE.OPTION=VALUE`.
struct OverrideTests {
  private static let text = """
    name: m
    settings: { data: d, vocab.seed: 7 }
    stages:
      a: { run: ingest, inputs: { one: "{data}.txt" }, with: { text: x } }
      vocab: { run: vocab, inputs: { many: [a] }, with: { text: "{vocab.seed}" } }
      train: { run: train, inputs: { one: vocab }, matrix: { seed: [1, 2], model: [p, q] } }
    """

  @Test func `an option of a stage is replaced or added`() async throws {
    let lines = try await TestProject().lines(
      Self.text,
      settings: [
        ("a.text", "{y}"), ("a.number", "-1"), ("a.loud", "true"), ("a.polish", "false"),
        ("a.list", "p"), ("a.list", "q"), ("train.seed", "3"), ("train.model", "r"),
        ("train.model", "s"), ("train.one", "a"), ("vocab.seed", "8"),
      ])
    #expect(
      lines == [
        "ingest --one d.txt --text '{y}' --number=-1 --loud --no-polish --list p --list q --output runs/m/a",
        "vocab --many runs/m/a --text 8 --output runs/m/vocab",
        "train --one runs/m/a --seed 3 --model r --output runs/m/train/seed=3,model=r",
        "train --one runs/m/a --seed 3 --model s --output runs/m/train/seed=3,model=s",
      ])
  }

  @Test(arguments: [("true", " --loud"), ("false", "")])
  func `a setting can be the value of a flag`(value: String, flag: String) async throws {
    let text = """
      name: m
      settings: { noise: maybe }
      stages:
        a: { run: ingest, with: { loud: "{noise}" } }
      """
    let lines = try await TestProject().lines(text, settings: [("noise", value)])
    #expect(lines == ["ingest\(flag) --output runs/m/a"])
    #expect(
      await (try TestProject()).message(text) == """
        m.yaml:4:35: --loud is a flag
          4 |   a: { run: ingest, with: { loud: "{noise}" } }
            |                                   ^~~~~~~~~
          what to do: write true or false
        """)
  }

  @Test(arguments: [
    (
      ["tarin.seed=1"],
      "--set tarin.seed=1: no stage “tarin” in m.yaml\n  what to do: did you mean “train”?"
    ),
    (
      ["zzzzzzz.seed=1"],
      "--set zzzzzzz.seed=1: no stage “zzzzzzz” in m.yaml\n  what to do: the stages here are a, vocab, train"
    ),
    (
      ["train.sede=1"],
      "--set train.sede=1: train has no option --sede\n  what to do: did you mean “seed”?"
    ),
    (
      ["text=1"],
      "--set text=1: no setting “text” in m.yaml\n  what to do: for the option of a stage write a.text"
    ),
    (
      ["train.output=x"],
      "--set train.output=x: --output is set by pipeline\n  what to do: leave it out"
    ),
    (
      ["a.colour=blue"],
      "--set a.colour=blue: --colour does not take “blue”\n  what to do: the values here are red, green"
    ),
    (["a.loud=yes"], "--set a.loud=yes: --loud is a flag\n  what to do: write true or false"),
    (
      ["a.text=p", "a.text=q"],
      "--set a.text=p: it is set 2 times, to p, q\n  what to do: set it once"
    ),
    (
      ["data=p", "data=q"],
      "--set data=q: “data” is given twice, as p and q\n  what to do: give it once"
    ),
  ])
  func `a mistake is shown with its argument`(arguments: [String], message: String) async throws {
    let settings = arguments.map { argument in
      let parts = argument.split(separator: "=").map(String.init)
      return (key: parts[0], value: parts[1])
    }
    #expect(await (try TestProject()).message(Self.text, settings: settings) == message)
  }

  @Test func `run, status and export agree on what is set`() throws {
    let project = try TestProject.chained()
    let set = ["--set", "train.number=0.75", "--set", "left.text=x"]
    let run = try project.start(["run", "m.yaml"] + set).end()
    #expect(run.status == 0, "\(run.error)")
    #expect(project.folder.read("runs/chain/left/result.txt") == "x+L")
    let fresh = try project.start(["status", "m.yaml"] + set).end().output
    #expect(
      fresh.split(separator: "\n").dropFirst().allSatisfy { $0.contains(" fresh ") }, "\(fresh)")
    let stale = try project.pipeline("status", "m.yaml").output
    #expect(stale.contains("option number 0.75 -> 0.25") && stale.contains("option text x -> l"))
    _ = try project.start(["export", "m.yaml", "--format", "make"] + set).end()
    #expect(project.folder.read("Makefile")?.contains(" --number 0.75 ") == true)
    let wrong = try project.pipeline("run", "m.yaml", "--set", "trian.number=1")
    #expect(wrong.status == 64)
  }
}
