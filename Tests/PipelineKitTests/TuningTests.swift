import Foundation
import StageKit
import Testing

@testable import PipelineKit

/// The settings, rounds, jobs and manifests of `pipeline tune`.
struct TuningTests {
  private static let text = """
    name: m
    settings: { file: left.txt }
    stages:
      rows: { run: ingest, inputs: { one: "{file}" } }
      vocab: { run: vocab, inputs: { one: rows } }
      # The network.
      train:
        run: train
        inputs: { one: vocab }
        with: { number: 0.25, text: "a, b" }
        tune:
          half: { number: 0.5 }
          red: { colour: red, loud: true }
      other: { run: train, inputs: { one: vocab }, with: { number: 0.5, text: "a, b" } }
      report: { run: evaluate, inputs: { many: [train, other, vocab] } }
    """

  private func tuning(
    _ text: String = text, stage: String? = nil, axes: [String] = [],
    settings: [(key: String, value: String)] = []
  ) throws -> Tuning {
    try Manifest(bytes: Data(text.utf8), path: "m.yaml").tuning(
      stage: stage, settings: settings, axes: axes.compactMap { TuningAxis(argument: $0) })
  }

  private func message(_ text: String = text, stage: String? = nil, axes: [String] = []) -> String {
    do {
      _ = try tuning(text, stage: stage, axes: axes)
      return "accepted"
    } catch { return "\(error)" }
  }

  @Test func `a budget buys settings first, then seeds`() throws {
    func rounds(_ settings: Int, _ budget: Int?, folds: Int = 1) -> [[Int]] {
      TuningSchedule(settings: settings, folds: folds, trainings: budget)?.rounds
        .map { [$0.settings, $0.seeds] } ?? []
    }
    #expect(rounds(8, nil) == [[8, 1], [4, 2], [2, 4]])
    #expect(rounds(8, 16) == [[8, 1], [4, 2], [2, 4]])
    #expect(rounds(8, 15).first == [7, 1])
    #expect(rounds(8, 32) == [[8, 2], [4, 4], [2, 8]])
    #expect(rounds(3, 5) == [[3, 1], [2, 2]] && rounds(3, 4) == [[2, 2]])
    #expect(rounds(2, 10, folds: 5) == [[2, 1]] && rounds(2, 9, folds: 5) == [])
    for budget in 2...60 {
      for settings in 2...12 {
        let schedule = try #require(
          TuningSchedule(settings: settings, folds: 1, trainings: budget))
        #expect(schedule.trainings <= budget)
      }
    }
  }

  @Test func `settings change the options that they name, and a training has a folder`()
    async throws
  {
    let project = try TestProject()
    let tuning = try tuning()
    #expect(tuning.stage == "train")
    #expect(tuning.settings.map(\.name) == ["unchanged", "half", "red"])
    let plan = try await tuning.plan(
      [(1, [1, 2]), (2, [1])], outputRoot: "runs",
      executables: StageExecutables(folder: project.folder("bin")))
    let lines = plan.jobs.map {
      $0.command.line.replacingOccurrences(of: project.folder("bin/"), with: "")
    }
    // Only what the stage reads; and a model that learned from validation rows could not be judged by them.
    #expect(
      lines == [
        "ingest --one left.txt --output runs/m/rows",
        "vocab --one runs/m/rows --output runs/m/vocab",
        "train --one runs/m/vocab --text 'a, b' --number 0.5 --no-fit-validation-rows --seed 1 "
          + "--output runs/m/tune-train/setting=half,seed=1",
        "train --one runs/m/vocab --text 'a, b' --number 0.5 --no-fit-validation-rows --seed 2 "
          + "--output runs/m/tune-train/setting=half,seed=2",
        "train --one runs/m/vocab --number 0.25 --text 'a, b' --colour red --loud "
          + "--no-fit-validation-rows --seed 1 --output runs/m/tune-train/setting=red,seed=1",
      ])
    let trials = tuning.trials(of: plan)
    #expect(trials.map(\.setting) == [1, 1, 2] && trials.map(\.seed) == [1, 2, 1])
    #expect(trials[0].jobs.map { $0.values(of: "one") } == [["runs/m/vocab"]])
  }

  @Test func `a cross-validated setting is trained on each fold, and not on all rows`() async throws
  {
    let project = try TestProject()
    let folded = """
      name: m
      stages:
        rows: { run: ingest, inputs: { one: left.txt }, with: { folds: 3 } }
        train: { run: train, each: rows, inputs: { one: rows }, matrix: { seed: [1, 2] } }
      """
    let tuning = try tuning(folded, axes: ["number=0.25"])
    let plan = try await tuning.plan(
      [(0, [1]), (1, [1])], outputRoot: "runs",
      executables: StageExecutables(folder: project.folder("bin")))
    let trials = tuning.trials(of: plan)
    #expect(trials.map { $0.jobs.count } == [3, 3])
    #expect(
      trials[1].jobs.map(\.outputFolder)
        == (1...3).map {
          "runs/m/tune-train/setting=number=0.25,fold=\($0),seed=1"
        })
    #expect(plan.jobs.count == 9 && !plan.jobs.contains { $0.id.contains("fold=all") })
  }

  @Test func `values for several flags are combined, always in the same order`() throws {
    let names = try tuning(axes: ["number=0.25,0.5", "colour=red,green"]).settings.map(\.name)
    #expect(names.count == 5 && names[0] == "unchanged")
    #expect(Set(names.dropFirst()).count == 4 && names.contains("number=0.25,colour=green"))
    #expect(
      try tuning(axes: ["number=0.25,0.5", "colour=red,green"]).settings.map(\.name) == names)
    // The same as the manifest's.
    #expect(
      try tuning(axes: ["number=0.25,0.5"]).settings.map(\.name) == ["unchanged", "number=0.5"])
    #expect(TuningAxis(argument: "number") == nil && TuningAxis(argument: "number=1,,2") == nil)
  }

  @Test func `without named settings there are default ones, fewer for what they repeat`() throws {
    let text = Self.text.replacing(#/ +tune:\n.*\n.*\n/#, with: "")
    let names = try tuning(text).settings.map(\.name)
    #expect(names.prefix(4) == ["unchanged", "best", "bag-of-words", "lstm"])
    // Without a recipe, the manifest has that of the paper.
    #expect(!names.contains("paper"))
    let best = text.replacing("number: 0.25", with: "recipe: best")
    #expect(try tuning(best).settings.map(\.name).contains("paper"))
    #expect(try !tuning(best).settings.map(\.name).contains("best"))
    #expect(try tuning(text).isDeterministic(2) && !tuning(text).isDeterministic(1))
  }

  @Test func `a stage that cannot be tuned and settings that are none are refused`() throws {
    #expect(
      message(stage: "trian") == """
        --stage trian: no stage “trian” in m.yaml
          what to do: did you mean “train”?
        """)
    #expect(message(stage: "vocab").contains("a stage that trains no classifier"))
    #expect(message(axes: ["number=0.25"]).contains("one setting, that of the manifest"))
    #expect(message(axes: ["text=a/b"]).contains("“a/b” cannot be part of a folder's name"))
    let axis = Self.text.replacing(
      "    tune:", with: "    matrix: { colour: [red, green] }\n    tune:")
    #expect(message(axis).contains("the stage “train” has the axis “colour”"))
    #expect(message(axis).contains("tune with --try colour=red,green"))
    #expect(
      message(Self.text.replacing("half:", with: "unchanged:")).contains(
        "“unchanged” is the setting without a change"))
    #expect(
      message("name: m\nstages: { rows: { run: ingest } }").contains("no stage that runs train"))
  }

  @Test func `an unknown flag of a setting is a mistake with its place`() async throws {
    let project = try TestProject()
    let wrong = try tuning(Self.text.replacing("colour: red", with: "color: red"))
    let error = await #expect(throws: Diagnostics.self) {
      try await wrong.plan(
        [(2, [1])], outputRoot: "runs",
        executables: StageExecutables(folder: project.folder("bin")))
    }
    let text = error?.description ?? ""
    #expect(text.contains("m.yaml:13:14: train has no option --color"), "\(text)")
  }

  @Test func `the tuned manifest has the options of the setting and is otherwise the same`() throws
  {
    let overrides = [(key: "file", value: "right.txt"), (key: "rows.text", value: "{x}")]
    let text = try tuning(settings: overrides).manifest(
      with: 2, without: ["other"], settings: overrides, remark: "Best.")
    #expect(
      text == """
        # Written by “pipeline tune”: m.yaml with the stage train as in the setting “red”.
        # Best.
        name: m-tuned
        settings: {file: right.txt}
        stages:
          rows:
            run: ingest
            inputs: {one: "{file}"}
            with: {text: '{{x}}'}
          vocab:
            run: vocab
            inputs: {one: rows}
          train:
            run: train
            inputs: {one: vocab}
            with: {number: 0.25, text: "a, b", colour: red, loud: true}
            tune:
              half: {number: 0.5}
              red: {colour: red, loud: true}
          report:
            run: evaluate
            inputs:
              many: [train, vocab]

        """)
  }

  @Test func `the tuned manifest keeps options that come from merge keys`() async throws {
    let merged = """
      name: m
      stages:
        rows: { run: ingest, inputs: { one: left.txt } }
        base: &base { run: train, inputs: { one: rows }, with: { number: 0.25, colour: red } }
        train: { <<: *base, matrix: { seed: [1, 2] } }
      """
    let project = try TestProject()
    let text = try tuning(merged, stage: "train", axes: ["number=0.75"]).manifest(
      with: 1, settings: [], remark: "")
    let lines = try await project.lines(text)
    #expect(
      lines.suffix(2)
        == (1...2).map {
          "train --one runs/m-tuned/rows --number 0.75 --colour red --seed \($0) "
            + "--output runs/m-tuned/train/seed=\($0)"
        }, "\(text)")
  }

  @Test func `a stage that would do the same as the tuned one is found`() async throws {
    let project = try TestProject()
    try project.folder.write(Self.text, to: "m.yaml")
    try project.folder.write("L", to: "left.txt")
    #expect(try project.pipeline("run", "m.yaml", "--until", "vocab").status == 0)
    let tuning = try Manifest(path: project.folder("m.yaml")).tuning(
      stage: nil, settings: [("file", project.folder("left.txt"))])
    for (setting, duplicates) in [(0, []), (1, ["other"]), (2, [])] {
      #expect(
        try await tuning.duplicates(
          with: setting, outputRoot: project.folder("runs"),
          executables: StageExecutables(folder: project.folder("bin"))) == duplicates)
    }
  }
}
