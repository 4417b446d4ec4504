import Synchronization

/// The output of a job, of which only a part is reported when it has ended.
final class CollectedOutput: Sendable {
  private let content = Mutex<[String]>([])

  var lines: [String] { content.withLock { $0 } }

  func append(_ line: String) { content.withLock { $0.append(line) } }
}

/// The warnings of jobs that differ in the fold only, each of which is reported once.
final class ReportedWarnings: Sendable {
  private let known = Mutex<Set<String>>([])

  /// Whether a line is a warning of a stage and was not asked for before.
  func isNewWarning(_ line: String) -> Bool {
    line.contains(#/^[a-z-]+: warning: /#) && known.withLock { $0.insert(line).inserted }
  }
}
