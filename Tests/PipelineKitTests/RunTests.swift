import Foundation
import Testing
import TestSupport

/// `pipeline run`, as a user runs it.
struct RunTests {
  @Test func `a first run makes everything in order, a second nothing and says so`() throws {
    let project = try TestProject.chained()
    let first = try project.pipeline("run", "m.yaml")
    #expect(first.status == 0)
    #expect(project.ran() == ["left", "right", "vocab", "train", "report"])
    #expect(
      project.folder.read("runs/chain/report/result.txt") == "text+text+text+l+L+r+R+text+l+L+r+R")
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
        pipeline: stage 1 of 5, left: never run
        fake-stage: made left
        wrote 3 bytes
        pipeline: left: done in T
        pipeline: stage 2 of 5, right: never run

        """))
    let second = try project.pipeline("run", "m.yaml")
    #expect(second.status == 0)
    #expect(project.ran() == [])
    #expect(second.error == "")
    #expect(
      second.output == """
        Nothing to do: every stage is up to date.
        The result is in runs/chain/report

        """)
  }

  @Test func `verbosity changes what is printed and no output`() throws {
    let project = try TestProject.chained()
    let quiet = try project.pipeline("run", "m.yaml", "--quiet", "--until", "vocab")
    #expect(quiet.status == 0 && quiet.error.isEmpty, "\(quiet.error)")
    #expect(quiet.output.contains("vocab   made in "))
    let loud = try project.pipeline("run", "m.yaml", "--verbose")
    #expect(project.ran() == ["left", "right", "vocab", "train", "report"])
    #expect(loud.error.contains("  bin/train --one runs/chain/vocab --number 0.25 "))
    #expect(loud.error.contains("fake-stage: option number: 0.25\n"))
    #expect(loud.error.contains("fake-stage: wrote runs/chain/train\n"))
    try project.hook("fail-left")
    try project.edit("text: l", "text: k")
    let failed = try project.pipeline("run", "m.yaml", "-q")
    #expect(failed.status == 65 && failed.error.contains("pipeline: left: failed"))
  }

  @Test func `a changed option reruns exactly what depends on it and says why`() throws {
    let project = try TestProject.chained()
    _ = try project.pipeline("run", "m.yaml")
    _ = project.ran()
    try project.edit("number: 0.25", "number: 0.5")
    let run = try project.pipeline("run", "m.yaml")
    #expect(project.ran() == ["train"])
    #expect(run.error.hasPrefix("pipeline: stage 4 of 5, train: option number 0.25 -> 0.5\n"))
    // The stage ignores the number, so the report reads the same bytes as before.
    #expect(run.output.contains("report  up to date\n"))
    try project.edit("text: r", "text: q")
    let next = try project.pipeline("run", "m.yaml")
    #expect(project.ran() == ["right", "vocab", "train", "report"])
    #expect(next.error.contains("pipeline: stage 2 of 5, right: option text r -> q\n"))
    #expect(next.error.contains("pipeline: stage 3 of 5, vocab: input many has other content\n"))
    #expect(next.output.contains("left    up to date\n"))
  }

  @Test func `an omitted option is a change, too`() throws {
    let project = try TestProject.chained()
    _ = try project.pipeline("run", "m.yaml")
    _ = project.ran()
    try project.edit(", with: { number: 0.25 }", "")
    let run = try project.pipeline("run", "m.yaml")
    #expect(project.ran() == ["train"])
    #expect(run.error.hasPrefix("pipeline: stage 4 of 5, train: option number 0.25 -> 0.5\n"))
  }

  @Test func `changed content reruns what reads it, touched files nothing`() throws {
    let project = try TestProject.chained()
    _ = try project.pipeline("run", "m.yaml")
    _ = project.ran()
    try project.folder.write("L", to: "left.txt")
    #expect(try project.pipeline("run", "m.yaml").output.hasPrefix("Nothing to do"))
    try project.folder.write("M", to: "left.txt")
    let run = try project.pipeline("run", "m.yaml")
    #expect(project.ran() == ["left", "vocab", "train", "report"])
    #expect(run.error.hasPrefix("pipeline: stage 1 of 5, left: input one has other content\n"))
  }

  @Test func `what users add to outputs and inputs makes nothing stale, nor do edited documents`()
    throws
  {
    let project = try TestProject.chained()
    try project.folder.write("L", to: "data/left.txt")
    try project.edit("one: left.txt", "one: data")
    _ = try project.pipeline("run", "m.yaml")
    _ = project.ran()
    for name in ["NOTES.txt", ".DS_Store", "sub/x", ".ipynb_checkpoints/a"] {
      try project.folder.write("mine", to: "runs/chain/vocab/\(name)")
    }
    try project.folder.write("mine", to: "runs/chain/train/summary.txt")
    for name in [".DS_Store", "._left.txt", ".git/HEAD"] {
      try project.folder.write("litter", to: "data/\(name)")
    }
    #expect(try project.pipeline("run", "m.yaml").output.hasPrefix("Nothing to do"))
    #expect(try project.pipeline("run", "m.yaml", "--verify").output.hasPrefix("Nothing to do"))
    try project.edit("number: 0.25", "number: 0.5")
    let run = try project.pipeline("run", "m.yaml")
    #expect(project.ran() == ["train"])
    #expect(run.error.contains("summary.txt was edited; the edited file is kept as "))
    #expect(project.folder.read("runs/chain/train/summary.txt.kept-1") == "mine")
    #expect(project.folder.read("runs/chain/vocab/sub/x") == "mine")
  }

  @Test func `an output that was edited or lost is made again`() throws {
    let project = try TestProject.chained()
    _ = try project.pipeline("run", "m.yaml")
    _ = project.ran()
    project.folder.remove("runs/chain/vocab/result.txt")
    let lost = try project.pipeline("run", "m.yaml")
    #expect(project.ran() == ["vocab"])
    #expect(
      lost.error.hasPrefix("pipeline: stage 3 of 5, vocab: its output result.txt is missing\n"))
    try project.folder.write("mine", to: "runs/chain/report/result.txt")
    let edited = try project.pipeline("run", "m.yaml")
    #expect(project.ran() == ["report"])
    #expect(
      edited.error.hasPrefix("pipeline: stage 5 of 5, report: its output result.txt was changed\n"))
    project.folder.remove("runs/chain/left")
    #expect(
      try project.pipeline("run", "m.yaml").error.hasPrefix(
        "pipeline: stage 1 of 5, left: never run\n"))
    #expect(project.ran() == ["left"])
  }

  @Test func `a printed command line, pasted, does the same`() throws {
    let project = try TestProject.chained()
    let dryRun = try project.pipeline("run", "m.yaml", "--dry-run", "--until", "left")
    let line = try #require(dryRun.output.split(separator: "\n").last)
    #expect(try Program("/bin/sh", ["-c", String(line)], in: project.folder).end().status == 0)
    _ = try project.pipeline("run", "m.yaml")
    #expect(project.ran() == ["right", "vocab", "train", "report"])
  }

  @Test func `a dry run says what would run and why, and runs nothing`() throws {
    let project = try TestProject.chained()
    _ = try project.pipeline("run", "m.yaml")
    _ = project.ran()
    try project.edit("text: r", "text: q")
    let dryRun = try project.pipeline("run", "m.yaml", "--dry-run")
    #expect(dryRun.status == 0)
    #expect(
      dryRun.output == """
        right: option text r -> q
          bin/ingest --one right.txt --text q --output runs/chain/right
        vocab: runs if its input changes: right
          bin/vocab --many runs/chain/left --many runs/chain/right --output runs/chain/vocab
        train: runs if its input changes: vocab
          bin/train --one runs/chain/vocab --number 0.25 --output runs/chain/train
        report: runs if its input changes: train, vocab
          bin/evaluate --many runs/chain/train --many runs/chain/vocab --output runs/chain/report

        """)
    #expect(project.ran() == [])
  }

  @Test func `a part of the plan can be chosen`() throws {
    let project = try TestProject.chained()
    _ = try project.pipeline("run", "m.yaml", "--until", "vocab")
    #expect(project.ran() == ["left", "right", "vocab"])
    _ = try project.pipeline("run", "m.yaml", "--only", "train")
    #expect(project.ran() == ["train"])
    _ = try project.pipeline("run", "m.yaml", "--from", "train", "--until", "report", "--force")
    #expect(project.ran() == ["train", "report"])
    _ = try project.pipeline("run", "m.yaml", "--only", "left", "right", "--force")
    #expect(project.ran() == ["left", "right"])
    let idle = try project.pipeline("run", "m.yaml", "--only", "left")
    #expect(idle.output.hasPrefix("Nothing to do: everything selected is up to date.\n"))
  }

  @Test func `outputs are written below the output root`() throws {
    let project = try TestProject.chained()
    let run = try project.pipeline("run", "m.yaml", "--output-root", "else/where")
    #expect(run.output.hasSuffix("The result is in else/where/chain/report\n"))
    #expect(project.folder.has("else/where/chain/report/result.txt"))
    #expect(!project.folder.has("runs"))
  }

  @Test func `programs get JSON on standard output and nothing else`() throws {
    let project = try TestProject.chained()
    try project.hook("fail-vocab")
    let run = try project.pipeline("run", "m.yaml", "--json")
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
    let project = try TestProject.chained()
    _ = try project.pipeline("run", "m.yaml")
    _ = project.ran()
    // Different digests in the stamp, as if the file had changed without looking different.
    let stamp = try #require(project.folder.read("runs/chain/left/stamp.json"))
    let digest = try #require(
      stamp.firstMatch(of: /"path" : "left.txt",\s*"sha256" : "([0-9a-f]+)"/)
    ).1
    try project.folder.write(
      stamp.replacingOccurrences(of: digest, with: String(repeating: "0", count: 64)),
      to: "runs/chain/left/stamp.json")
    #expect(try project.pipeline("run", "m.yaml").output.hasPrefix("Nothing to do"))
    #expect(
      try project.pipeline("run", "m.yaml", "--verbose", "--verify").error.contains(
        "left: input one has other content\n  bin/ingest --one left.txt --text l --output runs/chain/left --verbose --verify\n"
      ))
    #expect(project.ran() == ["left"])
  }
}
