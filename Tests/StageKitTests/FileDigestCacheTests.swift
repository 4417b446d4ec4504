import Foundation
import Support
import Testing
import TestSupport

@testable import StageKit

struct FileDigestCacheTests {
  /// SHA-256 of “abc”, from FIPS 180-2.
  private let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  private func digest(of path: String, known: [FileDigest] = [], verify: Bool = false) throws
    -> String
  {
    var cache = FileDigestCache(known: known, verify: verify)
    return try cache.digest(of: path)
  }

  @Test func `a file has the SHA-256 of its bytes`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("abc", to: "x")
    #expect(try digest(of: directory("x")) == abc)
  }

  @Test func `a file that looks unchanged is not read again, unless asked to`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("abc", to: "x")
    var cache = FileDigestCache()
    _ = try cache.digest(of: directory("x"))
    var known = cache.files
    #expect(known.map(\.path) == [directory("x")])
    known[0].sha256 = "remembered"
    #expect(try digest(of: directory("x"), known: known) == "remembered")
    #expect(try digest(of: directory("x"), known: known, verify: true) == abc)
  }

  @Test func `a file that was written again is read again, whatever its times say`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("xyz", to: "x")
    let times = try FileManager.default.attributesOfItem(atPath: directory("x"))
    var cache = FileDigestCache()
    _ = try cache.digest(of: directory("x"))
    let handle = try #require(FileHandle(forWritingAtPath: directory("x")))
    try handle.write(contentsOf: Data("abc".utf8))
    try handle.close()
    try FileManager.default.setAttributes(
      [.modificationDate: try #require(times[.modificationDate])], ofItemAtPath: directory("x"))
    #expect(try digest(of: directory("x"), known: cache.files) == abc)
  }

  @Test func `a folder is known by the names and contents of its files, without stamps`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("1", to: "f/a")
    try directory.write("2", to: "f/b/c")
    let first = try digest(of: directory("f"))
    try directory.write("{}", to: "f/stamp.json")
    try directory.write("{}", to: "f/b/stamp.json")
    #expect(try digest(of: directory("f")) == first)
    try FileManager.default.copyItem(atPath: directory("f"), toPath: directory("g"))
    #expect(try digest(of: directory("g")) == first)
    try FileManager.default.moveItem(atPath: directory("g/a"), toPath: directory("g/d"))
    #expect(try digest(of: directory("g")) != first)
    try directory.write("3", to: "f/b/c")
    #expect(try digest(of: directory("f")) != first)
  }

  @Test func `hidden files and what desktop systems leave behind are no content`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("1", to: "f/a")
    let first = try digest(of: directory("f"))
    for name in [".DS_Store", "Thumbs.db", ".git/HEAD", "b/._a"] {
      try directory.write("x", to: "f/\(name)")
    }
    #expect(try digest(of: directory("f")) == first)
  }

  @Test func `a folder of links is known by what they lead to`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("1", to: "f/a")
    try directory.write("2", to: "f/b/c")
    let first = try digest(of: directory("f"))
    try directory.write("", to: "g/.keep")
    for name in ["a", "b"] {
      try FileManager.default.createSymbolicLink(
        atPath: directory("g/\(name)"), withDestinationPath: "../f/\(name)")
    }
    #expect(try digest(of: directory("g")) == first)
    // A second name of a file is reported by the stage, so it is part of the content.
    try FileManager.default.createSymbolicLink(
      atPath: directory("f/d"), withDestinationPath: "a")
    #expect(try digest(of: directory("f")) != first)
  }

  @Test func `of an output only the files of its stamp count, and documents as they were`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("abc", to: "out/data.json")
    try directory.write("card", to: "out/README.md")
    let plain = try digest(of: directory("out"))
    let card = try digest(of: directory("out/README.md"))
    try directory.write(
      """
      {"format": 1, "outputs": [{"path": "README.md", "sha256": "\(card)"},
        {"path": "data.json", "sha256": "\(abc)"}]}
      """, to: "out/stamp.json")
    // Stamps of before the rule still hold.
    #expect(try digest(of: directory("out")) == plain)
    for name in ["NOTES.txt", ".DS_Store", "sub/deep/x", ".git/HEAD", "data.json.bak", "README.md"]
    {
      try directory.write("mine", to: "out/\(name)")
    }
    #expect(try digest(of: directory("out")) == plain)
    try directory.write("abd", to: "out/data.json")
    #expect(try digest(of: directory("out")) != plain)
  }

  @Test func `a name with a line break cannot imitate two files`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("", to: "one/a\nb")
    try directory.write("", to: "two/a")
    try directory.write("", to: "two/b")
    #expect(try digest(of: directory("one")) != digest(of: directory("two")))
  }

  @Test func `a missing path and a path that is neither file nor directory are rejected`() throws {
    let directory = try TemporaryDirectory()
    let missing = #expect(throws: UserError.self) { try digest(of: directory("x")) }
    #expect(missing?.exitStatus == .noInput)
    #expect(missing?.problem == "no such file or folder")
    #expect(mkfifo(directory("pipe"), 0o600) == 0)
    let pipe = #expect(throws: UserError.self) { try digest(of: directory("pipe")) }
    #expect(pipe?.problem == "cannot be read: it is neither a file nor a folder")
  }

  @Test func `an input that changes while it is read is noticed`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("abc", to: "x")
    var cache = FileDigestCache()
    _ = try cache.digest(of: directory("x"))
    try cache.verifyUnchanged()
    try directory.write("abd", to: "x")
    let error = #expect(throws: UserError.self) { try cache.verifyUnchanged() }
    #expect(error?.exitStatus == .temporary)
    #expect(error?.problem == "it changed while it was being read")
    directory.remove("x")
    #expect(throws: UserError.self) { try cache.verifyUnchanged() }
  }
}
