import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Safetensors
@testable import Support

struct ArchiveTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  private func listing(_ path: String, progress: Archive.Progress? = nil) throws -> [String] {
    let archive = try Archive(path: path, progress: progress)
    var list: [String] = []
    while let member = try archive.next() {
      list.append(
        "\(member.path)=\(String(decoding: try member.content(maxSize: 1 << 22), as: UTF8.self))")
    }
    return list
  }

  @Test(arguments: TemporaryDirectory.Packing.allCases.filter { !$0.isSingleFile })
  func `members come in order, whatever the packing and the name`(
    packing: TemporaryDirectory.Packing
  ) throws {
    let path = try bench.archive("holiday.jpg", packing, [("b/x.txt", "one"), ("a.txt", "two")])
    #expect(try listing(path) == ["b/x.txt=one", "a.txt=two"])
  }

  @Test func `progress is reported for every packing`() throws {
    // Text that hardly compresses, so that there is something to read.
    var state: UInt32 = 1
    let content = (0..<2_000_000).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    let paths = [
      try bench.archive("zip", .zip, [("a", content)]),
      try bench.archive("tgz", .tarGzip, [("a", content)]),
      try bench.file("plain", content.map { 0x20 + $0 % 95 }),
    ]
    for path in paths {
      let heard = Mutex<[(done: Int64, size: Int64)]>([])
      _ = try listing(path) { done, size in heard.withLock { $0.append((done, size)) } }
      let steps = heard.withLock { $0 }
      let size = Int64(try Data(contentsOf: URL(fileURLWithPath: path)).count)
      #expect(steps.count > 4 && steps.allSatisfy { $0.size == size && $0.done <= size })
      #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.done <= $1.done })
      #expect((steps.last?.done ?? 0) > size / 10 * 9, "\(path)")
    }
  }

  @Test func `a container inside a container is walked as one`() throws {
    _ = try bench.archive("inner", .tarGzip, [("review.json", "{}"), ("._review.json", "x")])
    let path = try bench.archive(
      "outer", .zip,
      [
        ("Yelp JSON/d.tar", try bench.bytes("inner")), ("__MACOSX/Yelp JSON/._d.tar", [0]),
        ("last.txt", [0x41]),
      ])
    #expect(try listing(path) == ["review.json={}", "last.txt=A"])
  }

  @Test func `a member is named with everything it lies in`() throws {
    _ = try bench.archive("inner", .tarGzip, [("review.json", "{}")])
    let path = try bench.archive("outer.zip", .zip, [("in.tar", try bench.bytes("inner"))])
    #expect(try Archive(path: path).next()?.location == "\(path): in.tar: review.json")
  }

  @Test(
    arguments: [
      (.gzip, "gz"), (.bzip2, "bz2"), (.xz, "xz"), (.zstandard, "zst"), (.lz4, "lz4"),
    ] as [(TemporaryDirectory.Packing, String)])
  func `a compressed file is an archive of one member`(
    packing: TemporaryDirectory.Packing, fileExtension: String
  ) throws {
    let path = try bench.archive("a.txt.\(fileExtension)", packing, [("x", "text")])
    #expect(try listing(path) == ["a.txt=text"])
    // Whatever its name, even a hidden one.
    let other = try bench.archive(".other", packing, [("x", "text")])
    #expect(try listing(other) == [".other=text"])
  }

  @Test func `a plain file is an archive of one member`() throws {
    #expect(try listing(try bench.file("plain.zip", "text")) == ["plain.zip=text"])
    #expect(try listing(try bench.file(".hidden", "text")) == [".hidden=text"])
  }

  @Test func `several files, folders and archives are one archive, which can be read again`() throws
  {
    try bench.file("folder/1", "one")
    let inputs = [
      ArchiveInput(try bench.file("plain", "two")), ArchiveInput(bench("folder")),
      ArchiveInput(try bench.archive("a.zip", .zip, [("x", "three")])),
    ]
    let archive = try Archive(inputs)
    for _ in 0..<2 {
      var paths: [String] = []
      while let member = try archive.next() { paths.append(member.path) }
      #expect(paths == ["plain", "1", "x"])
      try archive.rewind()
    }
    #expect(archive.path == inputs.map(\.path).joined(separator: ", "))
  }

  @Test func `hidden and system files are no members`() throws {
    let names = [
      ".git/config", "a/.ipynb_checkpoints/x", ".DS_Store", "a/Thumbs.db", "__MACOSX/a", "./a/x",
    ]
    for packing in [TemporaryDirectory.Packing.zip, .tarGzip] {
      let path = try bench.archive("a", packing, names.map { ($0, "text") })
      #expect(try listing(path) == ["./a/x=text"])
    }
  }

  @Test func `a tar with links gives the files of the folder that it was made from`() throws {
    try bench.file("d/real.csv", "real")
    try bench.file("d/sub/1", "one")
    try bench.link("d/link.csv", to: "real.csv")
    try bench.link("d/chain", to: "link.csv")
    try bench.link("d/other", to: "sub")
    try bench.link("d/deep", to: "other/../sub/1")
    let packed = try Archive(path: try bench.tar("d"))
    let folder = try Archive(path: bench("d"))
    for archive in [packed, folder] {
      var paths: [String] = []
      while let member = try archive.next() { paths.append(String(member.path.suffix(5))) }
      #expect(paths.sorted() == ["l.csv", "sub/1"])
      #expect(archive.linkWarning?.contains("skipped: 4,") == true)
    }
  }

  @Test func `a link to something that a tar lacks is named`() throws {
    try bench.file("d/real.csv", "real")
    try bench.file("far/x", "text")
    try bench.link("d/out.csv", to: "../far/x")
    let error = try userError { _ = try listing(try bench.tar("d")) }
    #expect(error.location == "\(bench("d.tar")): d/out.csv")
    #expect(error.problem == "a link to ../far/x, which is not in the archive")
    #expect(try listing(bench("d")) == ["out.csv=text", "real.csv=real"])
  }

  @Test(arguments: [TemporaryDirectory.Packing.gzip, .tarGzip, .tar])
  func `concatenated files are read as one, and padded with zeros, but not with data`(
    packing: TemporaryDirectory.Packing
  ) throws {
    let parts = try ["one", "two"].map { text in
      _ = try bench.archive(text, packing, [("a.txt", text)])
      return try bench.bytes(text)
    }
    let contents = packing == .gzip ? ["onetwo"] : ["one", "two"]
    let padded = try bench.file("padded", parts[0] + parts[1] + [UInt8](repeating: 0, count: 1024))
    #expect(try listing(padded).map { $0.split(separator: "=").last.map(String.init) } == contents)
    let path = try bench.file("mixed", parts[0] + Array("text, not compressed".utf8))
    #expect(try userError { _ = try listing(path) }.description.hasPrefix("\(path): "))
  }

  @Test func `a folder is walked in the order of its paths, without litter`() throws {
    try bench.file("data/b/2.txt", "two")
    try bench.file("data/a/1.txt", "one")
    try bench.file("data/.DS_Store", "x")
    try bench.file("data/a/._1.txt", "x")
    #expect(try listing(bench("data")) == ["a/1.txt=one", "b/2.txt=two"])
  }

  @Test func `the head of a member stays in its stream`() throws {
    let text = String(repeating: "0123456789", count: 10_000)
    let archive = try Archive(path: try bench.archive("a", .tarGzip, [("x", text)]))
    let member = try #require(try archive.next())
    #expect(try member.head().count >= 16 << 10)
    #expect(try member.content(maxSize: 1 << 20) == Array(text.utf8))
  }

  @Test func `a member cannot be read once the archive has moved on`() throws {
    let archive = try Archive(path: try bench.archive("a", .tar, [("x", "1"), ("y", "2")]))
    let first = try #require(try archive.next())
    _ = try archive.next()
    #expect(try userError { _ = try first.content(maxSize: 9) }.exitStatus == .software)
  }

  @Test func `names cannot steer a terminal`() throws {
    let path = try bench.archive("a", .tar, [("bad\u{1B}[31mname\u{202E}", "x")])
    let member = try #require(try Archive(path: path).next())
    #expect(member.location == "\(path): bad\\u{1b}[31mname\\u{202e}")
  }

  @Test func `too many containers in each other are refused`() throws {
    var name = "0"
    try bench.file(name, "core")
    for depth in 1...6 {
      _ = try bench.archive("\(depth)", .zip, [("layer", try bench.bytes(name))])
      name = "\(depth)"
    }
    let error = try userError { _ = try listing(bench(name)) }
    #expect(error.exitStatus == .data)
    #expect(error.problem == "a container inside 4 others")
  }

  @Test func `a container that grows too much is refused as a bomb`() throws {
    let dull = [UInt8](repeating: 0x61, count: 8 << 20)
    let path = try bench.archive("bomb.gz", .gzip, [("x", dull)])
    let error = try userError {
      let archive = try Archive([ArchiveInput(path)], limits: Archive.Limits(freeSize: 1 << 20))
      while let member = try archive.next() { try member.forEachBlock { _ in } }
    }
    #expect(error.exitStatus == .data)
    #expect(error.problem == "content more than 200 times its container")
  }
}
