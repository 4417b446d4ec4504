import Foundation
import TestSupport
import Testing

@testable import Datasets
@testable import Safetensors
@testable import Support

struct LineTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  private func lines(_ bytes: [UInt8], maxLength: Int = Line.maxLength) throws -> [String] {
    let archive = try Archive(path: try bench.file("lines", bytes))
    var list: [String] = []
    while let member = try archive.next() {
      try member.forEachLine(maxLength: maxLength) { line in
        let marks = (line.isEnded ? "" : " open") + (line.isTooLong ? " long" : "")
        let text = String(decoding: line.bytes, as: UTF8.self)
        list.append("\(line.number):\(text)\(marks)")
      }
    }
    return list
  }

  @Test func `LF and CR LF end a line and nothing else does`() throws {
    let text = "a\r\nb\rc\n\nd\u{85}e\u{2028}f\u{0B}g\n"
    #expect(
      try lines(Array(text.utf8)) == [
        "1:a", "2:b\rc", "3:", "4:d\u{85}e\u{2028}f\u{0B}g",
      ])
  }

  @Test func `a last line without an ending is handed over as open`() throws {
    #expect(try lines(Array("a\nb".utf8)) == ["1:a", "2:b open"])
  }

  @Test func `a byte order mark is no part of the first line`() throws {
    #expect(try lines([0xEF, 0xBB, 0xBF] + Array("a\nb\n".utf8)) == ["1:a", "2:b"])
  }

  @Test func `UTF-16 is read`() throws {
    #expect(try lines([0xFF, 0xFE, 0x61, 0, 0x0A, 0, 0x62, 0]) == ["1:a", "2:b open"])
  }

  @Test func `a line over the limit is cut and marked, and the next is whole`() throws {
    #expect(
      try lines(Array("abcdef\nabcd\nxy\n".utf8), maxLength: 4)
        == ["1:abcd long", "2:abcd", "3:xy"])
  }

  @Test func `lines across blocks are put together`() throws {
    let long = (0..<40_000).map { "line \($0)" }
    let path = try bench.archive("a.gz", .gzip, [("x", long.joined(separator: "\n") + "\n")])
    let member = try #require(try Archive(path: path).next())
    var seen: [String] = []
    try member.forEachLine { seen.append(String(decoding: $0.bytes, as: UTF8.self)) }
    #expect(seen == long)
  }

  @Test func `a line of ten megabytes does not grow memory past the limit`() throws {
    var bytes = [UInt8](repeating: 0x61, count: 10 << 20)
    bytes += Array("\nb\n".utf8)
    var sizes: [Int] = []
    let member = try #require(try Archive(path: try bench.file("long", bytes)).next())
    try member.forEachLine(maxLength: 1 << 20) { sizes.append($0.bytes.count) }
    #expect(sizes == [1 << 20, 1])
  }
}
