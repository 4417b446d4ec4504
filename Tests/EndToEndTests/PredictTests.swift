import Datasets
import Shards
import Foundation
import DLNC
import Testing
import Tokenization
import TestSupport

/// The tool `predict`, on small models of the fixtures.
@Suite(.trainedModels)
struct PredictTests {
  private let bench: TemporaryDirectory

  init() throws { bench = try #require(TrainedModels.bench) }

  private func predict(
    _ input: String? = nil, _ arguments: String...
  ) throws -> (status: Int32, output: String, error: String) {
    try predict(input.map { Data($0.utf8) }, arguments)
  }

  private func predict(
    _ input: Data?, _ arguments: [String]
  ) throws -> (status: Int32, output: String, error: String) {
    let name = "input-\(UUID().uuidString)"
    if let input { try bench.write(input, to: name) }
    return try Project.run("predict", arguments + (input == nil ? [] : [name]), in: bench)
  }

  /// The rows of the answer, cut at tabs, without the line of names.
  private func cells(_ output: String) -> [[String]] {
    output.split(separator: "\n").dropFirst().map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test(arguments: [("runs/quickstart/train", "yelp"), ("bag-of-words", "ei-reg")])
  func `the texts of a shard get the probabilities that evaluate gets, to the byte`(
    model: String, task: String
  ) throws {
    let folder = task == "yelp" ? "yelp" : "tweets"
    let examples = try TextShard(path: bench("runs/quickstart/\(folder)/test.safetensors"))
    let lines = (0..<examples.count).map { Data(examples.row($0)) + Data([0x0A]) }
    let run = try predict(
      lines.reduce(Data(), +), ["--checkpoint", model, "--task", task, "--batch", "17"])
    #expect(run.status == 0, "\(run.error)")

    let lexicon = try TokenizedDataset(path: bench("runs/quickstart/vocab"))
    let shard = try #require(try lexicon.shard(task, .test))
    let expected = try trainedModel(at: bench(model)).classify(shard, threads: 2).probabilities
    let classes = shard.classNames.count
    let rows = cells(run.output)
    #expect(rows.count == shard.count && shard.count > 50)
    #expect(rows.flatMap { $0.suffix(classes) } == expected.map { "\($0)" })
    #expect(rows.map { $0[0] } == (1...shard.count).map { "\($0)" })
  }

  @Test func `a file may be compressed or the only one of an archive`() throws {
    try bench.write(Data("text\nfine soup\ncold soup\n".utf8), to: "packed/a.csv")
    try bench.write(Data("x".utf8), to: "packed/b.txt")
    let script = """
      gzip -c packed/a.csv >packed/a.csv.gz; tar -C packed -cf packed/one.tar a.csv; \
      tar -C packed -cf packed/two.tar a.csv b.txt; printf 'PAR1\\0\\1' >packed/a.parquet
      """
    #expect(try Program("/bin/sh", ["-c", script], in: bench).end().status == 0)
    let plain = try predict(nil, ["packed/a.csv"])
    #expect(plain.status == 0 && cells(plain.output).count == 2)
    for name in ["a.csv.gz", "one.tar"] {
      #expect(try predict(nil, ["packed/\(name)"]).output == plain.output)
      // On a pipe, there is no name that tells that it is a table.
      let command = "cat packed/\(name) | '\(Program.folder)'/predict --column text"
      let piped = try Program("/bin/sh", ["-c", command], in: bench).end()
      #expect(piped.output == plain.output, "\(piped.error)")
    }
    for (name, problem) in [
      ("two.tar", "an archive of several files"), ("a.parquet", "a Parquet file"),
    ] {
      let run = try predict(nil, ["--quiet", "packed/\(name)"])
      #expect(run.status == 65)
      #expect(
        run.error.hasPrefix(
          """
          predict: packed/\(name): \(problem)
            expected: text, a table, JSON or a workbook, which may be compressed or the only file of an \
          archive

          """), "\(run.error)")
    }
  }

  @Test func `the task learned last is asked, another by name, an unknown one refused`() throws {
    let last = try predict("fine\n")
    #expect(last.output.hasPrefix("line\tlabel\tknown\tnegative\tpositive\n1\t"))
    #expect(last.error == "predict: task imdb: negative, positive (--task for ei-reg or yelp)\n")
    let tweets = try predict("fine\n", "--task", "ei-reg")
    #expect(tweets.output.hasPrefix("line\tlabel\tknown\tanger\tfear\tjoy\tsadness\n1\t"))
    #expect(tweets.error == "")
    let unknown = try predict("fine\n", "--task", "yel")
    #expect(unknown.status == 64 && unknown.output.isEmpty)
    #expect(unknown.error.contains("one of: ei-reg, yelp, imdb"))
  }

  @Test func `batches and threads change no byte`() throws {
    let texts = (0..<40).map { "good bad film \($0) and " + String(repeating: "so ", count: $0) }
    let input = texts.joined(separator: "\n")
    let outputs = try [("1", "1"), ("7", "2"), ("256", "3")].map {
      try predict(input, "--batch", $0, "--threads", $1, "-q").output
    }
    #expect(Set(outputs).count == 1 && cells(outputs[0]).count == 40)
  }

  @Test func `the same texts as lines, as a column and under a key get the same answers`() throws {
    let lines = try predict("a good film\n\"bad\"\n", "--with-text").output
    let column = try predict(
      "id\tbody\n1\ta good film\n2\t\"bad\"\n", "--format", "tsv", "--column", "body", "--with-text"
    ).output
    let keys = try predict(
      "{\"body\":\"a good film\"}\n{\"n\":1,\"body\":\"\\u0022bad\\\"\"}\n", "--format",
      "json-lines", "--column", "body", "--with-text"
    ).output
    #expect(cells(lines).map { $0.last } == ["a good film", "\"bad\""])
    #expect(cells(lines).map { $0.dropFirst() } == cells(column).map { $0.dropFirst() })
    #expect(cells(column).map { $0[0] } == ["2", "3"])
    #expect(lines == keys)
  }

  @Test func `JSON answers are JSON with the same numbers`() throws {
    let table = cells(try predict("good\nbad\n", "-q").output)
    let json = try predict("good\nbad\n", "-q", "--json").output
    #expect(
      json
        == table.map {
          "{\"line\":\($0[0]),\"label\":\"\($0[1])\",\"known\":\($0[2]),\"probabilities\":"
            + "{\"negative\":\($0[3]),\"positive\":\($0[4])}}\n"
        }.joined())
  }

  @Test func `odd bytes are cleaned as ingest cleans them, and counted`() throws {
    var input = Data("\u{FEFF}one\r\n\r\n  two\u{A0}\t\0words \n".utf8)
    input += [0x62, 0xFF, 0x0A] + Array("no newline".utf8)
    let run = try predict(input, ["--with-text", "--quiet"])
    #expect(run.status == 0)
    #expect(
      cells(run.output).map { $0.last } == ["one", "", "two words", "b\u{FFFD}", "no newline"])
    #expect(
      run.error == """
        predict: warning: 1 text had bytes that are not UTF-8; each became U+FFFD. Name the encoding, as in --encoding windows-1252
        predict: warning: 1 text was empty; each counts as one unknown word

        """)
  }

  @Test func `markup becomes text as ingest makes it`() throws {
    let html = try predict(
      "A <i>good</i> film<br /><br />I &lt;3 it\n", "-q", "--with-text", "--markup", "html")
    #expect(cells(html.output).first?.last == "A good film I <3 it")
    let tweet = try predict("so <b> \\n it &amp;lt;\n", "-q", "--with-text", "--markup", "tweet")
    #expect(cells(tweet.output).first?.last == "so <b> it &lt;")
  }

  @Test func `a line of ten megabytes is a text, one of twenty is a bad line`() throws {
    let text = Data(String(repeating: "good film ", count: 1 << 20).utf8)
    let run = try predict(
      text + [0x0A] + text + text + Data("\nlast".utf8), ["--on-error", "skip"])
    #expect(run.status == 0)
    #expect(cells(run.output).map { $0[0] } == ["1", "3"])
    #expect(run.error.contains("line 2: a line of over 16 MiB"))
  }

  @Test func `a bad line ends the run after the answers to those before it, or is skipped`() throws
  {
    let input = "{\"text\":\"a\"}\n{\"text\":1}\n{\"text\":\"c\"}\n"
    let stopped = try predict(input, "--format", "json-lines", "-q")
    #expect(stopped.status == 65)
    #expect(cells(stopped.output).map { $0[0] } == ["1"])
    #expect(stopped.error.contains(": line 2: “text” that is no string: 1\n  expected: a text\n"))
    let skipped = try predict(input, "--format", "json-lines", "-q", "--on-error", "skip")
    #expect(skipped.status == 0)
    #expect(cells(skipped.output).map { $0[0] } == ["1", "3"])
    #expect(skipped.error.contains("line 2: “text” that is no string: 1, expected a text; skipped"))
    #expect(skipped.error.hasSuffix("predict: warning: 1 line was skipped\n"))
  }

  @Test func `several files are told apart, and one that is missing ends the run`() throws {
    try bench.write("one\n", to: "first.txt")
    try bench.write("two", to: "second.txt")
    let run = try predict(nil, "-q", "first.txt", "second.txt", "absent.txt")
    #expect(run.status == 66)
    #expect(cells(run.output).map { $0.prefix(2) } == [["first.txt", "1"], ["second.txt", "1"]])
    #expect(run.error.hasPrefix("predict: absent.txt: no such file"))
  }

  @Test func `a model that does not say how text becomes words is refused`() throws {
    let file = try Data(contentsOf: URL(fileURLWithPath: bench("bag-of-words/model.safetensors")))
    let key = Data(#"\"tokenizer\":\"ptb\","#.utf8)
    let range = try #require(file.range(of: key))
    var broken = file
    broken.replaceSubrange(range, with: Data(repeating: 0x20, count: key.count))
    try bench.write(broken, to: "broken.safetensors")
    let run = try predict("good\n", "--checkpoint", "broken.safetensors", "--task", "yelp")
    #expect(run.status == 65)
    #expect(run.error.contains("broken.safetensors: metadata “tokenizer”: nothing"), "\(run.error)")
  }

  @Test func `a file is read as ingest reads it, packed or not, and an archive is refused`() throws
  {
    let rows = "[{\"text\":\"a good film\"}, {\"text\":\"bad\"}]"
    try bench.write(rows, to: "rows.json")
    try bench.write("id\ttext\n1\ta good film\n2\tbad\n", to: "rows.tab")
    try bench.write("a good film\nbad\n", to: "rows.txt")
    let plain = try predict(nil, "-q", "--with-text", "rows.txt")
    #expect(cells(plain.output).map { $0.last } == ["a good film", "bad"])
    let zipper = Process()
    zipper.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    zipper.arguments = ["gzip", "-kf", bench("rows.json"), bench("rows.txt")]
    try zipper.run()
    zipper.waitUntilExit()
    for name in ["rows.json", "rows.json.gz", "rows.tab", "rows.txt.gz"] {
      let run = try predict(nil, "-q", "--with-text", name)
      #expect(run.error.isEmpty && run.status == 0, "\(name): \(run.error)")
      #expect(
        cells(run.output).map { $0.dropFirst() } == cells(plain.output).map { $0.dropFirst() })
    }
    let zip = try predict(nil, "-q", "fixtures/own-films.zip")
    #expect(zip.status == 65 && zip.error.contains("an archive"), "\(zip.error)")
  }

  @Test func `a column needs a format with columns, and names one`() throws {
    let piped = try predict("id,text\n1,good\n", "-q", "--column", "text", "--with-text")
    #expect(piped.status == 0 && cells(piped.output).map { $0.last } == ["good"])
    let plain = try predict("good\n", "-q", "--column", "text")
    #expect(plain.status == 64 && plain.output.isEmpty)
    #expect(plain.error.contains("text without the column “text”"), "\(plain.error)")
    #expect(try predict("good\n", "-q", "--column", "text", "--format", "text").status == 64)
    let table = try predict("id,text\n1,good\n", "-q")
    #expect(table.status == 0 && cells(table.output).count == 2)
    #expect(table.error.contains("the first line looks like the format csv"))
    let joined = try predict(
      "{\"title\":\"good\",\"body\":\"film\"}\n", "-q", "--with-text", "--column", "title",
      "--column", "body")
    #expect(cells(joined.output).map { $0.last } == ["good film"])
  }

  @Test func `a file without a text is told, one without names or with other bytes is refused`()
    throws
  {
    for (name, content, status, message) in [
      ("empty.txt", "", 0, "empty.txt: no text"), ("empty.csv", "", 65, "no line of names"),
      ("head.csv", "id,text\n", 0, "head.csv: no text"),
      ("page.csv", "%PDF-1.7\n1 0 obj\n", 65, "a PDF document"),
    ] as [(String, String, Int32, String)] {
      try bench.write(content, to: name)
      let run = try predict(nil, "-q", name)
      #expect(run.status == status, "\(name): \(run.error)")
      #expect(run.error.contains(message), "\(name): \(run.error)")
    }
  }

  @Test func `no input is no answer`() throws {
    let run = try Project.run("predict", ["-q"], in: bench)
    #expect(run.status == 0 && run.error.isEmpty)
    #expect(run.output == "line\tlabel\tknown\tnegative\tpositive\n")
  }
}
