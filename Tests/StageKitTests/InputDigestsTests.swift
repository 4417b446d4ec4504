import Foundation
import Support
import Testing
import TestSupport

@testable import StageKit

struct InputDigestsTests {
  /// SHA-256 of “abc”, from FIPS 180-2.
  private let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  private func digest(of path: String, memory: [FileDigest] = [], verify: Bool = false) throws
    -> String
  {
    var digests = FileDigestCache(memory: memory, verify: verify)
    return try digests.digest(of: path)
  }

  @Test func `a file has the SHA-256 of its bytes`() throws {
    let bench = try TemporaryDirectory()
    try bench.write("abc", to: "x")
    #expect(try digest(of: bench("x")) == abc)
  }

  @Test func `a file that looks unchanged is not read again, unless asked to`() throws {
    let bench = try TemporaryDirectory()
    try bench.write("abc", to: "x")
    var digests = FileDigestCache(memory: [])
    _ = try digests.digest(of: bench("x"))
    var memory = digests.files
    #expect(memory.map(\.path) == [bench("x")])
    memory[0].sha256 = "remembered"
    #expect(try digest(of: bench("x"), memory: memory) == "remembered")
    #expect(try digest(of: bench("x"), memory: memory, verify: true) == abc)
  }

  @Test func `a file that was written again is read again, whatever its times say`() throws {
    let bench = try TemporaryDirectory()
    try bench.write("xyz", to: "x")
    let times = try FileManager.default.attributesOfItem(atPath: bench("x"))
    var digests = FileDigestCache(memory: [])
    _ = try digests.digest(of: bench("x"))
    let handle = try #require(FileHandle(forWritingAtPath: bench("x")))
    try handle.write(contentsOf: Data("abc".utf8))
    try handle.close()
    try FileManager.default.setAttributes(
      [.modificationDate: try #require(times[.modificationDate])], ofItemAtPath: bench("x"))
    #expect(try digest(of: bench("x"), memory: digests.files) == abc)
  }

  @Test func `a folder is known by the names and contents of its files, without stamps`() throws {
    let bench = try TemporaryDirectory()
    try bench.write("1", to: "f/a")
    try bench.write("2", to: "f/b/c")
    let first = try digest(of: bench("f"))
    try bench.write("{}", to: "f/stamp.json")
    try bench.write("{}", to: "f/b/stamp.json")
    #expect(try digest(of: bench("f")) == first)
    try FileManager.default.copyItem(atPath: bench("f"), toPath: bench("g"))
    #expect(try digest(of: bench("g")) == first)
    try FileManager.default.moveItem(atPath: bench("g/a"), toPath: bench("g/d"))
    #expect(try digest(of: bench("g")) != first)
    try bench.write("3", to: "f/b/c")
    #expect(try digest(of: bench("f")) != first)
  }

  @Test func `a name with a line break cannot imitate two files`() throws {
    let bench = try TemporaryDirectory()
    try bench.write("", to: "one/a\nb")
    try bench.write("", to: "two/a")
    try bench.write("", to: "two/b")
    #expect(try digest(of: bench("one")) != digest(of: bench("two")))
  }

  @Test func `what is missing or neither file nor folder is refused`() throws {
    let bench = try TemporaryDirectory()
    let missing = #expect(throws: UserError.self) { try digest(of: bench("x")) }
    #expect(missing?.exitStatus == .noInput)
    #expect(missing?.problem == "no such file or folder")
    #expect(mkfifo(bench("pipe"), 0o600) == 0)
    let pipe = #expect(throws: UserError.self) { try digest(of: bench("pipe")) }
    #expect(pipe?.problem == "cannot be read: it is neither a file nor a folder")
  }

  @Test func `an input that changes while it is read is noticed`() throws {
    let bench = try TemporaryDirectory()
    try bench.write("abc", to: "x")
    var digests = FileDigestCache(memory: [])
    _ = try digests.digest(of: bench("x"))
    try digests.confirm()
    try bench.write("abd", to: "x")
    let refusal = #expect(throws: UserError.self) { try digests.confirm() }
    #expect(refusal?.exitStatus == .temporary)
    #expect(refusal?.problem == "it changed while it was being read")
    bench.remove("x")
    #expect(throws: UserError.self) { try digests.confirm() }
  }
}
