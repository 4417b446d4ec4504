import Foundation
import Safetensors
import Shards
import Support
import Testing

@testable import DLNC

/// A small language model with a domain of the name `a`, like that of ``randomShard(rows:task:classes:seed:)``.
func languageModel<R: Real>(
  words: Int = 11, domains: [String] = ["a"], hidden: Int = 7, input: Int = 5, as _: R.Type
) -> Parameters<R> {
  var configuration = ModelConfiguration.pretraining
  (configuration.hidden, configuration.input, configuration.outputWords) = (hidden, input, words)
  configuration.tasks = domains.map {
    TaskDescription(name: $0, classNames: [], ownCell: false)
  }
  let parameters = Parameters<R>(
    configuration, embedding: noise(words * input, seed: 1).map { R($0) })
  parameters.initialize(parameters.layout.specs, seed: 3)
  for (index, shake) in noise(parameters.layout.size, seed: 2).enumerated() {
    parameters.values.start[index] += 0.3 * R(shake)
  }
  return parameters
}

/// The language model: its gradients, and its loss among a sample of the words.
struct LanguageModelTests {
  /// A sample, in which some words are more likely than others.
  private static let sample = CandidateSampler(
    counts: (0..<11).map { 100 / ($0 + 1) }, size: 6
  ).draw(PRNGKey(seed: 4))

  @Test(arguments: [false, true])
  func `every gradient agrees with central differences`(isSampled: Bool) throws {
    let parameters = languageModel(as: Double.self)
    var batch = Batch(shard: randomShard(rows: 6), indices: [4, 0, 2, 1, 3, 5], maxLength: 7)
    batch.candidates = isSampled ? Self.sample : .all(11)
    let network = DataParallelRunner(parameters, microBatches: 2, threads: 1)
    let dropout = RandomDropout(key: PRNGKey(seed: 5), perSequence: true)
    func loss(into gradients: Gradients<Double>) -> Double {
      let metrics = network.forwardBackward(
        batch, dropout: dropout, trainsWeights: true, into: gradients)
      #expect(metrics.rows == batch.predictions)
      return metrics.loss / Double(metrics.rows)
    }
    let (gradients, scratch) = (Gradients(parameters), Gradients(parameters))
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
    #expect(gradients.specs.map(\.name).contains("language_model.projection"))
    for entry in gradients.specs {
      for _ in 0..<4 {
        let index = entry.offset + stream.below(entry.count)
        let expected = difference(parameters.values.start + index)
        let found = gradients.values.start[index]
        #expect(abs(found - expected) < 1e-7 + 1e-5 * abs(expected), "\(entry.name)")
      }
    }
    #expect(Set(gradients.words).isSuperset(of: batch.candidates?.words ?? []))
    for (row, word) in gradients.words.enumerated() {
      let expected = difference(parameters.embedding.start + Int(word) * 5 + 2)
      let found = gradients.vectors.start[row * 5 + 2]
      #expect(abs(found - expected) < 1e-7 + 1e-5 * abs(expected), "vector of word \(word)")
    }
  }

  @Test(arguments: [1, 2])
  func `loss and gradients are PyTorch's`(microBatches: Int) throws {
    try compareWithPyTorch(microBatches: microBatches, tolerance: 1e-7, as: Double.self)
    try compareWithPyTorch(microBatches: microBatches, tolerance: 1e-4, as: Float.self)
  }

  /// With the file of `fixtures/reference/language_model.py`.
  private func compareWithPyTorch<R: Real>(
    microBatches: Int, tolerance: Double, as _: R.Type
  ) throws {
    let file = try SafetensorsFile(path: "\(Reference.folder)/language-model.safetensors")
    let lengths: [Int32] = try file.values("input.lengths")
    let tokens: [Int32] = try file.values("input.tokens", shape: [lengths.count, nil])
    let vectors: [Double] = try file.values("param.embedding.weight")
    var configuration = ModelConfiguration.pretraining
    (configuration.hidden, configuration.input, configuration.outputWords) = (16, 12, 50)
    configuration.recurrentDropout = 0.3
    configuration.tasks = ["yelp", "ei-reg"].map {
      TaskDescription(name: $0, classNames: [], ownCell: false)
    }
    let parameters = Parameters<R>(configuration, embedding: vectors.map { R($0) })
    for spec in parameters.layout.specs {
      let values: [Double] = try file.values("param.\(spec.name)", shape: spec.shape)
      for (index, value) in values.enumerated() {
        parameters.values.start[spec.offset + index] = R(value)
      }
    }
    let width = tokens.count / lengths.count
    let rows = lengths.enumerated().map { row, length in
      tokens[row * width..<row * width + Int(length)]
    }
    let shard = TokenShard(
      ShardHeader(task: "ei-reg", split: .train, classNames: []), elements: rows.flatMap { $0 },
      offsets: rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64($1.count)) },
      labels: rows.map { _ in 0 }, textIDs: rows.map { _ in 0 })
    var batch = Batch(shard: shard, indices: Array(rows.indices), maxLength: .max)
    batch.candidates = Candidates(
      words: try file.values("input.candidates"),
      corrections: try file.values("input.corrections"))
    let gradients = Gradients(parameters)
    let metrics = DataParallelRunner(parameters, microBatches: microBatches, threads: 1)
      .forwardBackward(
        batch, dropout: try GivenDropout(file), trainsWeights: true, into: gradients)
    let loss: [Double] = try file.values("out.loss")
    #expect(distance([R(metrics.loss) / R(metrics.rows)], loss) < tolerance)
    let names = file.names.filter { $0.hasPrefix("grad.") }.map { String($0.dropFirst(5)) }
    #expect(Set(names) == Set(gradients.specs.map(\.name) + ["embedding.weight"]))
    for name in names {
      let theirs: [Double] = try file.values("grad.\(name)")
      var ours = [R](repeating: 0, count: theirs.count)
      if let spec = gradients.specs.first(where: { $0.name == name }) {
        ours = Array(gradients.values.array[spec.range])
      } else {
        for (row, word) in gradients.words.enumerated() {
          for i in 0..<12 { ours[Int(word) * 12 + i] = gradients.vectors.start[row * 12 + i] }
        }
      }
      #expect(distance(ours, theirs) < tolerance, "\(name)")
    }
  }

  @Test func `prediction computes the loss of training among all words without dropout`() {
    let parameters = languageModel(as: Float.self)
    let shard = randomShard(rows: 70)
    var batch = Batch(shard: shard, indices: Array(0..<70), maxLength: 6)
    batch.candidates = .all(11)
    let runner = DataParallelRunner(parameters, microBatches: 2, threads: 2)
    let trained = runner.forwardBackward(
      batch, dropout: nil, trainsWeights: true, into: Gradients(parameters))
    let predicted = runner.predictWords(shard, maxLength: 6)
    #expect(abs(trained.loss - predicted.loss) < 1e-6 * predicted.loss)
    #expect(trained.rows == predicted.rows && trained.correct == predicted.correct)
    let alone = DataParallelRunner(parameters, microBatches: 1, threads: 1)
    #expect(alone.predictWords(shard, maxLength: 6) == predicted)
  }
}

/// The sample of words that a prediction is made among.
struct CandidateSamplerTests {
  private let counts = (0..<500).map { 20_000 / ($0 + 1) / ($0 + 1) }

  @Test func `the expected size is the given one, and frequent words are certain`() {
    for size in [20, 100, 400] {
      let probabilities = CandidateSampler(counts: counts, size: size).probabilities
      #expect(abs(probabilities.reduce(0, +) - Double(size)) < 1e-6)
      #expect(probabilities[0] == 1 && probabilities.allSatisfy { $0 > 0 && $0 <= 1 })
      #expect(zip(probabilities, probabilities.dropFirst()).allSatisfy(>=))
    }
    #expect(CandidateSampler(counts: counts, size: 20).probabilities[499] < 0.1)
  }

  @Test func `a sample as large as the vocabulary is all of it`() {
    let sample = CandidateSampler(counts: counts, size: 500).draw(PRNGKey(seed: 1))
    #expect(sample.words == Array(0..<500) && sample.corrections.allSatisfy { $0 == 0 })
  }

  @Test func `a sample follows from its key, and has each word once`() {
    let sampler = CandidateSampler(counts: counts, size: 100)
    let sample = sampler.draw(PRNGKey(seed: 1))
    #expect(sampler.draw(PRNGKey(seed: 1)).words == sample.words)
    #expect(sampler.draw(PRNGKey(seed: 2)).words != sample.words)
    #expect(Set(sample.words).count == sample.words.count)
  }

  @Test func `the denominator of the softmax is on average that of all words`() {
    let sampler = CandidateSampler(counts: counts, size: 100)
    let logits = noise(500, seed: 3).enumerated().map { $1 - log(Double($0 + 1)) }
    let exact = logits.reduce(0) { $0 + exp($1) }
    let estimates = (0..<1000).map { step in
      let sample = sampler.draw(PRNGKey(seed: 1).foldIn(step))
      return zip(sample.words, sample.corrections).reduce(0) { $0 + exp(logits[Int($1.0)] + $1.1) }
    }
    let mean = estimates.reduce(0, +) / 1000
    let deviation = (estimates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1000).squareRoot()
    // Five standard errors.
    #expect(abs(mean - exact) < 5 * deviation / 1000.0.squareRoot())
    #expect(deviation < 0.2 * exact)
  }
}
