import TestSupport
import Testing

@testable import Datasets
@testable import Shards
@testable import Support

/// The divisions of a cross-validation.
struct FoldTests {
  let bench: TemporaryDirectory
  init() throws { bench = try TemporaryDirectory() }

  private func read(
    _ path: String, _ fold: String, of count: Int = 5,
    _ change: (inout IngestOptions) -> Void = { _ in }
  ) throws -> IngestResult {
    var options = own {
      $0.folds = count
      $0.fold = fold
    }
    change(&options)
    return try options.read(path: path)
  }

  @Test(arguments: [2, 5, 7])
  func `each row is tested once, and each fold has its share of each class`(count: Int) throws {
    let classes = [83, 31, 9]
    let rows = classes.enumerated().flatMap { label, rows in
      (0..<rows).map { "text \(label) of \($0),c\(label)\n" }
    }
    let path = try bench.file("a.csv", "text,label\n" + rows.joined())
    let back = try bench.file("b.csv", "text,label\n" + rows.reversed().joined())
    var tested: [String] = []
    for number in 1...count {
      let fold = try read(path, "\(number)", of: count)
      #expect(fold.report.kept == rows.count && fold[.validation].count == 12)
      for (label, all) in classes.enumerated() {
        #expect(abs(fold[.test].classCounts[label] * count - all) < count)
      }
      #expect(abs(fold[.test].count * count - rows.count) < count)
      #expect(fold.shards.allSatisfy { $0.splitScheme == "fold \(number) of \(count)" })
      #expect(Set(fold.shards.flatMap(\.texts)).count == rows.count)
      #expect(try read(back, "\(number)", of: count).contents == fold.contents)
      tested += fold[.test].texts
    }
    #expect(tested.count == rows.count && Set(tested).count == rows.count)
  }

  @Test func `the division for the model to use has no test rows`() throws {
    let rows = (0..<100).map { "text \($0),\($0 % 2)\n" }
    let path = try bench.file("a.csv", "text,label\n" + rows.joined())
    let all = try read(path, "all")
    #expect(all.shards.map(\.split) == [.train, .validation])
    #expect(all.shards.map(\.classCounts) == [[45, 45], [5, 5]])
    #expect(all.shards[0].splitScheme == "all of 5 folds")
    #expect(all.report.division?.hasPrefix("for the model to use, which 5 folds test; ") == true)
    #expect(try read(path, "all") { $0.validation = 0 }.shards.map(\.count) == [100])
    #expect(try read(path, "3") { $0.validation = 0 }.shards.map(\.count) == [80, 20])
    #expect(
      try userError { _ = try read(path, "1") { $0.validation = 90 } }.problem
        == "80 rows for training and validation")
  }

  @Test func `near-equal texts are in one fold, and folds are nearly of one size`() throws {
    // Groups of 1 to 6 rows.
    let rows = (0..<60).flatMap { group in
      (0...group % 6).map { "Text \(group)\(String(repeating: "!", count: $0)),\(group % 3)\n" }
    }
    let path = try bench.file("a.csv", "text,label\n" + rows.joined())
    var folds: [TextKey: Int] = [:]
    for number in 1...4 {
      let test = try read(path, "\(number)", of: 4)[.test]
      #expect(abs(test.count - rows.count / 4) <= 6, "\(test.count)")
      for text in test.texts {
        let key = TextKey(nearDuplicateKey(Array(text.utf8)))
        #expect(folds.updateValue(number, forKey: key) ?? number == number)
      }
    }
    #expect(folds.count == 60)
  }

  @Test func `the only text of a class is for training in every fold`() throws {
    let rows = (0..<40).map { "text \($0),\($0 % 2)\n" }.joined() + "alone,rare\nAlone!,rare\n"
    let path = try bench.file("a.csv", "text,label\n" + rows)
    var tested = 0
    for number in 1...5 {
      let fold = try read(path, "\(number)")
      #expect(fold[.train].classCounts[2] == 2)
      #expect(
        fold.report.warnings.contains(
          "2 rows are tested in no fold, because a class has no other text to train on; their classes are "
            + "“rare”"))
      tested += fold[.test].count
    }
    #expect(tested == 40)
  }

  @Test func `folds that cannot be made are refused`() throws {
    let path = try bench.file("a.csv", "text,label\na,0\nA,0\nb,1\nc,1\n")
    #expect(
      try userError { _ = try read(path, "1") }.description == """
        \(path): 3 different texts
          expected: one or more for each of 5 folds
          what to do: ask for fewer --folds
        """)
    for (fold, problem) in [("0", "“0”"), ("6", "“6”"), ("x", "“x”"), ("", "“”")] {
      let error = try userError { _ = try read(path, fold) }
      #expect(error.exitStatus == .usage && error.problem == problem)
      #expect(error.expected == "a fold from 1 to 5, or all")
    }
    #expect(try userError { _ = try read(path, "1", of: 1) }.location == "--folds")
    #expect(
      try userError { _ = try own { $0.fold = "2" }.read(path: path) }.location == "--fold 2")
    #expect(
      try userError { _ = try own { $0.folds = 5 }.read(path: path) }.location == "--fold")
    for change: (inout IngestOptions) -> Void in [
      { $0.test = 2 }, { $0.train = 2 }, { $0.split = .official },
      { $0.table.splitColumn = "part" },
    ] {
      let error = try userError { _ = try read(path, "1", change) }
      #expect(error.exitStatus == .usage && error.problem.hasPrefix("given beside --folds"))
    }
    #expect(
      try userError { _ = try read(path, "1") { $0.dataset = .imdb } }.problem
        == "given for the data set imdb")
  }

  @Test func `the scheme of a fold is read as it is written`() {
    for fold in [Fold(3, of: 5), Fold(nil, of: 10)] {
      #expect(Fold(splitScheme: fold.splitScheme) == fold)
    }
    for text in ["", "official", "fold 1 of", "fold x of 5", "fold 1 of 5 ", "all of x folds"] {
      #expect(Fold(splitScheme: text) == nil)
    }
  }
}
