import Foundation
import Shards
import Testing
import Tokenization

@testable import DLNC
@testable import Training

/// The ensemble of two logistic regressions on n-grams and word vectors.
struct EnsembleFitTests {
  private let lexicon: TemporaryLexicon

  init() throws { lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)]) }

  private func train(_ task: String, threads: Int = 1) throws -> LinearModel {
    try LinearModel.train(
      .bagOfWords, tasks: [task], lexicon: lexicon.folder(),
      settings: BagOfWordsSettings(weights: .ensemble), penalty: nil,
      seed: 1, threads: threads
    ) { _, _ in }
  }

  /// W of the design matrix: n-grams of their own, vectors, intercept.
  @Test func `without vectors the weights are the mean of both regressions`() throws {
    let shard = try #require(try lexicon.folder().shard("b", .train))
    let fit = EnsembleFit(shard, embedding: nil)
    #expect(fit.ngrams == TfidfVectorizer(shard, minimumRows: 1, ofPairs: 2))
    let rows = fit.ngrams.rows(shard, 0..<shard.count)
    let targets = shard.labels.map { Int($0) }
    func minimum(_ rows: CSRMatrix) throws -> [Double] {
      try #require(
        SoftmaxRegression(
          rows, transposed: rows.transposed, targets: targets, classCount: 2, penalty: 0.2,
          threads: 1
        ).minimum()
      ).weights
    }
    // Rows of class 0 and of class 1 that have each n-gram, plus one.
    var counts = [(Double, Double)](repeating: (1, 1), count: fit.ngrams.count)
    for row in 0..<shard.count {
      for cell in rows.cells(row) where Int(cell.column) < counts.count {
        if targets[row] == 0 {
          counts[Int(cell.column)].0 += 1
        } else {
          counts[Int(cell.column)].1 += 1
        }
      }
    }
    let sums = counts.reduce((0.0, 0.0)) { ($0.0 + $1.0, $0.1 + $1.1) }
    let ratios = counts.map { log($0.0 / sums.0) - log($0.1 / sums.1) } + [1]
    let plain = try minimum(rows)
    var scaled = CSRMatrix(width: rows.width)
    for row in 0..<rows.count {
      scaled.append(rows.cells(row).map { ($0.column, $0.value * ratios[Int($0.column)]) })
    }
    let weighted = try minimum(scaled)
    let expected = plain.indices.map { (plain[$0] + weighted[$0] * ratios[$0 / 2]) / 2 }
    let found = try #require(
      fit.weights(targets, classCount: 2, penalty: 0.1, tolerance: 1e-7, threads: 1))
    for (index, value) in expected.enumerated() {
      #expect(abs(found.weights[index] - value) < 1e-6, "\(index)")
    }
  }

  @Test(arguments: ["a", "b"])
  func `it learns, and threads do not change its bytes`(task: String) throws {
    let model = try train(task)
    #expect(model.tasks[0].ngramWeights == .ensemble)
    let score = try #require(model.validationScore(of: task))
    #expect(score.accuracy > 0.9)
    #expect(try train(task, threads: 2).document().encoded() == model.document().encoded())
  }

  @Test func `words that no training row has get weights by their vectors`() throws {
    let dataset = try lexicon.folder()
    var shard = try #require(try dataset.shard("b", .train))
    // Word 3 is replaced by word 4, so that it is not seen.
    shard = TokenShard(
      shard.header, elements: (0..<shard.count).flatMap { shard.row($0).map { $0 == 3 ? 4 : $0 } },
      offsets: (0..<shard.count).reduce(into: [0]) {
        $0.append($0[$0.count - 1] + Int64(shard.row($1).count))
      }, labels: shard.labels, textIDs: shard.textIDs)
    // The vector of the unseen word is that of word 1, which marks class 0.
    var embedding = dataset.embedding
    embedding.replace(3, with: Array(embedding[1]))
    let classifier = try LinearClassifier(
      TaskDataset(train: shard, validation: nil),
      BagOfWordsFeatures(weights: .ensemble, embedding: embedding), penalties: [0.1], threads: 1
    ) { _ in }
    #expect(TfidfVectorizer(shard, minimumRows: 1).index(of: 3) == nil)
    let unseen = try #require(classifier.ngrams.index(of: 3))
    #expect(classifier.weights[2 * unseen] > classifier.weights[2 * unseen + 1])
    let alone = try LinearClassifier(
      TaskDataset(train: shard, validation: nil), BagOfWordsFeatures(weights: .ensemble),
      penalties: [0.1], threads: 1
    ) { _ in }
    #expect(alone.ngrams.index(of: 3) == nil)
  }

  @Test func `a network has a layer of these weights and keeps the setting`() throws {
    var configuration = smallConfiguration
    configuration.ngrams = NgramOptions(dropout: 0.3, weights: .ensemble)
    var settings = smallSettings
    settings.epochs = 2
    let model = try Model.train(
      configuration, tasks: ["a", "b"], dataset: lexicon.folder(), settings: settings,
      run: TrainingRun(threads: 1))
    let path = "\(lexicon.path)/model.safetensors"
    try model.document().encoded().write(to: URL(fileURLWithPath: path))
    let again = try Model(path: path)
    #expect(again.configuration.ngrams?.weights == .ensemble)
    #expect(try again.document().encoded() == model.document().encoded())
  }

  @Test func `one class, or rows of one class alone, can be fitted`() throws {
    let shard = try #require(try lexicon.folder().shard("a", .train))
    let rows = shard.labels.indices.filter { shard.labels[$0] == 1 }
    let features = BagOfWordsFeatures(
      weights: .ensemble, embedding: try lexicon.folder().embedding)
    let fit = try CrossFit(shard.rows(rows), features, seed: 1, threads: 1)
    #expect(fit.logits.allSatisfy { $0.isFinite })
  }
}
