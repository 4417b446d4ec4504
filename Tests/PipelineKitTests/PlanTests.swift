import Foundation
import Testing

@testable import PipelineKit

/// The command lines that a manifest expands to.
struct PlanTests {
  @Test func `options become flags in the order of the file, with the same meaning`() async throws {
    let lines = try await TestProject().lines(
      """
      name: m
      stages:
        a:
          run: ingest
          inputs: { many: ["it's here.txt", b.txt] }
          with:
            text: -x
            number: 1e-3
            polish: false
            loud: false
            list: [p, "q r", "true"]
            colour: green
        b: { run: ingest, with: { polish: true, loud: true, text: "", list: no } }
        d: { run: ingest, with: { no-polish: true } }
        e: { run: ingest, with: { no-polish: false } }
        c: { run: ingest, with: { text: true } }
      """)
    #expect(
      lines == [
        "ingest --many 'it'\\''s here.txt' --many b.txt --text=-x --number 1e-3 --no-polish "
          + "--list p --list 'q r' --list true --colour green --output runs/m/a",
        "ingest --polish --loud --text '' --list no --output runs/m/b",
        "ingest --no-polish --output runs/m/d", "ingest --polish --output runs/m/e",
        "ingest --text true --output runs/m/c",
      ])
  }

  @Test func `a mapping as an option becomes pairs, with quotes where names need them`()
    async throws
  {
    let lines = try await TestProject().lines(
      """
      name: m
      stages:
        a:
          run: ingest
          with:
            text: { 1: bad, "2": bad, "food, drink": a=b, no: 'say "x"' }
      """)
    #expect(
      lines == [
        "ingest --text '1=bad,2=bad,\"food, drink\"=\"a=b\",no=\"say \"\"x\"\"\"' --output runs/m/a"
      ])
  }

  @Test func `settings are filled in, from the file or from the command line`() async throws {
    let text = """
      name: m
      settings: { data: here, n: 3 }
      stages:
        a: { run: ingest, inputs: { one: "{data}/a{n}" }, with: { text: "{{x}} {n}" }, matrix: { seed: ["{n}", 4] } }
      """
    let project = try TestProject()
    #expect(
      try await project.lines(text) == [
        "ingest --one here/a3 --text '{x} 3' --seed 3 --output runs/m/a/seed=3",
        "ingest --one here/a3 --text '{x} 3' --seed 4 --output runs/m/a/seed=4",
      ])
    #expect(
      try await project.lines(text, settings: [("data", "/far off"), ("n", "5")])[0]
        == "ingest --one '/far off/a5' --text '{x} 5' --seed 5 --output runs/m/a/seed=5")
  }

  @Test func `a stage is planned after its inputs, wherever it is in the file`() async throws {
    let plan = try await TestProject().plan(
      """
      name: m
      stages:
        report: { run: evaluate, inputs: { many: [train, vocab] } }
        train: { run: train, inputs: { one: vocab } }
        other: { run: ingest }
        vocab: { run: vocab }
      """)
    #expect(plan.jobs.map(\.id) == ["other", "vocab", "train", "report"])
    #expect(plan.jobs.map(\.upstream) == [[], [], [1], [2, 1]])
    #expect(plan.results.map(\.id) == ["other", "report"])
    #expect(plan.downstream(of: [1]) == [1, 2, 3])
    #expect(plan.upstream(of: [2]) == [1, 2])
  }

  @Test func `a matrix has a job for each point, and a stage without it reads all of them`()
    async throws
  {
    let lines = try await TestProject().lines(
      """
      name: m
      stages:
        train: { run: train, matrix: { model: [dlnc, lstm], seed: [1, 2] } }
        report: { run: evaluate, inputs: { many: train } }
      """)
    let rows = ["model=dlnc,seed=1", "model=dlnc,seed=2", "model=lstm,seed=1", "model=lstm,seed=2"]
    #expect(
      lines == [
        "train --model dlnc --seed 1 --output runs/m/train/model=dlnc,seed=1",
        "train --model dlnc --seed 2 --output runs/m/train/model=dlnc,seed=2",
        "train --model lstm --seed 1 --output runs/m/train/model=lstm,seed=1",
        "train --model lstm --seed 2 --output runs/m/train/model=lstm,seed=2",
        "evaluate " + rows.map { "--many runs/m/train/\($0) " }.joined()
          + "--output runs/m/report",
      ])
  }

  @Test func `each gives a stage the points of another, multiplied by its own matrix`() async throws
  {
    let lines = try await TestProject().lines(
      """
      name: m
      stages:
        vocab: { run: vocab }
        train: { run: train, inputs: { one: vocab }, matrix: { seed: [1, 2] } }
        tune: { run: train, each: train, inputs: { one: train, many: vocab }, matrix: { model: [a] } }
        again: { run: train, each: tune, inputs: { many: [train, tune] } }
      """)
    #expect(
      Array(lines.dropFirst(3)) == [
        "train --one runs/m/train/seed=1 --many runs/m/vocab --model a --output runs/m/tune/seed=1,model=a",
        "train --one runs/m/train/seed=2 --many runs/m/vocab --model a --output runs/m/tune/seed=2,model=a",
        "train --many runs/m/train/seed=1 --many runs/m/tune/seed=1,model=a --output runs/m/again/seed=1,model=a",
        "train --many runs/m/train/seed=2 --many runs/m/tune/seed=2,model=a --output runs/m/again/seed=2,model=a",
      ])
  }

  @Test func `an axis shared with each keeps equal values, and is passed on`()
    async throws
  {
    let lines = try await TestProject().lines(
      """
      name: m
      stages:
        train: { run: train, matrix: { model: [a, b], seed: &seeds [1, 2] } }
        tune: { run: train, each: train, inputs: { one: train }, matrix: { seed: *seeds } }
        some: { run: train, each: train, inputs: { one: train }, matrix: { seed: [2] } }
      """)
    let folders = ["model=a,seed=1", "model=a,seed=2", "model=b,seed=1", "model=b,seed=2"]
    #expect(
      Array(lines.dropFirst(4)) == folders.map {
        "train --one runs/m/train/\($0) --seed \($0.suffix(1)) --output runs/m/tune/\($0)"
      }
        + [folders[1], folders[3]].map {
          "train --one runs/m/train/\($0) --seed 2 --output runs/m/some/\($0)"
        })
  }

  @Test func `axes of one name are joined, other axes are read whole`() async throws {
    let lines = try await TestProject().lines(
      """
      name: m
      stages:
        train: { run: train, matrix: { model: [a, b], seed: [1, 2] } }
        report: { run: evaluate, inputs: { many: train }, matrix: { model: [b, a] } }
      """)
    #expect(
      Array(lines.suffix(2)) == [
        "evaluate --many runs/m/train/model=b,seed=1 --many runs/m/train/model=b,seed=2 --model b --output runs/m/report/model=b",
        "evaluate --many runs/m/train/model=a,seed=1 --many runs/m/train/model=a,seed=2 --model a --output runs/m/report/model=a",
      ])
  }

  @Test func `a stage replaces what it inherits through a merge key`() async throws {
    let lines = try await TestProject().lines(
      """
      name: m
      stages:
        a: { run: ingest, with: &with { text: x, number: 2, colour: red } }
        b: { run: ingest, with: { <<: *with, number: 3 } }
        c: { run: ingest, matrix: { number: [4, 5] }, with: { <<: *with } }
      """)
    #expect(
      lines == [
        "ingest --text x --number 2 --colour red --output runs/m/a",
        "ingest --text x --colour red --number 3 --output runs/m/b",
        "ingest --text x --colour red --number 4 --output runs/m/c/number=4",
        "ingest --text x --colour red --number 5 --output runs/m/c/number=5",
      ])
  }

  @Test func `a stage inherits from another stage, and from several mappings`() async throws {
    let lines = try await TestProject().lines(
      """
      name: m
      stages:
        a: &a { run: ingest, inputs: { one: x.txt }, with: &with { text: x, number: 2 } }
        b: { <<: *a, with: { <<: [{ text: y }, *with], colour: red } }
        c: { <<: *a, matrix: { number: [4] } }
        d: { <<: *a, inputs: { many: y.txt }, with: { one: z.txt } }
      """)
    #expect(
      lines == [
        "ingest --one x.txt --text x --number 2 --output runs/m/a",
        "ingest --one x.txt --text y --number 2 --colour red --output runs/m/b",
        "ingest --one x.txt --text x --number 4 --output runs/m/c/number=4",
        "ingest --many y.txt --one z.txt --output runs/m/d",
      ])
  }

  @Test func `equal values of an axis are one job, if the option takes numbers`() async throws {
    let plan = try await TestProject().plan(
      """
      name: m
      stages:
        a: { run: train, matrix: { number: [1, 1.0, 0.1, 1e-1, 0.10, "1"] } }
        b: { run: train, matrix: { seed: &s [9007199254740993, 9007199254740992, 1, 01] } }
        c: { run: train, each: b, matrix: { seed: *s } }
        d: { run: train, matrix: { text: [1, 1.0, x, x], polish: [true, false, true] } }
      """)
    #expect(
      plan.jobs.map(\.id) == [
        "a/number=1", "a/number=0.1", "b/seed=9007199254740993", "b/seed=9007199254740992",
        "b/seed=1", "c/seed=9007199254740993", "c/seed=9007199254740992", "c/seed=1",
        "d/text=1,polish=true", "d/text=1,polish=false", "d/text=1.0,polish=true",
        "d/text=1.0,polish=false", "d/text=x,polish=true", "d/text=x,polish=false",
      ])
    #expect(
      plan.warnings == [
        "m.yaml:3:30: equal values on the axis “number” are run once: 1.0 equals 1, "
          + "1e-1 equals 0.1, 0.10 equals 0.1, 1 equals 1",
        "m.yaml:4:30: equal values on the axis “seed” are run once: 01 equals 1",
        "m.yaml:5:39: equal values on the axis “seed” are run once: 01 equals 1",
        "m.yaml:6:30: equal values on the axis “text” are run once: x equals x",
        "m.yaml:6:52: equal values on the axis “polish” are run once: true equals true",
      ])
  }

  @Test func `an anchor avoids repetition`() async throws {
    let lines = try await TestProject().lines(
      """
      name: m
      stages:
        a: { run: ingest, with: &with { text: x, number: 2 } }
        b: { run: ingest, with: *with }
      """)
    #expect(lines[1] == "ingest --text x --number 2 --output runs/m/b")
  }

  @Test func `a pattern is replaced by the only file that matches`() async throws {
    let project = try TestProject()
    try project.folder.write("", to: "d/glove.6B.zip")
    try project.folder.write("", to: "d/.glove.zip")
    try project.folder.write("", to: "d/other.zip")
    let text = """
      name: m
      settings: { data: "\(project.folder("d"))", vectors: "*glove*.zip" }
      stages:
        a: { run: ingest, inputs: { one: "{data}/{vectors}" } }
      """
    let sources = try await project.plan(text).jobs[0].sources.map(\.text)
    #expect(sources == [project.folder("d/glove.6B.zip")])
    try project.folder.write("", to: "d/glove.27B.zip")
    let plan = try await project.plan(text)
    let manifest = try Manifest(bytes: Data(text.utf8), path: "m.yaml")
    let error = manifest.missingFiles(of: plan.jobs).first
    #expect(error?.exitStatus == .noInput)
    #expect(
      error?.problem.hasPrefix(
        "“\(project.folder("d/*glove*.zip"))” could be \(project.folder("d/glove.27B.zip")) or \(project.folder("d/glove.6B.zip"))\n"
      ) == true)
    #expect(error?.hint == "choose one, such as --set vectors=glove.27B.zip")
    let chosen = try await project.plan(text, settings: [("vectors", "other.zip")])
    #expect(chosen.jobs[0].sources.map(\.text) == [project.folder("d/other.zip")])
  }

  @Test func `the schema of an executable is cached until it is built again`() async throws {
    let project = try TestProject()
    try FileManager.default.createDirectory(
      atPath: project.folder("out"), withIntermediateDirectories: true)
    let tool = project.folder("bin/once")
    func write(_ option: String) throws {
      try project.folder.write(
        """
        #!/bin/sh
        echo asked >> \(project.folder("asked"))
        echo '{"options":[{"names":["\(option)"],"isFlag":false,"isRepeating":false,
        "isRequired":false,"isInput":false,"isNumber":false}]}'
        """, to: "bin/once")
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tool)
    }
    func options() async throws -> [String] {
      let tools = StageExecutables(folder: project.folder("bin"))
      let cache = SchemaCache(in: project.folder("out"))
      return try await tools.schemas(of: ["once", "once"], cache: cache)["once"]?.names ?? []
    }
    try write("first")
    for _ in 0..<2 { #expect(try await options() == ["first"]) }
    #expect(project.folder.read("asked") == "asked\n")
    try write("second")
    #expect(try await options() == ["second"])
    for damage in ["", "{", "[]"] {
      try project.folder.write(damage, to: "out/.tools.json")
      #expect(try await options() == ["second"])
    }
  }

  @Test func `a printed command line survives a shell and cannot control a terminal`() {
    #expect(shellQuoted("plain-1_2.3/a=b,c:d@e%f+g") == "plain-1_2.3/a=b,c:d@e%f+g")
    #expect(shellQuoted("") == "''")
    #expect(shellQuoted("a b$c`d\"e*~") == "'a b$c`d\"e*~'")
    #expect(shellQuoted("it's") == "'it'\\''s'")
    #expect(shellQuoted("é") == "'é'")
    #expect(shellQuoted("a\n\u{1B}[2J'é") == "$'a\\x0a\\x1b[2J\\'\\xc3\\xa9'")
  }

  @Test(arguments: [
    ("inptus", "inputs"), ("tarin", "train"), ("VOCAB", "vocab"), ("vocabulary", nil), ("x", nil),
    ("minimum-cuont", "minimum-count"), ("", nil),
  ])
  func `typing errors are recognised`(word: String, meant: String?) {
    let words = ["inputs", "train", "vocab", "minimum-count"]
    #expect(nearest(to: word, in: words) == meant)
  }
}
