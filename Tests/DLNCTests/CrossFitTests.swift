import Testing

@testable import DLNC
@testable import Training

/// Logits of rows from classifiers that were fitted without them.
struct CrossFitTests {
  private let shard = TemporaryLexicon.learnable("a", 3, .train, rows: 60, words: 11, seed: 0)

  @Test func `folds have similar sizes and keep the rows of a text together`() {
    var shard = shard
    shard.textIDs = (0..<60).map { Int32($0 / 2) }
    let folds = CrossFit.folds(shard, seed: 1)
    for fold in 0..<5 { #expect(folds.count { $0 == fold } == 12) }
    for row in stride(from: 0, to: 60, by: 2) { #expect(folds[row] == folds[row + 1]) }
    #expect(folds != CrossFit.folds(shard, seed: 2))
  }

  @Test func `the logits of a row do not depend on its label`() throws {
    let fit = try CrossFit(shard, penalties: [0.3], seed: 1, threads: 1)
    let folds = CrossFit.folds(shard, seed: 1)
    var other = shard
    other.labels[7] = (shard.labels[7] + 1) % 3
    let again = try CrossFit(other, penalties: [0.3], seed: 1, threads: 1)
    for row in 0..<60 {
      let same = fit.logits[row * 3..<row * 3 + 3] == again.logits[row * 3..<row * 3 + 3]
      #expect(same == (folds[row] == folds[7]), "row \(row)")
    }
    #expect(fit.classifier.weights != again.classifier.weights)
  }

  @Test func `the logits of a row are those of the classifier fitted to the other folds`() throws {
    let fit = try CrossFit(shard, seed: 1, threads: 1)
    let folds = CrossFit.folds(shard, seed: 1)
    let (rest, held) = (
      folds.indices.filter { folds[$0] != 2 }, folds.indices.filter { folds[$0] == 2 }
    )
    let penalty = try #require(fit.classifier.summary.trials.first?.penalty)
    let head = try LinearClassifier(
      TaskDataset(train: shard.rows(rest), validation: nil), penalties: [penalty], threads: 1
    ) { _ in }
    let part = shard.rows(held)
    let expected = head.logits(head.ngrams.rows(part, 0..<part.count), threads: 1)
    let ours = held.flatMap { fit.logits[$0 * 3..<$0 * 3 + 3] }
    #expect(distance(ours, expected) < 1e-3)
  }

  @Test func `the number of threads does not change the result`() throws {
    let (one, two) = (
      try CrossFit(shard, seed: 1, threads: 1), try CrossFit(shard, seed: 1, threads: 2)
    )
    #expect(one.logits == two.logits)
    #expect(one.classifier.weights == two.classifier.weights)
  }

  @Test func `a class without rows can be overruled, and few rows are enough`() throws {
    var rare = shard
    rare.classNames.append("never")
    let fit = try CrossFit(rare, seed: 1, threads: 1)
    #expect(fit.classifier.weights.min() ?? 0 > -10)
    let few = shard.rows([0, 1, 2])
    #expect(try CrossFit(few, seed: 1, threads: 1).logits.allSatisfy { abs($0) < 10 })
    let alone = try CrossFit(shard.rows([4]), seed: 1, threads: 1)
    #expect(alone.logits == [0, 0, 0])
  }

  @Test func `a wrong label is improbable without its row, and does not change the probabilities`()
    throws
  {
    let dataset = try TemporaryLexicon(tasks: [("a", 3)]).folder()
    var wrong = shard
    for row in [3, 20, 41] { wrong.labels[row] = (shard.labels[row] + 1) % 3 }
    let probabilities = try dataset.heldOutProbabilities(wrong, threads: 2)
    #expect(try dataset.heldOutProbabilities(wrong, threads: 1) == probabilities)
    let own = wrong.labels.indices.map { probabilities[$0 * 3 + Int(wrong.labels[$0])] }
    #expect(Set(own.indices.sorted { own[$0] < own[$1] }.prefix(6)).isSuperset(of: [3, 20, 41]))
    for row in 0..<60 { #expect(abs(probabilities[row * 3..<row * 3 + 3].reduce(0, +) - 1) < 1e-9) }
  }

  @Test
  func
    `errors are counted for nested shares of the other rows, the same for any number of threads`()
    throws
  {
    let dataset = try TemporaryLexicon(tasks: [("a", 3)]).folder()
    let errors = try dataset.heldOutErrors(shard, shares: [0.1, 1], threads: 2)
    #expect(errors.rows == Array(repeating: 6, count: 10) && errors.fitted[1] == 54)
    #expect((3...9).contains(errors.fitted[0]))
    #expect(errors.errors[0].reduce(0, +) > errors.errors[1].reduce(0, +))
    let one = try dataset.heldOutErrors(shard, shares: [0.1, 1], threads: 1)
    #expect(one.errors == errors.errors)
    // All rows: the errors of the logits.
    let logits = try CrossFit.heldOut(
      shard, BagOfWordsFeatures(weights: .ensemble, embedding: dataset.embedding),
      penalties: [NgramWeights.ensemble.defaultPenalty],
      folds: CrossFit.folds(shard, count: 10, seed: 1), threads: 1
    ).logits
    let wrong = shard.labels.indices.count { row in
      let values = logits[row * 3..<row * 3 + 3]
      return values.max() != values[row * 3 + Int(shard.labels[row])]
    }
    #expect(errors.errors[1].reduce(0, +) == wrong)
  }
}
