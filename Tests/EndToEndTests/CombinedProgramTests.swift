import Foundation
import TestSupport
import Testing

/// All programs in one executable, as in a release, and links to it.
struct CombinedProgramTests {
  /// Creates a folder `bin` with the executable as `dlnc`, and links with the names of programs.
  private func release() throws -> TemporaryDirectory {
    let bench = try Project.bench()
    let manager = FileManager.default
    try manager.createDirectory(atPath: bench("bin"), withIntermediateDirectories: false)
    let program = "\(Program.folder)/multicall"
    do { try manager.linkItem(atPath: program, toPath: bench("bin/dlnc")) } catch {
      // A hard link cannot lead to another file system.
      try manager.copyItem(atPath: program, toPath: bench("bin/dlnc"))
    }
    for name in ["ingest", "vocab", "train", "finetune", "evaluate", "pipeline"] {
      try manager.createSymbolicLink(atPath: bench("bin/\(name)"), withDestinationPath: "dlnc")
    }
    return bench
  }

  private func run(
    _ program: String, _ arguments: [String], in bench: TemporaryDirectory
  ) throws -> (status: Int32, output: String, error: String) {
    try Program(bench("bin/\(program)"), arguments, in: bench).end()
  }

  @Test func `the name of the link or the first argument chooses the program`() throws {
    let bench = try release()
    let version = try Project.run("train", ["--version"], in: bench).output
    #expect(version.hasPrefix("train, stage version "))
    #expect(try run("train", ["--version"], in: bench).output == version)
    #expect(try run("dlnc", ["train", "--version"], in: bench).output == version)
    let schema = try Project.run("train", ["--schema"], in: bench).output
    #expect(try run("dlnc", ["train", "--schema"], in: bench).output == schema)
    let failure = try run("dlnc", ["train", "--seed", "1", "--seed", "2"], in: bench)
    #expect(failure.status == 64 && failure.error.contains("--seed is given twice"))
  }

  @Test func `its help lists every program, and a misspelt one is corrected`() throws {
    let bench = try release()
    for arguments in [[], ["--help"], ["help"]] {
      let help = try run("dlnc", arguments, in: bench)
      #expect(help.status == 0)
      for program in Programs.commands.map({ $0[0] }) where program != "bench" {
        #expect(help.output.contains("\n  \(program) "), "\(program)")
      }
    }
    let failure = try run("dlnc", ["trian"], in: bench)
    #expect(failure.status == 64)
    #expect(failure.error.hasPrefix("Error: There is no command “trian”. Did you mean “train”?\n"))
  }

  @Test func `a pipeline runs the links beside it, with the same bytes`() throws {
    let bench = try release()
    try Project.quick(bench)
    let links = try run("pipeline", ["run", "quick.yaml", "--jobs", "2"], in: bench)
    try #require(links.status == 0, "\(links.error)")
    let programs = try Project.run(
      "pipeline", ["run", "quick.yaml", "--output-root", "other"], in: bench)
    try #require(programs.status == 0, "\(programs.error)")
    for file in ["finetune/model.safetensors", "report/report.json", "report/summary.txt"] {
      #expect(bench.read("runs/quickstart/\(file)") != nil)
      #expect(
        FileManager.default.contentsEqual(
          atPath: bench("runs/quickstart/\(file)"), andPath: bench("other/quickstart/\(file)")))
    }
    // A link in another folder, such as /usr/bin, leads to the same stages, and nothing is stale.
    try FileManager.default.createSymbolicLink(
      atPath: bench("elsewhere"), withDestinationPath: "bin/dlnc")
    let again = try Program(bench("elsewhere"), ["pipeline", "run", "quick.yaml"], in: bench).end()
    #expect(again.status == 0 && again.output.hasPrefix("Nothing to do"), "\(again.error)")
    let plan = try run(
      "dlnc", ["pipeline", "run", "quick.yaml", "--dry-run", "--force"], in: bench)
    #expect(plan.output.contains("\n  bin/train --vocab "), "\(plan.output)")
  }
}
