import Foundation
import Testing

@testable import Datasets
@testable import Support

/// Text in many encodings, whatever blocks it comes in.
struct TextDecoderTests {
  private func text(_ bytes: [UInt8], _ encoding: String? = nil) throws -> String {
    let encoding = try encoding.map { try TextEncoding($0) }
    let results = try [bytes.count, 7].map { size in
      var text: [UInt8] = []
      let decoder = TextDecoder(encoding, at: "file")
      for start in stride(from: 0, to: bytes.count, by: max(size, 1)) {
        try bytes[start..<min(start + size, bytes.count)].withUnsafeBytes {
          try decoder.decode($0) { text.append(contentsOf: $0) }
        }
      }
      try decoder.finish { text.append(contentsOf: $0) }
      return text
    }
    #expect(results[0] == results[1])
    return String(decoding: results[0], as: UTF8.self)
  }

  private static let unicode: [String.Encoding] = [
    .utf8, .utf16LittleEndian, .utf16BigEndian, .utf32LittleEndian, .utf32BigEndian,
  ]

  @Test(arguments: unicode)
  func `text in Unicode is recognised with and without a byte order mark`(
    encoding: String.Encoding
  ) throws {
    for table in ["label,text\nné,\"so 😀\"\n", "text;id\n上一,2\n一上 一,3\n", "good"] {
      for text in [table, "\u{FEFF}" + table] {
        let bytes = Array(try #require(text.data(using: encoding)))
        #expect(try self.text(bytes) == table)
      }
    }
  }

  @Test func `other bytes are passed on as they are`() throws {
    for bytes in [
      [], [0xEF], [0xEF, 0xBB], [0xFF], [0xE9, 0x2C, 0x0A], [0, 0x2C, 0x61, 0x20, 0x62],
    ]
      as [[UInt8]]
    {
      #expect(try text(bytes) == String(decoding: bytes, as: UTF8.self))
    }
  }

  @Test func `a block of UTF-8 is not copied`() throws {
    let block = Array("label,text\n".utf8)
    try block.withUnsafeBytes { block in
      try TextDecoder(nil, at: "file").decode(block) {
        #expect($0.baseAddress == block.baseAddress)
      }
    }
  }

  @Test(arguments: [
    ("windows-1252", [0x93, 0xE9, 0x94, 0x80], "“é”€"), ("LATIN1", [0xE9, 0x0A], "é\n"),
    ("shift_jis", [0x93, 0xFA, 0x96, 0x7B], "日本"), ("gb18030", [0xC4, 0xE3, 0x0A], "你\n"),
    ("koi8-r", [0xC4, 0xC1], "да"), ("utf-8", [0xEF, 0xBB, 0xBF, 0xC3, 0xA9], "é"),
    ("UTF-16", [0, 0x61, 0, 0x0A], "a\n"), ("utf-16", [0xFE, 0xFF, 0, 0x61], "a"),
    ("iso-2022-jp", [0x1B, 0x24, 0x42, 0x46, 0x7C, 0x1B, 0x28, 0x42], "日"),
  ])
  func `any encoding of iconv can be named`(
    name: String, bytes: [UInt8], expected: String
  ) throws {
    #expect(try text(bytes, name) == expected)
  }

  @Test func `characters on the edge of two blocks are whole`() throws {
    let long = String(repeating: "x日本語", count: 50_000)
    let bytes = Array(try #require(long.data(using: .shiftJIS)))
    #expect(try text(bytes, "shift_jis") == long)
  }

  @Test(arguments: ["", "klingon", "utf-8//IGNORE", "latin1\u{0}"])
  func `a name that iconv does not know is refused`(name: String) throws {
    let error = try userError { _ = try TextEncoding(name) }
    #expect(error.exitStatus == .usage && error.location == "--encoding")
    #expect(error.hint?.contains("iconv -l") == true)
  }

  @Test(
    arguments: [
      ("utf-8", [0x61, 0x0A, 0x62, 0xE9, 0x0A], "file: line 2", "byte 3 (0xE9) is not utf-8"),
      (
        "utf-8", [0x61, 0x0A, 0x62, 0x0A, 0xF5, 0xAC, 0x8B, 0x8D], "file: line 3",
        "bytes that are no character of Unicode"
      ),
      ("windows-1252", [0x81], "file: line 1", "byte 0 (0x81) is not windows-1252"),
      ("shift_jis", [0x0A, 0x93], "file: line 2", "ends within a character"),
      (nil, [0xFF, 0xFE, 0, 0xDC], "file: line 1", "byte 2 (0x0) is not UTF-16LE"),
      ("latin1", [0xEF, 0xBB, 0xBF, 0x61], "file", "text in UTF-8"),
      ("latin1", [0x61, 0, 0x0A, 0], "file", "text in UTF-16LE"),
      ("utf-16be", [0xFF, 0xFE, 0x61, 0], "file", "text in UTF-16LE"),
    ] as [(String?, [UInt8], String, String)])
  func `bytes that are not in the encoding are refused with their position`(
    name: String?, bytes: [UInt8], location: String, problem: String
  ) throws {
    let error = try userError { _ = try text(bytes, name) }
    #expect(error.exitStatus == .data && error.location == location && error.problem == problem)
  }
}
