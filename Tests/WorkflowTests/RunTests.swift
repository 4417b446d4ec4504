import Foundation
import Testing
import Workbench

/// `pipeline run`, as a user runs it.
struct RunTests {
  @Test func `a first run makes everything in order, a second nothing and says so`() throws {
    let bench = try Bench.chained()
    let first = try bench.pipeline("run", "m.yaml")
    #expect(first.status == 0)
    #expect(bench.ran() == ["left", "right", "vocab", "train", "report"])
    #expect(
      bench.folder.read("runs/chain/report/result.txt") == "text+text+text+l+L+r+R+text+l+L+r+R")
    let times = /\d+(\.\d+)? s/
    #expect(
      first.output.replacing(times, with: "T") == """
        left    made in T
        right   made in T
        vocab   made in T
        train   made in T
        report  made in T
        The result is in runs/chain/report

        """)
    #expect(
      first.error.replacing(times, with: "T").hasPrefix(
        """
        pipeline: left: never run
          bin/ingest --one left.txt --text l --output runs/chain/left
        fake-stage: made left
        fake-stage: wrote runs/chain/left
        wrote 3 bytes
        pipeline: left: done in T
        pipeline: right: never run

        """))
    let second = try bench.pipeline("run", "m.yaml")
    #expect(second.status == 0)
    #expect(bench.ran() == [])
    #expect(second.error == "")
    #expect(
      second.output == """
        Nothing to do: every stage is up to date.
        The result is in runs/chain/report

        """)
  }

  @Test func `a changed option reruns exactly what depends on it and says why`() throws {
    let bench = try Bench.chained()
    _ = try bench.pipeline("run", "m.yaml")
    _ = bench.ran()
    try bench.edit("number: 0.25", "number: 0.5")
    let run = try bench.pipeline("run", "m.yaml")
    #expect(bench.ran() == ["train"])
    #expect(run.error.hasPrefix("pipeline: train: option number 0.25 -> 0.5\n"))
    // The stage ignores the number, so the report reads the same bytes as before.
    #expect(run.output.contains("report  up to date\n"))
    try bench.edit("text: r", "text: q")
    let next = try bench.pipeline("run", "m.yaml")
    #expect(bench.ran() == ["right", "vocab", "train", "report"])
    #expect(next.error.contains("pipeline: right: option text r -> q\n"))
    #expect(next.error.contains("pipeline: vocab: input many has other content\n"))
    #expect(next.output.contains("left    up to date\n"))
  }

  @Test func `an option taken back or left out is a change, too`() throws {
    let bench = try Bench.chained()
    _ = try bench.pipeline("run", "m.yaml")
    _ = bench.ran()
    try bench.edit(", with: { number: 0.25 }", "")
    let run = try bench.pipeline("run", "m.yaml")
    #expect(bench.ran() == ["train"])
    #expect(run.error.hasPrefix("pipeline: train: option number 0.25 -> 0.5\n"))
  }

  @Test func `changed content reruns what reads it, touched files nothing`() throws {
    let bench = try Bench.chained()
    _ = try bench.pipeline("run", "m.yaml")
    _ = bench.ran()
    try bench.folder.write("L", to: "left.txt")
    #expect(try bench.pipeline("run", "m.yaml").output.hasPrefix("Nothing to do"))
    try bench.folder.write("M", to: "left.txt")
    let run = try bench.pipeline("run", "m.yaml")
    #expect(bench.ran() == ["left", "vocab", "train", "report"])
    #expect(run.error.hasPrefix("pipeline: left: input one has other content\n"))
  }

  @Test func `an output that was edited or lost is made again`() throws {
    let bench = try Bench.chained()
    _ = try bench.pipeline("run", "m.yaml")
    _ = bench.ran()
    bench.folder.remove("runs/chain/vocab/result.txt")
    let lost = try bench.pipeline("run", "m.yaml")
    #expect(bench.ran() == ["vocab"])
    #expect(lost.error.hasPrefix("pipeline: vocab: its output result.txt is missing\n"))
    try bench.folder.write("mine", to: "runs/chain/report/result.txt")
    let edited = try bench.pipeline("run", "m.yaml")
    #expect(bench.ran() == ["report"])
    #expect(edited.error.hasPrefix("pipeline: report: its output result.txt was changed\n"))
    bench.folder.remove("runs/chain/left")
    #expect(try bench.pipeline("run", "m.yaml").error.hasPrefix("pipeline: left: never run\n"))
    #expect(bench.ran() == ["left"])
  }

  @Test func `a printed command line, pasted, does the same`() throws {
    let bench = try Bench.chained()
    let rehearsal = try bench.pipeline("run", "m.yaml", "--dry-run", "--until", "left")
    let line = try #require(rehearsal.output.split(separator: "\n").last)
    #expect(try Program("/bin/sh", ["-c", String(line)], in: bench.folder).end().status == 0)
    _ = try bench.pipeline("run", "m.yaml")
    #expect(bench.ran() == ["right", "vocab", "train", "report"])
  }

  @Test func `a rehearsal says what would run and why, and runs nothing`() throws {
    let bench = try Bench.chained()
    _ = try bench.pipeline("run", "m.yaml")
    _ = bench.ran()
    try bench.edit("text: r", "text: q")
    let rehearsal = try bench.pipeline("run", "m.yaml", "--dry-run")
    #expect(rehearsal.status == 0)
    #expect(
      rehearsal.output == """
        right: option text r -> q
          bin/ingest --one right.txt --text q --output runs/chain/right
        vocab: runs if right comes out otherwise
          bin/vocab --many runs/chain/left --many runs/chain/right --output runs/chain/vocab
        train: runs if vocab comes out otherwise
          bin/train --one runs/chain/vocab --number 0.25 --output runs/chain/train
        report: runs if train, vocab comes out otherwise
          bin/evaluate --many runs/chain/train --many runs/chain/vocab --output runs/chain/report

        """)
    #expect(bench.ran() == [])
  }

  @Test func `a part of the plan can be chosen`() throws {
    let bench = try Bench.chained()
    _ = try bench.pipeline("run", "m.yaml", "--until", "vocab")
    #expect(bench.ran() == ["left", "right", "vocab"])
    _ = try bench.pipeline("run", "m.yaml", "--only", "train")
    #expect(bench.ran() == ["train"])
    _ = try bench.pipeline("run", "m.yaml", "--from", "train", "--until", "report", "--force")
    #expect(bench.ran() == ["train", "report"])
    _ = try bench.pipeline("run", "m.yaml", "--only", "left", "right", "--force")
    #expect(bench.ran() == ["left", "right"])
    let idle = try bench.pipeline("run", "m.yaml", "--only", "left")
    #expect(idle.output.hasPrefix("Nothing to do: everything selected is up to date.\n"))
  }

  @Test func `a chosen stage whose input is stale is refused, and the input named`() throws {
    let bench = try Bench.chained()
    let never = try bench.pipeline("run", "m.yaml", "--only", "train")
    #expect(never.status == 66)
    #expect(
      never.error == """
        pipeline: train: it reads vocab, which is not up to date
          expected: vocab made again: never run
          what to do: --until train runs what it needs first

        """)
    _ = try bench.pipeline("run", "m.yaml")
    _ = bench.ran()
    try bench.edit("text: r", "text: q")
    let stale = try bench.pipeline("run", "m.yaml", "--from", "vocab")
    #expect(stale.status == 66)
    #expect(
      stale.error == """
        pipeline: vocab: it reads right, which is not up to date
          expected: right made again: option text r -> q
          what to do: --until vocab runs what it needs first

        """)
    #expect(bench.ran() == [])
  }

  @Test func `an unknown stage is answered with what was meant`() throws {
    let bench = try Bench.chained()
    let run = try bench.pipeline("run", "m.yaml", "--only", "tarin")
    #expect(run.status == 64)
    #expect(
      run.error == """
        pipeline: --only tarin: no stage “tarin” in the manifest “chain”
          what to do: did you mean “train”?

        """)
    let far = try bench.pipeline("run", "m.yaml", "--from", "elsewhere")
    #expect(far.error.hasSuffix("what to do: the stages are left, right, vocab, train, report\n"))
    let swallowed = try bench.pipeline("run", "--until", "train", "m.yaml")
    #expect(swallowed.status == 66 || swallowed.status == 64)
  }

  @Test func `a failure is shown, skips what needs it, and leaves the rest usable`() throws {
    let bench = try Bench.chained()
    _ = try bench.pipeline("run", "m.yaml")
    _ = bench.ran()
    try bench.edit("text: l", "text: m")
    try bench.edit("text: r", "text: q")
    try bench.hook("fail-left")
    let run = try bench.pipeline("run", "m.yaml")
    #expect(run.status == 65)
    #expect(bench.ran() == ["left", "right"])
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
    #expect(bench.folder.read("runs/chain/left/result.txt") == "l+L")
    #expect(bench.folder.read("runs/chain/report/result.txt")?.hasSuffix("r+R") == true)
    bench.unhook("fail-left")
    #expect(try bench.pipeline("run", "m.yaml").status == 0)
    #expect(bench.ran() == ["left", "vocab", "train", "report"])
  }

  @Test func `a missing file is shown in the manifest before anything runs`() throws {
    let bench = try Bench.chained()
    bench.folder.remove("right.txt")
    let run = try bench.pipeline("run", "m.yaml")
    #expect(run.status == 66)
    #expect(
      run.error == """
        pipeline: m.yaml:4:40: no file or folder “right.txt”
          4 |   right: { run: ingest, inputs: { one: right.txt }, with: { text: r } }
            |                                        ^~~~~~~~~
          what to do: check the path; it counts from the folder where pipeline is started

        """)
    #expect(bench.ran() == [])
    try bench.edit("one: right.txt", "one: \"{data}/right.txt\"")
    try bench.edit("name: chain", "name: chain\nsettings: { data: far }")
    let set = try bench.pipeline("run", "m.yaml")
    #expect(set.error.hasSuffix("what to do: say where it is: --set data=FOLDER\n"))
    try bench.folder.write("R", to: "near/right.txt")
    #expect(try bench.pipeline("run", "m.yaml", "--set", "data=near").status == 0)
    try bench.edit("many: [left, right]", "many: [left, rihgt]")
    let stage = try bench.pipeline("run", "m.yaml", "--set", "data=near")
    #expect(stage.error.hasSuffix("what to do: did you mean the stage “right”?\n"))
  }

  @Test func `a value that a stage refuses is shown before anything runs`() throws {
    let bench = try Bench.chained()
    try bench.edit("number: 0.25", "number: a lot")
    let run = try bench.pipeline("run", "m.yaml")
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
    #expect(bench.ran() == [])
  }

  @Test func `a manifest that is missing or mistaken runs nothing`() throws {
    let bench = try Bench.chained()
    let none = try bench.pipeline("run")
    #expect(none.status == 66)
    #expect(
      none.error == """
        pipeline: pipelines/quickstart.yaml: no manifest that can be read
          what to do: name one, such as: pipeline run pipelines/quickstart.yaml

        """)
    try bench.edit("many: [left", "mnay: [left")
    let mistaken = try bench.pipeline("run", "m.yaml")
    #expect(mistaken.status == 78)
    #expect(
      mistaken.error == """
        pipeline: m.yaml:5:34: vocab has no option --mnay
          5 |   vocab: { run: vocab, inputs: { mnay: [left, right] } }
            |                                  ^~~~
          what to do: did you mean “many”?

        """)
    #expect(mistaken.output == "")
    #expect(bench.ran() == [])
  }

  @Test func `outputs go where they are told`() throws {
    let bench = try Bench.chained()
    let run = try bench.pipeline("run", "m.yaml", "--output-root", "else/where")
    #expect(run.output.hasSuffix("The result is in else/where/chain/report\n"))
    #expect(bench.folder.has("else/where/chain/report/result.txt"))
    #expect(!bench.folder.has("runs"))
  }

  @Test func `programs get JSON on standard output and nothing else`() throws {
    let bench = try Bench.chained()
    try bench.hook("fail-vocab")
    let run = try bench.pipeline("run", "m.yaml", "--json")
    #expect(run.status == 65)
    let rows = try #require(
      JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]])
    #expect(rows.map { $0["row"] as? String } == ["left", "right", "vocab", "train", "report"])
    #expect(
      rows.map { $0["outcome"] as? String } == ["made", "made", "failed", "skipped", "skipped"])
    #expect(rows[0]["reasons"] as? [String] == ["never run"])
    #expect(rows[2]["status"] as? Int == 65)
    #expect(rows[3]["reasons"] as? [String] == ["needs vocab"])
    #expect(rows[3]["output"] as? String == "runs/chain/train")
    #expect(
      rows[0]["command"] as? String == "bin/ingest --one left.txt --text l --output runs/chain/left"
    )
  }

  @Test func `verify reads again what looks unchanged`() throws {
    let bench = try Bench.chained()
    _ = try bench.pipeline("run", "m.yaml")
    _ = bench.ran()
    // What no user can do by accident: other digests in the stamp, as if the file had looked the same.
    let stamp = try #require(bench.folder.read("runs/chain/left/stamp.json"))
    let digest = try #require(
      stamp.firstMatch(of: /"path" : "left.txt",\s*"sha256" : "([0-9a-f]+)"/)
    ).1
    try bench.folder.write(
      stamp.replacingOccurrences(of: digest, with: String(repeating: "0", count: 64)),
      to: "runs/chain/left/stamp.json")
    #expect(try bench.pipeline("run", "m.yaml").output.hasPrefix("Nothing to do"))
    #expect(
      try bench.pipeline("run", "m.yaml", "--verify").error.contains(
        "left: input one has other content\n  bin/ingest --one left.txt --text l --output runs/chain/left --verify\n"
      ))
    #expect(bench.ran() == ["left"])
  }
}
