import Foundation
import Subprocess
import Support

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

extension Command {
  /// What a command printed, and how it ended.
  struct Answer: Sendable {
    var status: TerminationStatus
    var output: Data
    var error: String
  }

  /// Runs the command to its end and collects what it prints.
  /// - Throws: ``UserError`` of kind `unavailable` if it cannot be run.
  func answer() async throws -> Answer {
    try await spawning {
      let result = try await Subprocess.run(
        .path(FilePath(executable)), arguments: Arguments(arguments), input: .none,
        output: .bytes(limit: 16 << 20), error: .string(limit: 1 << 20))
      return Answer(
        status: result.terminationStatus, output: Data(result.standardOutput),
        error: result.standardError)
    }
  }

  /// Runs the command in a process group of its own, so that a key pressed in the terminal reaches
  /// it through ``ChildProcesses`` and not a second time from the system.
  /// - Parameter line: receives what the command prints, line by line; without it the command
  ///   writes to our standard error; its results are for nobody if `verbosity` is `quiet`.
  /// - Throws: ``UserError`` of kind `unavailable` if it cannot be run.
  func run(
    among children: ChildProcesses, _ verbosity: Verbosity = .normal,
    line: (@Sendable (String) -> Void)?
  ) async throws -> TerminationStatus {
    var options = PlatformOptions()
    options.processGroupID = 0
    let configuration = Configuration(
      executable: .path(FilePath(executable)), arguments: Arguments(arguments),
      environment: .inherit.updating(["STAGE_LIFELINE": "stdin"]), platformOptions: options)
    return try await spawning {
      let (pid, status): (pid_t, TerminationStatus)
      if let line {
        let result = try await Subprocess.run(
          configuration, input: children.lifeline, output: .sequence, error: .combinedWithOutput
        ) { child in
          children.add(child.processIdentifier.value)
          let lines = child.standardOutput.strings(
            separatedBy: .unicodeScalarSequence("\n".unicodeScalars), bufferingPolicy: .unbounded)
          for try await text in lines { line(text) }
        }
        (pid, status) = (result.processIdentifier.value, result.terminationStatus)
      } else if verbosity == .quiet {
        let result = try await Subprocess.run(
          configuration, input: children.lifeline, output: .discarded, error: .currentStandardError
        ) { children.add($0.processIdentifier.value) }
        (pid, status) = (result.processIdentifier.value, result.terminationStatus)
      } else {
        let result = try await Subprocess.run(
          configuration, input: children.lifeline, output: .currentStandardError,
          error: .currentStandardError
        ) { children.add($0.processIdentifier.value) }
        (pid, status) = (result.processIdentifier.value, result.terminationStatus)
      }
      children.remove(pid)
      return status
    }
  }

  private func spawning<Result>(_ body: () async throws -> Result) async throws -> Result {
    do { return try await body() } catch let error as SubprocessError {
      throw UserError(
        .unavailable, at: executable, problem: "cannot be run: \(error)",
        hint: "build it again: swift build")
    }
  }
}
