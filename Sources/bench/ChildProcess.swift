import Foundation
import Support

/// Runs a program until it exits and discards its output.
/// - Returns: the run time in seconds.
/// - Throws: ``UserError`` if it cannot be started or fails.
@discardableResult
func run(_ path: String, _ arguments: [String], in folder: String? = nil) throws -> Double {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: path)
  process.arguments = arguments
  if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = FileHandle.nullDevice
  let seconds = try timed {
    try process.run()
    process.waitUntilExit()
  }
  guard process.terminationStatus == 0 else {
    throw UserError(
      .software, at: ([path] + arguments).joined(separator: " "),
      problem: "exit status \(process.terminationStatus)")
  }
  return seconds
}

/// Runs one of the package's executables, which are in the same folder as this one.
/// - Returns: the run time in seconds.
/// - Throws: ``UserError`` if it fails.
@discardableResult
func runStage(_ name: String, _ arguments: [String], in folder: String) throws -> Double {
  let executables = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().path
  let quiet = name == "pipeline" ? [] : ["--quiet"]
  return try run("\(executables)/\(name)", arguments + quiet, in: folder)
}

/// Whether the shell finds a program of this name.
func isInstalled(_ program: String) -> Bool {
  (try? run("/bin/sh", ["-c", "command -v \(program)"])) != nil
}
