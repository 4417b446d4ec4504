import Foundation
import Support
import Synchronization

/// The number of processors to use: those that Slurm gave the job, or else those of the machine.
public var processorCount: Int {
  let given = ProcessInfo.processInfo.environment["SLURM_CPUS_PER_TASK"].flatMap { Int($0) }
  if let given, (1...1024).contains(given) { return given }
  return ProcessInfo.processInfo.activeProcessorCount
}

/// Makes standard streams and signals safe to use, however the program was started. Call this
/// before any file is opened.
///
/// - A closed stream is replaced by `/dev/null`; otherwise the next file to be opened would get its
///   number, and printed text would end up in that file.
/// - Writing to a pipe without a reader, as in `… | head`, fails instead of ending the program; so
///   does writing beyond a limit on the size of files.
/// - Signals are unblocked: a program that was started from a worker thread may inherit a mask.
public func prepareProcess() {
  for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) < 0 {
    // A new file gets the lowest free number, and the streams are tried in order.
    _ = open("/dev/null", O_RDWR)
  }
  signal(SIGPIPE, SIG_IGN)
  signal(SIGXFSZ, SIG_IGN)
  var signals = sigset_t()
  sigemptyset(&signals)
  for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
  pthread_sigmask(SIG_UNBLOCK, &signals, nil)
}

/// Writes text to standard error in place of the ``ProgressLine``. Errors are ignored.
/// - Parameter wraps: whether lines are broken to fit a terminal; a command line that is pasted is not.
public func writeToStandardError(_ text: String, wraps: Bool = true) {
  ProgressLine.standardError.clear()
  let text = wraps ? Terminal.fitted(text, to: STDERR_FILENO) : text
  try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
}

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

  /// Whether a runner started this process.
  static var isActive: Bool {
    ProcessInfo.processInfo.environment[variable] == "stdin"
  }

  /// Whether a descriptor is the pipe that is watched.
  static func watches(_ descriptor: Int32) -> Bool {
    var (pipe, other) = (stat(), stat())
    return isActive && fstat(STDIN_FILENO, &pipe) == 0 && fstat(descriptor, &other) == 0
      && (pipe.st_dev, pipe.st_ino) == (other.st_dev, other.st_ino)
  }

  /// Starts to watch, if there is a pipe.
  static func start() {
    guard isActive else { return }
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

/// Text for a terminal.
package enum Terminal {
  /// The width in characters of the terminal that a descriptor is; nil if it is none.
  package static func width(_ descriptor: Int32) -> Int? {
    var size = winsize()
    guard isatty(descriptor) == 1 else { return nil }
    let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1
    return isKnown ? Int(size.ws_col) : 80
  }

  /// The text for a descriptor. On a terminal, long lines are broken between words, not within them;
  /// files get the lines as they are.
  package static func fitted(_ text: String, to descriptor: Int32) -> String {
    guard let width = width(descriptor) else { return text }
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .flatMap { wrapped(String($0), width: width, indent: 4) }.joined(separator: "\n")
  }
}
