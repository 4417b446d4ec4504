import Foundation
import Support
import Testing
import TestSupport

struct AtomicDirectoryTests {
  private func commit(_ text: String, at path: String) throws {
    let output = try AtomicDirectory(at: path)
    try output.write(text, to: "deep/er/file")
    try output.commit()
  }

  @Test func `nothing is seen before it is published, and nothing else is left after`() throws {
    let bench = try TemporaryDirectory()
    let output = try AtomicDirectory(at: bench("a/out"))
    try output.write("one", to: "file")
    #expect(!bench.has("a/out"))
    try output.commit()
    #expect(bench.read("a/out/file") == "one")
    #expect(bench.names(in: "a") == ["out"])
  }

  @Test func `a new output replaces the old one whole`() throws {
    let bench = try TemporaryDirectory()
    try commit("old", at: bench("out"))
    try bench.write("more", to: "out/stray")
    try commit("new", at: bench("out"))
    #expect(bench.read("out/deep/er/file") == "new")
    #expect(bench.names(in: "out") == ["deep"])
    #expect(bench.names() == ["out"])
  }

  @Test func `an abandoned output leaves the old one and no other files`() throws {
    let bench = try TemporaryDirectory()
    try commit("old", at: bench("out"))
    do {
      let output = try AtomicDirectory(at: bench("out"))
      try output.write("new", to: "deep/er/file")
    }
    #expect(bench.read("out/deep/er/file") == "old")
    #expect(bench.names() == ["out"])
  }

  @Test func `leftovers of a killed run are removed`() throws {
    let bench = try TemporaryDirectory()
    try commit("old", at: bench("out"))
    try bench.write("half", to: "out.partial/half")
    try bench.write("process 1", to: "out.lock")
    #expect(AtomicDirectory.writer(of: bench("out")) == nil)
    try commit("new", at: bench("out"))
    #expect(bench.names(in: "out") == ["deep"])
    #expect(bench.names() == ["out"])
  }

  @Test func `leftovers of a run that died after the commit are removed`() throws {
    let bench = try TemporaryDirectory()
    try commit("new", at: bench("out"))
    try bench.write("old", to: "out.partial/file")
    try bench.write("process 1", to: "out.lock")
    AtomicDirectory.removeLeftovers(of: bench("out")) { _ in false }
    #expect(bench.names() == ["out"])
    let next = try AtomicDirectory(at: bench("out"))
    try next.write("next", to: "file")
    AtomicDirectory.removeLeftovers(of: bench("out")) { _ in false }
    try next.commit()
    #expect(bench.read("out/file") == "next")
  }

  @Test func `an obsolete checkpoint is removed, another one is kept, one half written never`()
    throws
  {
    let bench = try TemporaryDirectory()
    for isObsolete in [false, true] {
      try bench.write("state", to: "out.resume")
      try bench.write("half", to: "out.resume.new")
      let output = try AtomicDirectory(at: bench("out"))
      try output.commit { _ in isObsolete }
      #expect(bench.names() == (isObsolete ? ["out"] : ["out", "out.resume"]))
      try bench.write("half", to: "out.resume.new")
      AtomicDirectory.removeLeftovers(of: bench("out")) { $0 == bench("out.resume") && isObsolete }
      #expect(bench.names() == (isObsolete ? ["out"] : ["out", "out.resume"]))
    }
  }

  @Test func `the backup of a killed run is restored`() throws {
    let bench = try TemporaryDirectory()
    try bench.write("old", to: "out.partial.old/file")
    do { _ = try AtomicDirectory(at: bench("out")) }
    #expect(bench.read("out/file") == "old")
  }

  @Test func `a copy that someone called .old is neither taken for the output nor removed`() throws
  {
    let bench = try TemporaryDirectory()
    try bench.write("mine", to: "out.old/file")
    try commit("new", at: bench("out"))
    AtomicDirectory.removeLeftovers(of: bench("out")) { _ in false }
    #expect(bench.names() == ["out", "out.old"])
    #expect(bench.names(in: "out") == ["deep"])
    #expect(bench.read("out.old/file") == "mine")
  }

  @Test func `the lock file of another program is refused and kept`() throws {
    let bench = try TemporaryDirectory()
    try bench.write("[[package]]", to: "out.lock")
    let refusal = #expect(throws: UserError.self) { try AtomicDirectory(at: bench("out")) }
    #expect(refusal?.exitStatus == .cannotCreate)
    #expect(refusal?.problem == "a file of another program")
    #expect(bench.read("out.lock") == "[[package]]")
  }

  @Test(arguments: ["out", "out/a", "out/a/b"])
  func `a link that leads nowhere is refused and named`(path: String) throws {
    let bench = try TemporaryDirectory()
    try FileManager.default.createSymbolicLink(
      atPath: bench("out"), withDestinationPath: "/nonexistent/nowhere")
    let refusal = #expect(throws: UserError.self) { try AtomicDirectory(at: bench(path)) }
    #expect(refusal?.exitStatus == .cannotCreate)
    #expect(refusal?.location == bench("out"))
    #expect(refusal?.problem == "a link to /nonexistent/nowhere, which leads nowhere")
    #expect(bench.names() == ["out"])
  }

  @Test func `a second run is refused on each attempt, and the message names the first`() throws {
    let bench = try TemporaryDirectory()
    let first = try AtomicDirectory(at: bench("out"))
    for _ in 0..<2 {
      let refusal = #expect(throws: UserError.self) { try AtomicDirectory(at: bench("out")) }
      #expect(refusal?.exitStatus == .temporary)
      #expect(
        refusal?.description
          == "\(bench("out")): another run is writing this output (process \(getpid()))\n  what to do: wait for it to end, or choose another --output"
      )
    }
    #expect(AtomicDirectory.writer(of: bench("out")) == "process \(getpid())")
    try first.write("first", to: "file")
    try first.commit()
    #expect(AtomicDirectory.writer(of: bench("out")) == nil)
    try commit("second", at: bench("out"))
  }

  @Test func `a slash at the end changes nothing`() throws {
    let bench = try TemporaryDirectory()
    try commit("new", at: bench("out//"))
    #expect(bench.names() == ["out"])
    #expect(bench.names(in: "out") == ["deep"])
  }

  @Test func `a link to a folder stays a link`() throws {
    let bench = try TemporaryDirectory()
    try bench.write("old", to: "far/file")
    try FileManager.default.createSymbolicLink(
      atPath: bench("out"), withDestinationPath: bench("far"))
    try commit("new", at: bench("out"))
    #expect(bench.read("far/deep/er/file") == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: bench("out")) == bench("far"))
  }

  @Test(arguments: ["", "/", ".", "..", "x/.."])
  func `folders that cannot be replaced are refused`(path: String) {
    let refusal = #expect(throws: UserError.self) { try AtomicDirectory(at: path) }
    #expect(refusal?.exitStatus == .cannotCreate)
    #expect(refusal?.problem == "not the name of a folder that can be replaced")
  }

  @Test func `a file in the place of the output is refused and kept`() throws {
    let bench = try TemporaryDirectory()
    try bench.write("mine", to: "out")
    let refusal = #expect(throws: UserError.self) { try AtomicDirectory(at: bench("out")) }
    #expect(refusal?.problem == "a file")
    let below = #expect(throws: UserError.self) { try AtomicDirectory(at: bench("out/deeper")) }
    #expect(below?.exitStatus == .cannotCreate)
    #expect(bench.read("out") == "mine")
    #expect(bench.names() == ["out"])
  }
}
