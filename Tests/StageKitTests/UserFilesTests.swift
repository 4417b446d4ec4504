import Foundation
import Testing
import TestSupport

@testable import StageKit

/// What users add to or edit in an output survives when its stage makes it again.
struct UserFilesTests {
  private let bench: TemporaryDirectory

  /// A folder with an output.
  init() throws {
    bench = try TemporaryDirectory()
    try make("old")
  }

  /// Makes the output with a text.
  /// - Returns: the messages of the stage.
  @discardableResult
  private func make(_ text: String) throws -> [String] {
    let run = try Program(
      Program.folder + "/fake-stage", ["--output", "out", "--text", text], in: bench
    ).end()
    #expect(run.status == 0, "\(run.error)")
    #expect(bench.read("out/result.txt") == text)
    #expect(Stamp(of: bench("out"))?.problems(at: bench("out")) == [])
    #expect(bench.names() == ["out"])
    return run.error.split(separator: "\n").map(String.init)
      .filter { !["fake-stage: made out", "fake-stage: wrote out"].contains($0) }
  }

  private let outputs = ["result.txt", "stamp.json", "summary.json", "summary.txt"]

  @Test func `added files, folders and links are kept, and a line says so`() throws {
    try bench.write("notes", to: "out/NOTES.txt")
    try bench.write("deep", to: "out/sub/er/x")
    try bench.write("ref", to: "out/.git/HEAD")
    try bench.write("litter", to: "out/.DS_Store")
    let manager = FileManager.default
    try manager.createDirectory(atPath: bench("out/empty"), withIntermediateDirectories: false)
    try manager.createSymbolicLink(atPath: bench("out/loop"), withDestinationPath: "..")
    try manager.createSymbolicLink(atPath: bench("out/lost"), withDestinationPath: "nowhere")
    for text in ["new", "newer"] {
      #expect(
        try make(text) == [
          "fake-stage: kept in it what no stage wrote: NOTES.txt, empty/, loop, lost, sub/"
        ])
      #expect(bench.read("out/NOTES.txt") == "notes")
      #expect(bench.read("out/sub/er/x") == "deep")
      #expect(bench.read("out/.git/HEAD") == "ref")
      #expect(try manager.destinationOfSymbolicLink(atPath: bench("out/loop")) == "..")
      #expect(try manager.destinationOfSymbolicLink(atPath: bench("out/lost")) == "nowhere")
      #expect(
        bench.names(in: "out")
          == ([".DS_Store", ".git", "NOTES.txt", "empty", "loop", "lost", "sub"] + outputs).sorted()
      )
      #expect(Stamp(of: bench("out"))?.outputs.count == 3)
    }
  }

  @Test func `an edited document is no reason to run, and is kept under another name by a run`()
    throws
  {
    try bench.write("mine", to: "out/summary.txt")
    #expect(Stamp(of: bench("out"))?.problems(at: bench("out")) == [])
    #expect(
      try make("new") == [
        "fake-stage: warning: summary.txt was edited; the edited file is kept as summary.txt.kept-1"
      ])
    #expect(bench.read("out/summary.txt") == "wrote 3 bytes\n")
    #expect(bench.read("out/summary.txt.kept-1") == "mine")
    try bench.write("mine, too", to: "out/summary.txt")
    _ = try make("newer")
    #expect(bench.read("out/summary.txt.kept-1") == "mine")
    #expect(bench.read("out/summary.txt.kept-2") == "mine, too")
  }

  @Test func `edited data is a reason to run, and is kept as well`() throws {
    try bench.write("mine", to: "out/result.txt")
    #expect(
      Stamp(of: bench("out"))?.problems(at: bench("out")) == ["its output result.txt was changed"])
    #expect(try make("new").first?.contains("result.txt was edited; the edited file") == true)
    #expect(bench.read("out/result.txt.kept-1") == "mine")
  }

  @Test func `a file that the run would write in the same way needs no other name`() throws {
    try bench.write("new", to: "out/result.txt")
    #expect(try make("new") == [])
    #expect(bench.names(in: "out") == outputs)
  }

  @Test func `a file of the user in the way of a new output is kept under another name`() throws {
    // As if an earlier version of the stage had not written it.
    let stamp = try #require(bench.read("out/stamp.json"))
    try bench.write(stamp.replacing("\"result.txt\"", with: "\"other.txt\""), to: "out/stamp.json")
    try bench.write("mine", to: "out/result.txt")
    #expect(
      try make("new") == [
        "fake-stage: warning: result.txt is a file of this stage; "
          + "yours of this name is kept as result.txt.kept-1"
      ])
    bench.remove("out/summary.txt")
    try bench.write("mine", to: "out/summary.txt/deep")
    #expect(try make("newer").last?.contains("summary.txt.kept-1") == true)
    #expect(bench.read("out/summary.txt.kept-1/deep") == "mine")
  }

  @Test func `without a stamp that can be read nothing is lost`() throws {
    try bench.write("notes", to: "out/NOTES.txt")
    try bench.write("", to: "out/stamp.json")
    _ = try make("new")
    #expect(bench.read("out/NOTES.txt") == "notes")
    #expect(bench.read("out/result.txt.kept-1") == "old")
  }

  @Test func `a run that fails changes nothing`() throws {
    try bench.write("notes", to: "out/NOTES.txt")
    try bench.write("mine", to: "out/summary.txt")
    try bench.write("", to: "hooks/fail-out")
    let run = try Program(
      Program.folder + "/fake-stage", ["--output", "out", "--text", "new"], in: bench,
      environment: ["FAKE_STAGE_HOOKS": bench("hooks")]
    ).end()
    #expect(run.status == 65)
    #expect(bench.read("out/NOTES.txt") == "notes" && bench.read("out/summary.txt") == "mine")
    #expect(bench.names(in: "out") == (["NOTES.txt"] + outputs).sorted())
  }
}
