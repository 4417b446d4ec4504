import Foundation
import TestSupport
import Testing

@testable import Datasets
@testable import Support

/// What `pipeline init` finds in a file, and which columns it chooses.
struct TableInspectionTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  private func inspect(_ name: String, given: [String] = []) throws -> TableInspection {
    try TableInspection(Archive(path: bench(name)), given: given)
  }

  /// The chosen columns as `text=… label=… id=… split=…`.
  private func choice(_ name: String, _ given: GivenColumns = GivenColumns()) throws -> String {
    let columns = try inspect(name, given: given.all.map(\.name)).choose(given)
    return [
      "text=" + columns.text.map(\.name).joined(separator: "+"), "label=\(columns.label.name)",
      columns.id.map { "id=\($0.name)" }, columns.split.map { "split=\($0.name)" },
    ].compactMap { $0 }.joined(separator: " ")
  }

  /// A table whose rows have the values that `row` returns for a number.
  @discardableResult
  private func table(
    _ names: [String], rows: Int = 60, delimiter: String = ",", file: String = "a.csv",
    _ row: (Int) -> [String]
  ) throws -> String {
    let lines = (names.isEmpty ? [] : [names]) + (0..<rows).map(row)
    return try bench.file(
      file, lines.map { $0.joined(separator: delimiter) + "\n" }.joined())
  }

  private func text(_ number: Int) -> String { "The soup number \(number) was warm" }

  // MARK: Choices

  @Test func `usual names decide, in any spelling`() throws {
    try table(["ID", "Review", "Stars", "split"]) {
      ["\($0)", text($0), "\($0 % 5)", $0 % 4 == 0 ? "dev" : $0 % 4 == 1 ? "test" : "train"]
    }
    #expect(try choice("a.csv") == "text=Review label=Stars id=ID split=split")
    try table(["doc_id", "Review_Text", "Class Name", "price"], delimiter: ";") {
      ["x\($0)", text($0), "\($0 % 3)", "\($0)"]
    }
    #expect(try choice("a.csv") == "text=Review_Text label=Class Name id=doc_id")
  }

  @Test func `without usual names the values decide`() throws {
    try table(["nr", "kunde", "urteil"]) { ["\($0)", text($0), $0 % 2 == 0 ? "gut" : "schlecht"] }
    #expect(try choice("a.csv") == "text=kunde label=urteil id=nr")
    // A short text and a long one; two columns of texts that are alike are not clear.
    try table(["kopf", "rumpf", "urteil"]) {
      ["Nummer \($0) ist da", String(repeating: text($0) + " ", count: 5), "\($0 % 2)"]
    }
    #expect(try choice("a.csv") == "text=rumpf label=urteil")
    try table(["rumpf", "urteil"]) { ["今天天气很好我们去公园\($0)号", "\($0 % 2)"] }
    #expect(try choice("a.csv") == "text=rumpf label=urteil")
  }

  @Test(arguments: [
    "2024-01-%d", "%d.1.2024", "1/%d/24", "%d/01/2024", "2024-01-%dT10:15:00Z", "%d Jan 2024",
    "January %d, 2024", "2024-01-%d 10:15:00 +0100", "202401%d", "10:%d",
  ])
  func `a date is no label, no text and no ID`(format: String) throws {
    func date(_ number: Int) -> String { format.replacing("%d", with: "\(10 + number % 20)") }
    try table(["day", "rumpf", "urteil"], delimiter: ";") {
      [date($0), text($0), $0 % 2 == 0 ? "gut" : "schlecht"]
    }
    #expect(try choice("a.csv") == "text=rumpf label=urteil")
    // Also if each occurs once, and in a first line without names.
    try table([], rows: 20, delimiter: ";") { [date($0), text($0), $0 % 2 == 0 ? "gut" : "bad"] }
    #expect(try choice("a.csv") == "text=column2 label=column3")
  }

  @Test(arguments: ["3.2.1", "1.5", "2024", "13-13-2024", "24:10", "may be 3", "12345678", "1-2"])
  func `other numbers are no dates`(text: String) { #expect(!isDate(text)) }

  @Test func `a title is joined with the text below it, and alone it is the text`() throws {
    try table(["title", "body", "label"]) { ["Soup \($0) now", text($0), "\($0 % 2)"] }
    #expect(try choice("a.csv") == "text=title+body label=label")
    try table(["title", "label"]) { [text($0), "\($0 % 2)"] }
    #expect(try choice("a.csv") == "text=title label=label")
  }

  @Test func `a table without a line of names has numbered columns`() throws {
    try table([], delimiter: "\t", file: "a.tsv") { [$0 % 2 == 0 ? "good" : "bad", text($0)] }
    let inspection = try inspect("a.tsv")
    #expect(!inspection.hasHeader && inspection.rows == 60)
    #expect(try choice("a.tsv") == "text=column2 label=column1")
    // Usual names are names even if a row repeats one of them.
    try table(["text", "label"]) { [text($0), $0 % 2 == 0 ? "label" : "other"] }
    #expect(try inspect("a.csv").hasHeader && inspect("a.csv").rows == 60)
    // So are those that the user gives.
    try table(["1", "2"]) { [text($0), "\($0 % 2)"] }
    #expect(try !inspect("a.csv").hasHeader)
    var given = GivenColumns()
    (given.text, given.label) = (["1"], "2")
    #expect(try choice("a.csv", given) == "text=1 label=2")
  }

  @Test func `keys of JSON are found in objects, and numbers are no text`() throws {
    let rows = (0..<40).map {
      #"{"meta": {"uid": "u\#($0)"}, "review": "\#(text($0))", "overall": \#($0 % 5), "tags": ["a", "b"]}"#
    }
    try bench.file("a.jsonl", rows.joined(separator: "\n"))
    #expect(try choice("a.jsonl") == "text=review label=overall id=meta.uid")
    try bench.file("a.json", "{\"data\": [" + rows.joined(separator: ",") + "]}")
    #expect(try choice("a.json") == "text=review label=overall id=meta.uid")
    #expect(try inspect("a.json").rows == 40)
  }

  @Test func `folders of classes, splits and fastText's format need no columns`() throws {
    for number in 0..<20 {
      for split in ["train", "test"] {
        try bench.file("films/\(split)/good/\(number).txt", "Well, \(text(number))")
        try bench.file("films/\(split)/bad/\(number).txt", "No, \(text(number))")
      }
    }
    let films = try inspect("films")
    #expect(films.format == .folders && films.rows == 80 && films.namedSplits == [.train, .test])
    #expect(try films.choose().label.profile.values.map(\.name) == ["bad", "good"])
    try bench.file(
      "lines.txt", (0..<20).map { "__label__\($0 % 2) \(text($0))\n" }.joined())
    #expect(try inspect("lines.txt").format == .fastText)
    #expect(try inspect("lines.txt").choose().label.profile.distinct == 2)
  }

  @Test func `files of a folder are named as splits, or they are not`() throws {
    try table(["text", "label"], file: "mine/train.csv") { [text($0), "\($0 % 2)"] }
    try table(["text", "label"], file: "mine/test.csv") { [text($0), "\($0 % 2)"] }
    #expect(try inspect("mine").namedSplits == [.train, .test] && inspect("mine").fileCount == 2)
    try table(["text", "label"], file: "mine/more.csv") { [text($0), "\($0 % 2)"] }
    #expect(try inspect("mine").namedSplits == [])
  }

  @Test func `HTML in the texts is noticed`() throws {
    try table(["text", "label"]) { ["\(text($0))<br />now", "\($0 % 2)"] }
    #expect(try inspect("a.csv").choose().text[0].profile.htmlExample == "<br />")
  }

  @Test func `bad rows are counted and not inspected`() throws {
    let path = try table(["text", "label"]) { [text($0), "\($0 % 2)"] }
    try bench.file("b.csv", try String(contentsOfFile: path, encoding: .utf8) + "a,b,c\nd\n")
    let inspection = try inspect("b.csv")
    #expect(inspection.rows == 60 && inspection.badRows?.count == 2)
    let error = inspection.badRows?.first
    #expect(error?.location.hasSuffix("b.csv: line 62") == true && error?.problem == "3 fields")
  }

  // MARK: Errors

  /// The error of a choice.
  private func refusal(_ name: String, _ given: GivenColumns = GivenColumns()) throws -> String {
    let error = #expect(throws: UserError.self) { try choice(name, given) }
    return "\(try #require(error))".replacing(bench.path + "/", with: "")
  }

  @Test func `columns of 0 and 1 are one label if each row has one 1`() throws {
    try table(["text", "red", "green", "blue"]) { row in
      [text(row)] + (0..<3).map { $0 == row % 3 ? "1" : "0" }
    }
    let columns = try inspect("a.csv").choose()
    #expect(columns.classColumns == ["red", "green", "blue"])
    #expect(columns.label.name == "red, green, blue" && columns.label.profile.distinct == 3)
    #expect(columns.label.profile.values.allSatisfy { $0.rows == 20 })
    // Beside a column that is called as labels are, they are something else.
    try table(["text", "label", "short", "long"]) {
      [text($0), "\($0 % 3)", "\($0 % 2)", "\(1 - $0 % 2)"]
    }
    #expect(try choice("a.csv") == "text=text label=label")
  }

  @Test func `columns of 0 and 1 with other numbers of ones are several labels`() throws {
    try table(["text", "red", "blue"]) { [text($0), "\($0 % 2)", $0 < 3 ? "1" : "\(1 - $0 % 2)"] }
    let columns = try inspect("a.csv").choose()
    #expect(columns.isMultiLabel && columns.classColumns == ["red", "blue"])
    #expect(columns.label.profile.values.map(\.rows) == [31, 30])
    var given = GivenColumns()
    given.label = "red"
    #expect(try choice("a.csv", given) == "text=text label=red")
    // Beside another column of a few values, it is not clear what the label is.
    try table(["text", "red", "blue", "size"]) {
      [text($0), "\($0 % 2)", $0 < 3 ? "1" : "\(1 - $0 % 2)", "\($0 % 3)"]
    }
    #expect(
      try refusal("a.csv").hasPrefix("a.csv: “red” and “blue” and “size” could be the label\n"))
  }

  @Test func `an unclear label is an error that shows the columns and the flag`() throws {
    try table(["text", "colour", "size"]) { [text($0), $0 % 2 == 0 ? "red" : "blue", "\($0 % 3)"] }
    #expect(
      try refusal("a.csv") == """
        a.csv: “colour” and “size” could be the label
          expected: one column of a few different values, or a name such as “label”
          what to do: name it with --label-column:
            text    60 different  “The soup number 0 was warm”
            colour  2 different   “red”, “blue”
            size    3 different   “0”, “1”, “2”
        """)
    try table(["a", "b"]) { ["\($0)", "\($0 * 7 % 61)"] }
    #expect(try refusal("a.csv").hasPrefix("a.csv: no column is clearly the text\n"))
    try table(["text", "b"]) { [text($0), "\($0 * 7 % 61)"] }
    #expect(try refusal("a.csv").hasPrefix("a.csv: no column is clearly the label\n"))
    try table(["comment", "review", "label"]) { [text($0), text($0 + 1), "\($0 % 2)"] }
    #expect(try refusal("a.csv").contains("“comment” and “review” could be the text\n"))
    #expect(try refusal("a.csv").contains("name it with --text-column; several are joined:\n"))
  }

  @Test func `one class and too many classes are errors`() throws {
    try table(["text", "label"]) { [text($0), "good"] }
    #expect(
      try refusal("a.csv").hasPrefix(
        "a.csv: the column “label” has only the value “good” in 60 rows\n"))
    try table(["text", "label"], rows: 5000) { [text($0), "c\($0)"] }
    #expect(
      try refusal("a.csv").hasPrefix(
        "a.csv: the column “label” has 5,000 different values in 5,000 rows\n"))
    #expect(try refusal("a.csv").contains("name another column with --label-column"))
  }

  @Test func `a given column must exist and fit`() throws {
    try table(["text", "label"]) { [text($0), "\($0 % 2)"] }
    var given = GivenColumns()
    given.label = "lable"
    #expect(
      try refusal("a.csv", given).hasPrefix("--label-column lable: no such column in a.csv\n"))
    given = GivenColumns()
    given.split = "label"
    #expect(try refusal("a.csv", given).contains("other values than names of splits"))
  }

  @Test func `nothing to read is an error`() throws {
    try FileManager.default.createDirectory(
      atPath: bench("empty"), withIntermediateDirectories: true)
    #expect(try refusal("empty").hasPrefix("empty: no file in it\n"))
    try bench.file("a.csv", "text,label\n")
    #expect(try refusal("a.csv").hasPrefix("a.csv: no rows\n"))
  }
}
