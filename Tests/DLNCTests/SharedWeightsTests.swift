import Foundation
import Safetensors
import Shards
import Support
import Testing

@testable import DLNC
@testable import Training

/// Bags of words of several tasks that share a part of their weights.
struct SharedWeightsTests {
  private let lexicon: TemporaryLexicon

  init() throws { lexicon = try .withReorderedClasses() }

  private func train(
    _ tasks: [String] = ["a", "b", "c"], ratio: Double? = 4, pools: Bool = false,
    penalty: Double? = 0.3, threads: Int = 1,
    settings: BagOfWordsSettings = BagOfWordsSettings()
  ) throws -> LinearModel {
    try LinearModel.train(
      .bagOfWords, tasks: tasks, lexicon: lexicon.folder(), settings: settings, pools: pools,
      ownPenaltyRatio: ratio, penalty: penalty, seed: 1, threads: threads
    ) { _, _ in }
  }

  private static func distance(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
  }

  @Test func `the sum of both parts minimizes the loss with a penalty on each`() throws {
    // Six rows of three features and the intercept.
    var rows = CSRMatrix(width: 4)
    for row in [[1, 0, 2], [0, 1, 1], [2, 1, 0], [1, 1, 0], [0, 2, 1], [1, 0, 1]] {
      rows.append(
        row.enumerated().filter { $0.element > 0 }.map { (Int32($0.offset), Double($0.element)) }
          + [(3, 1)])
    }
    let (tasks, targets) = ([0, 0, 0, 1, 1, 1], [0, 1, 1, 0, 1, 0])
    let (penalty, ratio) = (0.5, 3.0)
    let fit = try #require(
      SharedWeights(rows, tasks: tasks, ratio: ratio).weights(
        targets, classCount: 2, penalty: penalty, threads: 1))
    #expect(fit.weights.map(\.count) == [8, 8])
    // With one weight d of each feature, as scikit-learn has them.
    let d = fit.weights.map { weights in (0..<4).map { weights[2 * $0 + 1] - weights[2 * $0] } }
    // The gradient of each task's own loss: its own part times the penalty of that, also for the
    // intercept; the sum over the tasks is the shared part times its penalty.
    var gradients = [[Double]](repeating: [0, 0, 0, 0], count: 2)
    for row in 0..<6 {
      let cells = rows.cells(row)
      let logit = cells.reduce(0) { $0 + $1.value * d[tasks[row]][Int($1.column)] }
      let error = 1 / (1 + exp(-logit)) - Double(targets[row])
      for cell in cells { gradients[tasks[row]][Int(cell.column)] += error * cell.value }
    }
    for feature in 0..<4 {
      let own = gradients.map { -$0[feature] / (penalty * ratio) }
      let total = gradients[0][feature] + gradients[1][feature]
      if feature == 3 {
        #expect(abs(total) < 1e-5)
        #expect(abs((d[0][3] - own[0]) - (d[1][3] - own[1])) < 1e-4)
      } else {
        for task in 0..<2 {
          #expect(abs(d[task][feature] - own[task] + total / penalty) < 1e-4, "\(feature)")
        }
      }
    }
  }

  @Test func `between a model of each task and one of all rows`() throws {
    let pooled = try train(ratio: nil, pools: true).classifiers
    let alike = try train(ratio: 1e6).classifiers
    for (classifier, other) in zip(pooled, alike).prefix(2) {
      #expect(classifier.ngrams == other.ngrams)
      #expect(Self.distance(classifier.weights, other.weights) < 1e-2)
    }
    let shared = try train().classifiers
    #expect(Self.distance(shared[0].weights, pooled[0].weights) > 0.1)
    // In the order of each task's classes, and different for each.
    let turned = (0..<shared[0].weights.count / 3).flatMap { row in
      [0, 1, 2].map { shared[1].weights[3 * row + ($0 + 1) % 3] }
    }
    #expect(Self.distance(shared[0].weights, turned) > 0.01)
    #expect(Self.distance(shared[0].weights, turned) < 2)
  }

  @Test func `a task without another of its classes is fitted alone`() throws {
    let (shared, alone) = (try train(), try train(ratio: nil))
    #expect(shared.classifiers[2].weights == alone.classifiers[2].weights)
    #expect(shared.tasks.map(\.ownPenaltyRatio) == [4, 4, nil])
    #expect(shared.tasks.allSatisfy { $0.pool == nil })
    #expect(TrainingHistory(shared).sharing == .shared)
  }

  @Test func `the penalty is chosen on all validation rows, and metrics are those of the task`()
    throws
  {
    let model = try train(penalty: nil)
    #expect(model.tasks[0].kept == model.tasks[1].kept)
    #expect(model.tasks[0].trials.map(\.penalty) == NgramWeights.tfidf.penalties)
    for task in ["a", "b"] {
      let shard = try #require(try lexicon.folder().shard(task, .validation))
      let (_, loss) = try model.classifyUncalibrated(shard, threads: 1)
      #expect(model.validationScore(of: task)?.loss == loss)
    }
  }

  @Test func `character n-grams and validation rows are learned from, too`() throws {
    let characters = CharacterLengths(3, 5)
    let first = try train(settings: BagOfWordsSettings(characters: characters))
    let again = try train(
      settings: BagOfWordsSettings(characters: characters, fitsValidationRows: true))
    for task in 0..<2 {
      #expect(first.classifiers[task].ngrams.characters != nil)
      #expect(again.tasks[task].trials == first.tasks[task].trials)
      #expect(again.classifiers[task].weights != first.classifiers[task].weights)
      #expect(again.tasks[task].trainingData?.validationRows == 60)
    }
    let document = try again.document()
    let file = try SafetensorsFile(bytes: document.encoded(), path: "memory")
    #expect(try LinearModel(file).document().encoded() == document.encoded())
  }

  @Test func `the file is that of a model of each task, whatever the threads`() throws {
    let document = try train().document()
    #expect(try train(threads: 3).document().encoded() == document.encoded())
    let file = try SafetensorsFile(bytes: document.encoded(), path: "memory")
    #expect(["a", "b", "c"].allSatisfy { file.names.contains("head.\($0).weight") })
    #expect(try LinearModel(file).document().encoded() == document.encoded())
  }

  @Test func `no two tasks of the same classes are an error`() throws {
    let error = #expect(throws: UserError.self) { try train(["a", "c"]) }
    #expect(error?.exitStatus == .usage && error?.location == "--share-weights")
  }
}
