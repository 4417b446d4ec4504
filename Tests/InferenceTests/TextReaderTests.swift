import Datasets
import Support
import Testing

@testable import Inference

/// The texts of an input, whatever pieces it comes in.
struct TextReaderTests {
  /// What is told of an input.
  private final class Warnings { var texts: [String] = [] }

  /// The lines and texts of an input, `!` and what was seen for a bad row.
  private func texts(
    _ input: [UInt8], _ format: InputFormat, columns: [String] = [], name: String = "input",
    options: TextFileOptions = TextFileOptions(), warnings: Warnings = Warnings()
  ) throws -> [String] {
    let results = try [input.count, 1, 7].map { size in
      warnings.texts = []
      var reader = TextReader(
        PredictionStream.Input(format: format, columns: columns, markup: .none, options: options),
        name: name,
        location: name, isStream: size != input.count, warn: { warnings.texts.append($0) })
      var texts: [String] = []
      func take(_ row: Row, at location: RowLocation) {
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

  private func texts(
    _ input: String, _ format: InputFormat, columns: [String] = [], name: String = "input"
  ) throws -> [String] {
    try texts(Array(input.utf8), format, columns: columns, name: name)
  }

  @Test func `each line is a text, whatever ends it and whatever comes first`() throws {
    #expect(
      try texts("one\r\n\n three\u{2028}too\u{B}\nlast", .text) == [
        "1 one", "2 ", "3  three\u{2028}too\u{B}", "4 last",
      ])
    #expect(try texts("", .text) == [])
    #expect(try texts("\n", .text) == ["1 "])
  }

  @Test func `texts are found by the name of their column, whatever parts the columns`() throws {
    let table = "id,text\r\n1,\"a, \"\"b\"\"\nc\"\r\n2,d"
    #expect(try texts(table, .csv) == ["2 a, \"b\"\nc", "4 d"])
    #expect(try texts("text;id\n\"a;b\";1\n", .csv) == ["2 a;b"])
    #expect(try texts("id\ttext\n1\ta,b\n", .csv) == ["2 a,b"])
    #expect(try texts("text\nalone\n\n\"two\nlines\"\n", .csv) == ["2 alone", "4 two\nlines"])
    #expect(try texts("id,body\n1,x\n", .csv, columns: ["body"]) == ["2 x"])
    #expect(
      try texts("id\ttext\tstars\r\n1\t\"good\t5\r\n2\tno stars\n3\t\t1\n", .tsv)
        == ["2 \"good", "3 !2 fields", "4 "])
  }

  @Test func `lines before the names are skipped, and bare returns end rows`() throws {
    let skipping = try TextFileOptions(delimiter: ":", quote: "'", skipLines: 2)
    let table = "# a note\r\n\r\nid:text\r\n1:'a:''b'\r\n"
    #expect(try texts(Array(table.utf8), .csv, options: skipping) == ["4 a:'b"])
    #expect(try texts("sep=|\r\ntext|id\r\na,b;c|1\r\n", .csv) == ["3 a,b;c"])
    #expect(try texts("id,text\r1,a\r2,b", .csv) == ["2 a", "3 b"])
  }

  @Test func `the texts of several columns are joined with spaces`() throws {
    #expect(
      try texts("title,id,body\na,1,b\n,2,c\n", .csv, columns: ["body", "title"])
        == ["2 b a", "3 c "])
    #expect(
      try texts(#"{"title":"a","body":"b"}"#, .jsonLines, columns: ["title", "body"]) == ["1 a b"])
  }

  @Test func `bad rows are told and the next are read`() throws {
    #expect(
      try texts("id,text\n1\n2,a\"b\"\n3,c\n", .csv) == [
        "2 !1 field", "3 !a quote inside a field that does not begin with one", "4 c",
      ])
  }

  @Test(arguments: [
    ("id,body\n1,x\n", InputFormat.csv), ("text,text\n1,x\n", .csv), ("", .csv), ("", .tsv),
    ("id\tbody\n1\tx\n", .tsv), ("text\ttext\n1\tx\n", .tsv), (#"[1, 2]"#, .jsonLines),
    (#"[{"text":"a"}"#, .jsonLines),
  ])
  func `a table without the column, or with two of them, is refused as a whole`(
    input: String, format: InputFormat
  ) {
    #expect(throws: UserError.self) { try texts(input, format) }
  }

  @Test(arguments: [
    (#"{"text":"good"}"#, "1 good"),
    (#" {"a":[1,{"text":2}],"text" : "b\n\u00e9\ud83d\ude00"} "#, "1 b\né😀"),
    (#"{"te\u0078t":"escaped key"}"#, "1 escaped key"), (#"{"text":"\ud800"}"#, "1 \u{FFFD}"),
    (#"{"text":""}"#, "1 "), (#"{"text":null}"#, "1 "), (#"{"text":["a"]}"#, "1 a"),
    (#"{"text":3}"#, "1 !“text” that is no string: 3"),
    (#"{"body":"x"}"#, "1 !no “text” among the keys “body”"), ("{}", "1 !no “text”"),
    (#"{"text":"a","text":"b"}"#, "1 !“text” twice"), (#"{"text":"a"}}"#, "1 !broken JSON: “}”"),
    (#"{"text":"a"#, "1 !broken JSON: “\"”"), (#"{"text":"a",}"#, "1 !broken JSON: “}”"),
    (#"{"text":"\x"}"#, "1 !broken JSON: an escape in this string"),
    ("{\"a\":" + String(repeating: "[", count: 90), "1 !broken JSON: the end"),
  ])
  func `a key of a JSON object is found by its name`(line: String, text: String) throws {
    #expect(try texts(line, .jsonLines) == [text])
  }

  @Test(arguments: [
    "\n{\"text\":\"a\"}\n \t\r\n{\"text\":\"b\"}\n\n", #"[{"text":"a"},{"text":"b"}]"#,
    "[\n  {\n  \"text\": \"a\"\n},\n{\"text\": \"b\"}]\n", "{\n\"text\":\"a\"\n}\n{\"text\":\"b\"}",
    #"{"version":1,"data":[{"text":"a"},{"text":"b"}],"tags":["x"]}"#,
  ])
  func `JSON objects are found however they are arranged`(input: String) throws {
    #expect(try texts(input, .jsonLines).map { $0.dropFirst(2) } == ["a", "b"])
  }

  @Test func `the labels of fastText's format are no text`() throws {
    #expect(
      try texts("__label__a __label__b good film\nbad __label__c one\n", .fastText)
        .map { $0.split(separator: " ").joined(separator: " ") } == ["1 good film", "2 bad one"])
  }

  @Test(arguments: [
    ("id,text\n1,x\n", "a/b.CSV", ["2 x"]), ("id\ttext\n1\tx\n", "b.tab", ["2 x"]),
    (#"[{"text":"x"}]"#, "b.json", ["1 x"]), (#"{"text":"x"}"#, "b.ndjson", ["1 x"]),
    ("__label__a x\n", "b.ft", ["1   x"]), ("one,two\n", "b.txt", ["1 one,two"]),
  ])
  func `the name of a file tells its format`(
    input: String, name: String, expected: [String]
  ) throws {
    #expect(try texts(input, .auto, name: name) == expected)
  }

  @Test(arguments: ["id,text\n1,x\n", "id\ttext\n1\tx\n", "{\"id\":1,\"text\":\"x\"}\n"])
  func `a column that is named tells the format, and plain text that looks like one is told`(
    input: String
  ) throws {
    #expect(try texts(input, .auto, columns: ["text"]).map { $0.dropFirst(2) } == ["x"])
    let warnings = Warnings()
    let lines = try texts(Array(input.utf8), .auto, warnings: warnings)
    #expect(lines.count == input.split(separator: "\n").count)
    #expect(warnings.texts.count == 1 && warnings.texts[0].contains("--format"))
    _ = try texts(Array(input.utf8), .text, warnings: warnings)
    #expect(warnings.texts.isEmpty)
    let error = #expect(throws: UserError.self) {
      try texts("just a film\n", .auto, columns: ["text"])
    }
    #expect(error?.exitStatus == .usage && error?.location == "input")
  }
}
