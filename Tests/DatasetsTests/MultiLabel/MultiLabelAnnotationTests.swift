import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Support

/// Exports of annotation tools whose texts have any number of labels.
struct MultiLabelAnnotationTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  /// The sets that the texts have in turn.
  private static let sets = [["a", "b"], ["b"], ["c", "a"], ["a"]]
  private static let expected = (0..<40).map {
    "row \($0) = " + sets[$0 % sets.count].sorted().joined(separator: "|")
  }

  /// Forty records in lines.
  private func lines(_ record: (_ number: Int, _ labels: [String]) -> String) -> String {
    (0..<40).map { record($0, Self.sets[$0 % Self.sets.count]) + "\n" }.joined()
  }

  private func read(_ name: String, _ content: String) throws -> IngestResult {
    try multiLabel().read(path: try bench.file(name, content))
  }

  private func categories(_ labels: [String]) -> String {
    ["a", "b", "c"].map { "\"\($0)\":\(labels.contains($0) ? 1 : 0)" }.joined(separator: ",")
  }

  @Test func `all labels of a text are read`() throws {
    let head = "text,id,topic,annotator,annotation_id\n"
    for (name, content, format) in [
      (
        "a.jsonl", lines { #"{"id":\#($0),"text":"row \#($0)","label":\#($1),"Comments":[]}"# },
        "doccano JSON"
      ),
      (
        "a.csv",
        "id,text,label,Comments\n" + lines { "\($0),row \($0),\($1.joined(separator: "#"))," },
        "doccano CSV"
      ),
      (
        "b.jsonl",
        lines {
          #"{"data":{"text":"row \#($0)"},"annotations":[{"result":[{"from_name":"t","value":"#
            + #"{"choices":\#($1)}}]}]}"#
        }, "Label Studio JSON"
      ),
      (
        "b.csv",
        head
          + lines { number, labels in
            let choices = labels.map { "\"\"\($0)\"\"" }.joined(separator: ", ")
            return "row \(number),\(number),\"{\"\"choices\"\": [\(choices)]}\",1,\(number)"
          }, "Label Studio CSV"
      ),
      (
        "c.jsonl",
        lines { #"{"text":"row \#($0)","options":[],"accept":\#($1),"answer":"accept"}"# },
        "Prodigy"
      ),
      (
        "d.jsonl",
        lines { number, labels in
          labels.map { #"{"text":"row \#(number)","label":"\#($0)","answer":"accept"}"# }
            .joined(separator: "\n")
        }, "Prodigy"
      ),
      (
        "e.jsonl", lines { #"{"text":"row \#($0)","cats":{\#(categories($1))}}"# },
        "spaCy categories"
      ),
    ] {
      let result = try read(name, content)
      #expect(labelSets(result) == Self.expected.sorted(), "\(name)")
      #expect(result.report.format == format)
    }
  }

  @Test func `an answer that no label applies is a row, an unannotated text is not`() throws {
    let task = lines {
      #"{"data":{"text":"row \#($0)"},"annotations":[{"result":[{"from_name":"t","value":"#
        + #"{"choices":\#($1)}}]}]}"#
    }
    for (name, content, none, dropped) in [
      (
        "a.jsonl", task,
        #"{"data":{"text":"x"},"annotations":[{"result":[]}]}"#,
        #"{"data":{"text":"y"},"annotations":[]}"#
      ),
      (
        "b.jsonl",
        lines { #"{"text":"row \#($0)","options":[],"accept":\#($1),"answer":"accept"}"# },
        #"{"text":"x","options":[],"accept":[],"answer":"accept"}"#,
        #"{"text":"y","options":[],"accept":[],"answer":"ignore"}"#
      ),
      (
        "c.jsonl", lines { #"{"text":"row \#($0)","cats":{\#(categories($1))}}"# },
        #"{"text":"x","cats":{"a":0,"b":0,"c":0}}"#, #"{"text":"y","cats":{}}"#
      ),
      (
        "d.csv",
        "text,id,t,annotator,annotation_id\n"
          + lines {
            "row \($0),\($0),\"{\"\"choices\"\": [\($1.map { "\"\"\($0)\"\"" }.joined(separator: ","))]}\",1,5"
          },
        "x,90,,1,5", "y,91,,,"
      ),
    ] {
      let result = try read(name, content + none + "\n" + dropped + "\n")
      #expect(labelSets(result) == (Self.expected + ["x = "]).sorted(), "\(name)")
      #expect(result.report.dropped.reduce(0) { $0 + $1.rows } == 1, "\(name)")
    }
    // doccano writes both in the same way; other files with lists of labels do not.
    let doccano = lines { #"{"id":\#($0),"text":"row \#($0)","label":\#($1),"Comments":[]}"# }
    let empty = #"{"id":99,"text":"x","label":[],"Comments":[]}"#
    let result = try read("e.jsonl", doccano + empty)
    #expect(labelSets(result) == Self.expected.sorted())
    #expect(result.report.dropped("not annotated") == 1)
    let plain = (doccano + empty).replacing(#","Comments":[]"#, with: "")
    #expect(try labelSets(read("f.jsonl", plain)) == (Self.expected + ["x = "]).sorted())
  }

  @Test func `annotators agree on a set, or the text is dropped`() throws {
    let task = lines {
      #"{"data":{"text":"row \#($0)"},"annotations":[{"result":[{"from_name":"t","value":"#
        + #"{"choices":\#($1)}}]}]}"#
    }
    func extra(_ text: String, _ first: String, _ second: String, _ more: String = "") -> String {
      #"{"data":{"text":"\#(text)"},"annotations":["#
        + #"{"result":[{"from_name":"t","value":{"choices":\#(first)}}]},"#
        + #"{"result":[{"from_name":"t","value":{"choices":\#(second)}}]\#(more)}]}"# + "\n"
    }
    let result = try read(
      "a.jsonl",
      task + extra("x", #"["a","b"]"#, #"["b","a"]"#) + extra("y", #"["a"]"#, #"["a","b"]"#)
        + extra("z", #"["a"]"#, "[]", #","ground_truth":true"#))
    #expect(labelSets(result) == (Self.expected + ["x = a|b", "z = "]).sorted())
    #expect(result.report.dropped("annotators disagree") == 1)
  }

  @Test func `a rejection of the only label is a row without it`() throws {
    let lines = (0..<40).map {
      #"{"text":"row \#($0)","label":"SPAM","answer":"\#($0 % 2 == 0 ? "accept" : "reject")"}"#
        + "\n"
    }
    let result = try read("a.jsonl", lines.joined())
    #expect(
      labelSets(result) == (0..<40).map { "row \($0) = \($0 % 2 == 0 ? "SPAM" : "")" }.sorted())
  }

  @Test func `a document of Azure has all of its classes`() throws {
    let documents = (0..<40).map { number in
      let classes = Self.sets[number % 4].map { #"{"category":"\#($0)"}"# }
      return #"{"location":"\#(number).txt","classes":[\#(classes.joined(separator: ","))]}"#
    }
    for number in 0..<41 { try bench.file("p/\(number).txt", "row \(number)") }
    let list = (documents + [#"{"location":"40.txt","classes":[]}"#]).joined(separator: ",")
    try bench.file(
      "p/labels.json",
      #"{"projectFileVersion":"2022-05-01","assets":{"documents":[\#(list)]}}"#)
    let result = try multiLabel().read(path: bench("p"))
    #expect(labelSets(result) == Self.expected.sorted())
    #expect(result.report.dropped("not annotated") == 1)
  }
}
