import Safetensors
import Shards
import Testing

@testable import DLNC
@testable import Training

/// Results do not depend on padding, on the other rows of a batch or on the number of threads.
struct InvarianceTests {
  private func network(
    threads: Int, microBatches: Int = 2, seed: Int = 1, pooling: Pooling = .last,
    isFrozen: Bool = false
  ) -> DataParallelRunner<Float> {
    var configuration = ModelConfiguration()
    configuration.pooling = pooling
    (configuration.hidden, configuration.input, configuration.taskEmbedding) = (24, 10, 4)
    configuration.tasks = [
      TaskDescription(name: "a", classNames: ["x", "y", "z"], ownCell: false),
      TaskDescription(name: "b", classNames: ["x", "y"], ownCell: false),
    ]
    let parameters = Parameters<Float>(
      configuration, embedding: noise(11 * 10, seed: 1).map { Float($0) })
    parameters.initialize(parameters.layout.specs, seed: seed)
    return DataParallelRunner(
      parameters, microBatches: microBatches, threads: threads, isFrozen: isFrozen)
  }

  @Test func `caching a frozen encoder's input projections does not change any result`() {
    let shard = randomShard(rows: 150)
    let (plain, frozen) = (network(threads: 1), network(threads: 2, isFrozen: true))
    let dropout = RandomDropout(key: PRNGKey(seed: 7), perSequence: false)
    for step in 0..<3 {
      let batch = Batch(
        shard: shard, indices: Array(step * 20..<step * 20 + 20), maxLength: 9,
        regularization: Regularization(wordDropout: 0.2))
      let (expected, found) = (Gradients(plain.parameters), Gradients(frozen.parameters))
      let outcome = plain.forwardBackward(
        batch, dropout: dropout, trainsWeights: false, into: expected)
      #expect(
        frozen.forwardBackward(batch, dropout: dropout, trainsWeights: false, into: found)
          == outcome)
      #expect(found.values.array == expected.values.array)
      let probabilities = plain.predict(shard, maxLength: 100 - step).probabilities
      #expect(frozen.predict(shard, maxLength: 100 - step).probabilities == probabilities)
    }
  }

  @Test(arguments: Pooling.allCases)
  func `the prediction of a row is bytewise identical alone and in any batch`(pooling: Pooling) {
    let network = network(threads: 1, pooling: pooling)
    let shard = randomShard(rows: 150)
    let together = network.predict(shard, maxLength: 100).probabilities
    for row in stride(from: 0, to: 150, by: 7) {
      let tokens = Array(shard.row(row))
      let alone = TokenShard(
        ShardHeader(task: "a", split: .test, classNames: shard.classNames),
        elements: tokens,
        offsets: [0, Int64(tokens.count)], labels: [shard.labels[row]], textIDs: [0])
      let single = network.predict(alone, maxLength: 100).probabilities
      #expect(single == Array(together[row * 3..<row * 3 + 3]), "row \(row)")
    }
  }

  @Test(arguments: [Pooling.last, .mean, .max])
  func `training without dropout computes the same loss as prediction`(pooling: Pooling) {
    let network = network(threads: 1, microBatches: 1, pooling: pooling)
    let shard = randomShard(rows: 40)
    let outcome = network.forwardBackward(
      Batch(shard: shard, indices: Array(0..<40), maxLength: 100), dropout: nil,
      trainsWeights: true,
      into: Gradients(network.parameters))
    let predicted = network.predict(shard, maxLength: 100).metrics
    #expect(abs(outcome.loss - predicted.loss) < 1e-9 * predicted.loss)
    #expect(outcome.correct == predicted.correct)
  }

  @Test(arguments: [Pooling.last, .meanMax])
  func `tokens after the maximum length have no effect`(pooling: Pooling) {
    let network = network(threads: 1, pooling: pooling)
    let shard = randomShard(rows: 20)
    let longer = shard.with(rows: (0..<20).map { shard.row($0).prefix(3) + [1, 2] })
    let cut = shard.with(rows: (0..<20).map { Array(shard.row($0).prefix(3)) })
    // Rows shorter than three words grow in `longer`, so only the full ones are compared.
    let (a, b) = (
      network.predict(longer, maxLength: 3).probabilities,
      network.predict(cut, maxLength: 3).probabilities
    )
    for row in 0..<20 where shard.row(row).count >= 3 {
      #expect(a[row * 3..<row * 3 + 3] == b[row * 3..<row * 3 + 3])
    }
  }

  @Test func `training is bytewise identical on one and on two threads`() throws {
    func train(threads: Int) throws -> ([Float], [Float], LearningCurve) {
      let network = network(threads: threads, pooling: .meanMax)
      let data = [
        TaskDataset(train: randomShard(rows: 90), validation: randomShard(rows: 30, seed: 8)),
        TaskDataset(
          train: randomShard(rows: 50, task: "b", classes: 2),
          validation: randomShard(rows: 20, task: "b", classes: 2, seed: 8)),
      ]
      var settings = TrainingSettings()
      (settings.batch, settings.epochs, settings.warmup) = (8, 3, 5)
      (settings.wordDropout, settings.vectorDropout, settings.labelSmoothing) = (0.1, 0.1, 0.1)
      (settings.emaDecay, settings.weightDecay) = (0.9, 0.1)
      let trainer = Trainer(network.parameters, data, settings, TrainingRun(threads: threads))
      let curve = try trainer.train(stage: "train")
      return (network.parameters.values.array, network.parameters.embedding.array, curve)
    }
    let (one, two) = (try train(threads: 1), try train(threads: 2))
    #expect(one.0 == two.0)
    #expect(one.1 == two.1)
    #expect(one.2 == two.2)
    #expect(one.2.points.count == 6)
  }

  @Test func `the number of micro-batches changes the gradient only by rounding`() {
    let shard = randomShard(rows: 32)
    let batch = Batch(
      shard: shard, indices: Array(0..<32), maxLength: 100,
      regularization: Regularization(wordDropout: 0.2, vectorDropout: 0.2, labelSmoothing: 0.1))
    let dropout = RandomDropout(key: PRNGKey(seed: 4), perSequence: false)
    let results = [1, 2, 5].map { microBatches in
      let network = network(threads: 1, microBatches: microBatches)
      let gradients = Gradients(network.parameters)
      _ = network.forwardBackward(batch, dropout: dropout, trainsWeights: true, into: gradients)
      return gradients.specs.flatMap { entry in
        Array(UnsafeBufferPointer(start: gradients.values.start + entry.offset, count: entry.count))
      }
    }
    let expected = results[0].map { Double($0) }
    #expect(distance(results[1], expected) < 1e-5)
    #expect(distance(results[2], expected) < 1e-5)
  }

  @Test func `a batch of one task does not change the parameters of another`() {
    let network = network(threads: 2)
    let before = network.parameters.values.array
    let gradients = Gradients(network.parameters)
    let adam = Adam(network.parameters, trainsVectors: true, threads: 2)
    let shard = randomShard(rows: 8)
    _ = network.forwardBackward(
      Batch(shard: shard, indices: Array(0..<8), maxLength: 100), dropout: nil, trainsWeights: true,
      into: gradients)
    adam.step(gradients, rate: 0.1, scale: 1)
    for entry in network.parameters.layout.specs {
      let same = Array(before[entry.range]) == Array(network.parameters.values.array[entry.range])
      #expect(same == (entry.owner == .task("b")), "\(entry.name)")
    }
  }
}

extension TokenShard {
  /// The shard with other tokens, in as many rows or fewer.
  func with(rows: [[Int32]]) -> TokenShard {
    TokenShard(
      header,
      elements: rows.flatMap { $0 },
      offsets: rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64($1.count)) },
      labels: Array(labels.prefix(rows.count)), textIDs: Array(textIDs.prefix(rows.count)))
  }
}
