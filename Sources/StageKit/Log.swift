import Foundation
import Logging
import Safetensors
import Support

/// What a stage says while it works: lines on standard error, never on standard output.
public struct Log: Sendable {
  /// How much is said.
  public enum Level: Sendable {
    /// Warnings only.
    case warnings
    /// Warnings and progress.
    case normal
    /// Everything.
    case details
  }

  private let logger: Logger

  /// A log that begins each line with the stage's name.
  public init(level: Level, stage: String) {
    var logger = Logger(label: stage) { LineHandler(label: $0) }
    logger.logLevel =
      switch level {
      case .warnings: .warning
      case .normal: .info
      case .details: .debug
      }
    self.logger = logger
  }

  /// Something that the reader should look at.
  public func warning(_ text: @autoclosure () -> String) { logger.warning("\(text())") }
  /// Progress.
  public func info(_ text: @autoclosure () -> String) { logger.info("\(text())") }
  /// How far the work has come: the last line of a terminal, or a line now and then. May be called
  /// as often as there is something to say; the text is only made when it is shown.
  public func status(_ text: @autoclosure () -> String) {
    guard logger.logLevel <= .info else { return }
    ProgressLine.standardError.show { "\(logger.label): \(text())" }
  }
  /// A detail.
  public func detail(_ text: @autoclosure () -> String) { logger.debug("\(text())") }
}

/// Writes each message as one line `stage: message` to standard error.
private struct LineHandler: LogHandler {
  let label: String
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let mark = event.level >= .warning ? "warning: " : ""
    writeToStandardError("\(label): \(mark)\(escapingControlCharacters("\(event.message)"))")
  }
}
