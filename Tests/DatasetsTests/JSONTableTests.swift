import TestSupport
import Testing

@testable import Datasets
@testable import Support

/// Labelled text in JSON as other tools write it.
struct JSONTableTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  /// Twenty objects with the labels a and b in turn.
  private func objects(_ object: (_ text: String, _ label: String) -> String) -> [String] {
    (0..<20).map { object("row \($0)", $0 % 2 == 0 ? "a" : "b") }
  }

  private func read(
    _ name: String, _ content: String, _ change: (inout TableOptions) -> Void = { _ in }
  ) throws -> IngestResult {
    try own(change).read(path: try bench.file(name, content))
  }

  @Test func `lines, arrays, objects of several lines and a list in an object give the same rows`()
    throws
  {
    let objects = objects { "{\"text\":\"\($0) {[\\\"\",\"label\":\"\($1)\"}" }
    let spread = objects.map { $0.replacing(",", with: ",\n").replacing("{\"t", with: "{\n\"t") }
    let list = "[" + objects.joined(separator: ",\n") + "]"
    let inputs = [
      objects.joined(separator: "\n"), list, "\u{FEFF} \n" + list, spread.joined(separator: "\n"),
      "[" + spread.joined(separator: ",") + "]", "{\"version\": \"1 [{\", \"data\": \(list)}",
      "{\n \"data\": \(list),\n\"tags\": [\"x\"], \"more\": {\"x\": [{\"y\": 1}]}\n}\n",
      "{\"schema\":{\"fields\":[{\"name\":\"text\"}]},\"data\":\(list)}",
    ]
    let expected = try read("a.json", inputs[0])
    for (number, input) in inputs.enumerated() {
      for name in ["\(number).json", "\(number).txt"] {
        #expect(try read(name, input).contents == expected.contents, "\(input.prefix(60))")
      }
    }
  }

  @Test func `a path names a value in other objects, a number an element, and keys with dots win`()
    throws
  {
    let studio = objects { text, label in
      """
      {"data": {"text": "\(text)"}, "annotations": [{"id": 1, "result": [
       {"value": {"choices": ["\(label)"]}}, {"value": {"choices": ["x"]}}]}], "a.b": {"c.d": 1}}
      """
    }
    let result = try read("s.json", "[" + studio.joined(separator: ",") + "]") {
      ($0.textColumns, $0.labelColumn) = (["data.text"], "annotations.result.0.value.choices")
    }
    #expect(rows(result).contains("row 3 = b") && rows(result).count == 20)

    let reader = JSONFieldReader(["a.b.c.d", "a.b", "list.1", "list.2", "one.x", "none.x", "a.x"])
    let object = #"""
      {"a": {"b": 1, "x": "deep"}, "a.b": {"c.d": "dots", "c": {"d": 2}}, "list": [1, "two"],
       "one": [[{"x": true}]], "none": []}
      """#
    let values = try Array(object.utf8).withUnsafeBytes { try reader.read($0).map(Self.text) }
    #expect(
      values == [
        "dots", #"{"c.d": "dots", "c": {"d": 2}}"#, "two", "missing", "true", "null", "deep",
      ])
  }

  private static func text(of value: JSONFieldReader.Value) -> String {
    switch value {
    case .missing: "missing"
    case .string(let text), .literal(let text), .array(let text), .object(let text):
      String(decoding: text, as: UTF8.self)
    case .null: "null"
    }
  }

  @Test func `a list of one label is the label, an empty one is none`() throws {
    let lines = objects { "{\"text\":\"\($0)\",\"label\":[\"\($1)\"]}" }
    let result = try read(
      "d.jsonl", (lines + [#"{"text":"x","label":[]}"#]).joined(separator: "\n"))
    #expect(result.report.kept == 20 && result.report.dropped("no label") == 1)
  }

  @Test(arguments: [
    (
      #"{"text":"x","label":["a", "b"]}"#,
      "line 1: several values under “label”: [\"a\", \"b\"]\n  expected: one label a row\n"
    ),
    (
      #"{"id":1,"data":{"text":"x","meta":[{"k":1}]},"many":[{"a":1},{"b":2}]}"# + "\n{}",
      "line 1: no “text” among the keys “id”, “data.text”, “data.meta.k”, “many.0.a”\n"
        + "  expected: a value under that key\n  what to do: name the keys with --text-column"
    ),
    (
      #"{"text":"x","label":{"name":"a"}}"#,
      "line 1: “label” that is an object with the keys “name”\n"
    ),
    (
      #"{"text":"é","label":"a","score":NaN}"#,
      "line 1, column 33: “NaN”, which is not JSON\n  expected: a number, or null where there is none"
    ),
    (#"{"text":"x","score":-Infinity}"#, "line 1, column 21: “-Infinity”, which is not JSON\n"),
    (#"{'text':'x'}"#, "line 1, column 2: a single quote as in Python, which is not JSON\n"),
    (#"{"text":"x","ok":True}"#, "line 1, column 18: “True” as in Python, which is not JSON\n"),
    (
      #"{"text":"x" "label":1}"#, "line 1, column 13: broken JSON: “\"”\n  expected: a comma or “}”"
    ),
    (
      #"{"text":"x"},"#, "line 1, column 13: broken JSON: “,”\n  expected: nothing after the object"
    ),
    (#"{"text":"C:\dir","label":1}"#, "line 1, column 10: broken JSON: an escape in this string\n"),
    (
      #"{"text":"x","label":1"#,
      "line 1, column 22: broken JSON: the end\n  expected: a comma or “}”"
    ),
    (#"{text:"x"}"#, "line 1, column 2: broken JSON: “text”\n  expected: a key in double quotes\n"),
    (
      "[{\"text\":\"a\",\"label\":1},\n {\"n\":\n  nan}]",
      "line 3, column 3: “nan”, which is not JSON\n"
    ),
    (
      "[{\"text\":\"a\",\"label\":1}, {\"n\":nan}]", "line 1, column 31: “nan”, which is not JSON\n"
    ),
    ("[{\"text\":\"a\",\"label\":1}", "line 1, column 24: the end of the file\n"),
    ("[[\"a\",\"b\"]]", "line 1, column 2: “[”\n  expected: the next object\n"),
    (
      "[{\"text\":\"a\",\"label\":1}\n null]",
      "line 2, column 2: “n”\n  expected: the next object\n"
    ),
    (
      #"{"train":[{"text":"a","label":1}],"test":[{"text":"b","label":2}]}"#,
      "line 1, column 43: a second list of objects\n"
    ),
    (
      #"{"d":[{"text":"a","label":1}]} {"d":1}"#,
      "line 1, column 32: broken JSON: “{”\n  expected: nothing after the object"
    ),
  ])
  func `what is wrong is told with its place, what was found and the keys there are`(
    content: String, message: String
  ) throws {
    let path = try bench.file("x.json", content)
    let error = try userError { _ = try own().read(path: path) }
    #expect(error.exitStatus == .data)
    #expect(error.description.hasPrefix("\(path): \(message)"), "\(error.description)")
  }

  @Test func `names of columns are not for keys`() throws {
    let error = try userError { _ = try read("a.jsonl", "{}") { $0.header = "text,label" } }
    #expect(error.exitStatus == .usage && error.location == "--header")
  }
}
