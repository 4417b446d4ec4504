import Foundation
import Tensors
import Testing
import Workbench

struct StagedDirectoryTests {
  private func publish(_ text: String, at path: String) throws {
    let output = try StagedDirectory(at: path)
    try output.write(text, to: "deep/er/file")
    try output.publish()
  }

  @Test func `nothing is seen before it is published, and nothing else is left after`() throws {
    let bench = try Workbench()
    let output = try StagedDirectory(at: bench("a/out"))
    try output.write("one", to: "file")
    #expect(!bench.has("a/out"))
    try output.publish()
    #expect(bench.read("a/out/file") == "one")
    #expect(bench.names(in: "a") == ["out"])
  }

  @Test func `a new output replaces the old one whole`() throws {
    let bench = try Workbench()
    try publish("old", at: bench("out"))
    try bench.write("more", to: "out/stray")
    try publish("new", at: bench("out"))
    #expect(bench.read("out/deep/er/file") == "new")
    #expect(bench.names(in: "out") == ["deep"])
    #expect(bench.names() == ["out"])
  }

  @Test func `an output that is given up leaves the old one and no trace`() throws {
    let bench = try Workbench()
    try publish("old", at: bench("out"))
    do {
      let output = try StagedDirectory(at: bench("out"))
      try output.write("new", to: "deep/er/file")
    }
    #expect(bench.read("out/deep/er/file") == "old")
    #expect(bench.names() == ["out"])
  }

  @Test func `what a killed run left behind is cleared away`() throws {
    let bench = try Workbench()
    try publish("old", at: bench("out"))
    try bench.write("half", to: "out.partial/half")
    try bench.write("process 1", to: "out.lock")
    #expect(StagedDirectory.writer(of: bench("out")) == nil)
    try publish("new", at: bench("out"))
    #expect(bench.names(in: "out") == ["deep"])
    #expect(bench.names() == ["out"])
  }

  @Test func `what a run left that died after publishing is tidied away`() throws {
    let bench = try Workbench()
    try publish("new", at: bench("out"))
    try bench.write("old", to: "out.partial/file")
    try bench.write("process 1", to: "out.lock")
    StagedDirectory.tidy(bench("out"), key: "a")
    #expect(bench.names() == ["out"])
    let next = try StagedDirectory(at: bench("out"))
    try next.write("next", to: "file")
    StagedDirectory.tidy(bench("out"), key: "a")
    try next.publish()
    #expect(bench.read("out/file") == "next")
  }

  @Test func `what the finished run kept to go on from is tidied away, what another kept is not`()
    throws
  {
    let bench = try Workbench()
    try publish("new", at: bench("out"))
    do {
      let output = try StagedDirectory(at: bench("out"))
      output.continuation.key = "a"
      try output.continuation.save(TensorDocument())
    }
    #expect(bench.names() == ["out", "out.resume"])
    StagedDirectory.tidy(bench("out"), key: "b")
    #expect(bench.names() == ["out", "out.resume"])
    StagedDirectory.tidy(bench("out"), key: "a")
    #expect(bench.names() == ["out"])
  }

  @Test func `an old output set aside by a killed run is found again`() throws {
    let bench = try Workbench()
    try bench.write("old", to: "out.old/file")
    do { _ = try StagedDirectory(at: bench("out")) }
    #expect(bench.read("out/file") == "old")
  }

  @Test func `a second run is refused as often as it tries, and told who is first`() throws {
    let bench = try Workbench()
    let first = try StagedDirectory(at: bench("out"))
    for _ in 0..<2 {
      let refusal = #expect(throws: Refusal.self) { try StagedDirectory(at: bench("out")) }
      #expect(refusal?.kind == .temporary)
      #expect(
        refusal?.description
          == "\(bench("out")): another run is writing this output (process \(getpid()))\n  what to do: wait for it to end, or choose another --output"
      )
    }
    #expect(StagedDirectory.writer(of: bench("out")) == "process \(getpid())")
    try first.write("first", to: "file")
    try first.publish()
    #expect(StagedDirectory.writer(of: bench("out")) == nil)
    try publish("second", at: bench("out"))
  }

  @Test func `a slash at the end changes nothing`() throws {
    let bench = try Workbench()
    try publish("new", at: bench("out//"))
    #expect(bench.names() == ["out"])
    #expect(bench.names(in: "out") == ["deep"])
  }

  @Test func `a link to a folder stays a link`() throws {
    let bench = try Workbench()
    try bench.write("old", to: "far/file")
    try FileManager.default.createSymbolicLink(
      atPath: bench("out"), withDestinationPath: bench("far"))
    try publish("new", at: bench("out"))
    #expect(bench.read("far/deep/er/file") == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: bench("out")) == bench("far"))
  }

  @Test(arguments: ["", "/", ".", "..", "x/.."])
  func `folders that cannot be replaced are refused`(path: String) {
    let refusal = #expect(throws: Refusal.self) { try StagedDirectory(at: path) }
    #expect(refusal?.kind == .cannotCreate)
    #expect(refusal?.saw == "not the name of a folder that can be replaced")
  }

  @Test func `a file in the place of the output is refused and kept`() throws {
    let bench = try Workbench()
    try bench.write("mine", to: "out")
    let refusal = #expect(throws: Refusal.self) { try StagedDirectory(at: bench("out")) }
    #expect(refusal?.saw == "a file")
    let below = #expect(throws: Refusal.self) { try StagedDirectory(at: bench("out/deeper")) }
    #expect(below?.kind == .cannotCreate)
    #expect(bench.read("out") == "mine")
    #expect(bench.names() == ["out"])
  }
}
