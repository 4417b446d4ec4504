import Foundation
import TestSupport
import Testing

/// IDs, texts and columns of the user go through all stages; labels come from files.
struct RowIdentityTests {
  private func run(_ command: String, in bench: TemporaryDirectory) throws -> (
    status: Int32, output: String, error: String
  ) {
    let words = command.split(separator: " ").map(String.init)
    return try Project.run(words[0], Array(words.dropFirst()), in: bench)
  }

  @Test func `the ID and the text of each row reach predictions and report`() throws {
    let bench = try Project.bench()
    let rows = (0..<60).map { row in
      "X\(row),\"A \(row % 2 == 0 ? "soup" : "film"),\n\"\"no \(row)\"\"\",\(row % 3 == 0 ? "no, thanks" : "yes")\n"
    }.map { $0.replacing(",no, thanks", with: ",\"no, thanks\"") }
    try bench.write("id,text,label\n" + rows.joined(), to: "rows.csv")
    for command in [
      "ingest -q --archive rows.csv --name a --id-column id --output a",
      "vocab -q --examples a --vectors fixtures/glove.fixture.zip --minimum-count 1 --output words",
      "train -q --vocab words --model majority --output one",
      "train -q --vocab words --model bag-of-words --output two",
      "evaluate -q --models one --models two --vocab words --output report",
      "evaluate -q --models one --models two --vocab words --threads 1 --output again",
      "evaluate -q --models one --vocab words --no-predictions --output none",
    ] {
      let run = try run(command, in: bench)
      try #require(run.status == 0, "\(command)\n\(run.error)")
    }
    let table = try #require(bench.read("report/predictions/a.csv"))
    #expect(bench.read("again/predictions/a.csv") == table && !bench.has("none/predictions"))
    let records = table.components(separatedBy: "\r\n").dropLast()
    #expect(
      records.first
        == "task,model,seed,split,id,text,label,prediction,confidence,\"p:no, thanks\",p:yes")
    #expect(records.count == 1 + 2 * 12)
    for record in records.dropFirst() {
      let match = try #require(
        record.firstMatch(of: /^a,[^,]+,\d,test,X(\d+),"A (soup|film),\n""no (\d+)""",/),
        "\(record)")
      #expect(match.1 == match.3)
    }
    let error = try #require(
      try
        (JSONSerialization.jsonObject(
          with: Data((bench.read("report/report.json") ?? "").utf8)) as? [String: Any])
        .flatMap { ($0["mistakes"] as? [[String: Any]])?.first })
    let (id, text) = (error["id"] as? String ?? "", error["text"] as? String ?? "")
    #expect(text.contains(",\n\"no \(id.dropFirst())\""))
    #expect(bench.read("report/report.html")?.contains("<code>\(id)</code>") == true)
    #expect(bench.read("report/report.md")?.contains("| \(id) | A ") == true)
    let shown = try run("inspect words/a/test.safetensors --rows 1", in: bench)
    #expect(shown.output.contains(/X\d+/), "\(shown.output)")
  }

  @Test
  func `the name of an input, which is in the IDs, is in the fingerprint, and its folder is not`()
    throws
  {
    let bench = try Project.bench()
    let fingerprints = try ["deep/a.csv", "a.csv", "b.csv"].map { name in
      try bench.write("text,label\nx,1\ny,2\n", to: name)
      return try run("ingest --archive \(name) --name a --fingerprint", in: bench).output
    }
    #expect(fingerprints[0] == fingerprints[1] && fingerprints[0] != fingerprints[2])
    #expect(fingerprints[2].contains("b.csv"))
  }

  @Test func `labels come from a file, and a manifest may give a mapping`() throws {
    let bench = try Project.bench()
    let rows = (0..<40).map { "row \($0),\"\(["food, drink", "a=b", "no", "x"][$0 % 4])\"\n" }
    try bench.write("text,label\n" + rows.joined(), to: "rows.csv")
    try bench.write(
      "# mine\nfood, drink: leisure\na=b: 'work, \"hard\"'\nno: leisure\n", to: "labels.yaml")
    try bench.write(
      #"{"food, drink": "leisure", "a=b": "work, \"hard\"", "no": "leisure"}"#, to: "labels.json")
    try bench.write(
      "\"food, drink\",leisure\r\na=b,\"work, \"\"hard\"\"\"\r\nno,leisure\r\n", to: "labels.csv")
    let expected = "):\n  train: 21 rows (leisure "
    for name in ["labels.yaml", "labels.json", "labels.csv"] {
      let run = try run(
        "ingest -q --archive rows.csv --name a --label-file \(name) --output a", in: bench)
      #expect(run.status == 0 && run.output.contains(expected), "\(name) \(run.error)\(run.output)")
      #expect(
        run.output.contains("work, \"hard\" ") && run.output.contains("dropped 10: the label “x”"))
    }
    try bench.write(
      """
      name: m
      stages:
        a:
          run: ingest
          inputs: { archive: rows.csv }
          with:
            name: a
            labels: { "food, drink": leisure, a=b: 'work, "hard"', no: leisure }
      """, to: "m.yaml")
    let pipeline = try run("pipeline run m.yaml", in: bench)
    #expect(pipeline.status == 0, "\(pipeline.error)")
    #expect(bench.read("runs/m/a/summary.txt")?.contains(expected) == true)

    for (content, message) in [
      ("a: b: c\n", "labels.yaml: line 1, column 5: not YAML: mapping values are not allowed"),
      ("a: x\na: y\n", "the label “a” twice"), ("- a\n", "line 1, column 1: no mapping"),
      ("a: [b]\n", "line 1, column 4: a class of “a” that is no name"),
      ("a: x\nb: x\n", "--label-file: one class only, “x”"), ("", "an empty file"),
    ] {
      try bench.write(content, to: "labels.yaml")
      let run = try run(
        "ingest -q --archive rows.csv --name a --label-file labels.yaml --output b", in: bench)
      #expect(run.status == 65 && run.error.contains(message), "\(run.error)")
    }
    let both = try run(
      "ingest -q --archive rows.csv --name a --label-file labels.csv --labels a=b --output b",
      in: bench)
    #expect(both.status == 64 && both.error.contains("--label-file: given beside --labels"))
  }
}

/// Columns that `predict` copies.
@Suite(.trainedModels)
struct KeptColumnTests {
  private let bench: TemporaryDirectory
  init() throws { bench = try #require(TrainedModels.bench) }

  private func predict(
    _ name: String, _ input: String, _ arguments: String...
  ) throws -> (status: Int32, output: String, error: String) {
    try bench.write(input, to: name)
    return try Project.run("predict", ["-q"] + arguments + [name], in: bench)
  }

  private let table = "id,date,label,text\n7,\"May 1, 2026\",good,a good film\n8,,bad,\"bad\"\n"

  @Test func `columns and keys are copied to each answer`() throws {
    let plain = try predict("p.csv", table).output.split(separator: "\n").map {
      $0.split(separator: "\t").map(String.init)
    }
    let run = try predict("k.csv", table, "--keep", "id,date", "--keep", "label")
    let cells = run.output.split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
    #expect(
      cells.map { Array($0[1...3]) } == [
        ["id", "date", "input:label"], ["7", "May 1, 2026", "good"], ["8", "", "bad"],
      ])
    #expect(cells.map { $0[...0] + $0[4...] } == plain.map { $0[...] }, "\(run.error)")

    let json = try predict(
      "k.json",
      #"[{"id":7.50,"text":"good","m":{"tags":["a", "b"]}},{"id":null,"text":"bad","m":{"tags":"x"}}]"#,
      "--keep", "id", "--keep", "m.tags", "--json")
    let lines = json.output.split(separator: "\n")
    #expect(lines.count == 2, "\(json.error)")
    #expect(lines.first?.hasPrefix(#"{"line":1,"id":7.50,"m.tags":["a", "b"],"label":""#) == true)
    #expect(lines.last?.hasPrefix(#"{"line":2,"id":null,"m.tags":"x","label":""#) == true)
  }

  @Test func `unknown columns are errors`() throws {
    let column = try predict("u.csv", table, "--keep", "ids")
    #expect(column.status == 65 && column.output.isEmpty)
    #expect(
      column.error.contains(
        "the columns “id”, “date”, “label”, “text”\n  expected: one column each: “text”, “ids”"),
      "\(column.error)")
    let key = try predict("u.jsonl", #"{"id":1,"text":"good"}"#, "--keep", "ids")
    #expect(key.status == 65 && key.error.contains("no “ids” among the keys “id”, “text”"))
    for (arguments, message) in [
      (["--format", "text"], "--keep is given for --format text"),
      (["--keep", "id"], "--keep names “id” twice"),
      (["--keep", "\"a"], "a quotation mark is missing"),
      (["--keep", "a,,b"], "a column without a name"),
    ] {
      let run = try Project.run("predict", ["--keep", "id"] + arguments + ["k.csv"], in: bench)
      #expect(run.status == 64 && run.error.contains(message), "\(run.error)")
    }
  }
}
