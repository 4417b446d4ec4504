import Foundation
import Safetensors
import Support

/// The commands of Slurm, and what they say.
enum SlurmQueue {
  /// A job, or one task of an array, as `squeue` lists it.
  struct Entry {
    /// The number of the job.
    var job: String
    /// The number within the array; none for a job that is no array.
    var index: Int?
    /// Slurm's word for its state, such as `PENDING`.
    var state: String
    /// Slurm's word for why it waits, or ended so.
    var reason: String
    /// The path of the script that was submitted.
    var script: String
  }

  /// The jobs of this user that Slurm remembers, those that ended lately among them.
  /// - Returns: nothing where Slurm is not installed.
  /// - Throws: ``UserError`` of kind `unavailable` if Slurm does not answer.
  static func entries() async throws -> [Entry]? {
    guard path(of: "squeue") != nil else { return nil }
    let text = try await ask(
      "squeue",
      ["--noheader", "--array", "--states=all", "--user=\(getuid())"]
        + ["--format=%F|%K|%T|%r|%o"])
    return text.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: "|", maxSplits: 4, omittingEmptySubsequences: false)
      guard parts.count == 5 else { return nil }
      return Entry(
        job: String(parts[0]), index: Int(parts[1]), state: String(parts[2]),
        reason: String(parts[3]), script: String(parts[4]))
    }
  }

  /// Runs one of Slurm's commands.
  /// - Returns: what it prints.
  /// - Throws: ``UserError`` of kind `unavailable` if it is not there or fails.
  static func ask(_ name: String, _ arguments: [String]) async throws -> String {
    guard let executable = path(of: name) else {
      throw UserError(
        .unavailable, at: name, problem: "there is no such program on PATH",
        hint: "run this where Slurm's commands are, or leave out --executor slurm")
    }
    let answer = try await Command(executable: executable, arguments: arguments).answer()
    guard answer.status == .exited(0) else {
      let text = answer.error.trimmingCharacters(in: .whitespacesAndNewlines)
      throw UserError(
        .unavailable, at: name, problem: text.isEmpty ? "it failed without a word" : text,
        hint: "what is queued stays queued; run the command again when this is mended")
    }
    return String(decoding: answer.output, as: UTF8.self)
  }

  private static func path(of name: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile)
  }
}
