import Foundation
import Shards
import Support
import Testing
import Tokenization

@testable import DLNC
@testable import Training

/// The words that moved a prediction.
struct ExplanationTests {
  private let lexicon: TemporaryLexicon

  init() throws { lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 3), ("c", 2)]) }

  private func test(_ task: String) throws -> TokenShard {
    try #require(try lexicon.folder().shard(task, .test))
  }

  private func linear(
    _ settings: BagOfWordsSettings = BagOfWordsSettings(), pools: Bool = false
  ) throws -> LinearModel {
    try LinearModel.train(
      .bagOfWords, tasks: ["a", "b", "c"], lexicon: lexicon.folder(), settings: settings,
      pools: pools, penalty: 0.1, seed: 1, threads: 1
    ) { _, _ in }
  }

  private func network(
    _ change: (inout ModelConfiguration) -> Void = { _ in }, maximumLength: Int = 300
  ) throws -> Model {
    var (configuration, settings) = (smallConfiguration, smallSettings)
    change(&configuration)
    (settings.epochs, settings.maximumLength) = (3, maximumLength)
    return try Model.train(
      configuration, tasks: ["a", "c"], dataset: lexicon.folder(), settings: settings,
      run: TrainingRun(threads: 1))
  }

  /// The logits of a row from its calibrated probabilities, with the mean 0.
  private func logits(_ probabilities: some Sequence<Float>) -> [Double] {
    let values = probabilities.map { log(Double($0)) }
    return values.map { $0 - values.reduce(0, +) / Double(values.count) }
  }

  /// A row of a task whose tokens are known to the models.
  private func row(_ tokens: [Int32], _ task: String, unknown: String = "") throws -> TokenShard {
    var builder = ShardBuilder<Int32>(try test(task).header)
    builder.append(tokens, label: 0, textID: 0, unknownWords: Array(unknown.utf8))
    return builder.shard
  }

  // MARK: Bag of words

  @Test(arguments: NgramWeights.allCases, [nil, CharacterLengths(2, 4)])
  func `the shares of the words and of the intercept add up to the logit`(
    weights: NgramWeights, characters: CharacterLengths?
  ) throws {
    let settings = BagOfWordsSettings(weights: weights, characters: characters)
    for (pools, task) in [(false, "a"), (true, "b"), (true, "c")] {
      let model = try linear(settings, pools: pools)
      let shard = try test(task)
      let classifier = try #require(model.classifiers.first { $0.summary.name == task })
      let temperature = try #require(classifier.summary.calibration?.temperature)
      #expect(temperature != 1)
      let exact = classifier.logits(
        classifier.ngrams.rows(shard, 0..<shard.count), threads: 1)
      let classCount = shard.classNames.count
      let explained = try #require(try model.explain(shard, threads: 1))
      let probabilities = try model.classify(shard, threads: 1).probabilities
      for row in 0..<shard.count {
        let range = row * classCount..<(row + 1) * classCount
        let mean = exact[range].reduce(0, +) / Double(classCount)
        let words = RowWords(ofRow: row, in: shard, model.vocabulary)
        for label in 0..<classCount {
          let sum = classifier.contributions(of: words, row, in: shard, label: label).reduce(0, +)
          let expected = (exact[range.lowerBound + label] - mean) / temperature
          #expect(abs(sum + classifier.interceptContribution(label: label) - expected) < 1e-9)
        }
        // The same from the outside, with the rounding of the probabilities.
        let values = logits(probabilities[range])
        let label = values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
        let sum = explained[row].reduce(0) { $0 + $1.by }
        #expect(abs(sum + classifier.interceptContribution(label: label) - values[label]) < 1e-4)
        #expect(
          zip(explained[row], explained[row].dropFirst()).allSatisfy { abs($0.by) >= abs($1.by) })
      }
    }
  }

  @Test func `half of the share of a pair goes to each of its words`() throws {
    let model = try linear()
    let classifier = model.classifiers[0]
    let temperature = try #require(classifier.summary.calibration?.temperature)
    let shard = try row([1, 2, 1, 1, 0, 3], "a", unknown: "odd")
    // (1 + log count) * idf, divided by the length.
    let counts: [(key: UInt64, count: Double)] = [
      (1, 3), (2, 1), (3, 1), (1 << 32 | 2, 1), (2 << 32 | 1, 1), (1 << 32 | 1, 1),
    ]
    let values = counts.compactMap { key, count in
      classifier.ngrams.index(of: key).map {
        (key, $0, (1 + log(count)) * Double(classifier.ngrams.idf[$0]))
      }
    }
    #expect(values.count > 3)
    let length = values.reduce(0) { $0 + $1.2 * $1.2 }.squareRoot()
    let probabilities = try model.classify(shard, threads: 1).probabilities
    let label = argmax(probabilities, count: 3)
    var expected: [String: Double] = [:]
    for (key, index, value) in values {
      let row = (0..<3).map { Double(classifier.weights[index * 3 + $0]) }
      let share = value / length * (row[label] - (row[0] + row[1] + row[2]) / 3) / temperature
      if key >> 32 == 0 {
        expected["word\(key)", default: 0] += share
      } else {
        expected["word\(key >> 32)", default: 0] += share / 2
        expected["word\(key & 0xFF)", default: 0] += share / 2
      }
    }
    let words = try #require(try model.explain(shard, threads: 1)?.first)
    #expect(Set(words.map(\.word)) == Set(expected.keys))
    for word in words { #expect(abs(word.by - (expected[word.word] ?? .nan)) < 1e-12) }
  }

  @Test func `unknown words have shares by their characters`() throws {
    let model = try linear(BagOfWordsSettings(characters: CharacterLengths(2, 4)))
    let shard = try row([1, 0, 0], "a", unknown: "odder zzz")
    let words = try #require(try model.explain(shard, threads: 1)?.first)
    #expect(words.map(\.word).contains("odder") && !words.map(\.word).contains("zzz"))
    let plain = try #require(try linear().explain(shard, threads: 1)?.first)
    #expect(plain.map(\.word) == ["word1"])
  }

  // MARK: Network

  @Test(arguments: [nil, NgramOptions(), NgramOptions(characters: CharacterLengths(2, 4))])
  func `the effect of a word is the difference to the text in which it is unknown`(
    ngrams: NgramOptions?
  ) throws {
    let model = try network { $0.ngrams = ngrams }
    #expect(model.calibration(of: "a") != nil)
    let shard = try test("a")
    let rows = shard.rows(Array(0..<12))
    let explained = try #require(try model.explain(rows, threads: 1))
    func classified(_ tokens: [Int32], unknown: Int) throws -> [Double] {
      let odd = Array(repeating: "odd", count: unknown).joined(separator: " ")
      return logits(try model.classify(row(tokens, "a", unknown: odd), threads: 1).probabilities)
    }
    for index in 0..<rows.count {
      let tokens = Array(rows.row(index))
      let unknown = tokens.count { $0 == 0 }
      let whole = try classified(tokens, unknown: unknown)
      let label = whole.indices.reduce(0) { whole[$1] > whole[$0] ? $1 : $0 }
      var expected: [String: Double] = [:]
      for token in Set(tokens) {
        let variant = tokens.map { $0 == token ? 0 : $0 }
        let rest = try classified(variant, unknown: token == 0 ? 0 : unknown)
        expected[token == 0 ? "odd" : "word\(token)"] = whole[label] - rest[label]
      }
      for word in explained[index] {
        #expect(abs(word.by - (expected[word.word] ?? .nan)) < 1e-9)
      }
      #expect(explained[index].count == expected.values.count { $0 != 0 })
      if unknown > 0, ngrams?.characters == nil { #expect(expected["odd"] == 0) }
    }
    // In task “a”, word1 speaks for class 0, word2 for class 1 and word3 for class 2.
    let strongest = explained.map { $0.first?.word ?? "" }
    #expect(strongest.count { ["word1", "word2", "word3"].contains($0) } > 8, "\(strongest)")
  }

  @Test func `threads and other rows change no contribution`() throws {
    let shard = try test("c")
    for model in [try network { $0.ngrams = NgramOptions() }, try linear()] as [any Classifier] {
      let one = try #require(try model.explain(shard, threads: 1))
      #expect(one.count == shard.count)
      #expect(try model.explain(shard, threads: 3) == one)
      for row in [0, 7, 30] {
        #expect(try model.explain(shard.rows([row]), threads: 1) == [one[row]])
      }
    }
  }

  @Test func `words after the maximum length have no effect on a network`() throws {
    let model = try network(maximumLength: 3)
    let words = try #require(
      try model.explain(row([1, 2, 0, 3, 4], "a", unknown: "x"), threads: 1)?.first)
    #expect(Set(words.map(\.word)) == ["word1", "word2"])
  }

  @Test func `of a long text the words that occur first are tried`() throws {
    let model = try network(maximumLength: 1000)
    func words(_ unknown: Int) throws -> [String] {
      let names = (0..<unknown).map { "x\($0)" }.joined(separator: " ")
      let tokens = [1] + [Int32](repeating: 0, count: unknown) + [2, 1]
      let shard = try row(tokens, "a", unknown: names)
      return try #require(try model.explain(shard, threads: 2)?.first).map(\.word).sorted()
    }
    #expect(try words(Model.occludedWords - 2) == ["word1", "word2"])
    #expect(try words(Model.occludedWords - 1) == ["word1"])
  }

  @Test func `the majority class has no reasons, and unknown tasks are errors`() throws {
    let majority = try LinearModel.train(
      .majority, tasks: ["a"], lexicon: lexicon.folder(), penalty: nil, seed: 1, threads: 1
    ) { _, _ in }
    #expect(try majority.explain(test("a"), threads: 1) == nil)
    #expect(throws: UserError.self) { try majority.explain(test("c"), threads: 1) }
    #expect(throws: UserError.self) { try network().explain(test("b"), threads: 1) }
  }
}
