import Foundation
import Testing
import TestSupport

/// The quickstart with other build tools: the same bytes from archives to report.
struct ExportTests {
  @Test(.enabled(if: isThere("make"), "make is not on PATH"))
  func `make makes the quickstart's bytes`() throws { try check("make", [["make", "-j2"]]) }

  @Test(.enabled(if: isThere("snakemake"), "snakemake is not on PATH"))
  func `Snakemake makes the quickstart's bytes`() throws {
    try check("snakemake", [["snakemake", "--cores", "2"]])
  }

  @Test(.enabled(if: isThere("dvc"), "dvc is not on PATH"))
  func `DVC makes the quickstart's bytes`() throws {
    try check("dvc", [["dvc", "init", "--no-scm", "--quiet"], ["dvc", "repro"]])
  }

  private func check(_ format: String, _ commands: [[String]]) throws {
    let bench = try Project.bench()
    try Project.quick(bench)
    let own = try Project.run("pipeline", ["run", "quick.yaml", "--output-root", "own"], in: bench)
    #expect(own.status == 0, "\(own.error)")
    let export = try Project.run(
      "pipeline", ["export", "quick.yaml", "--format", format], in: bench)
    #expect(export.status == 0, "\(export.error)")
    for command in commands {
      let run = try Program(
        "/usr/bin/env", command, in: bench, environment: ["DVC_NO_ANALYTICS": "1"]
      ).end()
      #expect(run.status == 0, "\(run.output)\(run.error)")
    }
    let (theirs, ours) = (try files(below: bench("runs")), try files(below: bench("own")))
    #expect(ours.count > 40 && Set(theirs.keys) == Set(ours.keys))
    for (name, content) in theirs { #expect(content == ours[name], "\(name)") }
    let idle = try Project.run("pipeline", ["run", "quick.yaml"], in: bench)
    #expect(idle.output.hasPrefix("Nothing to do"), "\(idle.error)")
  }

  /// All files of the outputs except the stamps and the page, which contain times, and the runner's.
  private func files(below folder: String) throws -> [String: Data] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
      .filter { name in
        !name.hasSuffix("stamp.json") && !name.hasSuffix(".html") && !"/\(name)".contains("/.")
      }
    return Dictionary(
      uniqueKeysWithValues: names.compactMap { name in
        FileManager.default.contents(atPath: "\(folder)/\(name)").map { (name, $0) }
      })
  }
}

/// Whether a program is on PATH.
private func isThere(_ program: String) -> Bool {
  (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
}
