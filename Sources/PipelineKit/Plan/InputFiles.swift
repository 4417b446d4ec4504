import Foundation
import Support

extension Scalar {
  /// The path with a pattern (`*`, `?`) in its last component replaced by the only file that
  /// matches. With no match or several it stays as it is, and ``Manifest/missingFiles(of:)`` reports it.
  var matchingFile: Scalar {
    let files = candidates
    guard files.count == 1 else { return self }
    var result = self
    result.located.text = files[0]
    return result
  }

  /// Whether there is no file or folder at this path.
  var isMissing: Bool { !FileManager.default.fileExists(atPath: text) }

  /// The files that match a path with a pattern, sorted bytewise.
  fileprivate var candidates: [String] {
    let folder = text.parentPath
    let pattern = text.lastPathName
    guard pattern.contains(where: { $0 == "*" || $0 == "?" }), isMissing else { return [] }
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)
    return (names ?? []).filter { fnmatch(pattern, $0, FNM_PERIOD) == 0 }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      .map { folder.isEmpty ? $0 : "\(folder)/\($0)" }
  }
}

extension Manifest {
  /// The errors for missing files and folders that `jobs` read.
  func missingFiles(of jobs: [Job]) -> [UserError] {
    var seen: Set<String> = []
    return jobs.flatMap(\.sources).compactMap { file in
      guard file.isMissing, seen.insert(file.text).inserted else { return nil }
      let candidates = file.candidates
      let noun = file.text.isName ? "stage, file or folder" : "file or folder"
      var error = source.error(
        at: file.position,
        candidates.isEmpty
          ? danglingLink(file.text).map { "“\(file.text)” is \($0.problem)" }
            ?? "no \(noun) “\(file.text)”"
          : "“\(file.text)” could be \(candidates.joined(separator: " or "))",
        expected: file.text.isName
          ? "a path, or one of the stages \(stages.map(\.name.text).listed)" : nil,
        hint: hint(for: file, candidates))
      error.exitStatus = .noInput
      return error
    }
  }

  /// Checks that all files and folders that a plan reads exist.
  /// - Throws: ``Diagnostics`` of the missing ones.
  public func requireFiles(of plan: Plan) throws {
    let errors = missingFiles(of: plan.jobs)
    guard errors.isEmpty else { throw Diagnostics(errors: errors) }
  }

  private func hint(for file: Scalar, _ candidates: [String]) -> String {
    let used = settings(in: file.rawText)
    if let setting = used.last, let candidate = candidates.first {
      return "choose one, such as --set \(setting)=\(candidate.lastPathName)"
    }
    if let setting = used.first { return "set its location: --set \(setting)=FOLDER" }
    let parts = file.text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let near = nearest(to: String(parts[0]), in: stages.map(\.name.text))
    if parts.count == 1, let near { return "did you mean the stage “\(near)”?" }
    if parts.count == 2, parts[1].contains("="), near == String(parts[0]) {
      return "name the stage alone: \(parts[0]); a job reads the jobs with equal values on its axes"
    }
    if ["~", "$"].contains(file.text.first) {
      return "write the path in full: ~ and $ are not expanded in a manifest"
    }
    if file.text.contains(where: "“”„‘’".contains) {
      return "quote with \" or '; typographic quotes are part of the value"
    }
    return "check the path; it is relative to the folder where pipeline is started"
  }
}
