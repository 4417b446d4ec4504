import Testing
import TestSupport

/// A command that must be rejected, with the complete message.
struct Refused {
  /// The program and its arguments, separated by spaces.
  var command: String
  var status: Int32
  /// The text on standard error; `*` matches any text.
  var message: String

  init(_ command: String, _ status: Int32, _ message: String) {
    self.command = command
    self.status = status
    self.message = message
  }

  /// An error in the command line itself, which ends with a reference to the help.
  static func usage(_ command: String, _ error: String) -> Refused {
    Refused(command, 64, "Error: \(error)\n*Usage: *\n")
  }

  /// Runs the command: it must end with the status and message, print no result, and change nothing.
  func check(in bench: TemporaryDirectory) throws {
    let words = command.split(separator: " ").map(String.init)
    let before = bench.names()
    let quiet = words[0] == "pipeline" ? [] : ["--quiet"]
    let run = try Project.run(words[0], Array(words.dropFirst()) + quiet, in: bench)
    #expect(run.status == status, "\(command): \(run.error)")
    #expect(run.error.matches(message), "\(command)\n\(run.error)")
    #expect(run.output == "", "\(command)")
    #expect(bench.names() == before, "\(command)")
  }
}

extension String {
  /// Whether this text matches `pattern`, in which `*` matches any text.
  fileprivate func matches(_ pattern: String) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count > 1, let first = parts.first, let last = parts.last else {
      return self == pattern
    }
    guard hasPrefix(first), dropFirst(first.count).hasSuffix(last) else { return false }
    var rest = dropFirst(first.count).dropLast(last.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let place = rest.firstRange(of: part) else { return false }
      rest = rest[place.upperBound...]
    }
    return true
  }
}
