import Foundation
import Safetensors
import Shards
import Support
import Testing

@testable import DLNC
@testable import Training

/// Training and classification of the baselines.
struct LinearModelTests {
  private static func train(
    _ lexicon: TemporaryLexicon, _ baseline: Baseline = .bagOfWords, tasks: [String] = ["a", "b"],
    penalty: Double? = nil, threads: Int = 1
  ) throws -> LinearModel {
    try LinearModel.train(
      baseline, tasks: tasks, lexicon: lexicon.folder(), penalty: penalty, seed: 7,
      threads: threads
    ) { _, _ in }
  }

  private static func write(_ shard: TokenShard, to lexicon: TemporaryLexicon) throws {
    let path = "\(lexicon.path)/\(shard.task)/\(shard.split.rawValue).safetensors"
    try shard.document().encoded().write(to: URL(fileURLWithPath: path))
  }

  @Test(arguments: [2, 3], ["1", "0.03"])
  func `weights and probabilities match scikit-learn`(classes: Int, penalty: String) throws {
    let reference = try BagOfWordsReference(classes)
    let data = TaskDataset(train: reference.train, validation: nil)
    let value = try #require(Double(penalty))
    let classifier = try LinearClassifier(data, penalties: [value], threads: 1) { _ in }
    var weights = classifier.weights.map(Double.init)
    if classes == 2 {
      weights = stride(from: 0, to: weights.count, by: 2).map { weights[$0 + 1] - weights[$0] }
    }
    let columns = classes == 2 ? 1 : classes
    let theirs: [Double] = try reference.values("\(penalty).weight")
    let ours = (0..<columns).flatMap { column in
      (0..<classifier.ngrams.count).map { weights[$0 * columns + column] }
    }
    #expect(distance(ours, theirs) < 1e-5)
    #expect(
      distance(weights.suffix(columns), try reference.values("\(penalty).bias"), floor: 1) < 1e-5)
    let (probabilities, _) = classifier.predict(reference.all, threads: 2)
    #expect(
      distance(probabilities, try reference.values("\(penalty).probability")) < 1e-5)
  }

  @Test func `a model has an independent classifier for each task`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let model = try Self.train(lexicon)
    #expect(
      model.learnedTasks == ["a", "b"] && model.classNames(of: "b") == ["class 0", "class 1"])
    let alone = try Self.train(lexicon, tasks: ["b"])
    for task in ["a", "b"] {
      let shard = try #require(try lexicon.folder().shard(task, .test))
      let (probabilities, loss) = try model.classify(shard, threads: 1)
      #expect(probabilities.count == shard.count * shard.classNames.count)
      #expect(loss < 0.7, "the mean loss of \(task)")
      if task == "b" {
        #expect(try alone.classify(shard, threads: 1).probabilities == probabilities)
      }
    }
  }

  @Test func `the penalty that is best on validation rows is selected`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3)])
    let task = try #require(try Self.train(lexicon, tasks: ["a"]).tasks.first)
    #expect(task.trials.map(\.penalty) == NgramWeights.tfidf.penalties)
    let kept = task.trials[task.kept]
    for trial in task.trials {
      let (best, other) = (kept.validationAccuracy ?? 0, trial.validationAccuracy ?? 0)
      #expect(best >= other)
      if best == other { #expect(kept.validationLoss ?? 9 <= trial.validationLoss ?? 0) }
    }
    let given = try Self.train(lexicon, tasks: ["a"], penalty: kept.penalty)
    #expect(given.tasks[0].trials == [kept])
    let shard = try #require(try lexicon.folder().shard("a", .validation))
    #expect(try given.classifyUncalibrated(shard, threads: 1).loss == kept.validationLoss)
  }

  @Test func `without validation rows the penalty is scikit-learn's`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3)])
    try FileManager.default.removeItem(atPath: "\(lexicon.path)/a/validation.safetensors")
    let task = try Self.train(lexicon, tasks: ["a"]).tasks[0]
    #expect(task.trials.map(\.penalty) == [1] && task.trials[0].validationLoss == nil)
    #expect(try Self.train(lexicon, tasks: ["a"], penalty: 3).tasks[0].trials[0].penalty == 3)
    let majority = try Self.train(lexicon, .majority, tasks: ["a"])
    #expect(majority.tasks[0].trials[0].validationAccuracy == nil)
  }

  @Test func `a class without validation rows affects only the selection`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3)])
    let before = try Self.train(lexicon, tasks: ["a"], penalty: 0.3)
    var shard = try #require(try lexicon.folder().shard("a", .validation))
    shard.labels = shard.labels.map { $0 == 2 ? 0 : $0 }
    try Self.write(shard, to: lexicon)
    let after = try Self.train(lexicon, tasks: ["a"], penalty: 0.3)
    #expect(after.classifiers[0].weights == before.classifiers[0].weights)
    #expect(after.tasks[0].trials[0].validationLoss?.isFinite == true)
  }

  @Test(arguments: Baseline.allCases)
  func `a class without training rows has probability 0 and a finite loss`(
    baseline: Baseline
  ) throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3)])
    var shard = try #require(try lexicon.folder().shard("a", .train))
    shard.labels = shard.labels.map { $0 == 1 ? 2 : $0 }
    try Self.write(shard, to: lexicon)
    let model = try Self.train(lexicon, baseline, tasks: ["a"])
    let test = try #require(try lexicon.folder().shard("a", .test))
    let (probabilities, loss) = try model.classify(test, threads: 1)
    for row in 0..<test.count {
      #expect(probabilities[3 * row + 1] == 0)
      #expect(abs(probabilities[3 * row] + probabilities[3 * row + 2] - 1) < 1e-6)
    }
    #expect(loss.isFinite && loss > 1)
  }

  @Test func `a task with a single class has probability 1`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 1)])
    for baseline in Baseline.allCases {
      let model = try Self.train(lexicon, baseline, tasks: ["a"])
      let shard = try #require(try lexicon.folder().shard("a", .test))
      #expect(try model.classify(shard, threads: 1).probabilities.allSatisfy { $0 == 1 })
    }
  }

  @Test func `the probabilities of the majority class are the class frequencies`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3)])
    var shard = try #require(try lexicon.folder().shard("a", .train))
    shard.labels = shard.labels.indices.map { $0 < 15 ? 0 : $0 < 51 ? 1 : 2 }
    try Self.write(shard, to: lexicon)
    let model = try Self.train(lexicon, .majority, tasks: ["a"])
    let test = try #require(try lexicon.folder().shard("a", .test))
    let probabilities = try model.classify(test, threads: 1).probabilities
    for row in 0..<test.count {
      let expected = [0.25, 0.6, 0.15]
      #expect(distance(probabilities[3 * row..<3 * row + 3], expected) < 1e-6)
    }
    #expect(model.parameterCount == 3 && model.features == [0])
    #expect(model.tasks[0].trials[0].trainAccuracy == 0.6)
  }

  @Test func `the number of threads changes neither the model nor its predictions`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let (one, four) = (try Self.train(lexicon), try Self.train(lexicon, threads: 4))
    #expect(try one.document().encoded() == four.document().encoded())
    let shard = try #require(try lexicon.folder().shard("a", .test))
    let (few, many) = (
      try one.classify(shard, threads: 1), try one.classify(shard, threads: 3)
    )
    #expect(few.probabilities == many.probabilities && few.loss == many.loss)
  }

  @Test func `rows with an unknown task or unknown classes are rejected`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let model = try Self.train(lexicon, tasks: ["a"])
    var shard = try #require(try lexicon.folder().shard("a", .test))
    shard.classNames[0] = "another"
    #expect(throws: UserError.self) { try model.classify(shard, threads: 1) }
    let other = try #require(try lexicon.folder().shard("b", .test))
    let error = #expect(throws: UserError.self) { try model.classify(other, threads: 1) }
    #expect(error?.expected == "a task of the model")
  }
}
