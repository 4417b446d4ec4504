import Shards
import Support

/// A network with random parameters that `bench` times on given batches. It is here, next to the code
/// that trains, fine-tunes and predicts, so that the compiler specialises that code for it.
package final class NetworkBenchmark {
  /// The kind of work.
  package enum Work: String, CaseIterable, Sendable {
    /// Forward, backward and Adam on every parameter, word vectors included.
    case train
    /// Forward, backward and Adam on the parameters that fine-tuning trains.
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
  ///   - vocabulary: the number of words.
  ///   - classCount: the number of classes of its only task.
  package init(_ work: Work, vocabulary: Int, classCount: Int, microBatches: Int, threads: Int) {
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
    adam = Adam(parameters, trainsVectors: work == .train, threads: threads)
  }

  /// Does the work once on all rows of `shard`, a shard of the task `task`.
  /// - Returns: the mean loss.
  @discardableResult
  package func run(_ shard: TokenShard) -> Double {
    guard work != .infer else {
      return network.predict(shard, maxLength: .max).metrics.loss / Double(max(1, shard.count))
    }
    step += 1
    let metrics = network.forwardBackward(
      Batch(shard: shard, indices: Array(0..<shard.count), maxLength: .max),
      dropout: RandomDropout(key: PRNGKey(seed: step), perSequence: false),
      trainsWeights: work == .train, into: gradients)
    let scale = TrainingSettings().gradientScale(norm: gradients.norm(threads: threads))
    adam.step(gradients, rate: 1e-3, scale: scale)
    return metrics.loss / Double(max(1, shard.count))
  }
}
