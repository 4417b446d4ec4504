import Foundation
import Support
import Testing
import TestSupport

@testable import Tokenization
@testable import VocabularyBuilding

/// Finding the right file, and what its first lines tell.
struct GloVeFileTests {
  private let bench: TemporaryDirectory

  init() throws { bench = try TemporaryDirectory() }

  @Test func `the member is chosen by its dimension and not by its name`() throws {
    try bench.vectors("a 1 2 3\nb 4 5 6\n", "glove/x.100d.txt")
    try bench.vectors("a 1 2\nb 4 5\n", "glove/y.300d.txt")
    try bench.vectors("Read me first.\nThese are vectors.\n", "glove/a.txt")
    let file = try GloVeFile(path: bench("glove"), dimension: 2)
    #expect(file.entryPath == "y.300d.txt")
    #expect(file.announcedWords == nil)
    #expect(try GloVeFile(path: bench("glove"), dimension: 3).entryPath == "x.100d.txt")
  }

  @Test func `the zip of the fixtures has both dimensions`() throws {
    let zip = fixture("glove.fixture.zip")
    #expect(try GloVeFile(path: zip, dimension: 50).entryPath == "glove.fixture.50d.txt")
    #expect(try GloVeFile(path: zip, dimension: 100).entryPath == "glove.fixture.100d.txt")
  }

  @Test func `a gzip file is read like the text in it`() throws {
    // printf 'a 1 2\nb 3 4\n' | gzip -n
    let gzip: [UInt8] = [
      0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x4B, 0x54, 0x30, 0x54, 0x30,
      0xE2, 0x4A, 0x52, 0x30, 0x56, 0x30, 0xE1, 0x02, 0x00, 0x27, 0x83, 0x37, 0x2D, 0x0C, 0x00,
      0x00, 0x00,
    ]
    try bench.write(Data(gzip), to: "v.gz")
    var reader = GloVeReader(["b"])
    try reader.read(GloVeFile(path: bench("v.gz"), dimension: 2))
    #expect(Array(reader.row(0)) == [3, 4])
  }

  @Test func `a wrong dimension is refused with those that are there`() throws {
    let refused = refusal { _ = try GloVeFile(path: fixture("glove.fixture.zip"), dimension: 300) }
    #expect(refused?.exitStatus == .data)
    #expect(
      refused?.problem
        == "word vectors of 50 dimensions in glove.fixture.50d.txt, 100 dimensions in glove.fixture.100d.txt"
    )
    #expect(refused?.expected == "300 dimensions")
  }

  @Test(arguments: [
    ("Once upon a time\nthere was a text\n", "no word vectors"),
    ("a\t1\t2\nb\t3\t4\n", "a word and 2 numbers separated by tabs"),
    ("a,1,2\nb,3,4\n", "a word and 2 numbers separated by commas"),
    ("word, x, y\na, 1, 2\nb, 3, 4\n", "a word and 2 numbers separated by commas"),
    ("a 1,5 2,5\nb 1,0 2,0\n", "no word vectors"),
    ("\n\n\n", "no word vectors"),
    ("<!DOCTYPE html><html>404</html>", "an HTML page"),
    ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a Git LFS pointer"),
    ("", "an empty file"),
  ])
  func `what is no file of vectors is refused`(text: String, problem: String) throws {
    let path = try bench.vectors(text)
    let refused = refusal { _ = try GloVeFile(path: path, dimension: 2) }
    #expect(refused?.exitStatus == .data)
    #expect(refused?.problem.hasPrefix(problem) == true, "\(String(describing: refused))")
    #expect(refused?.location.hasPrefix(path) == true)
  }

  @Test(
    arguments: [
      ([0xBA, 0x16, 0x4F, 0x2F, 12, 0, 0, 0], "a fastText model (.bin)", ".vec file"),
      (
        Array("2 2\na ".utf8) + [0, 0, 0x80, 0x3F, 5], "binary word2vec vectors", "binary=True"
      ),
      (
        [0x80, 4, 0x95] + Array("gensim.models.keyedvectors".utf8), "vectors saved by gensim",
        "gensim"
      ),
      ([0x80, 4, 0x95, 1], "a Python pickle", "one line for each word"),
      ([0x93] + Array("NUMPY\u{1}\u{0}".utf8), "a NumPy array, which has no words", "one line"),
      (
        Array("SQLite format 3\0".utf8), "an SQLite database, as Magnitude's vectors are",
        "text file"
      ),
      ([0x89] + Array("HDF\r\n\u{1A}\n".utf8), "an HDF5 file", "one line for each word"),
    ] as [([UInt8], String, String)])
  func `binary vectors are named with the way to convert them`(
    bytes: [UInt8], problem: String, hint: String
  ) throws {
    try bench.write(Data(bytes), to: "folder/v.bin")
    for path in [bench("folder/v.bin"), bench("folder")] {
      let refused = refusal { _ = try GloVeFile(path: path, dimension: 2) }
      #expect(
        refused?.exitStatus == .data && refused?.problem == problem,
        "\(String(describing: refused))")
      #expect(refused?.hint?.contains(hint) == true)
    }
    // Text beside it is read.
    try bench.vectors("a 1 2\n", "folder/w.txt")
    #expect(try GloVeFile(path: bench("folder"), dimension: 2).entryPath == "w.txt")
  }

  @Test func `a missing file is refused as such`() {
    let refused = refusal { _ = try GloVeFile(path: bench("nowhere.zip"), dimension: 2) }
    #expect(refused?.exitStatus == .noInput)
  }

  @Test(arguments: [
    ("a 1 2\nb 3 4\n", 2, false),
    // word2vec: a header, and spaces at the ends of lines.
    ("2 3\na 1 2 3 \nb 4 5 6 \n", 3, true),
    // A byte order mark, and CR LF.
    ("\u{FEFF}2 3\r\na 1 2 3\r\nb 4 5 6\r\n", 3, true),
    // Tokens with spaces, but fewer than without; a cut line.
    ("a 1 2\n. . . 3 4\nb 5 6\nc 7", 2, false),
    // A number is a word, too.
    ("1 1 2\n2 3 4\n", 2, false),
    // The only line has no end.
    ("a 1 2", 2, false),
  ])
  func `the first lines tell dimension and header`(head: String, dimension: Int, header: Bool) {
    let layout = GloVeFormat(head: Array(head.utf8))
    #expect(layout?.dimension == dimension)
    #expect(layout?.announcedWords == (header ? 2 : nil))
  }

  @Test func `a header that states another dimension than the lines have is refused`() {
    #expect(GloVeFormat(head: Array("2 5\na 1 2 3\nb 4 5 6\n".utf8)) == nil)
    #expect(GloVeFormat(head: Array("2 99999999999999999999\na 1 2\n".utf8)) == nil)
  }

  @Test func `a line without end is refused and not held in memory`() throws {
    let path = try bench.vectors("a 1 2\n" + String(repeating: "x", count: 1_100_000) + " 1 2\n")
    let file = try GloVeFile(path: path, dimension: 2)
    let refused = refusal { try file.forEachLine { _ in true } }
    #expect(refused?.location == "\(path): line 2")
    #expect(refused?.problem == "a line of more than 1048576 bytes")
  }
}

extension GloVeReader {
  /// A reader of two-dimensional vectors for these words.
  init(_ words: [String], extra: Int = 0) {
    var table = TokenInterner()
    for word in words { table.add(Array(word.utf8)) }
    self.init(
      wanted: table, newCount: table.count, vocabularyCount: table.count, extraLimit: extra,
      dimension: 2)
  }
}
