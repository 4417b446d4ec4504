import Foundation
import Synchronization

/// Asks a stage that can go on later to stop at the next good moment, instead of killing it.
public enum Interruption {
  private static let received = Atomic<Int32>(0)

  /// From now on the first SIGINT or SIGTERM asks; the second one kills.
  public static func listen() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.received.store(number, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }

  /// Lets the signals that ask for the end through, whatever mask was inherited: a program that is
  /// started from a worker thread may find them blocked, and would be deaf.
  public static func unblock() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// What to throw if a signal has asked for the end; nothing if none has.
  public static var request: Stopped? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : Stopped(signal: number)
  }
}

/// A stage was asked to stop and has kept what it had done. Its exit status is 128 and the signal.
public struct Stopped: Error, Sendable {
  /// The signal that asked.
  public var signal: Int32

  /// Asked by this signal.
  public init(signal: Int32) { self.signal = signal }
}
