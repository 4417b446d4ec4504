import Foundation
import TestSupport
import Testing

@testable import Datasets
@testable import Safetensors
@testable import Support

/// What labelled text of the user's own cannot be, and what is said of it.
struct TableErrorTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  /// A file, the options, and the message up to the advice.
  private typealias Misclassification = (
    name: String, content: String, change: (inout TableOptions) -> Void, message: String
  )

  @Test func `what is wrong is told with file, line and column`() throws {
    let head = "text,label\n"
    let mistakes: [Misclassification] = [
      (
        "a.csv", head + "a,b,c\n", { _ in },
        "line 2: 3 fields\n  expected: 2: text, label\n  what to do: put fields that contain “,” in "
          + "quotes, or pass over such rows with --on-error skip"
      ),
      (
        "b.csv", head + "\"a\nb\" c,d\n", { _ in },
        "line 3, column 3: “0x20” after a closing quote\n"
      ),
      ("c.csv", head + "x,y\na,\"b\n", { $0.onError = .skip }, "line 3, column 3: a quote that"),
      (
        "d.csv", "id,review,stars\n1,x,y\n", { _ in },
        "line 1: the columns “id”, “review”, “stars”\n  expected: one column each: “text”, “label”\n"
      ),
      ("e.csv", "text,label,text\n", { _ in }, "line 1: several columns “text”\n"),
      (
        "f.jsonl", "{\"text\":\"a\",\"label\":1}\n{\"text\":\"a\"}\n", { _ in },
        "line 2: no “label” among the keys “text”\n"
      ),
      ("g.jsonl", "{\"text\":7,\"label\":1}\n", { _ in }, "line 1: “text” that is no string: 7\n"),
      (
        "h.json", "[{\"text\":\"a\",\"label\":1},\n{\"text\":\"b\"", { _ in },
        "line 2, column 12: broken JSON: the end\n"
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
      let error = try userError { _ = try own(change).read(path: path) }
      #expect(error.exitStatus == .data)
      #expect(
        error.description.hasPrefix("\(path): \(message)"), "\(name): \(error.description)")
    }
    let zip = try bench.archive("z.zip", .zip, [("in/a.csv", head + "a,b,c\n")])
    #expect(
      try userError { _ = try own().read(path: zip) }.location == "\(zip): in/a.csv: line 2")
  }

  @Test func `bad rows are passed over and counted if that is asked for`() throws {
    let error = try userError { _ = try own().read(path: fixture("own-untidy.csv")) }
    #expect(
      error.description.hasPrefix(
        "\(fixture("own-untidy.csv")): line 3: 5 fields\n  expected: 4: text, label, note, note\n"))
    let ingestion = try own {
      $0.onError = .skip
      $0.labels = "yes,no"
    }.read(path: fixture("own-untidy.csv"))
    let report = ingestion.report
    #expect(report.read == 39 && report.kept == 33)
    #expect(report.dropped("a bad row") == 4 && report.dropped("no text") == 1)
    #expect(report.dropped("the label “maybe” is not in --labels") == 1)
    #expect(
      report.warnings == [
        "4 bad rows were passed over, the first at \(fixture("own-untidy.csv")): line 3: 5 fields, "
          + "expected 4: text, label, note, note",
        "1 text had bytes that are not UTF-8, the first at \(fixture("own-untidy.csv")): line 14; "
          + "each became U+FFFD. Name the encoding, as in --encoding windows-1252",
      ])
    #expect(rows(ingestion).contains("Three \"quoted\" lines; one row. = yes"))
    #expect(rows(ingestion).contains("caf\u{FFFD} and \u{FFFD} bread = no"))
  }

  @Test(arguments: [
    ("__label__a __label__b x", "line 2: 2 labels: “a”, “b”\n  expected: one label and the text"),
    (
      "__label__a,__label__b x",
      "line 2: 2 labels joined by commas: “__label__a,__label__b”\n  expected: one label"
    ),
    ("a text", "line 2: no label\n"),
  ])
  func `a line of fastText's format has one label`(line: String, message: String) throws {
    let path = try bench.file("a.txt", "__label__a one\n\(line)\n__label__b two\n")
    let error = try userError { _ = try own().read(path: path) }
    #expect(error.description.hasPrefix("\(path): \(message)"), "\(error.description)")
    let table = try userError { _ = try own { $0.format = .tsv }.read(path: path) }
    #expect(table.problem == "fastText's format" && table.hint?.contains("fasttext") == true)
    let column = try userError { _ = try own { $0.textColumns = ["body"] }.read(path: path) }
    #expect(column.exitStatus == .usage && column.location == "--text-column")
  }

  @Test(arguments: [
    ("", "--name"), ("yelp", "--name"), ("none", "--name"), ("a/b", "--name"), (".x", "--name"),
    ("ä", "--name"),
  ])
  func `a task needs a name of its own`(name: String, place: String) throws {
    let error = try userError {
      _ = try own { $0.name = name }.read(path: fixture("own-reviews.csv"))
    }
    #expect(error.exitStatus == .usage && error.location == place)
  }

  @Test func `options that do not go together are refused`() throws {
    func place(_ change: (inout IngestOptions) -> Void) throws -> String {
      var options = own()
      change(&options)
      let error = try userError { _ = try options.read(path: fixture("own-reviews.csv")) }
      #expect(error.exitStatus == .usage)
      return error.location
    }
    #expect(try place { $0.threshold = 0.5 } == "--threshold")
    #expect(try place { $0.balance = .balanced } == "--draw")
    #expect(try place { $0.dataset = .yelp } == "--name")
    #expect(try place { $0.split = .officialDev } == "--split")
    #expect(try place { $0.train = -1 } == "--train")
    #expect(try place { $0.table.header = "a,b" } == "--header")
    #expect(try place { $0.table.labelColumn = "text" } == "--label-column")
    #expect(try place { ($0.split, $0.table.splitColumn) = (.random, "x") } == "--split-column")
    #expect(try place { ($0.test, $0.table.splitColumn) = (5, "x") } == "--test")
    #expect(
      try place { ($0.train, $0.test) = (SplitSize("0.5"), SplitSize("60%")) }
        == "--train 0.5, --validation 0.1, --test 0.6")
    var yelp = IngestOptions()
    yelp.train = .fraction(0.5)
    #expect(
      try userError { _ = try yelp.read(path: fixture("Yelp-JSON.zip")) }.problem == "the share 0.5"
    )
  }

  @Test(arguments: ["", "a", "a=x,b=x", "a=x,a=y", "=x,b=y", "a=,b=y", "\"a=x", "a=x,b=y\nc=z"])
  func `a map that means nothing is refused`(map: String) throws {
    let error = try userError { _ = try LabelMap(map) }
    #expect(error.exitStatus == .usage && error.location == "--labels")
  }

  @Test func `a map takes quotes, equal signs and plain names`() throws {
    let map = try LabelMap("yes,no,\"so, so=no\",a=b=yes")
    #expect(map.classNames == ["yes", "no"])
    #expect(map[Array("so, so".utf8)] == 1 && map[Array("a=b".utf8)] == 0)
    #expect(map[Array("YES".utf8)] == nil)
    let quoted = try LabelMap(
      #""food, drink"=leisure,"a=b"="a=b","x=y, z"=c=d,"5"" disk"="6, ""7""""#)
    #expect(quoted.classNames == ["leisure", "a=b", "d", #"6, "7""#])
    #expect(quoted[Array("food, drink".utf8)] == 0 && quoted[Array("a=b".utf8)] == 1)
    #expect(quoted[Array("x=y, z=c".utf8)] == 2 && quoted[Array(#"5" disk"#.utf8)] == 3)
    for name in ["plain", "a=b", "x, y", #"a "b""#] {
      let map = try LabelMap("\(LabelMap.quoted(name))=\(LabelMap.quoted(name)),other")
      #expect(map.classNames == [name, "other"] && map[Array(name.utf8)] == 0)
    }
  }

  @Test(arguments: [
    ("7", SplitSize.rows(7), "7"), ("-1", .rows(-1), "-1"), ("0.2", .fraction(0.2), "0.2"),
    ("0.50", .fraction(0.5), "0.5"), (".2", .fraction(0.2), "0.2"),
    ("20%", .fraction(0.2), "0.2"), ("50.0%", .fraction(0.5), "0.5"),
    ("100%", .fraction(1), "1.0"), ("0%", .fraction(0), "0.0"),
  ])
  func `sizes are read and written`(text: String, portion: SplitSize, written: String) {
    #expect(SplitSize(text) == portion && portion.description == written)
    #expect(SplitSize(written) == portion)
  }

  @Test(arguments: [
    "", "x", "1.5", "0,2", "nan", "99999999999999999999", "0.", "%", "101%", "-5%", "1.%", "0001%",
    "inf%",
    "5%%", "1e-1", "٢",
  ])
  func `what is no size is none`(text: String) { #expect(SplitSize(text) == nil) }

  /// The sizes of train, validation and test, and the message; an empty size is the default.
  @Test(arguments: [
    ("1000000", "", "", "60 rows", "1000018, as --train, --validation and --test ask for"),
    ("43", "", "", "60 rows", "61, as --train, --validation and --test ask for"),
    ("", "", "61", "60 rows", "67, as --train, --validation and --test ask for"),
    ("", "0.001", "", "no validation row: 0.001 of 60 rows is less than one", "one row or more"),
    ("", "0", "60", "no rows left for the train split of own", "at least one row"),
  ])
  func `sizes that cannot be had are refused`(
    train: String, validation: String, test: String, problem: String, expected: String
  ) throws {
    let path = try bench.file(
      "a.csv", "text,label\n" + (0..<60).map { "row \($0),\($0 % 2)\n" }.joined())
    var options = own()
    options.train = SplitSize(train)
    options.validation = SplitSize(validation)
    options.test = SplitSize(test)
    let error = try userError { _ = try options.read(path: path) }
    #expect(error.exitStatus == .data && error.problem == problem && error.expected == expected)
  }

  @Test func `shares that are one row too many once rounded are no mistake`() throws {
    let path = try bench.file(
      "a.csv", "text,label\n" + (0..<15).map { "row \($0),\($0 % 2)\n" }.joined())
    var options = own()
    options.train = SplitSize("0.7")
    #expect(try options.read(path: path).shards.map(\.count) == [10, 2, 3])
  }

  @Test func `the whole share reads as it is written`() throws {
    let whole = try #require(SplitSize("1.0"))
    #expect(whole.description == "1.0" && whole.rows(of: 13) == 13)
    #expect(
      SplitSize.fraction(0.2).rows(of: 12) == 2 && SplitSize.fraction(0.5).rows(of: 13) == 7)
  }
}
