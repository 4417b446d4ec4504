import Datasets
import Support
import Testing

@testable import Inference

/// The texts of a CSV, whatever pieces it comes in.
struct TableReaderTests {
  /// The lines and texts of an input, `!` and what was seen for a bad row.
  private func texts(
    _ input: [UInt8], column: String = "text", options: TextFileOptions = TextFileOptions()
  ) throws -> [String] {
    let results = try [input.count, 1, 7].map { size in
      var reader = TableReader(column: column, location: "input", options: options)
      var texts: [String] = []
      func take(_ row: Row) {
        let text = row.fields.first.map { String(decoding: $0, as: UTF8.self) }
        texts.append("\(row.line) " + (text ?? "!\(row.error?.problem ?? "")"))
      }
      for start in stride(from: 0, to: input.count, by: max(size, 1)) {
        try input[start..<min(start + size, input.count)].withUnsafeBytes {
          try reader.split($0, take)
        }
      }
      try reader.finish(take)
      return texts
    }
    #expect(results[0] == results[1] && results[0] == results[2])
    return results[0]
  }

  private func texts(_ input: String, column: String = "text") throws -> [String] {
    try texts(Array(input.utf8), column: column)
  }

  @Test func `texts are found by the name of their column, whatever parts the columns`() throws {
    let table = "id,text\r\n1,\"a, \"\"b\"\"\nc\"\r\n2,d"
    #expect(try texts(table) == ["2 a, \"b\"\nc", "4 d"])
    #expect(try texts("text;id\n\"a;b\";1\n") == ["2 a;b"])
    #expect(try texts("id\ttext\n1\ta,b\n") == ["2 a,b"])
    #expect(try texts("text\nalone\n\n\"two\nlines\"\n") == ["2 alone", "4 two\nlines"])
    #expect(try texts("id,body\n1,x\n", column: "body") == ["2 x"])
  }

  @Test func `lines before the names are skipped, and bare returns end rows`() throws {
    let skipping = try TextFileOptions(delimiter: ":", quote: "'", skipLines: 2)
    let table = "# a note\r\n\r\nid:text\r\n1:'a:''b'\r\n"
    #expect(try texts(Array(table.utf8), options: skipping) == ["4 a:'b"])
    #expect(try texts("sep=|\r\ntext|id\r\na,b;c|1\r\n") == ["3 a,b;c"])
    #expect(try texts("id,text\r1,a\r2,b") == ["2 a", "3 b"])
  }

  @Test func `bad rows are told and the next are read`() throws {
    #expect(
      try texts("id,text\n1\n2,a\"b\"\n3,c\n") == [
        "2 !1 fields", "3 !a quote inside a field that does not begin with one", "4 c",
      ])
  }

  @Test func `a table without the column is refused as a whole`() {
    #expect(throws: UserError.self) { try texts("id,body\n1,x\n") }
    #expect(throws: UserError.self) { try texts("text,text\n1,x\n") }
  }

  @Test func `nothing is no text`() throws {
    #expect(try texts("") == [])
    #expect(try texts("id,text") == [])
  }
}
