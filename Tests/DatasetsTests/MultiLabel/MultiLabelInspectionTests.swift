import TestSupport
import Testing

@testable import Datasets
@testable import Support

/// How `pipeline init` recognises rows with several labels.
struct MultiLabelInspectionTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  private func choose(
    _ name: String, _ content: String, separator: String? = nil
  ) throws -> ColumnChoice {
    var given = GivenColumns()
    given.labelSeparator = separator
    return try TableInspection(Archive(path: try bench.file(name, content))).choose(given)
  }

  private static let sets = [["red", "blue"], ["red"], [], ["blue", "green"], ["green"]]

  private func lines(
    _ sets: [[String]] = sets, _ line: (_ number: Int, _ labels: [String]) -> String
  ) -> String {
    (0..<60).map { line($0, sets[$0 % sets.count]) + "\n" }.joined()
  }

  private func text(_ number: Int) -> String { "The soup number \(number) was warm" }

  @Test func `lists, several labels of a line and columns of 0 and 1 are recognised`() throws {
    let flags =
      "text,red,green,blue\n"
      + lines { number, labels in
        ([text(number)] + ["red", "green", "blue"].map { labels.contains($0) ? "1" : "0" })
          .joined(separator: ",")
      }
    for (name, content) in [
      ("a.jsonl", lines { #"{"body":"\#(text($0))","colours":\#($1)}"# }),
      ("b.jsonl", lines { #"{"text":"\#(text($0))","label":\#($1)}"# }), ("a.csv", flags),
      (
        "c.jsonl",
        lines { #"{"id":\#($0),"text":"\#(text($0))","label":\#($1),"Comments":[]}"# }
      ),
      (
        "d.json",
        "["
          + lines {
            #"{"data":{"text":"\#(text($0))"},"annotations":[{"result":[{"from_name":"c","value":"#
              + #"{"choices":\#($1)}}]}]},"#
          }.dropLast(2) + "]"
      ),
    ] {
      let choice = try choose(name, content)
      #expect(choice.isMultiLabel, "\(name)")
      #expect(
        Set(choice.label.profile.values.map { "\($0.name) \($0.rows)" }) == [
          "red 24", "blue 24", "green 24",
        ], "\(name)")
      #expect(choice.classColumns.isEmpty == (name != "a.csv"))
    }
    let fastText = lines([["a", "b"], ["b"]]) { number, labels in
      labels.map { "__label__\($0) " }.joined() + text(number)
    }
    #expect(try choose("a.txt", fastText).isMultiLabel)
  }

  @Test func `one label a row is recognised as one, in the same formats`() throws {
    let sets = [["red"], ["blue"]]
    for (name, content) in [
      ("a.jsonl", lines(sets) { #"{"text":"\#(text($0))","label":\#($1)}"# }),
      (
        "b.jsonl",
        lines(sets) { #"{"id":\#($0),"text":"\#(text($0))","label":\#($1),"Comments":[]}"# }
      ),
      ("a.txt", lines(sets) { "__label__\($1[0]) \(text($0))" }),
    ] {
      let choice = try choose(name, content)
      #expect(!choice.isMultiLabel && choice.label.profile.distinct == 2, "\(name)")
    }
    let spam = lines(sets) {
      #"{"text":"\#(text($0))","label":"SPAM","answer":"\#($1[0] == "red" ? "accept" : "reject")"}"#
    }
    let answers = try choose("c.jsonl", spam)
    #expect(answers.label.profile.values.map(\.name) == ["SPAM", "not SPAM"])
  }

  @Test func `a list is not taken for the labels if there is a label`() throws {
    let choice = try choose(
      "a.jsonl", lines { #"{"text":"\#(text($0))","words":\#($1),"urteil":"\#($0 % 2)"}"# })
    #expect(choice.label.name == "urteil" && !choice.isMultiLabel)
    let flags =
      "text,urteil,new,late\n"
      + lines { number, _ in "\(text(number)),u\(number % 3),\(number % 2),\(number % 4 / 3)" }
    #expect(throws: UserError.self) { try choose("a.csv", flags) }
  }

  @Test(arguments: ["|", ";", ","])
  func `a likely separator is told, and divides the labels only if it is given`(separator: String)
    throws
  {
    let names = ["red", "green", "blue", "black", "white", "brown"]
    let cells = (0..<120).map { number in
      let labels = names.enumerated().filter { number >> $0.0 & 1 == 1 }.map(\.1)
      return "\(text(number))\t\(labels.joined(separator: separator))\n"
    }
    let table = "text\tlabel\n" + cells.joined()
    let joined = try choose("a.tsv", table)
    #expect(!joined.isMultiLabel && joined.label.profile.likelySeparator == separator)
    let divided = try choose("a.tsv", table, separator: separator)
    #expect(divided.isMultiLabel && divided.labelSeparator == separator)
    #expect(divided.label.profile.values.count == 6 && divided.label.profile.likelySeparator == nil)
    let other = try choose("a.tsv", table, separator: "/")
    #expect(!other.isMultiLabel && other.labelSeparator == nil)
  }

  @Test func `labels with commas in their names have no separator`() throws {
    let table =
      "text\tlabel\n"
      + lines([["food, drink"], ["bed, bath"], ["sums"]]) { "\(text($0))\t\($1[0])" }
    #expect(try choose("a.tsv", table).label.profile.likelySeparator == nil)
  }
}
