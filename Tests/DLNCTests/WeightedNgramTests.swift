import Foundation
import Shards
import Testing

@testable import DLNC
@testable import Training

/// The n-grams that speak for a class.
struct WeightedNgramTests {
  private let lexicon: TemporaryLexicon

  init() throws { lexicon = try TemporaryLexicon(tasks: [("a", 3)]) }

  /// In the rows of class k every other word is word k + 1.
  private func expectMarkers(_ ngrams: [[WeightedNgram]]?) throws {
    let ngrams = try #require(ngrams)
    #expect(ngrams.count == 3)
    for (label, ngrams) in ngrams.enumerated() {
      #expect(ngrams.count == 4 && ngrams[0].tokens.contains(label + 1), "\(ngrams)")
      #expect(ngrams.map(\.weight) == ngrams.map(\.weight).sorted(by: >))
      #expect(ngrams.allSatisfy { $0.weight > 0 && (1...2).contains($0.tokens.count) })
    }
  }

  @Test func `a bag of words and an n-gram layer have them in their weights`() throws {
    let bag = try LinearModel.train(
      .bagOfWords, tasks: ["a"], lexicon: lexicon.folder(), penalty: 1, seed: 1, threads: 1
    ) { _, _ in }
    try expectMarkers(bag.strongestNgrams(of: "a", count: 4))
    #expect(bag.strongestNgrams(of: "b", count: 4) == nil)
    var (configuration, settings) = (smallConfiguration, smallSettings)
    configuration.ngrams = NgramOptions(dropout: 0.3)
    settings.epochs = 1
    let model = try Model.train(
      configuration, tasks: ["a"], dataset: lexicon.folder(), settings: settings,
      run: TrainingRun(threads: 1, checkpointer: .none))
    try expectMarkers(model.strongestNgrams(of: "a", count: 4))
    model.parameters.ngramLayers = [:]
    #expect(model.strongestNgrams(of: "a", count: 4) == nil)
  }

  @Test func `rows have them by the odds of containing them`() throws {
    let shard = try #require(try lexicon.folder().shard("a", .train))
    try expectMarkers(shard.distinctiveNgrams(4))
    // Word 5 is in 2 of 2 rows of class 0 and in 1 of 4 others.
    let rows: [[Int32]] = [[5, 0], [5], [5], [6], [0], [7, 0, 7]]
    let small = TokenShard(
      ShardHeader(task: "t", split: .train, classNames: ["x", "y"]), elements: rows.flatMap { $0 },
      offsets: rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64($1.count)) },
      labels: [0, 0, 1, 1, 1, 1], textIDs: [0, 1, 2, 3, 4, 5])
    let ngrams = small.distinctiveNgrams(4)
    #expect(ngrams[1].isEmpty && ngrams[0].map(\.tokens) == [[5]])
    let expected =
      log(2.5 / 0.5 / (1.5 / 3.5)) / (1 / 2.5 + 1 / 0.5 + 1 / 1.5 + 1 / 3.5).squareRoot()
    #expect(abs(ngrams[0][0].weight - expected) < 1e-12)
  }

  @Test func `a row with several labels or none counts once`() {
    var builder = ShardBuilder<Int32>(
      ShardHeader(task: "t", split: .train, classNames: ["x", "y"], isMultiLabel: true))
    // Word 5 is in both rows of label 0 and in 2 of 4 others, one of them without a label. Word 6 is in
    // one row alone, which has both labels.
    let rows: [([Int32], [Int32])] = [
      ([5, 6], [0, 1]), ([5], [0]), ([5], []), ([5], [1]), ([7], []), ([8], [1]),
    ]
    for (row, (tokens, classes)) in rows.enumerated() {
      builder.append(tokens, classes: classes, textID: row)
    }
    let ngrams = builder.shard.distinctiveNgrams(4)
    #expect(ngrams[0].map(\.tokens) == [[5]])
    let expected =
      log(2.5 / 0.5 / (2.5 / 2.5)) / (1 / 2.5 + 1 / 0.5 + 1 / 2.5 + 1 / 2.5).squareRoot()
    #expect(abs(ngrams[0][0].weight - expected) < 1e-12)
    // 2 of the 3 rows with label 1 and 2 of the 3 others have word 5.
    #expect(ngrams[1].isEmpty)
  }
}
