import Foundation
import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Support

/// Tables and texts as other programs write them: encodings, delimiters, quotes and line endings.
struct TableDialectTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  private static let rows = (0..<20).map { ("It's \($0), oui; né", $0 % 2 == 0 ? "à" : "b") }

  /// A table of the rows with every field in quotes.
  private func table(
    delimiter: String = ",", quote: String = "\"", newline: String = "\n", names: Bool = true
  ) -> String {
    let lines = (names ? [("text", "label")] : []) + Self.rows
    return lines.map { row in
      [row.0, row.1].map { quote + $0.replacing(quote, with: quote + quote) + quote }
        .joined(separator: delimiter) + newline
    }.joined()
  }

  private func warnings(
    _ content: some Sequence<UInt8>, _ name: String,
    _ change: (inout TableOptions) -> Void = { _ in }
  ) throws -> [String] {
    try own(change).read(path: try bench.file(name, content)).report.warnings
  }

  private func refusal(
    _ content: some Sequence<UInt8>, _ name: String = "a.csv",
    _ change: (inout TableOptions) -> Void = { _ in }
  ) throws -> String {
    let path = try bench.file(name, content)
    let error = try userError { _ = try own(change).read(path: path) }
    #expect(error.exitStatus == .data)
    return error.description.replacing("\(path): ", with: "")
  }

  @Test func `a table in another dialect gives the same rows`() throws {
    let plain = try own().read(path: try bench.file("plain.csv", table()))
    #expect(plain.report.warnings.isEmpty && plain.report.kept == 20)
    let dialects: [(String, String, (inout TableOptions) -> Void)] = [
      ("a.csv", "sep=;\r\n" + table(delimiter: ";", newline: "\r\n"), { _ in }),
      ("b.csv", "\u{FEFF}\"sep=^\"\n" + table(delimiter: "^"), { _ in }),
      ("c.csv", table(delimiter: "|"), { _ in }),
      ("d.csv", table(newline: "\r"), { _ in }),
      ("e.csv", table(delimiter: "|", newline: "\r", names: false), { $0.header = "text,label" }),
      ("f.csv", table(delimiter: "^"), { $0.delimiter = "^" }),
      ("g.txt", table(delimiter: "\t"), { ($0.delimiter, $0.format) = ("tab", .csv) }),
      ("h.txt", table(delimiter: "^"), { $0.delimiter = "^" }),
      ("i.csv", table(quote: "'"), { $0.quote = "'" }),
      ("j.csv", "# a note, with \"\n\n" + table(), { $0.skipLines = 2 }),
      ("k.csv", "a note\n# another\nsep=;\n" + table(delimiter: ";"), { $0.skipLines = 2 }),
    ]
    for (name, content, change) in dialects {
      let result = try own(change).read(path: try bench.file(name, content))
      #expect(result.contents == plain.contents && result.report.warnings.isEmpty, "\(name)")
    }
  }

  @Test(
    arguments: [
      (String.Encoding.utf16, nil), (.utf16LittleEndian, nil), (.utf16BigEndian, nil),
      (.utf32, nil),
      (.isoLatin1, "latin1"), (.windowsCP1252, "windows-1252"), (.utf16BigEndian, "UTF-16"),
    ] as [(String.Encoding, String?)])
  func `tables, objects and texts in another encoding give the same rows`(
    encoding: String.Encoding, name: String?
  ) throws {
    func bytes(_ text: String) throws -> Data { try #require(text.data(using: encoding)) }
    let plain = try own().read(path: try bench.file("plain.csv", table()))
    let objects = Self.rows.map { "{\"text\":\"\($0)\",\"label\":\"\($1)\"}" }
    for (number, row) in Self.rows.enumerated() {
      try bench.file("folder/\(row.1)/\(number).txt", try bytes(row.0))
    }
    let paths = [
      try bench.file("a.csv", try bytes(table())),
      try bench.file("b.txt", try bytes(table(delimiter: "\t", quote: ""))),
      try bench.file("c.jsonl", try bytes(objects.joined(separator: "\n"))),
      try bench.file("d.json", try bytes("[\n" + objects.joined(separator: ",\n") + "]")),
      bench("folder"),
    ]
    for path in paths {
      let result = try own { $0.encoding = name }.read(path: path)
      #expect(result.contents == plain.contents && result.report.warnings.isEmpty, "\(path)")
    }
  }

  @Test func `with given names several delimiters may fit, and then one must be named`() throws {
    let rows = (0..<20).map { "\($0 % 2 == 0 ? "good" : "bad");so \($0), so\n" }.joined()
    let refusal = try refusal(rows.utf8) { $0.header = "label,text" }
    #expect(
      refusal == """
        line 1: 2 fields with each of the delimiters ',' and ';'
          expected: one delimiter
          what to do: say which with --delimiter ',' or ';'
        """)
    let path = bench("a.csv")
    let result = try own { ($0.header, $0.delimiter) = ("label,text", ";") }.read(path: path)
    #expect(result[.train].classNames == ["bad", "good"])
    // All rows together leave no doubt.
    let sure = try bench.file("sure.csv", rows + "good;fine\n")
    #expect(try own { $0.header = "label,text" }.read(path: sure).report.kept == 21)
  }

  @Test func `what hides the names of the columns is told`() throws {
    #expect(
      try refusal("# from a tool\nnotes\n\ntext,label\na,b\n".utf8).hasPrefix(
        "line 1: the columns “# from a tool”\n  expected: one column each: “text”, “label”\n"
          + "  what to do: line 4 names them: skip what precedes with --skip-lines 3"))
    #expect(
      try refusal("\"text\"\t\"label\"\n".utf8, "a.tsv").hasSuffix("read with --format csv"))
    #expect(try refusal("'text','label'\n".utf8).hasSuffix("read with --quote \"'\""))
    #expect(
      try refusal("text:label\n".utf8).hasSuffix(
        "another delimiter than ',', ';', tab, '|' is named with --delimiter"))
    #expect(
      try refusal([0x74, 0xE9, 0x2C, 0x62, 0x0A]).hasSuffix("as in --encoding windows-1252"))
  }

  @Test func `names of folders that are not UTF-8 are no classes`() throws {
    let members = [[0x6E, 0xE9], [0x6E, 0xE8]].map { (name: [UInt8]) in
      StoredZip.ArchiveEntry(name: name + Array("/1.txt".utf8), content: Array("text".utf8))
    }
    let refusal = try refusal(StoredZip(members: members).bytes, "a.zip")
    #expect(refusal.contains("a folder whose name is not UTF-8"))
  }

  @Test(arguments: [
    (
      "text,label\n\"so \\\"so\\\"\",a\n", "a.csv",
      "line 2, column 7: “s” after a closing quote\n  expected: the end of the field, or \"\"\n  what "
        + "to do: a backslash does not escape a quote in CSV: write \"\" in place of \\\""
    ),
    (
      "text,label\n'so, so',a\n", "b.csv",
      "line 2: 3 fields\n  expected: 2: text, label\n  what to do: fields are in quotes, which are "
        + "read with --quote \"'\""
    ),
    (
      "text\tlabel\n\"so\nand\nso\"\ta\n", "c.tsv",
      "line 2: 1 field\n  expected: 2: text, label\n  what to do: fields are in quotes, which are "
        + "read with --format csv"
    ),
    (
      "text,label\n\"a\", \"b\"\n", "e.csv",
      "line 2, column 6: a quote inside a field that does not begin with one\n  expected: the whole "
        + "field in quotes and each quote in it doubled\n  what to do: remove the space before the quote"
    ),
    (
      "text,label\na,b,\n", "f.csv",
      "line 2: 3 fields\n  expected: 2: text, label\n  what to do: put fields that contain “,” in "
        + "quotes and remove it at the end of the row"
    ),
    (
      "text,label\na,b\n\u{FEFF}Text , label\nc,d\n", "d.csv",
      "line 3: the names of the columns\n  expected: a row\n  what to do: remove the line: where tables "
        + "are joined, only the first keeps its names"
    ),
  ])
  func `a row of another dialect is told with what to do`(
    content: String, name: String, message: String
  ) throws {
    let refusal = try refusal(content.utf8, name)
    #expect(refusal == message + ", or pass over such rows with --on-error skip")
  }

  @Test func `names that are given beside a line of names are told`() throws {
    let refusal = try refusal("label,text\na,b\n".utf8) { $0.header = "label,text" }
    #expect(refusal.contains("line 1: the names of the columns\n"))
    #expect(refusal.contains("leave --header out, as the file has a line of names"))
  }

  @Test func `if all rows are bad the first is shown with what to do`() throws {
    let rows = String(repeating: "so, so, so\n", count: 5)
    #expect(
      try refusal("text,label\n\(rows)".utf8, "a.csv") { $0.onError = .skip } == """
        no row of any class; 5 dropped: a bad row; the first at line 2: 3 fields, expected 2: text, label
          expected: rows of two or more classes
          what to do: put fields that contain “,” in quotes
        """)
  }

  @Test func `quotes that are kept are counted`() throws {
    #expect(
      try warnings("text\tlabel\n\"a\"\tx\nb\ty\nc\tx\nd\ty\ne\"\tx\n".utf8, "a.tsv") {
        $0.labels = "x,y"
      }.contains(
        "double quotes enclose 1 of 5 texts and are kept by tsv; if they enclose fields, read the file "
          + "with --format csv"))
    let quoted = (0..<10).map { "'so \($0)',\($0 % 2)\n" }.joined()
    #expect(
      try warnings("text,label\n\(quoted)".utf8, "a.csv").prefix(1) == [
        "single quotes enclose 10 of 10 texts and are kept by csv; if they enclose fields, read the file "
          + "with --quote \"'\""
      ])
  }

  @Test func `labels are checked as texts are`() throws {
    let latin = (0..<20).map { "so \($0),\($0 % 2 == 0 ? "p\u{EA}che" : "b\u{E9}")\n" }.joined()
    let bytes = try #require("text,label\n\(latin)".data(using: .isoLatin1))
    #expect(
      try warnings(bytes, "a.csv").prefix(1) == [
        "20 labels had bytes that are not UTF-8, the first at \(bench("a.csv")): line 2; each became "
          + "U+FFFD. Name the encoding, as in --encoding windows-1252"
      ])
    let equal = try #require(
      "text,label\nso,n\u{E9}\nla,n\u{E9} \nok,n\u{E8}\n".data(using: .isoLatin1))
    #expect(
      try refusal(equal) == """
        line 4: the labels of the bytes 6E E9 and 6E E8, which are not UTF-8, would both become \
        “n\u{FFFD}”
          expected: labels in UTF-8, or the encoding of the file
          what to do: name the encoding, as in --encoding windows-1252; “iconv -l” lists all of them
        """)
  }

  @Test(
    arguments: [
      ("", nil, nil, "--delimiter"), (",,", nil, nil, "--delimiter"),
      ("ä", nil, nil, "--delimiter"),
      ("\n", nil, nil, "--delimiter"), ("\"", nil, nil, "--delimiter"), (nil, "''", nil, "--quote"),
      (",", ",", nil, "--delimiter"), (nil, nil, -1, "--skip-lines"),
    ] as [(String?, String?, Int?, String)])
  func `options that mean nothing are refused`(
    delimiter: String?, quote: String?, skipLines: Int?, flag: String
  ) throws {
    let error = try userError {
      _ = try TextFileOptions(delimiter: delimiter, quote: quote, skipLines: skipLines)
    }
    #expect(error.exitStatus == .usage && error.location == flag)
  }

  @Test func `options of tables are refused if there is no table`() throws {
    let path = try bench.file("a.jsonl", "{\"text\":\"a\",\"label\":1}\n")
    for (change, flag) in [
      ({ $0.skipLines = 1 }, "--skip-lines"), ({ $0.quote = "'" }, "--quote"),
      ({ $0.delimiter = ";" }, "--delimiter"),
    ] as [((inout TableOptions) -> Void, String)] {
      let error = try userError { _ = try own(change).read(path: path) }
      #expect(error.exitStatus == .usage && error.location == flag)
    }
  }
}
