import Foundation
import Support
import Testing
import TestSupport

@testable import DLNC
@testable import Training

/// Training on several processes, simulated by threads that exchange bytes.
struct DistributedTests {
  /// The messages between the processes.
  private final class Mailbox: Sendable {
    private struct MessageKey: Hashable {
      var from: Int
      var to: Int
      var number: Int
    }
    private let messages = Locked<[MessageKey: [UInt8]]>([:])

    func exchange(_ bytes: [UInt8], _ from: Int, _ to: Int, _ number: Int) -> [UInt8] {
      messages.withLock { $0[MessageKey(from: from, to: to, number: number)] = bytes }
      let awaited = MessageKey(from: to, to: from, number: number)
      while true {
        if let theirs = messages.withLock({ $0.removeValue(forKey: awaited) }) { return theirs }
        usleep(50)
      }
    }
  }

  private final class ThreadCommunicator: Communicator {
    let rank: Int, count: Int
    private let mailbox: Mailbox
    private let sent = Locked(0)

    init(_ rank: Int, of count: Int, _ mailbox: Mailbox) {
      (self.rank, self.count, self.mailbox) = (rank, count, mailbox)
    }

    func sendReceive(_ bytes: [UInt8], with partner: Int) -> [UInt8] {
      let number = sent.withLock { number in
        number += 1
        return number
      }
      return mailbox.exchange(bytes, rank, partner, number)
    }

    func sendReceive(
      _ bytes: UnsafeRawBufferPointer, into theirs: UnsafeMutableRawBufferPointer, with partner: Int
    ) {
      theirs.copyBytes(from: sendReceive(Array(bytes), with: partner))
    }

    func allReduceMax(_ number: Int) -> Int { number }
    func broadcast(_ bytes: Data?) -> Data? { bytes }
  }

  /// The parameters, word vectors and learning curve after training two tasks.
  private struct Trained: Equatable {
    var values: [Float]
    var vectors: [Float]
    var curve: LearningCurve
  }

  private static func train(_ communicator: any Communicator, microBatches: Int, threads: Int)
    throws
    -> Trained
  {
    var configuration = ModelConfiguration()
    (configuration.hidden, configuration.input, configuration.taskEmbedding) = (24, 10, 4)
    configuration.tasks = [
      TaskDescription(name: "a", classNames: ["x", "y", "z"], ownCell: false),
      TaskDescription(name: "b", classNames: ["x", "y"], ownCell: false),
    ]
    let parameters = Parameters<Float>(
      configuration, embedding: noise(11 * 10, seed: 1).map { Float($0) })
    parameters.initialize(parameters.layout.specs, seed: 1)
    let data = [
      TaskDataset(train: randomShard(rows: 90), validation: randomShard(rows: 30, seed: 8)),
      // The last batch has fewer rows than there are micro-batches.
      TaskDataset(
        train: randomShard(rows: 51, task: "b", classes: 2),
        validation: randomShard(rows: 20, task: "b", classes: 2, seed: 8)),
    ]
    var settings = TrainingSettings()
    (settings.batch, settings.epochs, settings.warmup, settings.microBatches) = (
      8, 2, 5, microBatches
    )
    (settings.wordDropout, settings.emaDecay) = (0.1, 0.9)
    let trainer = Trainer(
      parameters, data, settings, TrainingRun(threads: threads, communicator: communicator))
    let curve = try trainer.train(stage: "train")
    return Trained(
      values: parameters.values.array, vectors: parameters.embedding.array, curve: curve)
  }

  /// The same of a language model of two domains.
  private static func pretrain(
    _ communicator: any Communicator, microBatches: Int, threads: Int
  ) throws -> Trained {
    let parameters = languageModel(domains: ["a", "b"], hidden: 24, input: 10, as: Float.self)
    let data = [
      TaskDataset(train: randomShard(rows: 90), validation: randomShard(rows: 70, seed: 8)),
      TaskDataset(train: randomShard(rows: 51, task: "b"), validation: nil),
    ]
    var settings = TrainingSettings.pretraining
    (settings.batch, settings.microBatches) = (8, microBatches)
    let trainer = Trainer(
      parameters, data, settings, TrainingRun(threads: threads, communicator: communicator),
      sampler: CandidateSampler(counts: Array(1...11), size: 5))
    let curve = try trainer.train(stage: "pretrain")
    return Trained(
      values: parameters.values.array, vectors: parameters.embedding.array, curve: curve)
  }

  private typealias Training = @Sendable (any Communicator, Int, Int) throws -> Trained

  private static let trainings: [Training] = [
    { try train($0, microBatches: $1, threads: $2) },
    { try pretrain($0, microBatches: $1, threads: $2) },
  ]

  /// The results of `count` processes.
  private static func run(
    _ training: @escaping Training, processes count: Int, microBatches: Int
  ) throws -> [Trained] {
    let mailbox = Mailbox()
    let results = Locked<[Result<Trained, any Error>]>([])
    let communicators = (0..<count).map { ThreadCommunicator($0, of: count, mailbox) }
    let threads = communicators.map { communicator in
      Thread {
        let result = Result { try training(communicator, microBatches, 1) }
        results.withLock { $0.append(result) }
      }
    }
    threads.forEach { $0.start() }
    while results.withLock({ $0.count }) < count { usleep(1000) }
    return try results.withLock { try $0.map { try $0.get() } }
  }

  @Test(arguments: [0, 1])
  func `the numbers of threads and processes do not change the result`(index: Int) throws {
    let training = Self.trainings[index]
    let alone = try training(SingleProcess(), 4, 1)
    #expect(try training(SingleProcess(), 4, 2) == alone)
    for (count, alone) in [
      (2, alone), (4, alone), (8, try training(SingleProcess(), 8, 1)),
    ] {
      let results = try Self.run(training, processes: count, microBatches: count == 8 ? 8 : 4)
      #expect(results.count == count && results.allSatisfy { $0 == alone }, "\(count) processes")
    }
  }

  @Test(arguments: [(2, 1), (3, 4), (4, 2), (2, 6)])
  func `micro-batches that do not divide evenly are an error`(
    count: Int, microBatches: Int
  ) {
    let communicator = ThreadCommunicator(0, of: count, Mailbox())
    let error = #expect(throws: UserError.self) {
      try communicator.check(microBatches: microBatches)
    }
    #expect(error?.description.contains("powers of two") == true)
  }
}
