import Foundation
import Safetensors
import Support

extension Scalar {
  /// A path whose last part is a pattern (`*`, `?`) becomes that of the one file that fits it; with
  /// none or several it stays as it is, and ``Manifest/missing(from:)`` says so.
  var matchingFile: Scalar {
    let files = candidates
    guard files.count == 1 else { return self }
    var result = self
    result.located.text = files[0]
    return result
  }

  /// Whether there is nothing at this path.
  var isMissing: Bool { !FileManager.default.fileExists(atPath: text) }

  /// The files that a path with a pattern fits, sorted by their bytes.
  fileprivate var candidates: [String] {
    let folder = text.parentPath
    let pattern = text.lastPathName
    guard pattern.contains(where: { $0 == "*" || $0 == "?" }),
      isMissing
    else { return [] }
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)
    return (names ?? []).filter { fnmatch(pattern, $0, FNM_PERIOD) == 0 }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      .map { folder.isEmpty ? $0 : "\(folder)/\($0)" }
  }
}

extension Manifest {
  /// What is to be said of the files and folders that `rows` read and that are not there.
  func missing(from rows: [Job]) -> [UserError] {
    var seen: Set<String> = []
    return rows.flatMap(\.sources).compactMap { file in
      guard file.isMissing, seen.insert(file.text).inserted else { return nil }
      let candidates = file.candidates
      var refusal = source.refusal(
        at: file.place,
        candidates.isEmpty
          ? "no file or folder “\(file.text)”"
          : "“\(file.text)” could be \(candidates.joined(separator: " or "))",
        hint: hint(on: file, candidates))
      refusal.exitStatus = .noInput
      return refusal
    }
  }

  /// Makes sure that all files and folders that a plan reads are there.
  /// - Throws: ``Diagnostics`` of those that are not.
  public func requireSources(of plan: Plan) throws {
    let refusals = missing(from: plan.rows)
    guard refusals.isEmpty else { throw Diagnostics(all: refusals) }
  }

  private func hint(on file: Scalar, _ candidates: [String]) -> String {
    let used = settings(in: file.written)
    if let setting = used.last, let candidate = candidates.first {
      let name = candidate.lastPathName
      return "choose one, such as --set \(setting)=\(name)"
    }
    if let setting = used.first { return "say where it is: --set \(setting)=FOLDER" }
    if !file.text.contains("/"), let near = nearest(to: file.text, in: stages.map(\.name.text)) {
      return "did you mean the stage “\(near)”?"
    }
    return "check the path; it counts from the folder where pipeline is started"
  }
}
