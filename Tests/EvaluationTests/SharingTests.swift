import DLNC
import Shards
import Support
import Testing

@testable import Evaluation

/// The section “Together or apart”.
struct SharingTests {
  private static let task = EvaluationTask(name: "reviews")

  /// Runs of 400 rows of which `correct` are right, the first ones.
  private static func runs(
    _ variant: ModelVariant, _ correct: Int, seeds: [Int] = [1], task: EvaluationTask = Self.task
  ) throws -> [Predictions] {
    try seeds.map { seed in
      try Predictions(
        variant: variant, seed: seed, task: task, split: .test, classNames: ["bad", "good"],
        labels: [Int](repeating: 0, count: 400),
        probabilities: (0..<400).flatMap { row -> [Float] in
          row < correct + seed ? [0.9, 0.1] : [0.1, 0.9]
        }, textIDs: Array(0..<400))
    }
  }

  private static func report(_ predictions: [[Predictions]]) throws -> Report {
    try Report(title: "Sharing", ReportInput(predictions: predictions.flatMap { $0 }))
  }

  private static let alone = ModelVariant("dlnc", sharing: .alone)
  private static let joint = ModelVariant("dlnc", sharing: .joint)
  private static let tuned = ModelVariant("dlnc", .fineTuned, sharing: .joint)
  private static let bag = ModelVariant("bag-of-words", sharing: .alone)
  private static let pooled = ModelVariant("bag-of-words", sharing: .pooled)

  @Test func `a way that is clearly better is recommended`() throws {
    let report = try Self.report([
      Self.runs(Self.alone, 300), Self.runs(Self.joint, 340), Self.runs(Self.tuned, 305),
      Self.runs(Self.bag, 310), Self.runs(Self.pooled, 312),
    ])
    let sharing = try #require(report.sharing.first)
    #expect(
      sharing.recommendation
        == "reviews: jointly train DLNC, +10.0 points over training it alone, p < 0.001 "
        + "(DLNC, joint: 85.3 %; Bag of words, alone: 77.8 %).")
    #expect(
      sharing.ways.map(\.variant.title) == [
        "DLNC, alone", "DLNC, joint", "DLNC, joint, fine-tuned", "Bag of words, alone",
        "Bag of words, pooled",
      ])
    // Three tests in one family; not between kinds of models.
    #expect(sharing.ways.compactMap(\.comparison).count == 3)
    let small = try #require(sharing.ways[4].comparison)
    #expect(small.adjustedPValue >= small.pValue && small.difference > 0)
  }

  @Test func `without a clear difference the simple way is recommended`() throws {
    let report = try Self.report([
      Self.runs(Self.alone, 300, seeds: [1, 2]), Self.runs(Self.joint, 301, seeds: [1, 2]),
    ])
    let text = try #require(report.sharing.first).recommendation
    #expect(
      text.hasPrefix("reviews: no clear difference for DLNC, so train it alone, which is simpler: ")
    )
    #expect(text.contains("joint +0.3 points, p "))
  }

  @Test func `a way that is clearly worse is named`() throws {
    let report = try Self.report([Self.runs(Self.bag, 340), Self.runs(Self.pooled, 300)])
    #expect(
      try #require(report.sharing.first).recommendation
        == "reviews: train the bag of words alone, since sharing is worse: pooled −10.0 points, p < 0.001 "
        + "(Bag of words, alone: 85.3 %).")
  }

  @Test func `all forms of the report have the section, and only if ways differ`() throws {
    let predictions = try [Self.runs(Self.alone, 300), Self.runs(Self.joint, 340)]
    let report = try Self.report(predictions)
    for text in [report.markdown(), report.html()] {
      #expect(text.contains("Together or apart") && text.contains("jointly train DLNC"))
    }
    let json = report.json()
    #expect(json.contains("\"recommendation\": \"reviews: jointly train DLNC"))
    #expect(json.contains("\"sharing\": \"joint\""))
    // A question about the reference and itself would make no sense.
    #expect(report.claimTests.isEmpty)

    let plain = try Self.report([Self.runs(ModelVariant("dlnc"), 300)])
    #expect(plain.sharing.isEmpty && !plain.json().contains("sharing"))
    #expect(!plain.markdown().contains("Together or apart"))
    #expect(!plain.html().contains("Together or apart"))
  }

  @Test func `ways on different rows are not compared`() throws {
    let other = EvaluationTask(name: "films")
    let report = try Self.report([
      Self.runs(Self.alone, 300), Self.runs(Self.joint, 340, task: other),
    ])
    #expect(report.sharing.isEmpty)
  }
}
