import Foundation
import Synchronization
import Tensors

/// A line that says how far work has come: on a terminal the last line, written anew each time; in a
/// log a plain line now and then. Whatever else goes to standard error takes its place.
final class StatusLine: Sendable {
  /// That of this program's standard error.
  static let standardError = StatusLine()

  private let isTerminal: Bool
  private let period: Duration
  private let state: Mutex<State>

  private struct State {
    var isShown = false
    var last = ContinuousClock.now
  }

  private init() {
    isTerminal =
      isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    period = isTerminal ? .milliseconds(100) : .seconds(30)
    state = Mutex(State())
  }

  /// Shows the line that `text` gives, if it is time for one.
  func show(_ text: () -> String) {
    state.withLock { state in
      guard ContinuousClock.now - state.last >= period else { return }
      state.last = .now
      state.isShown = isTerminal
      let line = printable(text())
      write(isTerminal ? "\r\(line.prefix(width - 1))\u{1B}[K" : line + "\n")
    }
  }

  /// Clears the line away, if there is one.
  func clear() {
    state.withLock { state in
      if state.isShown { write("\r\u{1B}[K") }
      state.isShown = false
    }
  }

  /// How many characters a line of the terminal holds. A longer one would not be written over.
  private var width: Int {
    var size = winsize()
    let isKnown = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1
    return isKnown ? Int(size.ws_col) : 80
  }

  private func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
