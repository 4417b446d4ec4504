import DLNC
import Safetensors
import StageKit
import Support

extension TrainingOptions {
  /// Returns a training run on this process's threads and all processes, with progress and
  /// checkpoints.
  /// - Parameter file: the checkpoint file; nil in a worker process.
  public func run(_ file: CheckpointFile?, _ log: Log) -> TrainingRun {
    var run = TrainingRun(
      threads: threads, communicator: DistributedContext.communicator,
      checkpointer: checkpointer(file, log))
    run.onStep = progressReporter(log)
    return run
  }

  /// Returns a function that shows the progress of a training, its speed and the time left.
  public func progressReporter(_ log: Log) -> (StepReport) -> Void {
    let start = ContinuousClock.now
    var meter = ThroughputMeter()
    return { step in
      meter.count(step)
      log.status(meter.line(step, after: (ContinuousClock.now - start) / .seconds(1)))
    }
  }

  /// Returns a checkpointer that saves the state of a training periodically and when a signal asks
  /// the process to stop. The leader saves and loads for all processes, and all stop at the same
  /// step.
  /// - Parameter file: the checkpoint file; nil in a worker process.
  public func checkpointer(_ file: CheckpointFile?, _ log: Log) -> Checkpointer {
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

/// Measures the speed of a training since this process started it, and estimates the time left.
struct ThroughputMeter {
  private var rows = 0
  private var steps = 0

  /// Counts a step.
  mutating func count(_ step: StepReport) {
    rows += step.rows
    steps += 1
  }

  /// Returns a line of progress. The most important part comes first, because a narrow terminal cuts
  /// the end.
  /// - Parameter seconds: the duration of the steps that were counted.
  func line(_ step: StepReport, after seconds: Double) -> String {
    let seconds = max(seconds, 1e-3)
    let secondsLeft = seconds / Double(max(1, steps)) * Double(step.steps - step.step)
    let done = Double(step.step) / Double(max(1, step.steps))
    return [
      "epoch \(step.epoch)/\(step.epochs)", "\(NumberFormat.percent(done, 0)) %",
      "\(NumberFormat.duration(secondsLeft)) left", "loss \(NumberFormat.fixed(step.loss, 3))",
      "\(percent(step.accuracy)) right",
      "\(NumberFormat.grouped(Int(Double(rows) / seconds))) rows/s",
      "rate \(NumberFormat.fixed(step.rate, 5))",
    ].joined(separator: ", ")
  }
}
