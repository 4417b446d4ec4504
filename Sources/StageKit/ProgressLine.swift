import Foundation
import Synchronization
import Support

/// A line that says how far work has come: on a terminal the last line, written anew each time; in a
/// log a plain line now and then. Whatever else goes to standard error takes its place.
final class ProgressLine: Sendable {
  /// That of this program's standard error.
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
    var last = ContinuousClock.now
  }

  /// - Parameters:
  ///   - isTerminal: whether the line can be written anew; otherwise no control code is written.
  ///   - period: the least time from one line to the next, and to the first.
  init(isTerminal: Bool, period: Duration, write: @escaping @Sendable (String) -> Void) {
    (self.isTerminal, self.period, self.write) = (isTerminal, period, write)
    state = Mutex(State())
  }

  /// Shows the line that `text` gives, if it is time for one.
  func show(_ text: () -> String) {
    state.withLock { state in
      guard ContinuousClock.now - state.last >= period else { return }
      state.last = .now
      state.isShown = isTerminal
      let line = escapingControlCharacters(text())
      write(isTerminal ? "\r\(Self.cut(line, to: width - 1))\u{1B}[K" : line + "\n")
    }
  }

  /// Clears the line away, if there is one.
  func clear() {
    state.withLock { state in
      if state.isShown { write("\r\u{1B}[K") }
      state.isShown = false
    }
  }

  private static func cut(_ line: String, to limit: Int) -> String {
    line.count <= limit ? line : line.prefix(max(0, limit - 1)) + "…"
  }

  /// How many characters a line of the terminal holds. A longer one would not be written over.
  private var width: Int {
    var size = winsize()
    let isKnown = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1
    return isKnown ? Int(size.ws_col) : 80
  }
}
