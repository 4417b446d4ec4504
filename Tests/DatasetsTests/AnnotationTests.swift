import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Support

/// Exports of annotation tools, in the layouts of their publishers.
struct AnnotationTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  /// Twenty records about texts with the labels a and b in turn, in lines.
  private func lines(_ record: (_ number: Int, _ label: String) -> String) -> String {
    (0..<20).map { record($0, $0 % 2 == 0 ? "a" : "b") + "\n" }.joined()
  }

  private func read(
    _ name: String, _ content: String, _ change: (inout TableOptions) -> Void = { _ in }
  ) throws -> IngestResult {
    try own(change).read(path: try bench.file(name, content))
  }

  /// An array of the records in lines.
  private func array(_ lines: String) -> String {
    "[" + lines.split(separator: "\n").joined(separator: ",\n") + "]"
  }

  private static let expected = (0..<20).map { "row \($0) = \($0 % 2 == 0 ? "a" : "b")" }.sorted()

  @Test func `each export is recognised by its content and named in the report`() throws {
    let doccano = lines {
      #"{"id":\#($0 + 1),"text":"row \#($0)","label":["\#($1)"],"Comments":[]}"#
    }
    let task = lines { number, label in
      """
      {"id":\(number),"data":{"text":"row \(number)"},"annotations":[{"id":7,"completed_by":1,\
      "result":[{"id":"x","type":"choices","value":{"choices":["\(label)"]},"to_name":"text",\
      "from_name":"sentiment"}],"was_cancelled":false,"ground_truth":false}],"predictions":[]}
      """
    }
    let small = lines {
      #"{"text":"row \#($0)","id":\#($0),"sentiment":"\#($1)","annotator":1,"annotation_id":\#($0 + 50),"#
        + #""created_at":"2024-01-01T00:00:00Z","updated_at":"2024-01-01T00:00:00Z","lead_time":3.1}"#
    }
    let binary = lines { number, label in
      #"{"text":"row \#(number)","_input_hash":\#(number),"_task_hash":-\#(number),"label":"\#(label)","#
        + #""answer":"accept","_timestamp":1}"#
    }
    let choice = lines { number, label in
      #"{"text":"row \#(number)","options":[{"id":"a","text":"A"},{"id":"b","text":"B"}],"#
        + #""_input_hash":\#(number),"accept":["\#(label)"],"answer":"accept"}"#
    }
    let spacy = lines {
      #"{"text":"row \#($0)","cats":{"a":\#($1 == "a" ? 1.0 : 0.0),"b":\#($1 == "b" ? 1.0 : 0.0)}}"#
    }
    let times = "2024-01-01,2024-01-01,3.1"
    for (name, content, format) in [
      ("admin.jsonl", doccano, "doccano JSON"), ("admin.json", array(doccano), "doccano JSON"),
      (
        "admin.csv", "id,text,label,Comments\n" + lines { "\($0),row \($0),\($1)," }, "doccano CSV"
      ),
      ("project.json", array(task), "Label Studio JSON"),
      ("min.json", array(small), "Label Studio JSON-MIN"),
      (
        "studio.csv",
        "text,id,sentiment,annotator,annotation_id,created_at,updated_at,lead_time\n"
          + lines { "row \($0),\($0),\($1),1,\($0 + 50),\(times)" }, "Label Studio CSV"
      ),
      (
        "studio.tsv",
        "text\tid\tsentiment\tannotator\tannotation_id\n"
          + lines { "\"row \($0)\"\t\($0)\t\($1)\t1\t\($0 + 50)" }, "Label Studio CSV"
      ),
      ("binary.jsonl", binary, "Prodigy"), ("choice.jsonl", choice, "Prodigy"),
      ("cats.jsonl", spacy, "spaCy categories"), ("cats.json", array(spacy), "spaCy categories"),
    ] {
      let result = try read(name, content)
      #expect(rows(result) == Self.expected, "\(name)")
      #expect(result.report.text.contains("\n  format: \(format)\n"), "\(name)")
      let warnings = result.report.warnings.filter { !$0.contains("validation rows") }
      #expect(warnings.isEmpty, "\(name): \(warnings)")
      // The same without an extension, as from a pipe.
      #expect(try read("pipe", content).contents == result.contents, "\(name)")
      let packed = try bench.archive("a.zip", .zip, [(name, content)])
      #expect(try own().read(path: packed).contents == result.contents, "\(name)")
    }
  }

  @Test func `Prodigy's rejected and ignored rows are no positives`() throws {
    // One label: its rejection is the other class.
    let spam = lines { number, label in
      #"{"text":"row \#(number)","label":"SPAM","answer":"\#(label == "a" ? "accept" : "reject")"}"#
    }
    let ignored = #"{"text":"x","label":"SPAM","answer":"ignore"}"# + "\n"
    let result = try read("a.jsonl", spam + ignored + ignored.replacing("\"x\"", with: "\"y\""))
    #expect(
      rows(result)
        == (0..<20).map { "row \($0) = \($0 % 2 == 0 ? "" : "not ")SPAM" }.sorted())
    #expect(result.report.read == 22 && result.report.dropped("ignored") == 2)
    // The format that is named explicitly is read as it is.
    #expect(throws: UserError.self) { try read("a.jsonl", spam) { $0.format = .jsonLines } }

    // Several labels: a rejection alone tells no class.
    let several = lines { number, label in
      let hash = #""text":"row \#(number)","_input_hash":\#(number)"#
      return #"{\#(hash),"label":"\#(label == "a" ? "b" : "a")","answer":"reject"}"# + "\n"
        + (number < 18 ? #"{\#(hash),"label":"\#(label)","answer":"accept"}"# : "")
    }
    let accepted = try read("b.jsonl", several)
    #expect(rows(accepted) == Self.expected.filter { !$0.contains("18") && !$0.contains("19") })
    #expect(accepted.report.dropped("a label was rejected, and none accepted") == 2)
  }

  @Test func `texts without an answer are counted by the reason`() throws {
    let task = lines { number, label in
      #"{"data":{"text":"row \#(number)"},"annotations":[{"was_cancelled":false,"result":"#
        + #"[{"from_name":"s","type":"choices","value":{"choices":["\#(label)"]}}]}]}"#
    }
    func extra(_ annotations: String...) -> String {
      #"{"data":{"text":"extra"},"annotations":[\#(annotations.joined(separator: ","))]}"# + "\n"
    }
    func choice(_ label: String, _ more: String = "") -> String {
      #"{"result":[{"from_name":"s","value":{"choices":["\#(label)"]}}]\#(more)}"#
    }
    let odd = [
      extra(), extra(#"{"was_cancelled":true,"result":[]}"#), extra(#"{"result":[]}"#),
      extra(choice("a"), choice("b")), extra(choice("a"), choice("a")),
      extra(choice("a"), choice("b", #","ground_truth":true"#)),
    ].joined()
    let result = try read("a.json", array(task + odd))
    #expect(rows(result) == (Self.expected + ["extra = a", "extra = b"]).sorted())
    #expect(result.report.read == 26)
    for reason in ["not annotated", "cancelled", "no choice", "annotators disagree"] {
      #expect(result.report.dropped(reason) == 1, "\(reason)")
    }
    #expect(
      result.report.warnings.contains(
        "annotators disagree, first at \(bench("a.json")): object 24; settle “a”, “b” in the annotation "
          + "tool"))
  }

  @Test func `annotations of a text in several rows are one text`() throws {
    let head = "text,id,label,annotator,annotation_id\n"
    let table = head + lines { "row \($0),\($0),\($1),1,\($0 + 50)" }
    let result = try read("a.csv", table + "row 0,0,a,2,80\nrow 1,1,a,2,81\nrow 2,2,,2,82\n")
    #expect(rows(result) == Self.expected.filter { $0 != "row 1 = b" })
    #expect(result.report.dropped("annotators disagree") == 1)
  }

  @Test(arguments: [
    ("a.jsonl", #"{"id":1,"text":"t","label":["a","b"],"Comments":[]}"#, ": line 1", ["a", "b"]),
    ("a.csv", "id,text,label,Comments\n7,t,a#b,\n", ": line 2", ["a", "b"]),
    (
      "b.json",
      #"[{"id":1,"text":"t","s":{"choices":["x","y","z"]},"annotator":1,"annotation_id":2}]"#,
      ": object 1", ["x", "y", "z"]
    ),
    (
      "b.csv",
      "id,text,s,annotator,annotation_id\n1,t,\"{\"\"choices\"\": [\"\"x\"\", \"\"y\"\"]}\",1,2\n",
      ": line 2", ["x", "y"]
    ),
    (
      "c.jsonl", #"{"text":"t","options":[],"accept":["p","q"],"answer":"accept"}"#, ": line 1",
      ["p", "q"]
    ),
    ("d.jsonl", #"{"text":"t","cats":{"p":1,"q":1.0,"r":0}}"#, ": line 1", ["p", "q"]),
  ])
  func `several labels are an error with line, labels and the way out, or skipped`(
    name: String, content: String, line: String, labels: [String]
  ) throws {
    let path = try bench.file(name, content)
    let error = try userError { _ = try own().read(path: path) }
    #expect(error.location == path + line && error.exitStatus == .data)
    #expect(error.problem == "\(labels.count) labels: \(labels.quoted(limit: 9))")
    #expect(
      error.hint
        == "read all of them with --multi-label, keep one of them, or pass over such rows with --on-error "
        + "skip")
    let skipped = try userError { _ = try own { $0.onError = .skip }.read(path: path) }
    #expect(skipped.problem.hasPrefix("no row of any class; 1 dropped: a text with several labels"))
  }

  @Test func `keys are named, questions chosen, and misfits explained`() throws {
    let task = lines { number, label in
      #"{"data":{"title":"row","body":"\#(number)","part":"train"},"annotations":[{"result":["#
        + #"{"from_name":"topic","value":{"choices":["z"]}},"#
        + #"{"from_name":"stars","type":"rating","value":{"rating":\#(label == "a" ? 1 : 2)}}]}]}"#
    }
    let result = try read("a.json", array(task)) {
      ($0.textColumns, $0.labelColumn) = (["title", "body"], "stars")
    }
    #expect(
      rows(result)
        == Self.expected.map {
          $0.replacing("= a", with: "= 1").replacing("= b", with: "= 2")
        }.sorted())
    for (content, problem) in [
      (array(task), "no “text” among the keys “title”, “body”, “part”"),
      (
        array(task).replacing("\"title\":\"row\",", with: "").replacing(
          ",\"part\":\"train\"", with: ""),
        "answers to several questions: “topic”, “stars”"
      ),
      (#"{"text":"t","cats":{"p":0.7}}"#, "the category “p” with the value 0.7"),
      (
        #"{"text":"t","spans":[],"_input_hash":1,"answer":"accept"}"#,
        "no “label” and no “accept” among the keys “text”, “spans”, “_input_hash”, “answer”"
      ),
      (#"{"id":1,"text":"t","label":[[0,1,"X"]],"Comments":[]}"#, "labels of parts of a text"),
      (
        #"{"id":1,"text":"t","a":"x","b":"y","annotator":1,"annotation_id":2}"#,
        "the columns “a”, “b” beside the text"
      ),
      (
        #"{"text":"t","cats":{"p":1}"# + "\n" + #"{"text":"t","cats":{"p":1}}"#,
        "broken JSON: the end"
      ),
    ] {
      #expect(try userError { _ = try read("b.json", content) }.problem == problem)
    }
    let error = try userError { _ = try read("c.jsonl", "text,x\n") { $0.format = .prodigy } }
    #expect(error.problem == "no JSON")
  }

  @Test func `labels that look joined in a plain table are told, and repeated texts counted`()
    throws
  {
    let table = "text,label\n" + lines { "row \($0),\($1)" } + "odd,a#b\nodd,a#b\nrow 1,b\n"
    let report = try read("a.csv", table).report
    #expect(
      report.warnings.contains {
        $0.hasPrefix("classes that look like several labels joined by “#”: “a#b” (2 rows)")
      })
    #expect(report.repeated == 2)
    #expect(
      report.text.contains("\n  2 rows repeat an earlier text; equal texts stay in one split\n"))
  }

  @Test func `a first record longer than a block is recognised, too`() throws {
    let long = String(repeating: "long ", count: 200_000)
    let first = #"{"text":"\#(long)","label":"a","answer":"reject"}"# + "\n"
    let others = lines { #"{"text":"row \#($0)","label":"\#($1)","answer":"accept"}"# }
    let result = try read("a.jsonl", first + others)
    #expect(rows(result) == Self.expected)
    #expect(result.report.dropped("a label was rejected, and none accepted") == 1)
  }

  // MARK: Azure

  private func azure(_ documents: String) -> String {
    """
    {"projectFileVersion": "2022-05-01", "stringIndexType": "Utf16CodeUnit", "metadata":
     {"projectKind": "CustomSingleLabelClassification", "projectName": "mine", "language": "en-us"},
     "assets": {"projectKind": "CustomSingleLabelClassification", "classes": [{"category": "a"}],
     "documents": [\(documents)]}}
    """
  }

  @Test func `a labels file of Azure names the texts beside it`() throws {
    let documents = (0..<20).map { number in
      let label = #"{"category": "\#(number % 2 == 0 ? "a" : "b")"}"#
      let classes = number < 10 ? #""class": \#(label)"# : #""classes": [\#(label)]"#
      return #"{"location": "texts/\#(number).txt", "dataset": "Train", \#(classes)}"#
    }
    let labels = azure(documents.joined(separator: ",\n"))
    try bench.file("project/labels.json", labels)
    for number in 0..<20 { try bench.file("project/texts/\(number).txt", "row \(number)\n") }
    try bench.file("project/notes.txt", "not a document")
    let result = try own().read(path: bench("project"))
    #expect(rows(result) == Self.expected)
    #expect(result.report.format == "Azure labels file")
    #expect(result.report.skipped.map(\.rows) == [1])
    // The texts may precede the labels.
    let zip = try bench.archive(
      "a.zip", .zip,
      (0..<20).map { ("p/texts/\($0).txt", "row \($0)") } + [("p/labels.json", labels)])
    #expect(try own().read(path: zip).contents == result.contents)

    let alone = try userError { _ = try own().read(path: bench("project/labels.json")) }
    #expect(alone.problem.hasPrefix("20 of 20 documents are missing: “texts/0.txt”"))
    let two = #"{"location": "texts/1.txt", "classes": [{"category": "a"}, {"category": "b"}]}"#
    try bench.file(
      "project/labels.json",
      azure((documents.filter { !$0.contains("/1.txt") } + [two]).joined(separator: ",")))
    let error = try userError { _ = try own().read(path: bench("project")) }
    #expect(
      error.problem == "2 labels: “a”, “b”"
        && error.location.hasSuffix("labels.json: “texts/1.txt”"))
  }
}
