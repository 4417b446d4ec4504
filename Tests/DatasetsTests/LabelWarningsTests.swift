import Foundation
import TestSupport
import Testing

@testable import Datasets
@testable import Support

/// Labels and rows that are probably a mistake, and what is said of them.
struct LabelWarningsTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  /// The warnings about ten rows of each label.
  private func warnings(
    _ labels: [String], rows: Int = 10, _ change: (inout TableOptions) -> Void = { _ in }
  ) throws -> [String] {
    let lines = (0..<rows * labels.count).map { "row \($0),\(labels[$0 % labels.count])\n" }
    let path = try bench.file("a.csv", "text,label\n" + lines.joined())
    // Without those about classes that have no test or validation rows.
    return try own(change).read(path: path).report.warnings.filter { !$0.hasPrefix("no “") }
  }

  @Test(arguments: [
    (["good", "GOOD"], "case"), (["İyi", "i\u{307}yi"], "case"),
    (["bad", "b\u{200B}ad"], "invisible characters"),
    (["co\u{AD}op", "coop"], "invisible characters"),
    (["caf\u{E9}", "cafe\u{301}"], "Unicode form"), (["ﬁne", "fine"], "Unicode form"),
    (["food truck", "foodtruck"], "white space"),
    (["1", "1.0"], "the notation of a number or truth value"),
    (["007", "7"], "the notation of a number or truth value"),
    (["-1.50", "-1.5"], "the notation of a number or truth value"),
    (["true", "1"], "the notation of a number or truth value"),
    (["True", "true"], "case"), (["Ja", "j\u{200D}a"], "invisible characters and case"),
    (["TRUE", "1.0", "1"], "the notation of a number or truth value"),
  ])
  func `labels that look alike are named`(twins: [String], difference: String) throws {
    let warnings = try warnings(twins + ["other"])
    #expect(warnings.count == 1)
    #expect(
      warnings.first?.hasPrefix("labels that differ only in \(difference): “") == true,
      "\(warnings)")
  }

  @Test(arguments: [
    ["1", "2", "10", "0.1"], ["good", "bad"], ["a", "ä"], ["1", "-1"], ["no", "not"], ["+", "-"],
    ["1.0", "1.05"], ["1e3", "1000x"],
  ])
  func `other labels are not`(labels: [String]) throws {
    #expect(try warnings(labels) == [])
  }

  @Test func `the warning shows the rows, what is invisible, and the way to join labels`() throws {
    #expect(
      try warnings(["b\u{200B}ad", "bad", "a=b", "A=B"]) == [
        "labels that differ only in case: “A=B” (10 rows), “a=b” (10 rows); correct the data, or join "
          + "them with --labels, such as \"A=B\"=\"A=B\",\"a=b\"=\"A=B\",…",
        "labels that differ only in invisible characters: “bad” (10 rows), “b\\u{200b}ad” (10 rows); "
          + "correct the data, or join them with --labels, such as bad=bad,b\u{200B}ad=bad,…",
      ])
    let mapped = try warnings(["good", "GOOD", "bad"]) { $0.labels = "good,bad" }
    #expect(mapped.count == 1 && mapped[0].contains("“GOOD” (10 rows, dropped), “good” (10 rows);"))
    #expect(try warnings(["good", "GOOD", "bad"]) { $0.labels = "GOOD=good,good,bad" } == [])
  }

  @Test(arguments: ["NaN", "None", "null", "NULL", "N/A", "NA", "#N/A", "<NA>", "nil"])
  func `words for a missing value are named, unless they are listed`(word: String) throws {
    #expect(
      try warnings([word, "a=b", "c"]) == [
        "labels that look like missing values are classes: “\(word)” (10 rows); to drop these rows list the other "
          + "labels: --labels \"a=b\",c"
      ])
    #expect(try warnings([word, "x", "y"]) { $0.labels = "\(word)=none,x,y" } == [])
  }

  @Test func `white space within labels is unified, and that is told`() throws {
    let warning =
      "10 labels had other white space than single spaces, which it became, as in “to eat”"
    #expect(try warnings(["to\u{A0} eat", "to eat", " bad"]) == [warning])
    #expect(try warnings([" good ", "bad\t", "to eat"]) == [])
  }

  @Test func `a column of numbers of rows is refused`() throws {
    let path = try bench.file(
      "a.csv", "text,label\n" + (0..<60).map { "row \($0),\($0)\n" }.joined() + "more,7\n")
    let error = try userError { _ = try own().read(path: path) }
    #expect(
      error.exitStatus == .data && error.problem.hasPrefix("60 classes in 61 rows: “0”, “1”, "))
    #expect(error.problem.hasSuffix("“9” and 50 more"))
    let listed = (0..<60).map(String.init).joined(separator: ",")
    var options = own { $0.labels = listed }
    (options.validation, options.test) = (0, 0)
    #expect(try options.read(path: path).report.kept == 61)
  }

  @Test func `many classes of few rows make the column suspect`() throws {
    let warning = try #require(try warnings((0..<20).map { "c\($0)" }, rows: 3).first)
    #expect(warning.hasPrefix("classes with fewer than 5 rows, 20 of 20: “c0” (3 rows), "))
    #expect(warning.hasSuffix(" and 10 more; is --label-column right?"))
  }

  @Test func `texts with several labels are counted`() throws {
    let lines = (0..<60).map { "row \($0 / 2),\($0 % 4 < 3 ? "a" : "b")\n" }
    let path = try bench.file("a.csv", "text,label\n" + lines.joined())
    let report = try own().read(path: path).report
    #expect(report.kept == 60)
    #expect(
      report.warnings.contains {
        $0.hasPrefix("15 texts have several labels, such as “row ")
          && $0.contains(": “a”, “b”; correct the data")
      })
  }

  @Test func `a label that needs quotes in --labels is shown in them`() throws {
    let lines = (0..<40).map { "row \($0),\($0 % 2 == 0 ? "\"food, drink\"" : "sums")\n" }
    let path = try bench.file("a.csv", "text,label\n" + lines.joined())
    let error = try userError { _ = try own { $0.labels = "food, drink=x,sums" }.read(path: path) }
    #expect(error.hint?.contains("this label needs quotes: \"food, drink\"=…") == true)
    #expect(try own { $0.labels = "\"food, drink\"=x,sums" }.read(path: path).report.kept == 40)
  }
}
