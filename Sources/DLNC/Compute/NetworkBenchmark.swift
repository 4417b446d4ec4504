import Shards
import Support

/// A network with random parameters at work on given batches: what the benchmark times, the same
/// code that trains, fine-tunes and predicts.
public final class NetworkBenchmark {
  /// The kind of work.
  public enum Work: String, CaseIterable, Sendable {
    /// Forward, backward and Adam on every parameter, word vectors included.
    case train
    /// Forward, backward and Adam on what fine-tuning learns.
    case finetune
    /// Forward to probabilities.
    case infer
  }

  private let work: Work
  private let threads: Int
  private let network: DataParallelRunner<Float>
  private let gradients: Gradients<Float>
  private let adam: Adam<Float>
  private var step = 0

  /// A network of the paper's sizes.
  /// - Parameters:
  ///   - vocabulary: how many words there are.
  ///   - classes: how many classes the one task has.
  public init(_ work: Work, vocabulary: Int, classCount: Int, microBatches: Int, threads: Int) {
    self.work = work
    self.threads = threads
    var configuration = ModelConfiguration()
    configuration.tasks = [
      TaskDescription(
        name: "task", classNames: (0..<classCount).map { "class \($0)" }, ownCell: true,
        trainingData: TrainingDataDigest(splitScheme: "", rows: 0, sha256: ""))
    ]
    var stream = SplitMix64(PRNGKey(seed: 1))
    let vectors = (0..<vocabulary * configuration.input).map { _ in
      Float(2 * stream.uniform() - 1)
    }
    let parameters = Parameters<Float>(configuration, embedding: vectors)
    parameters.initialize(parameters.layout.specs, seed: 1)
    network = DataParallelRunner(
      parameters, microBatches: microBatches, threads: threads, isFrozen: work != .train)
    gradients = Gradients(parameters) { entry in work == .train || entry.owner != .shared }
    adam = Adam(parameters, trainsVectors: work == .train)
  }

  /// Does the work once on all rows of `shard`, whose task must be called `task`.
  /// - Returns: the mean loss.
  @discardableResult
  public func run(_ shard: TokenShard) -> Double {
    guard work != .infer else {
      return network.predict(shard, longest: .max).outcome.loss / Double(max(1, shard.count))
    }
    step += 1
    let outcome = network.learn(
      Batch(shard: shard, indices: Array(0..<shard.count), longest: .max),
      dropout: RandomDropout(key: PRNGKey(seed: step), perSequence: false),
      trainsWeights: work == .train, into: gradients)
    let factor = TrainingSettings().clipping(norm: gradients.norm(threads: threads))
    adam.step(gradients, rate: 1e-3, factor: factor, threads: threads)
    return outcome.loss / Double(max(1, shard.count))
  }
}
