import Datasets
import Support
import Testing

@testable import Inference

/// Where the text of a line is found, and why it is not.
struct TextRowReaderTests {
  /// The texts of an input, `!` and what was seen for a bad line.
  private func texts(
    _ input: [UInt8], _ format: InputFormat, column: String = "text"
  ) throws -> [String] {
    var reader = TextRowReader(format, column: column, location: "input")
    var splitter = LineSplitter(maxLength: 100)
    var texts: [String] = []
    func take(_ line: Line) throws {
      do {
        try reader.read(line) { texts.append(String(decoding: $0, as: UTF8.self)) }
      } catch let defect as RowError {
        texts.append("!\(defect.problem)")
      }
    }
    // One byte at a time: no block need end where a line does.
    for byte in input { try withUnsafeBytes(of: byte) { try splitter.split($0, take) } }
    try splitter.finish(take)
    return texts
  }

  private func texts(
    _ input: String, _ format: InputFormat, column: String = "text"
  ) throws -> [String] {
    try texts(Array(input.utf8), format, column: column)
  }

  @Test func `each line is a text, whatever ends it and whatever comes first`() throws {
    #expect(
      try texts("one\r\n\n three\u{2028}too\u{B}\nlast", .text) == [
        "one", "", " three\u{2028}too\u{B}", "last",
      ])
    #expect(try texts("", .text) == [])
    #expect(try texts("\n", .text) == [""])
  }

  @Test func `a line that is too long is bad, the next one is not`() throws {
    let long = String(repeating: "x", count: 101)
    #expect(try texts("\(long)\nshort", .text) == ["!a line of over 16 MiB", "short"])
  }

  @Test func `a column is found by its name and quotes mean nothing`() throws {
    let table = "id\ttext\tstars\r\n1\t\"good\t5\r\n2\tno stars\n3\t\t1\n4\ta\tb\tc\td\n"
    #expect(try texts(table, .tsv) == ["\"good", "!2 fields", "", "!more than 3 fields"])
    #expect(try texts(table, .tsv, column: "id") == ["1", "!2 fields", "3", "!more than 3 fields"])
    #expect(try texts("text\nalone\n\n", .tsv) == ["alone", ""])
  }

  @Test func `a table without the column, or with two of them, is refused as a whole`() {
    #expect(throws: UserError.self) { try texts("id\tbody\n1\tx\n", .tsv) }
    #expect(throws: UserError.self) { try texts("text\ttext\n1\tx\n", .tsv) }
  }

  @Test(arguments: [
    (#"{"text":"good"}"#, "good"),
    (#" {"a":[1,{"text":2}],"text" : "b\n\u00e9\ud83d\ude00"} "#, "b\né😀"),
    (#"{"te\u0078t":"escaped key"}"#, "escaped key"), (#"{"text":"\ud800"}"#, "\u{FFFD}"),
    (#"{"text":""}"#, ""), (#"{"text":3}"#, "!“text” that is no string"),
    (#"{"text":null}"#, "!“text” that is no string"), (#"{"body":"x"}"#, "!no “text”"),
    ("{}", "!no “text”"), (#"{"text":"a","text":"b"}"#, "!“text” twice"),
    (#"["text"]"#, "!not a JSON object"), (#"{"text":"a"}}"#, "!broken JSON"),
    (#"{"text":"a"#, "!broken JSON"), (#"{"text":"a",}"#, "!broken JSON"),
    (#"{"text":"\x"}"#, "!broken JSON"),
    ("{\"a\":" + String(repeating: "[", count: 90), "!broken JSON"),
  ])
  func `a key of a JSON object is found by its name`(line: String, text: String) throws {
    #expect(try texts(line, .jsonLines) == [text])
  }

  @Test func `blank lines between JSON objects are nothing`() throws {
    #expect(try texts("\n{\"text\":\"a\"}\n \t\r\n\n", .jsonLines) == ["a"])
  }

  @Test func `the name of a file tells its format, and which cannot be read`() throws {
    #expect(try InputFormat.auto.resolved(for: "a/b.TSV") == .tsv)
    #expect(try InputFormat.auto.resolved(for: "posts.jsonl") == .jsonLines)
    #expect(try InputFormat.auto.resolved(for: "standard input") == .text)
    #expect(try InputFormat.text.resolved(for: "a.csv") == .text)
    #expect(try InputFormat.auto.resolved(for: "a.csv") == .csv)
    #expect(throws: UserError.self) { try InputFormat.auto.resolved(for: "a.json") }
  }
}
