import Foundation
import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Safetensors
@testable import Support

/// What people hand over in place of an archive.
struct WrongFileTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  private func refused(_ path: String) throws -> UserError {
    try userError {
      let archive = try Archive(path: path)
      while let member = try archive.next() { try member.forEachBlock { _ in } }
    }
  }

  @Test func `a missing file is no input`() throws {
    let refused = try refused(bench("none.zip"))
    #expect(refused.exitStatus == .noInput)
    #expect(
      refused.description == """
        \(bench("none.zip")): no such file or directory
          expected: an archive or a folder
          what to do: check the path; the README says where to download the data
        """)
  }

  @Test func `an empty file is refused`() throws {
    let refused = try refused(try bench.file("a.zip", ""))
    #expect(refused.exitStatus == .data)
    #expect(refused.problem == "an empty file (0 bytes)")
  }

  @Test(arguments: [
    "<!DOCTYPE html><html>quota exceeded</html>", "\n  <HTML><body>", "\u{FEFF}<!doctype HTML>",
  ])
  func `an HTML page in place of an archive is refused`(page: String) throws {
    let refused = try refused(try bench.file("a.zip", page))
    #expect(refused.exitStatus == .data)
    #expect(refused.problem == "an HTML page")
    #expect(refused.hint?.contains("download the archive again") == true)
  }

  @Test func `a Git LFS pointer is refused, also inside a folder`() throws {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"
    let path = try bench.file("clone/a.zip", pointer)
    #expect(try refused(path).problem == "a Git LFS pointer instead of the file")
    #expect(try refused(bench("clone")).location == path)
    let zip = try bench.archive("b.zip", .zip, [("repository/a.csv", pointer)])
    #expect(try refused(zip).problem == "a Git LFS pointer instead of the file")
  }

  @Test(
    arguments: [
      (Array("PAR1".utf8) + [0x15, 4], "a Parquet file"), ([0x80, 4, 0x95, 0], "a Python pickle"),
      (Array("Rar!\u{1A}\u{7}\u{1}\0".utf8), "a RAR file"),
      (Array("%PDF-1.4".utf8), "a PDF document"),
    ] as [([UInt8], String)])
  func `other formats are refused by name`(magic: [UInt8], name: String) throws {
    #expect(try refused(try bench.file("a.zip", magic)).problem == name)
    let packed = try bench.archive("a.gz", .gzip, [("x", magic)])
    var options = IngestOptions()
    options.table.name = "mine"
    for path in [packed, try bench.archive("b.zip", .zip, [("data.bin", magic)])] {
      let refused = try userError { _ = try options.read(path: path) }
      #expect(refused.problem == name || name == "a PDF document")
    }
  }

  @Test(arguments: [TemporaryDirectory.Packing.bzip2, .xz, .zstandard, .lz4])
  func `a compressed file cut anywhere is refused`(packing: TemporaryDirectory.Packing) throws {
    var state: UInt32 = 1
    let content = (0..<20_000).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24) & 0x3F | 0x40
    }
    _ = try bench.archive("whole", packing, [("x", content)])
    let whole = try bench.bytes("whole")
    for size in stride(from: 12, to: whole.count, by: whole.count / 20) {
      let refused = try refused(try bench.file("cut", whole[..<size]))
      #expect(refused.exitStatus == .data, "cut at \(size)")
      #expect(refused.problem.hasPrefix("damaged or cut: "), "cut at \(size)")
    }
  }

  @Test(arguments: ["Yelp-JSON.zip", "SemEval2018-Task1-all-data.zip"])
  func `a zip cut anywhere is refused`(name: String) throws {
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: fixture(name))))
    for size in stride(from: 4, to: whole.count, by: 1000) {
      let refused = try refused(try bench.file("cut.zip", whole[..<size]))
      #expect(refused.exitStatus == .data, "cut at \(size)")
      #expect(refused.problem.hasPrefix("damaged or cut: "), "cut at \(size)")
    }
  }

  @Test func `a compressed tar cut anywhere is refused`() throws {
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: fixture("aclImdb_v1.tar.gz"))))
    for size in stride(from: 4, to: whole.count, by: 1000) {
      let refused = try refused(try bench.file("cut.tgz", whole[..<size]))
      #expect(refused.exitStatus == .data, "cut at \(size)")
      #expect(refused.hint?.hasPrefix("download it again") == true, "cut at \(size)")
    }
  }

  @Test func `a flipped bit in a zip is noticed`() throws {
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: fixture("Yelp-JSON.zip"))))
    // From within the compressed data of the first member to well before its end.
    for position in stride(from: 200, to: whole.count - 2000, by: 4999) {
      var bytes = whole
      bytes[position] ^= 0x10
      #expect(try refused(try bench.file("bad.zip", bytes)).exitStatus == .data, "at \(position)")
    }
  }
}
