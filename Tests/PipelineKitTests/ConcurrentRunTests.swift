import Foundation
import Testing
import TestSupport

/// Concurrent jobs, and runs that are stopped.
struct ConcurrentRunTests {
  private let matrix = """
    name: m
    stages:
      vocab: { run: vocab, with: { text: v } }
      train: { run: train, inputs: { one: vocab }, matrix: { seed: [1, 2, 3] } }
      report: { run: evaluate, inputs: { many: train } }
    """

  @Test func `as many jobs run concurrently as are allowed`() throws {
    let project = try TestProject()
    try project.folder.write(matrix, to: "m.yaml")
    try project.hook("hold-seed=1")
    try project.hook("hold-seed=2")
    let run = try project.start(["run", "m.yaml", "--jobs", "2"])
    let log = { project.folder.read("hooks/log")?.split(separator: "\n").sorted() ?? [] }
    #expect(eventually { log().count == 3 })
    #expect(log() == ["seed=1", "seed=2", "vocab"])
    project.unhook("hold-seed=2")
    #expect(eventually { log().count == 4 })
    #expect(!project.folder.has("runs/m/report"))
    project.unhook("hold-seed=1")
    let (status, _, error) = run.end()
    #expect(status == 0)
    #expect(project.ran().last == "report")
    // Each line names its job.
    #expect(error.contains("\ntrain/seed=2 | fake-stage: made seed=2\n"))
    #expect(error.contains("\ntrain/seed=2 | wrote 6 bytes\n"))
  }

  @Test func `a failed job does not stop the others of its stage`() throws {
    let project = try TestProject()
    try project.folder.write(matrix, to: "m.yaml")
    try project.hook("fail-seed=2")
    let run = try project.pipeline("run", "m.yaml", "--jobs", "2")
    #expect(run.status == 65)
    #expect(project.ran().sorted() == ["seed=1", "seed=2", "seed=3", "vocab"])
    #expect(run.output.contains("report        skipped, needs train/seed=2\n"))
    #expect(run.error.contains("train/seed=2 | fake-stage: seed=2: told to fail\n"))
    project.unhook("fail-seed=2")
    #expect(try project.pipeline("run", "m.yaml").status == 0)
    #expect(project.ran() == ["seed=2", "report"])
  }

  @Test func `of folds, each warning is printed once, and all that a failed one printed`() throws {
    let project = try TestProject()
    try project.folder.write(
      "name: m\nstages:\n  rows: { run: ingest, with: { text: warn, folds: 2 } }\n", to: "m.yaml")
    try project.hook("fail-fold=2")
    let run = try project.pipeline("run", "m.yaml", "--jobs", "2")
    #expect(run.status == 65)
    #expect(run.error.contains("rows/fold=2 | fake-stage: fold=2: told to fail\n"), "\(run.error)")
    project.unhook("fail-fold=2")
    #expect(run.error.components(separatedBy: "fake-stage: warning: the text is warn\n").count == 2)
    #expect(!run.error.contains("made fold") && !run.error.contains("wrote "))
    #expect(run.error.contains("pipeline: rows: 2 folds done in "))
    let verbose = try project.pipeline("run", "m.yaml", "--force", "--verbose")
    #expect(verbose.error.components(separatedBy: "fake-stage: made fold=").count == 4)
    #expect(verbose.error.contains("pipeline: rows/fold=all: done in "))
    #expect(verbose.output.hasPrefix("rows  3 folds made in "), "\(verbose.output)")
  }

  @Test func `only a new job of a matrix and its dependents run`() throws {
    let project = try TestProject()
    try project.folder.write(matrix, to: "m.yaml")
    _ = try project.pipeline("run", "m.yaml")
    _ = project.ran()
    try project.edit("[1, 2, 3]", "[1, 2, 3, 4]")
    let run = try project.pipeline("run", "m.yaml")
    #expect(project.ran() == ["seed=4", "report"])
    #expect(run.error.contains("pipeline: job 6 of 6, report: input many: 3 -> 4 of them\n"))
  }

  @Test func `an unchanged upstream output leaves everything downstream up to date`() throws {
    let project = try TestProject()
    try project.folder.write(
      matrix.replacingOccurrences(of: "text: v", with: "text: constant-1"), to: "m.yaml")
    _ = try project.pipeline("run", "m.yaml")
    _ = project.ran()
    try project.edit("text: constant-1", "text: constant-2")
    let run = try project.pipeline("run", "m.yaml", "--jobs", "2")
    #expect(run.status == 0)
    #expect(project.ran() == ["vocab"])
    #expect(run.output.contains("train/seed=2  up to date\n"))
    #expect(try project.pipeline("run", "m.yaml").output.hasPrefix("Nothing to do"))
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)])
  func `a signal is passed on, waited for and reported by the exit status`(
    signal: Int32, status: Int
  ) throws {
    let project = try TestProject()
    try project.folder.write(matrix, to: "m.yaml")
    try project.hook("hold-seed=1")
    let run = try project.start(["run", "m.yaml"])
    #expect(eventually { project.folder.read("hooks/log")?.hasSuffix("seed=1\n") == true })
    kill(run.identifier, signal)
    let (ended, output, _) = run.end()
    #expect(Int(ended) == status)
    #expect(
      output.replacing(/\d+(\.\d+)? s/, with: "T") == """
        vocab         made in T
        train/seed=1  interrupted; run again to resume
        train/seed=2  not started
        train/seed=3  not started
        report        not started

        """)
    project.unhook("hold-seed=1")
    _ = project.ran()
    #expect(try project.pipeline("run", "m.yaml").status == 0)
    #expect(project.ran() == ["seed=1", "seed=2", "seed=3", "report"])
  }

  @Test func `a runner that is killed takes its stages with it`() throws {
    let project = try TestProject()
    try project.folder.write(matrix, to: "m.yaml")
    try project.hook("hold")
    let run = try project.start(["run", "m.yaml"])
    #expect(eventually { project.folder.read("hooks/log") == "vocab\n" })
    kill(run.identifier, SIGKILL)
    #expect(run.end().status == 137)
    // The stage holds the lock as long as it lives.
    project.unhook("hold")
    _ = project.ran()
    #expect(eventually { (try? project.pipeline("run", "m.yaml").status) == 0 })
    #expect(project.folder.read("runs/m/report/result.txt") == "text+text+v+text+v+text+v")
  }

  @Test func `a second runner is refused by the stage that is running`() throws {
    let project = try TestProject()
    try project.folder.write(matrix, to: "m.yaml")
    try project.hook("hold-vocab")
    let first = try project.start(["run", "m.yaml"])
    #expect(eventually { project.folder.has("hooks/log") })
    let second = try project.pipeline("run", "m.yaml")
    #expect(second.status == 75)
    #expect(second.error.contains("runs/m/vocab: another run is writing this output (process "))
    project.unhook("hold-vocab")
    #expect(first.end().status == 0)
  }
}
