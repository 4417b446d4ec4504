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

  @Test(arguments: [TemporaryDirectory.Packing.zip, .tar, .tarGzip])
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
      try bench.file("plain", content),
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

  @Test func `a compressed file and a plain file are archives of one member`() throws {
    #expect(try listing(try bench.archive("a.txt.gz", .gzip, [("x", "text")])) == ["a.txt=text"])
    #expect(try listing(try bench.file("plain.zip", "text")) == ["plain.zip=text"])
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

  @Test func `links and folders are passed over, and names cannot steer a terminal`() throws {
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
