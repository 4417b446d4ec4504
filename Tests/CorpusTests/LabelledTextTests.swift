import Foundation
import Testing

@testable import Corpus
@testable import Tensors

/// Labelled text of the user's own, from files of all kinds to shards.
struct LabelledTextTests {
  let bench: Workbench
  init() throws { bench = try Workbench() }

  /// Options for the task `own`.
  private func options(_ change: (inout LabelledOptions) -> Void = { _ in }) -> IngestOptions {
    var options = IngestOptions()
    options.labelled.task = "own"
    change(&options.labelled)
    return options
  }

  /// Every text with its class, whatever the split, sorted.
  private func rows(_ ingestion: Ingestion) -> [String] {
    ingestion.shards.flatMap { shard in
      zip(shard.texts, shard.classes).map { "\($0) = \(shard.labels[Int($1)])" }
    }.sorted()
  }

  /// A table of `count` rows, whose labels are `a` and `b` in turn.
  private func table(
    _ count: Int, delimiter: String = ",", header: String = "text,label\n"
  ) -> String {
    header + (0..<count).map { "row \($0)\(delimiter)\($0 % 2 == 0 ? "a" : "b")\n" }.joined()
  }

  @Test func `a CSV, a TSV, JSON lines, a JSON array and folders give the same rows`() throws {
    let rows = (0..<20).map { ("text \($0)", $0 % 2 == 0 ? "a" : "b") }
    let objects = rows.map { "{\"label\":\"\($1)\",\"text\":\"\($0)\"}" }
    let paths = [
      try bench.file("1.csv", "text,label\n" + rows.map { "\($0),\($1)\n" }.joined()),
      try bench.file("2.csv", "label;text\r\n" + rows.map { "\"\($1)\";\"\($0)\"\r\n" }.joined()),
      try bench.file("3.tsv", "text\tlabel\n" + rows.map { "\($0)\t\($1)\n" }.joined()),
      try bench.file("4.txt", "\u{FEFF}text\tlabel\n" + rows.map { "\($0)\t\($1)\n" }.joined()),
      try bench.file("5.jsonl", objects.joined(separator: "\n")),
      try bench.file("6.json", "[\n" + objects.joined(separator: ",\n") + "]"),
      try bench.archive(
        "7.tar.gz", .tarGzip,
        rows.enumerated().map { ("mine/\($1.1)/\($0).txt", "\($1.0)\n") } + [
          ("mine/README", "a note"), ("mine/a/.hidden", "x"),
        ]),
      try bench.archive(
        "8.zip", .zip, [("x.csv", "text,label\n" + rows.map { "\($0),\($1)\n" }.joined())]),
      try bench.archive("9.gz", .gzip, [("9", objects.joined(separator: "\n"))]),
    ]
    for (number, row) in rows.enumerated() {
      try bench.file("folder/\(row.1)/\(number).txt", row.0)
    }
    let results = try (paths + [bench.path("folder")]).map { path in
      try options().read(path: path)
    }
    for result in results { #expect(result.shards == results[0].shards) }
    #expect(results[0][.train].labels == ["a", "b"] && results[0][.train].task == "own")
    #expect(results[0].shards.map(\.count) == [14, 2, 4])
    #expect(results[6].tally.skipped.map(\.rows) == [2])
  }

  @Test func `the order of rows and of files does not matter`() throws {
    let lines = (0..<200).map { "row \($0 % 150),\($0 % 3)\n" }
    let path = try bench.file("a.csv", "text,label\n" + lines.joined())
    let back = try bench.file("b.csv", "text,label\n" + lines.reversed().joined())
    for split in [TweetSplit.random, .randomNear] {
      var options = options()
      options.split = split
      #expect(try options.read(path: path).shards == options.read(path: back).shards)
      (options.train, options.validation, options.test) = (40, 10, 20)
      #expect(try options.read(path: path).shards == options.read(path: back).shards)
    }
  }

  @Test func `all rows of a text lie on one side, and of near twins if that is asked for`() throws {
    let lines = (0..<300).map { "\($0 % 2 == 0 ? "T" : "t")ext \($0 / 3)!,\($0 % 2)\n" }
    let path = try bench.file("a.csv", "text,label\n" + lines.joined())
    var options = options()
    let texts = try options.read(path: path).shards.map { Set($0.texts) }
    #expect(texts[0].isDisjoint(with: texts[1]) && texts[0].isDisjoint(with: texts[2]))
    #expect(texts[1].isDisjoint(with: texts[2]) && texts.allSatisfy { !$0.isEmpty })
    let twins = texts.map { Set($0.map { $0.lowercased() }) }
    #expect(!twins[0].isDisjoint(with: twins[2]))
    options.split = .randomNear
    let near = try options.read(path: path)
    let apart = near.shards.map { Set($0.texts.map { $0.lowercased() }) }
    #expect(apart[0].isDisjoint(with: apart[1]) && apart[0].isDisjoint(with: apart[2]))
    #expect(near[.test].setup == "random-near" && near.tally.kept == 300)
  }

  @Test func `sizes are rows or shares, and more training rows move no others`() throws {
    let path = try bench.file("a.csv", table(1000))
    var options = options()
    (options.test, options.validation) = (.share(.half), 100)
    #expect(try options.read(path: path).shards.map(\.count) == [400, 100, 500])
    (options.train, options.validation, options.test) = (100, 50, 200)
    let few = try options.read(path: path)
    #expect(few.shards.map(\.count) == [100, 50, 200] && few.tally.dropped("not drawn") == 650)
    options.train = 700
    let many = try options.read(path: path)
    #expect(many[.test].texts == few[.test].texts)
    #expect(many[.validation].texts == few[.validation].texts)
    #expect(Set(few[.train].texts).isSubset(of: many[.train].texts))
    options.train = 751
    let refused = try refusal { _ = try options.read(path: path) }
    #expect(refused.saw == "1000 rows")
    #expect(refused.expected == "1001, as --train, --validation and --test ask for")
  }

  @Test func `a pool of a given size keeps what a pool of all rows has first`() {
    var (all, few) = (RowPool(), RowPool(capacity: 60))
    for number in 0..<5000 {
      let text = Array("text \(number % 700)".utf8)
      let row = RowPool.Row(text: text, label: number % 3)
      for _ in 0..<2 { all.add(row, hash: TextHash(seed: 3)(text)) }
      for _ in 0..<2 { few.add(row, hash: TextHash(seed: 3)(text)) }
      #expect(few.count <= 122)
    }
    let (expected, kept) = (all.sorted(), few.sorted())
    #expect(kept.map { $0.map(\.text) } == expected.prefix(kept.count).map { $0.map(\.text) })
    #expect(kept.reduce(0) { $0 + $1.count } >= 60)
    #expect(kept.dropLast().reduce(0) { $0 + $1.count } < 60)
  }

  @Test func `a map makes classes of labels in its order and the others are dropped and counted`()
    throws
  {
    let path = try bench.file(
      "a.csv",
      "text,label\n" + (0..<60).map { "row \($0), \($0 % 6) \n" }.joined() + "x,\ny,null\n")
    let ingestion = try options { $0.labels = "5=good, 4=good,1=bad,0=bad,7=bad" }
      .read(path: path)
    #expect(ingestion[.train].labels == ["good", "bad"])
    #expect(ingestion.tally.source.first?.classes.map(\.rows) == [20, 20])
    #expect(ingestion.tally.dropped("the label “2” is not in --labels") == 10)
    #expect(ingestion.tally.dropped("the label “null” is not in --labels") == 1)
    #expect(ingestion.tally.dropped("no label") == 1)
    #expect(ingestion.tally.read == 62 && ingestion.tally.kept == 40)
    #expect(ingestion.tally.warnings == ["no row has the label “7” of --labels"])
  }

  @Test(arguments: [
    (["10", "9", "-1"], ["-1", "9", "10"]), (["10", "9", "x"], ["10", "9", "x"]),
    (["b", "B", "ä", "a"], ["B", "a", "b", "ä"]),
  ])
  func `without a map classes are sorted by value if all are numbers, else by bytes`(
    labels: [String], expected: [String]
  ) throws {
    let lines = (0..<100).map { "row \($0),\(labels[$0 % labels.count])\n" }
    let path = try bench.file("a.csv", "text,label\n" + lines.joined())
    #expect(try options().read(path: path)[.train].labels == expected)
  }

  @Test func `a column, files or folders say the split, and a text stays where it is judged`()
    throws
  {
    var lines = "text,label,part\n"
    for number in 0..<30 {
      lines += "row \(number),\(number % 2),\(["train", "TEST", "dev"][number % 3])\n"
    }
    let column = try bench.file("c.csv", lines + "row 1,1,train\nrow 2,0,train\n")
    let ingestion = try options { $0.splitColumn = "part" }.read(path: column)
    #expect(ingestion.shards.map(\.count) == [10, 10, 10])
    #expect(ingestion.shards.allSatisfy { $0.setup == "official" })
    #expect(ingestion.tally.dropped("a text that stands in test, too") == 1)
    #expect(ingestion.tally.dropped("a text that stands in validation, too") == 1)

    let rows = (0..<30).map { "row \($0),\($0 % 2)\n" }
    var files = options()
    files.split = .official
    let named = try bench.archive(
      "n.zip", .zip,
      ["train", "test", "dev"].enumerated().map { index, name in
        (
          "mine/reviews-\(name).csv",
          "text,label\n"
            + rows.enumerated().filter { $0.offset % 3 == index }.map(\.element).joined()
        )
      })
    #expect(try files.read(path: named).shards.map(\.classes) == ingestion.shards.map(\.classes))
    let folders = try bench.archive(
      "f.tar", .tar,
      (0..<30).map { ("x/\($0 % 3 == 1 ? "test" : "train")/\($0 % 2)/\($0).txt", "row \($0)") })
    files.validation = .share(.half)
    #expect(try files.read(path: folders).shards.map(\.count) == [10, 10, 10])
    let open = try bench.file("open.csv", table(30))
    #expect(
      try refusal { _ = try files.read(path: open) }.description.hasPrefix(
        "\(open): line 2: a row that belongs to no split\n"))
  }

  @Test func `markup becomes text`() throws {
    let rows = (0..<20).map {
      "{\"text\":\"\($0) <b>so</b> &lt;3<br>it\",\"label\":\($0 % 2 == 0)}"
    }
    let path = try bench.file("a.jsonl", rows.joined(separator: "\n"))
    let html = try options { $0.markup = .html }.read(path: path)
    #expect(self.rows(html).contains("0 so <3 it = true"))
    #expect(self.rows(try options().read(path: path)).contains("0 <b>so</b> &lt;3<br>it = true"))
  }

  @Test func `without a line of names the names are given`() throws {
    let body = (0..<20).map { "\"\($0 % 2)\",\"a, title\",\"row \($0)\"\n" }.joined()
    let path = try bench.file("a.csv", body)
    let ingestion = try options { $0.header = "label,title,text" }.read(path: path)
    #expect(ingestion.tally.read == 20 && rows(ingestion).contains("row 3 = 1"))
    let few = try refusal {
      _ = try options { $0.header = "label,text" }.read(path: path)
    }
    #expect(few.description.hasPrefix("\(path): line 1: 3 fields\n  expected: 2, as --header"))
  }

  /// A file, the options, and the message up to the advice.
  private typealias Mistake = (
    name: String, content: String, change: (inout LabelledOptions) -> Void, message: String
  )

  @Test func `what is wrong is told with file, line and column`() throws {
    let head = "text,label\n"
    let mistakes: [Mistake] = [
      (
        "a.csv", head + "a,b,c\n", { _ in },
        "line 2: 3 fields\n  expected: 2: text, label\n  what to do: correct the row, or pass over "
          + "such rows with --on-error skip"
      ),
      (
        "b.csv", head + "\"a\nb\" c,d\n", { _ in },
        "line 3, column 3: “0x20” behind a closing quote\n"
      ),
      ("c.csv", head + "x,y\na,\"b\n", { $0.onError = .skip }, "line 3, column 3: a quote that"),
      (
        "d.csv", "id,review,stars\n1,x,y\n", { _ in },
        "line 1: the columns “id”, “review”, “stars”\n  expected: one column each: “text”, “label”\n"
      ),
      ("e.csv", "text,label,text\n", { _ in }, "line 1: several columns “text”\n"),
      (
        "f.jsonl", "{\"text\":\"a\",\"label\":1}\n{\"text\":\"a\"}\n", { _ in },
        "line 2: no “label”\n"
      ),
      ("g.jsonl", "{\"text\":7,\"label\":1}\n", { _ in }, "line 1: “text” that is no string\n"),
      (
        "h.json", "[{\"text\":\"a\",\"label\":1},\n{\"text\":\"b\"", { _ in },
        "object 2: broken JSON\n"
      ),
      (
        "i.csv", head + "a,x\nb,x\n", { _ in }, "rows of one class only, “x”\n"
      ),
      (
        "j.csv", head + "a,x\nb,y\n", { $0.labels = "X=1,Y=0" },
        "no row of any class; 1 dropped: the label “x” is not in --labels; 1 dropped: the label "
          + "“y” is not in --labels\n"
      ),
      (
        "k.csv", head + "a,\(String(repeating: "z", count: 201))\n", { _ in },
        "line 2: a label of 201 bytes\n"
      ),
      (
        "l.csv", head + (0..<1002).map { "a,label \($0)\n" }.joined(), { _ in },
        "line 1002: more than 1000 different labels\n"
      ),
      (
        "m.csv", "text,label,part\na,b,holdout\n", { $0.splitColumn = "part" },
        "line 2: the split “holdout”\n  expected: train, validation or test\n"
      ),
      ("n.txt", "just a note\n", { _ in }, "line 1: the columns “just a note”\n"),
    ]
    for (name, content, change, message) in mistakes {
      let path = try bench.file(name, content)
      let refused = try refusal { _ = try options(change).read(path: path) }
      #expect(refused.kind == .data)
      #expect(
        refused.description.hasPrefix("\(path): \(message)"), "\(name): \(refused.description)")
    }
    let zip = try bench.archive("z.zip", .zip, [("in/a.csv", head + "a,b,c\n")])
    #expect(
      try refusal { _ = try options().read(path: zip) }.place == "\(zip): in/a.csv: line 2")
    let sheet = try bench.archive("s.xlsx", .zip, [("xl/workbook.xml", "<x/>")])
    #expect(
      try refusal { _ = try options().read(path: sheet) }.saw == "a workbook of a spreadsheet")
    let wide = try bench.file("u.csv", [0xFF, 0xFE, 0x74, 0, 0x65, 0])
    #expect(throws: Refusal.self) { try options().read(path: wide) }
  }

  @Test func `bad rows are passed over and counted if that is asked for`() throws {
    let refused = try refusal { _ = try options().read(path: fixture("own-untidy.csv")) }
    #expect(
      refused.description.hasPrefix(
        "\(fixture("own-untidy.csv")): line 3: 5 fields\n  expected: 4: text, label, note, note\n"))
    let ingestion = try options {
      $0.onError = .skip
      $0.labels = "yes,no"
    }.read(path: fixture("own-untidy.csv"))
    let tally = ingestion.tally
    #expect(tally.read == 39 && tally.kept == 33)
    #expect(tally.dropped("a bad row") == 4 && tally.dropped("no text") == 1)
    #expect(tally.dropped("the label “maybe” is not in --labels") == 1)
    #expect(
      tally.warnings == [
        "4 bad rows were passed over, the first at \(fixture("own-untidy.csv")): line 3: 5 fields, "
          + "expected 4: text, label, note, note",
        "1 texts had bytes that are not UTF-8; each became U+FFFD. Save the file as UTF-8",
      ])
    #expect(rows(ingestion).contains("Three \"quoted\" lines; one row. = yes"))
    #expect(rows(ingestion).contains("caf\u{FFFD} and \u{FFFD} bread = no"))
  }

  @Test(arguments: [
    ("", "--task"), ("yelp", "--task"), ("none", "--task"), ("a/b", "--task"), (".x", "--task"),
    ("ä", "--task"),
  ])
  func `a task needs a name of its own`(name: String, place: String) throws {
    let refused = try refusal {
      _ = try options { $0.task = name }.read(path: fixture("own-reviews.csv"))
    }
    #expect(refused.kind == .usage && refused.place == place)
  }

  @Test func `options that do not go together are refused`() throws {
    func place(_ change: (inout IngestOptions) -> Void) throws -> String {
      var options = options()
      change(&options)
      let refused = try refusal { _ = try options.read(path: fixture("own-reviews.csv")) }
      #expect(refused.kind == .usage)
      return refused.place
    }
    #expect(try place { $0.threshold = .half } == "--threshold")
    #expect(try place { $0.draw = .balanced } == "--draw")
    #expect(try place { $0.dataset = .yelp } == "--task")
    #expect(try place { $0.split = .officialDev } == "--split")
    #expect(try place { $0.train = -1 } == "--train")
    #expect(try place { $0.labelled.header = "a,b" } == "--header")
    #expect(try place { $0.labelled.labelColumn = "text" } == "--label-column")
    #expect(try place { ($0.split, $0.labelled.splitColumn) = (.random, "x") } == "--split-column")
    #expect(try place { ($0.test, $0.labelled.splitColumn) = (5, "x") } == "--test")
    var yelp = IngestOptions()
    yelp.train = .share(.half)
    #expect(
      try refusal { _ = try yelp.read(path: fixture("Yelp-JSON.zip")) }.saw == "the share 0.5")
  }

  @Test(arguments: ["", "a", "a=x,b=x", "a=x,a=y", "=x,b=y", "a=,b=y", "\"a=x", "a=x,b=y\nc=z"])
  func `a map that means nothing is refused`(map: String) throws {
    let refused = try refusal { _ = try LabelMap(map) }
    #expect(refused.kind == .usage && refused.place == "--labels")
  }

  @Test func `a map takes quotes, equal signs and plain names`() throws {
    let map = try LabelMap("yes,no,\"so, so=no\",a=b=yes")
    #expect(map.classes == ["yes", "no"])
    #expect(map[Array("so, so".utf8)] == 1 && map[Array("a=b".utf8)] == 0)
    #expect(map[Array("YES".utf8)] == nil)
  }

  @Test(arguments: [
    ("7", Portion.rows(7), "7"), ("-1", .rows(-1), "-1"), ("0.2", .share(.fifth), "0.2"),
    ("0.50", .share(.half), "0.5"),
  ])
  func `sizes are read and written`(text: String, portion: Portion, written: String) {
    #expect(Portion(text) == portion && portion.description == written)
    #expect(Portion(written) == portion)
  }

  @Test(arguments: ["", "x", "1.5", "0,2", "nan", "99999999999999999999", "0."])
  func `what is no size is none`(text: String) { #expect(Portion(text) == nil) }

  @Test func `the whole share reads as it is written`() throws {
    let whole = try #require(Portion("1.0"))
    #expect(whole.description == "1.0" && whole.rows(of: 13) == 13)
    #expect(Portion.share(.fifth).rows(of: 12) == 2 && Portion.share(.half).rows(of: 13) == 7)
  }
}
