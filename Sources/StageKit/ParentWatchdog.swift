import Foundation

/// Ties a stage to the runner that started it.
///
/// A runner gives its stages one end of a pipe as standard input and says so in the environment.
/// When the runner dies, however that happens, the pipe ends, and the stage ends itself: it is
/// never left behind, writing an output that the next run wants to write.
enum ParentWatchdog {
  /// The variable that says that standard input is the lifeline; its value is `stdin`.
  static let variable = "STAGE_LIFELINE"

  /// Begins to watch, if there is a lifeline.
  static func watch() {
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
