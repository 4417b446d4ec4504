import ArgumentParser
import DLNC
import Safetensors
import StageKit
import Support
import Training

extension ProductPrecision: ExpressibleByArgument {}

/// The precisions of matrix products that a network can be trained with.
enum TrainingPrecision: String, CaseIterable, Encodable, ExpressibleByArgument {
  case float32, bf16
}

/// The flags of every stage that trains a network: how a run shares its work and can be resumed.
public struct RunOptions: ParsableArguments {
  @Option(help: "The number of micro-batches that a batch is split into, for the threads to share.")
  var microBatches = TrainingSettings().microBatches

  /// The seed of all random numbers.
  @Option(help: "The seed of all random numbers. (default: 1)", transform: wholeNumber)
  public var seed = TrainingSettings().seed

  /// The number of threads.
  @Option(help: "The number of threads; does not change the result. By default one per processor.")
  public var threads = processorCount

  @Option(
    help: ArgumentHelp(
      "The precision of matrix products: float32, or bf16, which takes less time. (default: float32)",
      discussion: "Sums, parameters and the state of the optimizer are in single precision."))
  var precision: TrainingPrecision?

  @Option(help: "Save the state for resuming after an interruption every this many seconds.")
  var checkpointSeconds = 60.0

  /// The properties that are no settings of a training.
  public static let unrelated: Set<String> = ["threads", "checkpointSeconds"]

  /// Required by ArgumentParser.
  public init() {}

  /// Checks the ranges of the values.
  /// - Throws: `ValidationError`, which becomes exit status 64.
  public func validate() throws {
    try validate(ranges: [
      "microBatches": .integers(1...256), "threads": .integers(1...1024),
      "checkpointSeconds": .nonNegative,
    ])
  }

  /// Returns a training run on this process's threads and all processes, with progress and
  /// checkpoints.
  /// - Parameters:
  ///   - output: the folder for checkpoints and the learning curve; nil in a worker process.
  ///   - predictsWords: whether a language model is trained.
  ///   - line: returns the line that is logged after an epoch.
  /// - Throws: ``UserError`` with exit status `io`.
  public func start(
    _ output: AtomicDirectory?, _ log: Log, predictsWords: Bool = false,
    line: @escaping (LearningCurve, Int) -> String
  ) throws -> TrainingRun {
    var run = TrainingRun(
      threads: threads, communicator: DistributedContext.communicator,
      checkpointer: checkpointer(try output?.checkpoint, log))
    run.onStep = progressReporter(log, predictsWords: predictsWords)
    run.onEpoch = { curve, epoch in
      try output?.write(curve)
      log.info(line(curve, epoch))
    }
    return run
  }

  /// Returns a function that shows the progress of a training, its speed and the time left, from the
  /// second step on: what happens before the first one, such as the fit of n-gram layers, may take minutes.
  private func progressReporter(_ log: Log, predictsWords: Bool) -> (StepReport) -> Void {
    var start: ContinuousClock.Instant?
    var meter = ThroughputMeter(predictsWords: predictsWords)
    return { step in
      guard let start else {
        start = .now
        return
      }
      meter.count(step)
      log.status(meter.line(step, after: (ContinuousClock.now - start) / .seconds(1)))
    }
  }

  /// Returns a checkpointer that saves the state of a training periodically and when a signal asks
  /// the process to stop. The leader saves and loads for all processes, and all stop at the same
  /// step.
  /// - Parameter file: the checkpoint file; nil in a worker process.
  private func checkpointer(_ file: CheckpointFile?, _ log: Log) -> Checkpointer {
    let communicator = DistributedContext.communicator
    SignalHandler.start()
    let clock = ContinuousClock()
    var lastSave = clock.now
    let period = Duration.seconds(checkpointSeconds)
    return Checkpointer(
      load: {
        let saved = try file?.claim { log.warning($0) }
        if let saved { log.notice("resuming at \(saved.position)") }
        return communicator.broadcast(saved?.file.bytes).flatMap {
          try? SafetensorsFile(bytes: $0, path: "the state of an interrupted run")
        }
      },
      save: {
        guard let file else { return }
        try file.save($0)
        lastSave = clock.now
      },
      isDue: { _ in file != nil && clock.now - lastSave >= period },
      stopError: {
        let signal = communicator.allReduceMax(Int(SignalHandler.interruption?.signal ?? 0))
        return signal == 0 ? nil : Interrupted(signal: Int32(signal))
      })
  }
}
