import Foundation
import Testing
import TestSupport

@testable import Tokenization
@testable import VocabularyBuilding

/// The lines of files from the wild, one trouble a test.
struct GloVeReaderTests {
  private let bench: TemporaryDirectory

  init() throws { bench = try TemporaryDirectory() }

  private func read(
    _ text: String, for words: [String], extra: Int = 0
  ) throws -> GloVeReader { try read(Data(text.utf8), for: words, extra: extra) }

  private func read(_ data: Data, for words: [String], extra: Int = 0) throws -> GloVeReader {
    try bench.write(data, to: "vectors.txt")
    var reader = GloVeReader(words, extra: extra)
    try reader.read(GloVeFile(path: bench("vectors.txt"), dimension: 2))
    return reader
  }

  @Test func `wanted words get their vectors and others are passed over`() throws {
    let reader = try read("a 1 2\nb 3 4\nc -0.5 1e-3\n", for: ["c", "a", "z"])
    #expect(Array(reader.rows) == [-0.5, 0.001, 1, 2, 0, 0])
    #expect(reader.isFound == [true, true, false])
    #expect(reader.statistics == GloVeStatistics(lines: 3, taken: 2))
  }

  @Test func `the last fields are the vector and all before is the token`() throws {
    let reader = try read(
      "a 1 2\nb 3 4\n. . . 5 6\nat name@x.org 7 8\nx\u{A0}y 9 1\n",
      for: [". . .", "at name@x.org", ".", "x\u{A0}y"])
    #expect(Array(reader.rows) == [5, 6, 7, 8, 0, 0, 9, 1])
  }

  @Test func `the header of word2vec is no word`() throws {
    let reader = try read("2 2\na 1 2 \n2 3 4 \n", for: ["2", "a"])
    #expect(Array(reader.rows) == [3, 4, 1, 2])
    #expect(reader.statistics.lines == 2)
  }

  @Test func `carriage returns are not part of the last number`() throws {
    #expect(Array(try read("a 1 2\r\nb 3 4\r\n", for: ["b"]).rows) == [3, 4])
  }

  @Test func `of duplicates the first counts`() throws {
    let reader = try read("a 1 2\nb 3 4\na 5 6\na 7 8\nz 1 1\nz 2 2\n", for: ["a"])
    #expect(Array(reader.rows) == [1, 2])
    #expect(reader.statistics.duplicates == 2)
  }

  @Test func `tokens that are not UTF-8 are skipped and counted`() throws {
    var data = Data("a 1 2\n".utf8)
    data += Data([0xFF, 0xFE, 0x20, 0x33, 0x20, 0x34, 0x0A, 0xC3, 0x20, 0x33, 0x20, 0x34, 0x0A])
    data += Data("b 5 6\n".utf8)
    let reader = try read(data, for: ["b"], extra: 9)
    #expect(reader.statistics.notUTF8 == 2)
    #expect(reader.extra.count == 1)
    #expect(Array(reader.row(0)) == [5, 6])
  }

  @Test func `a cut last line is told from a short one`() throws {
    let cut = try read("a 1 2\nb 3 4\nc 5", for: ["c"])
    #expect(cut.statistics == GloVeStatistics(lines: 3, isCut: true))
    #expect(cut.isFound == [false])
    let short = try read("a 1 2\nb 3\nc 5 6\n\n", for: ["b", "c"])
    #expect(short.statistics == GloVeStatistics(lines: 4, taken: 1, tooShort: 2))
  }

  @Test(arguments: [
    "nan 1", "1 inf", "1 -Infinity", "1e999 1", "1 0x1p3", "1,5 2", "x y", "1 2x", "1 -",
  ])
  func `rows that are not finite numbers are dropped and counted`(numbers: String) throws {
    let reader = try read("a 1 2\nb \(numbers)\nc 3 4\nb 5 6\n", for: ["b", "c"])
    #expect(reader.statistics.notNumbers == 1)
    // A later sound line of the word still counts.
    #expect(Array(reader.rows) == [5, 6, 3, 4])
  }

  @Test func `a row of zeros is no vector`() throws {
    let reader = try read("a 1 2\nb 0 -0.0\n", for: ["b"])
    #expect(reader.statistics.zeros == 1)
    #expect(reader.isFound == [false])
  }

  @Test func `a line that begins with a space has no token`() throws {
    #expect(try read("a 1 2\n 3 4\n", for: [""]).statistics.tooShort == 1)
  }

  @Test func `further words are taken from the first on`() throws {
    let reader = try read("b 1 2\na 3 4\nc 5 6\nb 7 8\nd 9 9\n", for: ["a"], extra: 2)
    #expect((0..<reader.extra.count).map { Array(reader.extra[$0]) } == [[98], [99]])
    #expect(Array(reader.rows) == [3, 4, 1, 2, 5, 6])
    #expect(reader.statistics == GloVeStatistics(lines: 5, taken: 3, duplicates: 1))
  }

  @Test func `spaces are counted in lines of every length`() {
    for length in 0..<40 {
      let line = [UInt8](repeating: 0x20, count: length)
      #expect(line.withUnsafeBytes { GloVeLine.spaces(in: $0) } == length)
    }
    // Many more than a byte can count, among all other bytes.
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 % 3 == 0 ? 0x20 : $0) }
    let expected = bytes.count { $0 == 0x20 }
    #expect(bytes.withUnsafeBytes { GloVeLine.spaces(in: $0) } == expected)
  }

  @Test func `no line of any bytes does harm`() {
    let alphabet = Array("ab01.-+eE \t\r\u{A0}é".utf8) + [0xFF, 0x00, 0xC3]
    var state: UInt64 = 3
    var row: [Float] = [0, 0]
    for _ in 0..<100_000 {
      var line: [UInt8] = []
      for _ in 0..<Int(state >> 60) + 4 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        line.append(alphabet[Int(state >> 33) % alphabet.count])
      }
      line.withUnsafeBytes { bytes in
        guard let vector = GloVeLine(bytes, dimension: 2) else { return }
        #expect(!vector.word.isEmpty)
        if row.withUnsafeMutableBufferPointer({ vector.parse(into: $0) }) {
          #expect(row.allSatisfy { $0.isFinite })
        }
      }
    }
  }
}
