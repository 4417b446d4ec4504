import Foundation
import Support

/// Runs a program to its end, its output to nowhere.
/// - Returns: the seconds that took.
/// - Throws: ``UserError`` if it cannot be started or fails.
@discardableResult
func run(_ path: String, _ arguments: [String], in folder: String? = nil) throws -> Double {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: path)
  process.arguments = arguments
  if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = FileHandle.nullDevice
  let start = now(CLOCK_MONOTONIC)
  try process.run()
  process.waitUntilExit()
  let seconds = now(CLOCK_MONOTONIC) - start
  guard process.terminationStatus == 0 else {
    throw UserError(
      .software, at: ([path] + arguments).joined(separator: " "),
      problem: "exit status \(process.terminationStatus)")
  }
  return seconds
}

/// Runs one of the project's programs, which lie beside this one.
/// - Throws: ``UserError`` if it fails.
@discardableResult
func stage(_ name: String, _ arguments: [String], in folder: String) throws -> Double {
  let here = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().path
  let quiet = name == "pipeline" ? [] : ["--quiet"]
  return try run("\(here)/\(name)", arguments + quiet, in: folder)
}

/// Whether the shell finds a program of this name.
func isInstalled(_ program: String) -> Bool {
  (try? run("/bin/sh", ["-c", "command -v \(program)"])) != nil
}
