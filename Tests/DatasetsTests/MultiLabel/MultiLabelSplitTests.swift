import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Support

/// How rows with any number of labels are divided.
struct MultiLabelSplitTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  /// 600 rows: many of `common`, a tenth of them `rare`, too, and 100 without a label.
  private func lines(_ end: String = "") -> [String] {
    (0..<600).map { number in
      let labels = number >= 500 ? [] : number % 10 == 0 ? ["rare", "common"] : ["common"]
      return #"{"text":"row \#(number)\#(end)","label":\#(labels)}"# + "\n"
    }
  }

  @Test func `each split has its share of the rarest class of rows and of rows without one`() throws
  {
    let path = try bench.file("a.jsonl", lines().joined())
    let result = try multiLabel().read(path: path)
    #expect(result[.test].classCounts == [100, 10] && result[.test].count == 120)
    #expect(result[.validation].classCounts == [50, 5] && result[.validation].count == 60)
    #expect(result.report.splits.map(\.withoutLabel) == [70, 10, 20])
    #expect(
      result.report.division
        == "split at random within the rarest class of each row, equal and near-equal texts together, "
        + "seed 1")
    let back = try bench.file("b.jsonl", lines().reversed().joined())
    #expect(try multiLabel().read(path: back).contents == result.contents)
  }

  @Test func `sizes in rows draw a sample with nearly the same shares`() throws {
    let path = try bench.file("a.jsonl", (lines() + lines("!?") + lines(" more")).joined())
    var options = multiLabel()
    (options.train, options.validation, options.test) = (60, 30, 60)
    let result = try options.read(path: path)
    #expect(result.shards.map(\.count) == [60, 30, 60])
    #expect(2...8 ~= result[.test].classCounts[1])
    #expect(result.report.dropped("not drawn") == 1650)
  }

  @Test func `folds test each row once, with their share of a rare class`() throws {
    let path = try bench.file("a.jsonl", lines().joined())
    var tested: [String] = []
    for fold in 1...5 {
      let test = try multiLabel { ($0.folds, $0.fold) = (5, "\(fold)") }.read(path: path)[.test]
      #expect(test.count == 120 && test.classCounts == [100, 10] && test.isMultiLabel)
      tested += test.texts
    }
    #expect(Set(tested).count == 600)
  }

  @Test func `every class has a training row, also one that is rare beside others`() throws {
    let rows = (0..<30).map { #"{"text":"row \#($0)","label":["a"]}"# + "\n" }
    let rare = #"{"text":"alone","label":["a","b"]}"# + "\n"
    for seed in 1...8 as ClosedRange<UInt64> {
      var options = multiLabel()
      options.seed = seed
      let result = try options.read(path: try bench.file("a.jsonl", rows.joined() + rare))
      #expect(result[.train].classCounts[1] == 1)
    }
  }

  @Test func `equal texts with other sets of labels are told`() throws {
    let rows =
      lines() + [
        #"{"text":"row 0","label":["common"]}"# + "\n", #"{"text":"row 1","label":[]}"# + "\n",
      ]
    let report = try multiLabel().read(path: try bench.file("a.jsonl", rows.joined())).report
    let warning = try #require(report.warnings.first { $0.contains("several sets of labels") })
    #expect(warning.hasPrefix("2 texts have several sets of labels, such as “row "))
    #expect(
      warning.contains("“common” / “common”, “rare”;") || warning.contains("none / “common”;"))
    // Equal sets in another order are the same.
    let same = lines() + [#"{"text":"row 0","label":["common","rare"]}"# + "\n"]
    let quiet = try multiLabel().read(path: try bench.file("b.jsonl", same.joined())).report
    #expect(!quiet.warnings.contains { $0.contains("sets of labels") } && quiet.repeated == 1)
  }

  @Test func `given splits are kept`() throws {
    let rows = (0..<60).map {
      #"{"text":"row \#($0)","part":"\#($0 % 3 == 0 ? "test" : "train")","label":["a","b"]}"# + "\n"
    }
    let result = try multiLabel { $0.splitColumn = "part" }
      .read(path: try bench.file("a.jsonl", rows.joined()))
    #expect(result.shards.map(\.count) == [36, 4, 20])
    #expect(result.shards.allSatisfy { $0.splitScheme == "official" && $0.isMultiLabel })
  }
}
