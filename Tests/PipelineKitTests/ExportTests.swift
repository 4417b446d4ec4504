import Foundation
import Testing
import TestSupport

@testable import PipelineKit

/// `pipeline export`: the files, and what the real tools do with them.
struct ExportTests {
  /// A matrix, and every character with a meaning for one of the tools or for a shell.
  private static let odd = """
    name: odd
    stages:
      left: { run: ingest, inputs: { one: "in $x: #1.txt" }, with: { text: "${{y}} {{z}} 'q' \\"p\\" 50% #~" } }
      train:
        run: train
        inputs: { one: left }
        matrix: { model: [a, b.c], seed: [1, 2] }
      report: { run: evaluate, inputs: { many: [train, left] } }
    """

  private static func project() throws -> TestProject {
    let project = try TestProject()
    try project.folder.write(odd, to: "m.yaml")
    try project.folder.write("L", to: "in $x: #1.txt")
    return project
  }

  @Test func `a Makefile has a rule for each job, with its command line`() throws {
    let project = try Self.project()
    let export = try project.pipeline("export", "m.yaml", "--format", "make")
    #expect(export.output == "wrote Makefile; to run it: make\n" && export.status == 0)
    let text = try #require(project.folder.read("Makefile"))
    #expect(
      text.hasPrefix(
        """
        # Exported by pipeline export: the manifest odd. To run it: make
        equals := =
        .PHONY: all
        all: runs/odd/report/stamp.json

        runs/odd/left/stamp.json: in\\ $$x\\:\\ \\#1.txt
        \tbin/ingest --one 'in $$x: #1.txt' --text '$${y} {z} '\\''q'\\'' "p" 50% #~' --output runs/odd/left

        runs/odd/train/model$(equals)a,seed$(equals)1/stamp.json: runs/odd/left/stamp.json
        \tbin/train --one runs/odd/left --model a --seed 1 --output runs/odd/train/model=a,seed=1

        """), "\(text)")
    let lines = try project.pipeline("run", "m.yaml", "--dry-run").output.split(separator: "\n")
      .filter { $0.hasPrefix("  ") }.map { $0.dropFirst(2).replacing("$", with: "$$") }
    #expect(lines.count == 6)
    for line in lines { #expect(text.contains("\n\t\(line)\n"), "\(line)") }
  }

  @Test(.enabled(if: isThere("make"), "make is not on PATH"))
  func `make runs the same jobs as the runner, with the same stamps`() throws {
    try check("make", ["make", "-j2"])
  }

  @Test(.enabled(if: isThere("snakemake"), "snakemake is not on PATH"))
  func `Snakemake runs the same jobs as the runner, with the same stamps`() throws {
    try check("snakemake", ["snakemake", "--cores", "2"])
  }

  @Test(.enabled(if: isThere("dvc"), "dvc is not on PATH"))
  func `DVC runs the same jobs as the runner, with the same stamps`() throws {
    try check("dvc", ["dvc", "repro"], first: ["dvc", "init", "--no-scm", "--quiet"])
  }

  /// Exports, and lets the tool run everything, nothing, and the dependents of a changed input.
  private func check(_ format: String, _ tool: [String], first: [String]? = nil) throws {
    let project = try Self.project()
    func run(_ command: [String]) throws {
      let end = try Program(
        "/usr/bin/env", command, in: project.folder,
        environment: ["FAKE_STAGE_HOOKS": project.folder("hooks"), "DVC_NO_ANALYTICS": "1"]
      ).end()
      #expect(end.status == 0, "\(end.output)\(end.error)")
    }
    #expect(try project.pipeline("export", "m.yaml", "--format", format).status == 0)
    if let first { try run(first) }
    try run(tool)
    let all = ["left", "model=a,seed=1", "model=a,seed=2", "model=b.c,seed=1", "model=b.c,seed=2"]
    #expect(project.ran().sorted() == all + ["report"])
    let made = project.folder.read("runs/odd/report/result.txt")
    let idle = try project.pipeline("run", "m.yaml")
    #expect(idle.output.hasPrefix("Nothing to do"), "\(idle.error)")
    _ = try project.pipeline("run", "m.yaml", "--output-root", "own")
    #expect(made != nil && project.folder.read("own/odd/report/result.txt") == made)

    _ = project.ran()
    try run(tool)
    #expect(project.ran() == [])
    try project.folder.write("M", to: "in $x: #1.txt")
    try run(tool)
    #expect(project.ran().sorted() == all + ["report"])
    #expect(try project.pipeline("run", "m.yaml").output.hasPrefix("Nothing to do"))
  }

  @Test func `a file that was not exported stays, an earlier export is replaced`() throws {
    let project = try Self.project()
    try project.folder.write("all: mine\n", to: "Makefile")
    let refused = try project.pipeline("export", "m.yaml", "--format", "make")
    #expect(refused.status == 73)
    #expect(
      refused.error == """
        pipeline: Makefile: a file that was not written by this command
          expected: no file, or one that it has written, which is replaced
          what to do: choose another --output, or move the file

        """)
    #expect(project.folder.read("Makefile") == "all: mine\n")
    for _ in 0..<2 {
      let export = try project.pipeline("export", "m.yaml", "--format", "make", "--output", "rules")
      #expect(export.status == 0 && project.folder.has("rules"))
    }
  }

  @Test func `a word that a tool cannot express is rejected with its job`() throws {
    let project = try TestProject()
    try project.folder.write("x", to: "a*b.txt")
    try project.folder.write(
      "name: m\nstages:\n  a: { run: ingest, inputs: { one: \"a*b.txt\" } }", to: "m.yaml")
    let star = try project.pipeline("export", "m.yaml", "--format", "make")
    #expect(star.status == 78)
    #expect(star.error.hasPrefix("pipeline: a: “*” in the path “a*b.txt”\n"), "\(star.error)")
    #expect(try project.pipeline("export", "m.yaml", "--format", "snakemake").status == 0)
    try project.edit("\"a*b.txt\" }", "\"a*b.txt\" }, with: { text: \"a\\nb\" }")
    let line = try project.pipeline("export", "m.yaml", "--format", "dvc")
    #expect(line.status == 78)
    #expect(
      line.error.hasPrefix("pipeline: a: a control character in “a\\u{a}b”\n"), "\(line.error)")
    try project.edit("a*b.txt", "none.txt")
    let none = try project.pipeline("export", "m.yaml", "--format", "snakemake")
    #expect(none.status == 66 && none.error.contains("no file or folder “none.txt”"))
  }
}

/// Whether a program is on PATH.
private func isThere(_ program: String) -> Bool {
  (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
}
