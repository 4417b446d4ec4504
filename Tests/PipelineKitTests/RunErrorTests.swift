import Foundation
import Testing
import TestSupport

/// `pipeline run` with missing inputs, mistakes and failures.
struct RunErrorTests {
  @Test func `a selected stage with a stale input is rejected, and the input named`() throws {
    let project = try TestProject.chained()
    let never = try project.pipeline("run", "m.yaml", "--only", "train")
    #expect(never.status == 66)
    #expect(
      never.error == """
        pipeline: train: it reads vocab, which is not up to date (never run)
          what to do: --until train runs what it needs first

        """)
    _ = try project.pipeline("run", "m.yaml")
    _ = project.ran()
    try project.edit("text: r", "text: q")
    let stale = try project.pipeline("run", "m.yaml", "--from", "vocab")
    #expect(stale.status == 66)
    #expect(
      stale.error == """
        pipeline: vocab: it reads right, which is not up to date (option text r -> q)
          what to do: --until vocab runs what it needs first

        """)
    #expect(project.ran() == [])
  }

  @Test func `for an unknown stage the nearest name is suggested`() throws {
    let project = try TestProject.chained()
    let run = try project.pipeline("run", "m.yaml", "--only", "tarin")
    #expect(run.status == 64)
    #expect(
      run.error == """
        pipeline: --only tarin: no stage “tarin” in the manifest “chain”
          what to do: did you mean “train”?

        """)
    let far = try project.pipeline("run", "m.yaml", "--from", "elsewhere")
    #expect(far.error.hasSuffix("what to do: the stages are left, right, vocab, train, report\n"))
    let swallowed = try project.pipeline("run", "m.yaml", "--until", "train", "other.yaml")
    #expect(swallowed.status == 64)
    #expect(swallowed.error.hasSuffix("what to do: the manifest must come before --until\n"))
  }

  @Test func `a failure is shown, skips what needs it, and leaves the rest usable`() throws {
    let project = try TestProject.chained()
    _ = try project.pipeline("run", "m.yaml")
    _ = project.ran()
    try project.edit("text: l", "text: m")
    try project.edit("text: r", "text: q")
    try project.hook("fail-left")
    let run = try project.pipeline("run", "m.yaml")
    #expect(run.status == 65)
    #expect(project.ran() == ["left", "right"])
    #expect(
      run.error.contains(
        "fake-stage: left: told to fail\n  what to do: remove the hook\npipeline: left: failed with exit status 65\n"
      ))
    #expect(
      run.output.replacing(/\d+(\.\d+)? s/, with: "T") == """
        left    failed with exit status 65
        right   made in T
        vocab   skipped, needs left
        train   skipped, needs vocab
        report  skipped, needs train, vocab

        """)
    #expect(project.folder.read("runs/chain/left/result.txt") == "l+L")
    #expect(project.folder.read("runs/chain/report/result.txt")?.hasSuffix("r+R") == true)
    project.unhook("fail-left")
    #expect(try project.pipeline("run", "m.yaml").status == 0)
    #expect(project.ran() == ["left", "vocab", "train", "report"])
  }

  @Test func `a missing file is shown in the manifest before anything runs`() throws {
    let project = try TestProject.chained()
    project.folder.remove("right.txt")
    let run = try project.pipeline("run", "m.yaml")
    #expect(run.status == 66)
    #expect(
      run.error == """
        pipeline: m.yaml:4:40: no file or folder “right.txt”
          4 |   right: { run: ingest, inputs: { one: right.txt }, with: { text: r } }
            |                                        ^~~~~~~~~
          what to do: check the path; it is relative to the folder where pipeline is started

        """)
    #expect(project.ran() == [])
    try project.edit("one: right.txt", "one: \"{data}/right.txt\"")
    try project.edit("name: chain", "name: chain\nsettings: { data: far }")
    let set = try project.pipeline("run", "m.yaml")
    #expect(set.error.hasSuffix("what to do: set its location: --set data=FOLDER\n"))
    try project.folder.write("R", to: "near/right.txt")
    #expect(try project.pipeline("run", "m.yaml", "--set", "data=near").status == 0)
    try project.edit("many: [left, right]", "many: [left, rihgt]")
    let stage = try project.pipeline("run", "m.yaml", "--set", "data=near")
    #expect(
      stage.error == """
        pipeline: m.yaml:6:47: no stage, file or folder “rihgt”
          6 |   vocab: { run: vocab, inputs: { many: [left, rihgt] } }
            |                                               ^~~~~
          expected: a path, or one of the stages left, right, vocab, train, report
          what to do: did you mean the stage “right”?

        """)
    for (path, hint) in [
      (
        "left/seed=1",
        "name the stage alone: left; a job reads the jobs with equal values on its axes"
      ),
      ("~/right.txt", "write the path in full: ~ and $ are not expanded in a manifest"),
      ("“right.txt”", "quote with \" or '; typographic quotes are part of the value"),
      ("somewhere", "check the path; it is relative to the folder where pipeline is started"),
    ] {
      let set = try project.pipeline(
        "run", "m.yaml", "--set", "data=near", "--set", "vocab.many=\(path)")
      #expect(set.status == 66 && set.error.hasSuffix("what to do: \(hint)\n"), "\(set.error)")
    }
  }

  @Test func `a value that a stage rejects is shown before anything runs`() throws {
    let project = try TestProject.chained()
    try project.edit("number: 0.25", "number: a lot")
    let run = try project.pipeline("run", "m.yaml")
    #expect(run.status == 64)
    #expect(
      run.error == """
        pipeline: m.yaml:6:3: train refuses its options:
          Error: The value 'a lot' is invalid for '--number <number>'
          Help:  --number <number>  
          Usage: fake-stage <options>
            See 'fake-stage --help' for more information.
          6 |   train: { run: train, inputs: { one: vocab }, with: { number: a lot } }
            |   ^~~~~

        """)
    #expect(project.ran() == [])
  }

  @Test func `for a misspelt subcommand or manifest the nearest name is suggested`() throws {
    let project = try TestProject.chained()
    let verb = try project.pipeline("rnu")
    #expect(verb.status == 64)
    #expect(
      verb.error.hasPrefix("Error: There is no subcommand or manifest “rnu”. Did you mean “run”?\n")
    )
    let manifest = try project.pipeline("run", "n.yaml")
    #expect(manifest.status == 66)
    #expect(
      manifest.error == """
        pipeline: n.yaml: no readable manifest
          what to do: did you mean “m.yaml”?

        """)
    #expect(project.ran() == [])
  }

  @Test func `a manifest that is missing or mistaken runs nothing`() throws {
    let project = try TestProject.chained()
    let none = try project.pipeline("run")
    #expect(none.status == 66)
    #expect(
      none.error == """
        pipeline: pipelines/quickstart.yaml: no readable manifest
          what to do: name one, such as: pipeline run pipelines/quickstart.yaml

        """)
    try project.edit("many: [left", "mnay: [left")
    let mistaken = try project.pipeline("run", "m.yaml")
    #expect(mistaken.status == 78)
    #expect(
      mistaken.error == """
        pipeline: m.yaml:5:34: vocab has no option --mnay
          5 |   vocab: { run: vocab, inputs: { mnay: [left, right] } }
            |                                  ^~~~
          what to do: did you mean “many”?

        """)
    #expect(mistaken.output == "")
    #expect(project.ran() == [])
  }

  @Test func `outputs are not replaced by another manifest with the same name`() throws {
    let project = try TestProject.chained()
    #expect(try project.pipeline("run", "m.yaml").status == 0)
    let text = try #require(project.folder.read("m.yaml"))
    try project.folder.write(text, to: "copy.yaml")
    _ = project.ran()
    #expect(try project.pipeline("run", "copy.yaml").status == 0)
    #expect(project.ran() == [])
    try project.folder.write(text.replacing("text: l", with: "text: x"), to: "copy.yaml")
    _ = project.ran()
    let message =
      "copy.yaml: runs/chain has the outputs of another manifest with the name “chain”: m.yaml"
    for arguments in [["run"], ["run", "--dry-run"], ["export", "--format", "make"], ["cancel"]] {
      let end = try project.start([arguments[0], "copy.yaml"] + arguments.dropFirst()).end()
      #expect(
        end.error == """
          pipeline: \(message)
            what to do: choose another name: in copy.yaml, or another --output-root; if copy.yaml replaces m.yaml, remove m.yaml

          """)
      #expect(end.status == 73)
    }
    let status = try project.pipeline("status", "copy.yaml")
    #expect(status.status == 0 && status.error == "pipeline: warning: \(message)\n")
    #expect(project.ran() == [] && !project.folder.has("Makefile"))

    // The ways out, and what does not need one.
    #expect(try project.pipeline("run", "copy.yaml", "--output-root", "others").status == 0)
    try project.edit("text: r", "text: s")
    #expect(try project.pipeline("run", "m.yaml").status == 0)
    try project.edit("name: chain", "name: other")
    #expect(try project.pipeline("run", "copy.yaml").status == 0)
    try project.folder.write(text, to: "m.yaml")
    #expect(try project.pipeline("run", "m.yaml").status == 73)
    project.folder.remove("copy.yaml")
    #expect(try project.pipeline("run", "m.yaml").status == 0)
  }

  @Test func `a copy of a whole project is independent of the original`() throws {
    let project = try TestProject()
    for (name, text) in [("m.yaml", chain), ("left.txt", "L"), ("right.txt", "R")] {
      try project.folder.write(text, to: "one/\(name)")
    }
    func run(_ folder: String) throws -> (status: Int32, output: String, error: String) {
      try Program(
        "/bin/sh",
        [
          "-c", "cd \(folder) && exec \"$0\" run m.yaml --tools ../bin",
          Program.folder + "/pipeline",
        ],
        in: project.folder
      ).end()
    }
    #expect(try run("one").status == 0)
    try FileManager.default.copyItem(atPath: project.folder("one"), toPath: project.folder("two"))
    try project.folder.write(chain.replacing("text: l", with: "text: x"), to: "two/m.yaml")
    let end = try run("two")
    #expect(end.status == 0, "\(end.error)")
    #expect(project.folder.read("one/runs/chain/left/result.txt") == "l+L")
    #expect(project.folder.read("two/runs/chain/left/result.txt") == "x+L")
  }
}
