import Foundation
import Support
import Testing
import TestSupport

struct PathsTests {
  @Test(arguments: [
    ("", "", ""), ("/", "/", ""), ("a", "", "a"), ("a/", "", "a"), ("a/b", "a", "b"),
    ("a//b//", "a", "b"), ("/a", "/", "a"), ("//a", "/", "a"), ("/a/b", "/a", "b"),
    ("é/ü", "é", "ü"), (".", "", "."), ("a/..", "a", ".."),
  ])
  func `a path has a parent and a name`(path: String, parent: String, name: String) {
    #expect(path.parentPath == parent)
    #expect(path.lastPathName == name)
  }

  @Test func `the real path follows links as far as there is something`() throws {
    let bench = try TemporaryDirectory()
    try bench.write("", to: "far/file")
    try FileManager.default.createSymbolicLink(
      atPath: bench("near"), withDestinationPath: bench("far"))
    let far = realPath(bench("far"))
    #expect(realPath(bench("near/file")) == far + "/file")
    #expect(realPath(bench("near/new/er/")) == far + "/new/er")
    #expect(realPath(bench("near/../far")) == far)
    #expect(realPath("/") == "/")
    #expect(realPath("") == realPath("."))
    #expect(realPath("/nowhere-at-all/x") == "/nowhere-at-all/x")
  }

  @Test func `names from hostile files cannot steer a terminal`() {
    #expect(
      escapingControlCharacters("a\u{1B}[2J\r\n\u{202E}é😀\u{200B}")
        == "a\\u{1b}[2J\\u{d}\\u{a}\\u{202e}é😀\\u{200b}"
    )
    let refusal = UserError(.data, at: "x\u{7}", problem: "one\ntwo\u{8}", expected: "e", hint: "a")
    #expect(
      refusal.description == "x\\u{7}: one\ntwo\\u{8}\n  expected: e\n  what to do: a")
  }
}
