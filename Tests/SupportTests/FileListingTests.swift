import Foundation
import Support
import Testing
import TestSupport

struct FileListingTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  private func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: directory(name), withDestinationPath: target)
  }

  private func rejected(_ folder: String) throws -> UserError {
    try #require(throws: UserError.self) { try FileListing(of: directory(folder)) }
  }

  @Test func `files are listed by their paths in the order of the bytes`() throws {
    for name in ["d/b/1", "d/a", "d/b-1", "d/B"] { try directory.write("", to: name) }
    let listing = try FileListing(of: directory("d"))
    #expect(listing.files == ["B", "a", "b-1", "b/1"])
    #expect(listing.duplicates == [])
  }

  @Test func `hidden files and folders and those of desktop systems are left out`() throws {
    for name in [
      ".git/config", ".ipynb_checkpoints/a.txt", ".cache/x", ".DS_Store", "._a", ".nfs0001",
      "Thumbs.db", "desktop.ini", "__MACOSX/a", "lost+found/a", "__pycache__/a", "~$a.csv",
      "good/.hidden", "good/a",
    ] { try directory.write("", to: "d/\(name)") }
    #expect(try FileListing(of: directory("d")).files == ["good/a"])
  }

  @Test func `a hidden folder that is named itself is listed`() throws {
    try directory.write("", to: ".d/a")
    #expect(try FileListing(of: directory(".d")).files == ["a"])
  }

  @Test func `links are followed to files and folders, with and without a slash`() throws {
    try directory.write("", to: "far/class/1")
    try directory.write("", to: "far/2")
    try directory.write("", to: "d/own")
    try link("d/class", to: "../far/class")
    try link("d/file", to: "../far/2")
    try link("near", to: "d")
    for name in ["d", "d/", "near", "near/"] {
      let listing = try FileListing(of: directory(name))
      #expect(listing.files == ["class/1", "file", "own"], "\(name)")
      #expect(listing.duplicates == [], "\(name)")
    }
  }

  @Test func `a file with several paths is listed once, under its own`() throws {
    try directory.write("", to: "d/real")
    try directory.write("", to: "d/folder/1")
    try link("d/again", to: "real")
    try link("d/a-folder", to: "folder")
    try directory.write("", to: "far/sub/2")
    try link("d/x", to: "../far/sub/2")
    try link("d/y", to: "../far/sub")
    try link("d/z", to: "../far")
    let listing = try FileListing(of: directory("d"))
    #expect(listing.files == ["folder/1", "real", "x"])
    #expect(listing.duplicates == ["a-folder", "again", "y/2", "z/sub"])
  }

  @Test func `hard links are files of their own`() throws {
    try directory.write("", to: "d/a")
    try FileManager.default.linkItem(atPath: directory("d/a"), toPath: directory("d/b"))
    #expect(try FileListing(of: directory("d")).files == ["a", "b"])
  }

  @Test(arguments: [".", "..", "../../d", "../.."])
  func `a link to a folder around it is rejected`(target: String) throws {
    try directory.write("", to: "d/e/a")
    try link("d/e/loop", to: target)
    let error = try rejected("d")
    #expect(error.exitStatus == .data)
    #expect(error.location == directory("d/e/loop"))
    #expect(error.problem.hasSuffix("a folder that contains it"))
  }

  @Test func `a link that leads nowhere is named with its target`() throws {
    try directory.write("", to: "d/a")
    try link("d/gone", to: "../nowhere.csv")
    let error = try rejected("d")
    #expect(error.exitStatus == .noInput)
    #expect(error.location == directory("d/gone"))
    #expect(error.problem == "a link to ../nowhere.csv, which leads nowhere")
    try link("circle", to: "circle")
    #expect(danglingLink(directory("circle"))?.problem == "a link that leads back to itself")
    try link("annexed", to: ".git/annex/objects/1")
    #expect(danglingLink(directory("annexed"))?.hint?.contains("git annex get") == true)
    #expect(danglingLink(directory("d")) == nil)
  }

  @Test func `a pipe among the files is named`() throws {
    try directory.write("", to: "d/a")
    #expect(mkfifo(directory("d/pipe"), 0o600) == 0)
    #expect(try rejected("d").location == directory("d/pipe"))
  }

  @Test(arguments: [
    ("https://example.org/x.csv", "download it first"), ("hf://datasets/x", "download it first"),
    ("data/*.csv", "leave out quotes"), ("~/x.csv", "$HOME"), ("other/x.csv", "look"),
    ("a,b", "look"),
  ])
  func `a missing input is explained`(path: String, hint: String) {
    let error = missingInput(path, hint: "look")
    #expect(error.exitStatus == .noInput)
    #expect(error.hint?.contains(hint) == true)
  }

  @Test func `a list with commas is no list of files`() throws {
    try directory.write("", to: "a")
    let path = "\(directory("a")),\(directory("a"))"
    #expect(missingInput(path, hint: "look").hint == "give the names one by one, without commas")
  }
}
