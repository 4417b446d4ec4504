import Shards
import Testing
import Support

@testable import DLNC
@testable import Training

/// Every gradient against central differences, in double precision, with random dropout masks that
/// stay the same from one evaluation to the next.
struct GradientTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var regularization = Regularization()
    var sharing = ParameterSharing()
    var classWeights: [Double]?
    var isMultiLabel = false
    var change: @Sendable (inout ModelConfiguration) -> Void
  }

  static let cases = [
    Case(testDescription: "dlnc") { _ in },
    Case(testDescription: "no task embedding") { $0.variant = .noTaskEmbedding },
    Case(testDescription: "separate cell") { $0.variant = .separateCell },
    Case(testDescription: "DLN-LSTM+linear") { $0.variant = .dlnLinear },
    Case(testDescription: "LSTM+linear") { $0.variant = .lstmLinear },
    Case(testDescription: "norm per gate") { $0.normPerGate = true },
    Case(testDescription: "tanh of the cell") { $0.cellTanh = true },
    Case(testDescription: "h only") { $0.zeroInitialCell = true },
    Case(testDescription: "one mask a sequence") { $0.variationalDropout = true },
    Case(testDescription: "shared norms", sharing: ParameterSharing(norms: true)) { _ in },
    Case(testDescription: "shared head", sharing: ParameterSharing(heads: true)) {
      $0.ngrams = NgramOptions()
    },
    Case(
      testDescription: "all shared, separate cells",
      sharing: ParameterSharing(norms: true, heads: true)
    ) { $0.variant = .separateCell },
    Case(testDescription: "n-grams") { $0.ngrams = NgramOptions(dropout: 0.4) },
    Case(testDescription: "no dropout") {
      ($0.recurrentDropout, $0.headDropout, $0.logitDropout) = (0, 0, 0)
    },
    Case(testDescription: "mean over time") { $0.pooling = .mean },
    Case(testDescription: "largest over time") { ($0.pooling, $0.zeroInitialCell) = (.max, true) },
    Case(testDescription: "mean and largest") { $0.pooling = .meanMax },
    Case(testDescription: "LSTM+linear, mean and largest") {
      ($0.variant, $0.pooling) = (.lstmLinear, .meanMax)
    },
    Case(testDescription: "word dropout", regularization: Regularization(wordDropout: 0.4)) { _ in
    },
    Case(testDescription: "vector dropout", regularization: Regularization(vectorDropout: 0.4)) {
      _ in
    },
    Case(testDescription: "smoothed labels", regularization: Regularization(labelSmoothing: 0.2)) {
      _ in
    },
    Case(testDescription: "class weights", classWeights: [0.5, 2, 1.25]) {
      ($0.recurrentDropout, $0.headDropout, $0.logitDropout) = (0, 0, 0)
      $0.ngrams = NgramOptions()
    },
    Case(testDescription: "multi-label", isMultiLabel: true) { $0.ngrams = NgramOptions() },
    Case(
      testDescription: "all noise, pooled",
      regularization: Regularization(wordDropout: 0.2, vectorDropout: 0.3, labelSmoothing: 0.1)
    ) { ($0.pooling, $0.normPerGate) = (.meanMax, true) },
  ]

  @Test(arguments: cases)
  func `every gradient agrees with central differences`(example: Case) throws {
    var configuration = ModelConfiguration()
    (configuration.hidden, configuration.input, configuration.taskEmbedding) = (7, 5, 3)
    example.change(&configuration)
    let own = configuration.variant == .separateCell
    configuration.tasks = [
      TaskDescription(name: "a", classNames: ["x", "y", "z"], ownCell: own)
    ]
    if configuration.variant != .lstmLinear {
      configuration.tasks.append(TaskDescription(name: "b", classNames: ["x", "y"], ownCell: own))
    }
    for index in configuration.tasks.indices where example.sharing.norms {
      configuration.tasks[index].sharesNorms = true
    }
    for index in configuration.tasks.indices where example.sharing.heads {
      configuration.tasks[index].classNames = index == 0 ? ["x", "y", "z"] : ["y", "z", "x"]
      configuration.tasks[index].sharedHead = SharedHead(name: "b", classNames: ["y", "z", "x"])
    }
    if example.isMultiLabel {
      configuration.tasks[0].labelThresholds = LabelThresholds(classCount: 3)
    }
    let parameters = Parameters<Double>(configuration, embedding: noise(11 * 5, seed: 1))
    parameters.initialize(parameters.layout.specs, seed: 3)
    // Away from 1 and 0, so that a missing gain or shift shows.
    for (index, shake) in noise(parameters.layout.size, seed: 2).enumerated() {
      parameters.values.start[index] += 0.3 * shake
    }
    var batch = Batch(
      shard: example.isMultiLabel ? randomLabelSets(rows: 5) : randomShard(rows: 5),
      indices: [4, 0, 2, 1, 3], maxLength: 6,
      regularization: example.regularization)
    batch.classWeights = example.classWeights
    try check(parameters, batch)
  }

  @Test(arguments: [Pooling.last, .meanMax])
  func `while fine-tuning, every gradient of a trained parameter agrees with central differences`(
    pooling: Pooling
  ) throws {
    var configuration = ModelConfiguration()
    configuration.pooling = pooling
    (configuration.hidden, configuration.input, configuration.taskEmbedding) = (7, 5, 3)
    configuration.tasks = [
      TaskDescription(name: "b", classNames: ["x", "y"], ownCell: false),
      TaskDescription(name: "a", classNames: ["x", "y", "z"], ownCell: true),
    ]
    let parameters = Parameters<Double>(configuration, embedding: noise(11 * 5, seed: 1))
    parameters.initialize(parameters.layout.specs, seed: 3)
    for (index, shake) in noise(parameters.layout.size, seed: 2).enumerated() {
      parameters.values.start[index] += 0.3 * shake
    }
    let batch = Batch(shard: randomShard(rows: 5), indices: [4, 0, 2, 1, 3], maxLength: 6)
    try check(parameters, batch, fineTuning: true)
  }

  /// Central differences of a few entries of every parameter.
  private func check(
    _ parameters: Parameters<Double>, _ batch: Batch, fineTuning: Bool = false
  ) throws {
    let network = DataParallelRunner(parameters, microBatches: 2, threads: 1)
    var (batch, data) = (batch, [TaskDataset(train: batch.shard, validation: nil)])
    parameters.ngramLayers = try parameters.configuration.fitNgramLayers(
      to: &data, BagOfWordsFeatures(), seed: 1, threads: 1)
    batch.ngramLogits = data[0].ngramLogits
    let gradients = Gradients(parameters) { !fineTuning || $0.owner == .task(batch.shard.task) }
    let scratch = Gradients(parameters)
    let dropout = RandomDropout(
      key: PRNGKey(seed: 5), perSequence: parameters.configuration.variationalDropout)
    func plain(_ batch: Batch, into gradients: Gradients<Double>) -> Double {
      network.forwardBackward(batch, dropout: dropout, trainsWeights: !fineTuning, into: gradients)
        .loss
        / Double(batch.indices.count)
    }
    /// The loss reported is plain: that with smoothed labels is a mean over what labels there are, and
    /// with class weights one over rows, which without dropout can be computed one by one.
    func loss(into gradients: Gradients<Double>) -> Double {
      if let weights = batch.classWeights {
        _ = plain(batch, into: gradients)
        return batch.indices.reduce(0) { sum, row in
          var single = batch
          single.indices = [row]
          let weight = weights[Int(batch.shard.labels[row])]
          return sum + weight * plain(single, into: scratch) / Double(batch.indices.count)
        }
      }
      let (share, classes) = (batch.regularization.labelSmoothing, batch.shard.classNames.count)
      let even = (0..<(share > 0 ? classes : 0)).map { label in
        var other = batch
        other.shard.labels = other.shard.labels.map { _ in Int32(label) }
        return plain(other, into: scratch)
      }
      return (1 - share) * plain(batch, into: gradients)
        + share * even.reduce(0, +) / Double(classes)
    }
    func difference(_ place: UnsafeMutablePointer<Double>) -> Double {
      let (value, width) = (place.pointee, 1e-5)
      place.pointee = value + width
      let above = loss(into: scratch)
      place.pointee = value - width
      let below = loss(into: scratch)
      place.pointee = value
      return (above - below) / (2 * width)
    }
    _ = loss(into: gradients)
    var stream = SplitMix64(PRNGKey(seed: 9))
    for entry in gradients.specs {
      for _ in 0..<4 {
        let index = entry.offset + stream.below(entry.count)
        let expected = difference(parameters.values.start + index)
        let found = gradients.values.start[index]
        #expect(abs(found - expected) < 1e-7 + 1e-5 * abs(expected), "\(entry.name)")
      }
    }
    #expect(gradients.specs.count >= 5)
    #expect(gradients.words.isEmpty == fineTuning)
    for (row, word) in gradients.words.enumerated() {
      let expected = difference(parameters.embedding.start + Int(word) * 5 + 2)
      let found = gradients.vectors.start[row * 5 + 2]
      #expect(abs(found - expected) < 1e-7 + 1e-5 * abs(expected), "vector of word \(word)")
    }
  }
}

/// Numbers in [-1, 1).
func noise(_ count: Int, seed: Int) -> [Double] {
  var stream = SplitMix64(PRNGKey(seed: seed).foldIn("noise"))
  return (0..<count).map { _ in 2 * stream.uniform() - 1 }
}

/// Rows of 1 to 9 words below 11, three classes.
func randomShard(rows: Int, task: String = "a", classes: Int = 3, seed: Int = 7) -> TokenShard {
  var stream = SplitMix64(PRNGKey(seed: seed).foldIn(task))
  let words = (0..<rows).map { _ in (0...stream.below(9)).map { _ in Int32(stream.below(11)) } }
  return TokenShard(
    ShardHeader(task: task, split: .train, classNames: (0..<classes).map { "class \($0)" }),
    elements: words.flatMap { $0 },
    offsets: words.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64($1.count)) },
    labels: (0..<rows).map { _ in Int32(stream.below(classes)) },
    textIDs: Array(0..<Int32(rows)))
}

/// Random rows of a multi-label task; some have no label.
func randomLabelSets(rows: Int, task: String = "a", classes: Int = 3, seed: Int = 7) -> TokenShard {
  let plain = randomShard(rows: rows, task: task, classes: classes, seed: seed)
  var stream = SplitMix64(PRNGKey(seed: seed).foldIn("label sets"))
  var builder = ShardBuilder<Int32>(
    ShardHeader(task: task, split: .train, classNames: plain.classNames, isMultiLabel: true))
  for row in 0..<rows {
    let labels = (0..<Int32(classes)).filter { _ in stream.below(3) == 0 }
    builder.append(plain.row(row), classes: labels, textID: row)
  }
  return builder.shard
}
