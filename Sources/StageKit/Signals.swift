import Foundation
import Synchronization

/// Lets a stage that can resume later stop at a convenient moment instead of being killed.
public enum SignalHandler {
  private static let received = Atomic<Int32>(0)

  /// Starts to handle SIGINT and SIGTERM. The first signal sets ``interruption``; the second one
  /// ends the process.
  public static func start() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        SignalHandler.received.store(number, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }

  /// The error to throw if a signal has arrived; nil otherwise.
  public static var interruption: Interrupted? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : Interrupted(signal: number)
  }
}

/// A stage stopped because of a signal and has saved its state. The exit status is 128 plus the
/// signal.
public struct Interrupted: Error, Sendable {
  /// The number of the signal.
  public var signal: Int32

  /// Creates the error for a signal.
  public init(signal: Int32) { self.signal = signal }
}

/// Ends a stage when the runner that started it ends.
///
/// The runner gives its stages one end of a pipe as standard input and announces that in an
/// environment variable. When the runner ends, for whatever reason, the pipe closes and the stage
/// terminates, so that no orphan writes an output that the next run wants to write.
enum ParentWatchdog {
  /// The variable that announces the pipe; its value is `stdin`.
  static let variable = "STAGE_LIFELINE"

  /// Starts to watch, if there is a pipe.
  static func start() {
    guard ProcessInfo.processInfo.environment[variable] == "stdin" else { return }
    Thread.detachNewThread {
      var byte: UInt8 = 0
      while true {
        let count = read(STDIN_FILENO, &byte, 1)
        if count == 0 || (count < 0 && errno != EINTR) { break }
      }
      kill(getpid(), SIGTERM)
    }
  }
}
