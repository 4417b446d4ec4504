import Foundation
import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Support

/// How rows of the user's own text are divided: by class, with near-equal texts together.
struct StratifiedSplitTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  /// A table with rows of each class, as many as `classes` says.
  private func table(_ classes: [Int]) throws -> String {
    let rows = classes.enumerated().flatMap { label, count in
      (0..<count).map { "text \(label) of \($0),c\(label + 100)\n" }
    }
    return try bench.file("a.csv", "text,label\n" + rows.joined())
  }

  @Test(arguments: [
    [50, 50], [199, 86, 195], [400, 40, 4], [7, 7, 7, 7, 7, 7, 7], [1000, 30, 20, 10, 5, 3, 2],
  ])
  func `each split has its share of each class, to the row`(classes: [Int]) throws {
    let result = try own().read(path: try table(classes))
    let total = classes.reduce(0, +)
    for (split, size) in [
      (Split.test, SplitSize.fraction(0.2)), (.validation, .fraction(0.1)),
    ] {
      let rows = size.rows(of: total)
      #expect(result[split].count == rows)
      for (label, count) in classes.enumerated() {
        let share = Double(rows * count) / Double(total)
        #expect(abs(Double(result[split].classCounts[label]) - share) < 1, "\(split) \(label)")
      }
    }
    #expect(result[.train].classCounts.allSatisfy { $0 > 0 } && result.report.kept == total)
  }

  @Test func `two splits do not round the same classes down`() throws {
    // A share of 1.4 test and 0.7 validation rows of each of 20 classes.
    let classes = [Int](repeating: 7, count: 20)
    let result = try own().read(path: try table(classes))
    #expect(result[.test].count == 28 && result[.validation].count == 14)
    let held = zip(result[.test].classCounts, result[.validation].classCounts).map { $0 + $1 }
    #expect(held.allSatisfy { 2...3 ~= $0 })
  }

  @Test
  func `the shares hold for a sample of a large table, and more training rows move no others`()
    throws
  {
    let path = try table([6000, 3000, 900, 90, 10])
    var options = own()
    (options.train, options.validation, options.test) = (300, 100, 200)
    let few = try options.read(path: path)
    #expect(few[.test].classCounts == [120, 60, 18, 2, 0])
    #expect(few[.validation].classCounts == [60, 30, 9, 1, 0])
    options.train = 3000
    let many = try options.read(path: path)
    #expect(many[.train].classCounts == [1800, 900, 270, 27, 3])
    #expect(many[.test].texts == few[.test].texts)
    #expect(many[.validation].texts == few[.validation].texts)
  }

  @Test func `near-equal texts stay together, and so do texts with several labels`() throws {
    var draws = SplitMix64(state: 7)
    let rows = (0..<900).map { number in
      let text = [
        "text \(number % 300)", "TEXT \(number % 300)!", "@you text  \(number % 300) #tag",
      ]
      return "\(text[number / 300]),\(draws.below(3))\n"
    }
    let path = try bench.file("a.csv", "text,label\n" + rows.joined())
    let back = try bench.file("b.csv", "text,label\n" + rows.reversed().joined())
    let result = try own().read(path: path)
    #expect(try own().read(path: back).contents == result.contents)
    let keys = result.shards.map { Set($0.texts.map { TextKey(nearDuplicateKey(Array($0.utf8))) }) }
    #expect(keys.map(\.count) == result.shards.map { $0.count / 3 })
    #expect(keys[0].isDisjoint(with: keys[1]) && keys[0].union(keys[1]).isDisjoint(with: keys[2]))
    #expect(result.shards.map(\.count) == [630, 90, 180])
    let all = result.report.source[0].classes.map(\.rows)
    for (count, rows) in zip(result[.test].classCounts, all) {
      #expect(abs(Double(count) - Double(rows) / 5) < 3)
    }
  }

  @Test func `sizes are kept if no class has groups of the right size`() throws {
    // Each text occurs twice, and 13 rows of each class are asked for.
    let rows = (0..<400).map { "text \($0 / 2),c\($0 / 2 % 4)\n" }
    var options = own()
    (options.test, options.validation) = (52, 52)
    let result = try options.read(path: try bench.file("a.csv", "text,label\n" + rows.joined()))
    #expect(result.shards.map(\.count) == [296, 52, 52])
  }

  @Test func `the key of ASCII texts is that of all texts`() {
    var draws = SplitMix64(state: 1)
    let parts = ["http://", "https://a.b", "www.", "WWW.x", "#Tag", "@me", "a-b_c", "HTTP", " "]
    for _ in 0..<2000 {
      var text = ""
      for _ in 0..<draws.below(12) {
        text +=
          draws.below(3) == 0
          ? parts[draws.below(parts.count)]
          : String(UnicodeScalar(UInt8(0x20 + draws.below(0x5F))))
      }
      let bytes = Array(text.utf8)
      let key = unicodeKey(bytes)
      #expect(nearDuplicateKey(bytes) == (key.isEmpty ? bytes : key), "\(text)")
    }
  }

  @Test func `the report says how rows were divided, and advises folds for few test rows`() throws {
    let few = try own().read(path: try table([60, 40])).report.text
    #expect(
      few.contains(
        "\nwritten (split at random within each class, equal and near-equal texts together, seed 1):\n"
      ))
    #expect(
      few.contains(
        "\nonly 20 test rows: an accuracy of 90 % has an interval of ±13 points; --folds 5 tests all 100 rows"
      ))
    #expect(!(try own().read(path: try table([600, 400])).report.text.contains("--folds")))
  }

  // MARK: Given splits

  @Test(arguments: [
    ["train.csv", "test.csv"], ["data/train-00000-of-00001.csv", "data/test-00000-of-00001.csv"],
    ["mine/training/rows.csv", "mine/testing/rows.csv"],
  ])
  func `files and folders named as splits keep them, and train gives validation rows`(
    names: [String]
  )
    throws
  {
    let path = try bench.archive(
      "a.zip", .zip,
      names.enumerated().map { index, name in
        (name, "text,label\n" + (0..<100).map { "row \(index) \($0),\($0 % 4 / 3)\n" }.joined())
      })
    let result = try own().read(path: path)
    #expect(result.shards.map(\.classCounts) == [[67, 23], [8, 2], [75, 25]])
    #expect(result[.test].texts.allSatisfy { $0.hasPrefix("row 1 ") })
    #expect(result.shards.allSatisfy { $0.splitScheme == "official" })
    #expect(
      result.report.division
        == "split as files and folders are named; --split random divides all rows anew; validation "
        + "rows taken from train at random within each class, equal and near-equal texts together, seed 1"
    )
    var options = own()
    options.split = .random
    let random = try options.read(path: path)
    #expect(random.shards.map(\.count) == [140, 20, 40])
    #expect(
      random.report.warnings == [
        "files are named as splits (train, test), but all rows were divided anew; --split official keeps "
          + "the splits"
      ])
    (options.split, options.test) = (nil, 50)
    #expect(try options.read(path: path)[.test].count == 50)
    options.test = 0
    #expect(try options.read(path: path).shards.map(\.count) == [90, 10])
  }

  @Test func `names that divide only some rows are not taken for a split`() throws {
    let rows = (0..<50).map { "row \($0),\($0 % 2)\n" }.joined()
    func warnings(_ names: [String], test: SplitSize? = nil) throws -> [String] {
      let path = try bench.archive(
        "a.zip", .zip, names.map { ($0, "text,label\n" + rows.replacing("row", with: $0)) })
      var options = own()
      options.test = test
      let result = try options.read(path: path)
      #expect(result.shards.contains { $0.splitScheme == "" } == (test == nil))
      return result.report.warnings
    }
    let other = try warnings(["train.csv", "test.csv", "more.csv"])
    #expect(other.count == 1)
    #expect(other[0].contains("more.csv: line 2 belongs to none: all rows were divided anew"))
    let untested = try warnings(["train.csv", "dev.csv"])
    #expect(
      untested[0].hasSuffix("none as test: all rows were divided anew; --test 0 keeps the splits"))
    #expect(try warnings(["train.csv", "dev.csv"], test: 0) == [])
  }

  @Test func `test rows that are nearly training rows are kept and counted`() throws {
    func rows(_ split: String, _ range: Range<Int>, _ end: String) -> String {
      range.map { "Row \($0)\(end),\($0 % 2),\(split)\n" }.joined()
    }
    let path = try bench.file(
      "a.csv", "text,label,part\n" + rows("train", 0..<60, "") + rows("test", 50..<80, "!"))
    let result = try own { $0.splitColumn = "part" }.read(path: path)
    #expect(result.shards.map(\.count) == [54, 6, 30])
    #expect(result.report.warnings[0].hasPrefix("10 test rows are nearly equal to training rows"))
    #expect(result.report.division?.hasPrefix("split as the column “part” says; valid") == true)
  }
}
