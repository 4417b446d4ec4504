import Foundation
import Logging
import Support
import Synchronization

/// Messages of a stage while it works: lines on standard error, never on standard output.
public struct Log: Sendable {
  /// The amount of messages.
  public enum Level: Sendable {
    /// Warnings only.
    case warnings
    /// Warnings, notices and the progress line.
    case normal
    /// Everything.
    case details
  }

  private let logger: Logger

  /// Creates a log whose lines begin with the name of the stage.
  public init(level: Level, stage: String) {
    var logger = Logger(label: stage) { LineHandler(label: $0) }
    logger.logLevel =
      switch level {
      case .warnings: .warning
      case .normal: .notice
      case .details: .debug
      }
    self.logger = logger
  }

  /// Writes a message that needs attention.
  public func warning(_ text: @autoclosure () -> String) { logger.warning("\(text())") }
  /// Writes a message that users want to see.
  public func notice(_ text: @autoclosure () -> String) { logger.notice("\(text())") }
  /// Writes a message about progress, which the details include.
  public func info(_ text: @autoclosure () -> String) { logger.info("\(text())") }
  /// Writes a detail.
  public func detail(_ text: @autoclosure () -> String) { logger.debug("\(text())") }

  /// Updates the progress line: the last line of a terminal, or a line in a file every half minute.
  /// May be called as often as convenient; the text is only made when it is shown.
  public func status(_ text: @autoclosure () -> String) {
    guard logger.logLevel <= .notice else { return }
    ProgressLine.standardError.show { "\(logger.label): \(text())" }
  }

  /// Returns a function that shows how much of a file has been read, how fast, and the time left.
  public func reading(_ path: String) -> @Sendable (_ done: Int64, _ size: Int64) -> Void {
    let stopwatch = Stopwatch()
    let name = path.count > 40 ? "…\(path.suffix(39))" : path
    return { done, size in
      let seconds = stopwatch.seconds
      status("\(name): \(readingProgress(done, of: size, after: seconds))")
    }
  }
}

/// Measures the time since it was first asked: a stage can do other work before it reads a file.
private final class Stopwatch: Sendable {
  private let start = Mutex<ContinuousClock.Instant?>(nil)

  /// The seconds since the first call.
  var seconds: Double {
    start.withLock { start in
      let first = start ?? .now
      start = first
      return (ContinuousClock.now - first) / .seconds(1)
    }
  }
}

/// Writes each message as one line `stage: message` to standard error, and each warning once.
private struct LineHandler: LogHandler {
  private static let warnings = Mutex<Set<String>>([])

  let label: String
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let isWarning = event.level >= .warning
    let line =
      "\(label): \(isWarning ? "warning: " : "")\(escapingControlCharacters("\(event.message)"))"
    guard !isWarning || Self.warnings.withLock({ $0.insert(line).inserted }) else { return }
    writeToStandardError(line)
  }
}

func readingProgress(_ done: Int64, of size: Int64, after seconds: Double) -> String {
  let fraction = min(1, Double(max(0, done)) / Double(max(1, size)))
  let rate = Double(done) / max(seconds, 1e-3)
  let secondsLeft = rate > 0 ? Double(max(0, size - done)) / rate : .infinity
  return "\(NumberFormat.percent(fraction, 0)) % of \(NumberFormat.bytes(Int(size))) read, "
    + "\(NumberFormat.duration(secondsLeft)) left, \(NumberFormat.fixed(rate / 1e6, 1)) MB/s"
}

/// A line of progress: on a terminal the last line, rewritten each time; in a file a plain line now
/// and then. Other output to standard error replaces it.
final class ProgressLine: Sendable {
  /// The line of this process's standard error.
  static let standardError: ProgressLine = {
    let isTerminal =
      isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    return ProgressLine(
      isTerminal: isTerminal, period: isTerminal ? .milliseconds(100) : .seconds(30)
    ) { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) }
  }()

  private let isTerminal: Bool
  private let period: Duration
  private let write: @Sendable (String) -> Void
  private let state: Mutex<State>

  private struct State {
    var isShown = false
    var lastUpdate = ContinuousClock.now
  }

  /// - Parameters:
  ///   - isTerminal: whether the line can be rewritten; otherwise no control code is written.
  ///   - period: the shortest time between two lines, and before the first one.
  init(isTerminal: Bool, period: Duration, write: @escaping @Sendable (String) -> Void) {
    (self.isTerminal, self.period, self.write) = (isTerminal, period, write)
    state = Mutex(State())
  }

  /// Shows a line, if the period has passed.
  func show(_ text: () -> String) {
    state.withLock { state in
      guard ContinuousClock.now - state.lastUpdate >= period else { return }
      state.lastUpdate = .now
      state.isShown = isTerminal
      let line = escapingControlCharacters(text())
      write(
        isTerminal
          ? "\r\(Self.shortened(line, to: (Terminal.width(STDERR_FILENO) ?? 80) - 1))\u{1B}[K"
          : line + "\n")
    }
  }

  /// Removes the line, if there is one.
  func clear() {
    state.withLock { state in
      if state.isShown { write("\r\u{1B}[K") }
      state.isShown = false
    }
  }

  /// The parts of a line, separated by commas, that fit: a longer line would wrap and not be
  /// overwritten.
  static func shortened(_ line: String, to limit: Int) -> String {
    var parts = line.components(separatedBy: ", ")
    while parts.count > 1, parts.joined(separator: ", ").count > limit { parts.removeLast() }
    let line = parts.joined(separator: ", ")
    return line.count <= limit ? line : line.prefix(max(0, limit - 1)) + "…"
  }
}
