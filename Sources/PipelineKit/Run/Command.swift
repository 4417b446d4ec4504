import Foundation
import Subprocess
import Support

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// A program and its arguments.
public struct Command: Equatable, Sendable {
  /// The path of the program.
  let executable: String
  /// The arguments, without the program's name.
  var arguments: [String]

  /// The command line for a POSIX shell.
  public var line: String { ([executable] + arguments).map(shellQuoted).joined(separator: " ") }

  /// The command with another argument at the end.
  func adding(_ argument: String) -> Command {
    Command(executable: executable, arguments: arguments + [argument])
  }
}

/// `text` as one word of a POSIX shell. Control characters are written in the `$'…'` of bash, ksh
/// and zsh, so that a printed line cannot control the terminal.
func shellQuoted(_ text: String) -> String {
  let safe = "_@%+=:,./-".unicodeScalars
  let scalars = text.unicodeScalars
  if !scalars.isEmpty, scalars.allSatisfy({ $0.isASCIIAlphanumeric || safe.contains($0) }) {
    return text
  }
  guard scalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
    return "'" + text.replacing("'", with: "'\\''") + "'"
  }
  let bytes = text.utf8.map { byte in
    switch byte {
    case UInt8(ascii: "'"), UInt8(ascii: "\\"): "\\" + String(Unicode.Scalar(byte))
    case 0x20..<0x7F: String(Unicode.Scalar(byte))
    default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }
  return "$'" + bytes.joined() + "'"
}

/// The output of a command, and how it ended.
struct CommandResult: Sendable {
  let status: TerminationStatus
  let output: Data
  let error: String
}

// MARK: - Running

extension Command {
  /// Runs the command and collects its output.
  /// - Throws: ``UserError`` with exit status `unavailable` if it cannot be run.
  func result() async throws -> CommandResult {
    try await spawning {
      let result = try await Subprocess.run(
        .path(FilePath(executable)), arguments: Arguments(arguments), input: .none,
        output: .bytes(limit: 16 << 20), error: .string(limit: 1 << 20))
      return CommandResult(
        status: result.terminationStatus, output: Data(result.standardOutput),
        error: result.standardError)
    }
  }

  /// Runs the command as one of `children`, in a separate process group.
  /// - Parameters:
  ///   - discardsOutput: whether standard output is discarded rather than written to our standard
  ///     error.
  ///   - onLine: receives each line of the command's output, which is then written nowhere else.
  /// - Throws: ``UserError`` with exit status `unavailable` if it cannot be run.
  func run(
    among children: ChildProcesses, discardsOutput: Bool, onLine: (@Sendable (String) -> Void)?
  ) async throws -> TerminationStatus {
    var options = PlatformOptions()
    options.processGroupID = 0
    let configuration = Configuration(
      executable: .path(FilePath(executable)), arguments: Arguments(arguments),
      environment: .inherit.updating(["STAGE_LIFELINE": "stdin"]), platformOptions: options)
    return try await spawning {
      guard let onLine else {
        let output: FileDescriptorOutput =
          discardsOutput
          ? .fileDescriptor(try .open("/dev/null", .writeOnly), closeAfterSpawningProcess: true)
          : .currentStandardError
        let result = try await Subprocess.run(
          configuration, input: children.standardInput, output: output,
          error: .currentStandardError
        ) { children.add($0.processIdentifier.value) }
        children.remove(result.processIdentifier.value)
        return result.terminationStatus
      }
      let result = try await Subprocess.run(
        configuration, input: children.standardInput, output: .sequence, error: .combinedWithOutput
      ) { child in
        children.add(child.processIdentifier.value)
        let lines = child.standardOutput.strings(
          separatedBy: .unicodeScalarSequence("\n".unicodeScalars), bufferingPolicy: .unbounded)
        for try await line in lines { onLine(line) }
      }
      children.remove(result.processIdentifier.value)
      return result.terminationStatus
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

/// Applies `body` to a few elements at a time; the results are in the order of the elements.
func concurrentMap<Element: Sendable, Result: Sendable>(
  _ elements: [Element], _ body: @escaping @Sendable (Element) async throws -> Result
) async throws -> [Result] {
  let width = max(2, ProcessInfo.processInfo.activeProcessorCount)
  return try await withThrowingTaskGroup(of: (Int, Result).self) { group in
    var results: [(index: Int, result: Result)] = []
    for (index, element) in elements.enumerated() {
      if index >= width, let result = try await group.next() { results.append(result) }
      group.addTask { (index, try await body(element)) }
    }
    for try await result in group { results.append(result) }
    return results.sorted { $0.index < $1.index }.map(\.result)
  }
}
