import Foundation
import Testing

@testable import Datasets

/// Tables cut into rows and fields.
struct CSVParserTests {
  /// The rows as `line: field|field`, bad ones as `line,column! what was seen`; the same whether the
  /// input comes whole or byte by byte.
  private func rows(
    _ input: some Sequence<UInt8>, _ delimiter: Character = ",", quote: Character? = "\"",
    newline: UInt8 = 0x0A, maxLength: Int = 100
  ) throws -> [String] {
    let bytes = Array(input)
    let results = [bytes.count, 1].map { size in
      var rows: [String] = []
      func take(_ row: Row) {
        if let error = row.error {
          let mark = error.isFinal ? "!!" : "!"
          rows.append(
            "\(error.line ?? row.line),\(error.column ?? 0)\(mark) \(error.problem)")
        } else {
          let fields = row.fields.map { String(decoding: $0, as: UTF8.self) }
          rows.append("\(row.line): \(fields.joined(separator: "|"))")
        }
      }
      var splitter = CSVParser(
        delimiter: delimiter.asciiValue ?? 0, quote: quote?.asciiValue, newline: newline,
        maxLength: maxLength)
      for start in stride(from: 0, to: bytes.count, by: max(size, 1)) {
        bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { splitter.split($0, take) }
      }
      splitter.finish(take)
      return rows
    }
    #expect(results[0] == results[1])
    return results[0]
  }

  private func rows(_ text: String, _ delimiter: Character = ",") throws -> [String] {
    try rows(text.utf8, delimiter)
  }

  @Test(arguments: [
    ("a,b\n1,2\n", ["1: a|b", "2: 1|2"]),
    ("a,b\r\n1,2", ["1: a|b", "2: 1|2"]),
    ("a,\n,b\n,\n", ["1: a|", "2: |b", "3: |"]),
    ("a,", ["1: a|"]),
    ("", []), ("\n\r\n \t\n", []),
    ("\n\na,b\n", ["3: a|b"]),
    ("\"a,b\",\"c\"\"d\"\n", ["1: a,b|c\"d"]),
    ("\"\",\"\"\"\"\n", ["1: |\""]),
    ("\"one\ntwo\r\nthree\",x\ny,z\n", ["1: one\ntwo\r\nthree|x", "4: y|z"]),
    ("\"a\"\r\n\"b\"", ["1: a", "2: b"]),
    ("a\rb,c\n", ["1: a\rb|c"]),
    ("a\u{2028}b\u{85},c\n", ["1: a\u{2028}b\u{85}|c"]),
  ])
  func `fields are those of RFC 4180`(table: String, expected: [String]) throws {
    #expect(try rows(table) == expected)
  }

  @Test(arguments: [
    ("a \"b\",c\nd,e\n", ["1,3! a quote inside a field that does not begin with one", "2: d|e"]),
    ("a,\"b\"c\nd,e\n", ["1,6! “c” after a closing quote", "2: d|e"]),
    ("\"a\"\rb\nd,e", ["1,5! “b” after a closing quote", "2: d|e"]),
    ("a,b\nä,ö,\"ü\" \n", ["1: a|b", "2,8! “0x20” after a closing quote"]),
    ("a,b\nc,\"d\ne,f\n", ["1: a|b", "2,3!! a quote that nothing closes"]),
    ("\"a\nb\"c\n", ["2,3! “c” after a closing quote"]),
  ])
  func `a quote out of place is told with line and column, and the next row is read`(
    table: String, expected: [String]
  ) throws {
    #expect(try rows(table) == expected)
  }

  @Test func `any delimiter cuts, and without quoting a quote is a character`() throws {
    #expect(try rows("a;\"b;c\";d\n", ";") == ["1: a|b;c|d"])
    let table = "a\t\"b\tc\"\r\n5\"\t\t\"\"\n".utf8
    #expect(try rows(table, "\t", quote: nil) == ["1: a|\"b|c\"", "2: 5\"||\"\""])
  }

  @Test func `a row may end in CR, and a field may be in other quotes`() throws {
    #expect(
      try rows("a,\"b\rc\"\rd,e\r\r".utf8, newline: 0x0D) == ["1: a|b\rc", "3: d|e"])
    #expect(
      try rows("'a, \"b\"',c\n'it''s',d\n".utf8, quote: "'") == ["1: a, \"b\"|c", "2: it's|d"])
  }

  @Test func `a row that is too long is bad; in quotes it is the end`() throws {
    let long = String(repeating: "x", count: 101)
    #expect(
      try rows("\(long),b\nc,d\n") == ["1,1! a row of over 100 bytes", "2: c|d"])
    #expect(
      try rows("a,\"\(long)\"\nc,d\n") == [
        "1,3!! a row of over 100 bytes since a quote was opened", "2: c|d",
      ])
    let commas = String(repeating: ",", count: CSVParser.maxFields)
    #expect(try rows("\(commas)\na,b") == ["1,10001! more than 10000 fields", "2: a|b"])
  }
}
