import Foundation
import DLNC
import StageKit
import Safetensors
import Support

extension TrainingOptions {
  /// Shows in the log how far a training has come, how fast it is, and when it will be done.
  public func watcher(_ log: Log) -> (StepReport) -> Void {
    let start = ContinuousClock.now
    var pace = Pace()
    return { moment in
      pace.count(moment)
      log.status(pace.line(moment, after: (ContinuousClock.now - start) / .seconds(1)))
    }
  }

  /// Keeps the state of a training beside its output, every so many seconds and when a signal asks
  /// for the end. The first process of a crew does so for all, and all stop at the same step.
  public func keeper(_ continuation: CheckpointFile, _ log: Log) -> Checkpointer {
    let crew = Processes.crew
    let leads = crew.rank == 0
    Interruption.listen()
    let clock = ContinuousClock()
    var last = clock.now
    let period = Duration.seconds(checkpointSeconds)
    return Checkpointer(
      load: {
        let file = crew.share(leads ? continuation.load()?.bytes : nil).flatMap {
          try? SafetensorsFile(bytes: $0, path: "the state of an interrupted run")
        }
        if file != nil { log.info("going on where an earlier run was interrupted") }
        return file
      },
      save: {
        guard leads else { return }
        try continuation.save($0)
        last = clock.now
      },
      isDue: { _ in leads && clock.now - last >= period },
      request: {
        let signal = crew.greatest(Int(Interruption.request?.signal ?? 0))
        return signal == 0 ? nil : Stopped(signal: Int32(signal))
      })
  }
}
