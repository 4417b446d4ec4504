import Foundation
import Shards
import Support
import Testing
import Tokenization

@testable import DLNC
@testable import Training

/// Weights of classes, and what is kept by which measure.
struct ClassWeightsTests {
  private static func rows(_ labels: [Int32]) -> TokenShard {
    var shard = randomShard(rows: labels.count)
    shard.labels = labels
    return shard
  }

  @Test(arguments: [
    ("", "it must be balanced, or"), ("a", "“a” has no weight"), ("a=1,b", "“b” has no weight"),
    ("a=x", "“a” has no weight that is a number"),
    ("a=0", "has the weight 0.0; it must be from 0.001"),
    ("a=-1", "has the weight -1.0"), ("a=nan", "has the weight nan"), ("a=1e9", "to 1000.0"),
    ("a=1,a=2", "“a” has two weights"),
    ("=2,b", "“b” has no weight"),
  ])
  func `wrong weights are explained`(text: String, problem: String) {
    let found = ClassWeights(rawValue: text).problem
    #expect(found?.contains(problem) == true, "\(found ?? "nil")")
  }

  @Test(arguments: ["balanced", "class 0=2", "class 1=3, class 2=0.5", "class 0=1.5,class 2=2"])
  func `the mean weight of the training rows is 1`(text: String) throws {
    let (weights, rows) = (ClassWeights(rawValue: text), Self.rows([0, 0, 1, 0, 2, 0, 0]))
    #expect(weights.problem == nil)
    let values = try #require(weights.weights(of: rows))
    let sum = rows.labels.reduce(0) { $0 + values[Int($1)] }
    #expect(abs(sum / 7 - 1) < 1e-12)
    let ratios: [String: Double] = [
      "balanced": 5, "class 0=2": 0.5, "class 0=1.5,class 2=2": 1 / 1.5,
    ]
    let ratio = ratios[text] ?? 3
    #expect(abs(values[1] / values[0] - ratio) < 1e-12)
  }

  @Test func `equal weights, and classes without rows, change nothing`() {
    #expect(ClassWeights.balanced.weights(of: Self.rows([0, 1, 2])) == nil)
    #expect(ClassWeights(rawValue: "other=3").weights(of: Self.rows([0, 1, 2])) == nil)
    let absent = ClassWeights.balanced.weights(of: Self.rows([0, 1, 1, 1]))
    #expect(absent?[0] == 2 && absent?[1] == 2.0 / 3 && absent?[2].isFinite == true)
  }

  @Test func `a comma in the name of a class is part of it`() {
    var rows = Self.rows([0, 1, 1])
    rows.classNames = ["a, b", "c=d", "e"]
    let weights = ClassWeights(rawValue: "a, b=4,c=d=2").weights(of: rows)
    #expect(weights.map { $0[0] / $0[1] } == 2 && weights.map { $0[1] / $0[2] } == 2)
  }

  /// Task “a” with few training rows of its last class.
  private func rareClass() throws -> TemporaryLexicon {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 3)])
    let all = try #require(try lexicon.folder().shard("a", .train))
    let kept = (0..<all.count).filter { all.labels[$0] != 2 || $0 < 12 }
    let rare = TokenShard(
      all.header, elements: kept.flatMap { Array(all.row($0)) },
      offsets: kept.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64(all.row($1).count)) },
      labels: kept.map { all.labels[$0] }, textIDs: Array(0..<Int32(kept.count)))
    try lexicon.write(rare.document(), "a/train")
    return lexicon
  }

  private func predicted(_ model: any Classifier, _ lexicon: TemporaryLexicon) throws -> Int {
    let shard = try #require(try lexicon.folder().shard("a", .test))
    let values = try model.classify(shard, threads: 1).probabilities
    return (0..<shard.count).count { row in
      (0..<3).max { values[3 * row + $0] < values[3 * row + $1] } == 2
    }
  }

  @Test(arguments: ["alone", "ensemble", "pooled", "shared"])
  func `a bag of words predicts a class more often with a greater weight`(way: String) throws {
    let lexicon = try rareClass()
    func train(_ weights: ClassWeights?) throws -> LinearModel {
      var settings = BagOfWordsSettings(weights: way == "ensemble" ? .ensemble : .tfidf)
      settings.classWeights = weights
      return try LinearModel.train(
        .bagOfWords, tasks: way == "alone" || way == "ensemble" ? ["a"] : ["a", "b"],
        lexicon: lexicon.folder(), settings: settings, pools: way == "pooled",
        ownPenaltyRatio: way == "shared" ? 4 : nil, penalty: 3, seed: 1, threads: 1
      ) { _, _ in }
    }
    let counts = try [nil, ClassWeights(rawValue: "class 2=30")].map {
      try predicted(train($0), lexicon)
    }
    #expect(counts[0] < counts[1], "\(counts)")
    let ones = ClassWeights(rawValue: "class 2=1")
    #expect(try train(ones).classifiers[0].weights == train(nil).classifiers[0].weights)
  }

  @Test(arguments: [false, true])
  func `a network predicts a class more often with a greater weight`(ngrams: Bool) throws {
    let lexicon = try rareClass()
    func train(_ weights: String?, threads: Int = 1) throws -> Model {
      var (configuration, settings) = (smallConfiguration, smallSettings)
      configuration.ngrams = ngrams ? NgramOptions() : nil
      (settings.epochs, settings.classWeights) = (4, weights.map(ClassWeights.init))
      return try Model.train(
        configuration, tasks: ["a"], dataset: lexicon.folder(), settings: settings,
        run: TrainingRun(threads: threads))
    }
    let counts = try [nil, "class 2=30"].map { try predicted(train($0), lexicon) }
    #expect(counts[0] < counts[1], "\(counts)")
    let (one, two) = (try train("balanced"), try train("balanced", threads: 2))
    #expect(try one.document().encoded() == two.document().encoded())
    #expect(one.settings["train"]?.classWeights == .balanced)
  }

  @Test func `a class that no task has is refused`() throws {
    let lexicon = try rareClass()
    var settings = BagOfWordsSettings()
    settings.classWeights = ClassWeights(rawValue: "class 1=2,clas 2=3")
    let error = #expect(throws: UserError.self) {
      try LinearModel.train(
        .bagOfWords, tasks: ["a"], lexicon: lexicon.folder(), settings: settings, penalty: 1,
        seed: 1, threads: 1
      ) { _, _ in }
    }
    #expect(error?.exitStatus == .usage && error?.problem == "“clas 2”, which is no class")
    var network = smallSettings
    network.classWeights = settings.classWeights
    #expect(throws: UserError.self) {
      try Model.train(
        smallConfiguration, tasks: ["a"], dataset: lexicon.folder(), settings: network,
        run: TrainingRun(threads: 1))
    }
  }
}

/// The measure by which an epoch or a penalty is kept.
struct SelectionCriterionTests {
  @Test func `macro-F1 is the mean over the classes that occur or are predicted`() {
    let probabilities: [Float] = [
      0.8, 0.1, 0.1, 0, 0.4, 0.6, 0, 0, 0.5, 0.5, 0, 0, 0.1, 0.9, 0, 0,
    ]
    // Predicted 0, 1, 0, 1; the last class neither occurs nor is predicted.
    var builder = ShardBuilder<Int32>(
      ShardHeader(task: "a", split: .validation, classNames: ["a", "b", "c", "d"]))
    for label in [0, 1, 1, 2] { builder.append([1], label: label, textID: 0) }
    let found = macroF1(probabilities, builder.shard)
    #expect(abs(found - (2.0 / 3 + 0.5 + 0) / 3) < 1e-12)
  }

  @Test func `each criterion has its order`() {
    let scores = [
      ValidationScore(accuracy: 0.8, macroF1: 0.5, loss: 0.6),
      ValidationScore(accuracy: 0.7, macroF1: 0.6, loss: 0.6),
      ValidationScore(accuracy: 0.7, macroF1: 0.5, loss: 0.5),
    ]
    for (criterion, best) in [(SelectionCriterion.accuracy, 0), (.macroF1, 1), (.loss, 2)] {
      for other in 0..<3 where other != best {
        #expect(criterion.prefers(scores[best], to: scores[other]))
        #expect(!criterion.prefers(scores[other], to: scores[best]))
      }
    }
  }

  @Test(arguments: SelectionCriterion.allCases)
  func `the epoch and the penalty that are best by it are kept`(
    criterion: SelectionCriterion
  ) throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3)])
    var settings = smallSettings
    (settings.keepBy, settings.learningRate) = (criterion, 0.04)
    let model = try Model.train(
      smallConfiguration, tasks: ["a"], dataset: lexicon.folder(), settings: settings,
      run: TrainingRun(threads: 2))
    func value(_ accuracy: Double?, _ macroF1: Double?, _ loss: Double?) -> Double? {
      switch criterion {
      case .accuracy: accuracy
      case .macroF1: macroF1
      case .loss: loss.map { -$0 }
      }
    }
    let curve = try #require(model.curve)
    let values = curve.points.compactMap {
      value($0.validationAccuracy, $0.validationMacroF1, $0.validationLoss)
    }
    #expect(values.count == settings.epochs && values[curve.bestEpoch - 1] == values.max())
    var bag = BagOfWordsSettings()
    bag.keepBy = criterion
    let task = try #require(
      try LinearModel.train(
        .bagOfWords, tasks: ["a"], lexicon: lexicon.folder(), settings: bag, penalty: nil, seed: 1,
        threads: 1
      ) { _, _ in }.tasks.first)
    let fits = task.trials.compactMap {
      value($0.validationAccuracy, $0.validationMacroF1, $0.validationLoss)
    }
    #expect(fits.count == 6 && fits[task.kept] == fits.max())
  }
}
