import DLNC
import Shards
import Support

/// A network with random parameters that `bench` times on given batches, with the code that trains,
/// fine-tunes and predicts.
package final class NetworkBenchmark {
  /// The kind of work.
  package enum Work: String, CaseIterable, Sendable {
    /// Forward, backward and Adam on every parameter, word vectors included.
    case train
    /// Forward, backward and Adam on the parameters that fine-tuning trains.
    case finetune
    /// Forward to probabilities.
    case infer
    /// Forward, backward and Adam as a language model, among ``candidates`` words.
    case pretrain
  }

  /// The expected number of words among which the next one is predicted.
  package static let candidates = 1024

  private let work: Work
  private let threads: Int
  private let network: DataParallelRunner<Float>
  private let gradients: Gradients<Float>
  private let adam: Adam<Float>
  /// The sampler of a language model.
  private let sampler: CandidateSampler?
  private var step = 0

  /// A network of the paper's sizes.
  /// - Parameters:
  ///   - vocabulary: the number of words.
  ///   - classCount: the number of classes of its only task.
  package init(
    _ work: Work, vocabulary: Int, classCount: Int, precision: ProductPrecision, microBatches: Int,
    threads: Int
  ) {
    self.work = work
    self.threads = threads
    let predictsWords = work == .pretrain
    var configuration: ModelConfiguration = predictsWords ? .pretraining : ModelConfiguration()
    configuration.outputWords = predictsWords ? vocabulary : nil
    configuration.tasks = [
      TaskDescription(
        name: "task", classNames: (0..<(predictsWords ? 0 : classCount)).map { "class \($0)" },
        ownCell: true,
        trainingData: TrainingDataDigest(splitScheme: "", rows: 0, sha256: ""))
    ]
    var stream = SplitMix64(PRNGKey(seed: 1))
    let vectors = (0..<vocabulary * configuration.input).map { _ in
      Float(2 * stream.uniform() - 1)
    }
    let parameters = Parameters<Float>(configuration, embedding: vectors)
    parameters.initialize(parameters.layout.specs, seed: 1)
    network = DataParallelRunner(
      parameters, microBatches: microBatches, threads: threads, isFrozen: !work.trainsWeights,
      isConstant: work == .infer, precision: precision)
    gradients = Gradients(parameters) { entry in work.trainsWeights || entry.owner != .shared }
    adam = Adam(parameters, trainsVectors: work.trainsWeights, threads: threads)
    // The frequencies of Zipf's law.
    sampler =
      predictsWords
      ? CandidateSampler(
        counts: (1...max(1, vocabulary)).map { 1_000_000 / $0 }, size: Self.candidates) : nil
  }

  /// Does the work once on all rows of `shard`, a shard of the task `task`.
  /// - Returns: the mean loss.
  @discardableResult
  package func run(_ shard: TokenShard) -> Double {
    guard work != .infer else {
      return network.predict(shard, maxLength: .max).metrics.loss / Double(max(1, shard.count))
    }
    step += 1
    var batch = Batch(shard: shard, indices: Array(0..<shard.count), maxLength: .max)
    batch.candidates = sampler?.draw(PRNGKey(seed: step))
    let metrics = network.forwardBackward(
      batch, dropout: RandomDropout(key: PRNGKey(seed: step), perSequence: work == .pretrain),
      trainsWeights: work.trainsWeights, into: gradients)
    let scale = TrainingSettings().gradientScale(norm: gradients.norm(threads: threads))
    adam.step(gradients, rate: 1e-3, scale: scale)
    return metrics.loss / Double(max(1, shard.count))
  }
}

extension NetworkBenchmark.Work {
  /// Whether it changes the encoder's weights and the word vectors.
  fileprivate var trainsWeights: Bool { self == .train || self == .pretrain }
}
