import Foundation
import Network
import Stage
import Tensors

extension TrainingOptions {
  /// Keeps the state of a training beside its output, every so many seconds and when a signal asks
  /// for the end.
  public func keeper(_ continuation: Continuation, _ log: Log) -> ProgressKeeper {
    Interruption.listen()
    let clock = ContinuousClock()
    var last = clock.now
    let period = Duration.seconds(checkpointSeconds)
    return ProgressKeeper(
      load: {
        let file = continuation.load()
        if file != nil { log.info("going on where an earlier run was interrupted") }
        return file
      },
      save: {
        try continuation.save($0)
        last = clock.now
      },
      isDue: { _ in clock.now - last >= period }, request: { Interruption.request })
  }
}
