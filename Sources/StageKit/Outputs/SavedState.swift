import Foundation
import Safetensors
import Support

/// The state of an interrupted training, in a file beside its output.
public struct SavedState {
  /// The path.
  public let path: String
  /// The content.
  public let file: SafetensorsFile
  /// The fingerprint of the training; nil if an earlier version saved the state.
  public let fingerprint: Fingerprint?
  /// The point at which the training was interrupted.
  public let progress: Progress
  /// The digest of the fingerprint.
  public let key: String

  /// A point in a training, as `DLNC` writes it.
  public struct Progress: Decodable, Sendable {
    /// The current epoch, from 1.
    public let epoch: Int
    /// The number of completed batches of the epoch.
    public let batch: Int
    /// The number of completed steps of the training.
    public let step: Int
  }

  /// The names of the metadata.
  fileprivate enum Name {
    static let key = "run", fingerprint = "fingerprint", progress = "state"
  }

  /// Reads the state at `path`; nil if there is none or it cannot be read.
  public init?(path: String) {
    guard let file = try? SafetensorsFile(path: path, mapped: true) else { return nil }
    self.init(file)
  }

  /// The state in a file; nil if it holds something else.
  public init?(_ file: SafetensorsFile) {
    func decoded<Value: Decodable>(_ name: String) -> Value? {
      file.metadata[name].flatMap { try? JSONDecoder().decode(Value.self, from: Data($0.utf8)) }
    }
    guard let key = file.metadata[Name.key], let progress: Progress = decoded(Name.progress) else {
      return nil
    }
    (path, self.file, self.key, self.progress) = (file.path, file, key, progress)
    fingerprint = decoded(Name.fingerprint)
  }

  /// How far the training had come, such as `epoch 15 of 40`.
  public var position: String {
    let epochs = fingerprint?.options.first { $0.name == "epochs" }?.value
    return "epoch \(progress.epoch)" + (epochs.map { " of \($0)" } ?? "")
  }

  /// Returns the differences between this training and one with another fingerprint, as phrases.
  public func changes(to other: Fingerprint) -> [String] {
    fingerprint.map { other.changes(since: $0) } ?? ["saved by an earlier version"]
  }

  /// The states beside the output at `path`: that of the last run and those that were set aside.
  public static func all(beside path: String) -> [SavedState] {
    let last = AtomicDirectory.checkpointPath(of: path)
    let (folder, name) = (last.parentPath, last.lastPathName)
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)
    return (names ?? []).filter { $0 == name || $0.hasPrefix("\(name)-") }.sorted()
      .compactMap { SavedState(path: folder.isEmpty ? $0 : "\(folder)/\($0)") }
  }
}

/// The file in which a training saves its state: `<output>.resume`.
///
/// The file is written under another name and renamed, so it is always complete. It carries the
/// fingerprint of its run. A run with another fingerprint sets it aside as `<output>.resume-` and eight
/// digits of the digest, where a run with the first fingerprint finds it.
public struct CheckpointFile {
  private let path: String
  private let fingerprint: Fingerprint
  private let key: String

  /// The checkpoint at `path` of the run with a fingerprint.
  /// - Throws: only if encoding fails.
  public init(path: String, fingerprint: Fingerprint) throws {
    (self.path, self.fingerprint) = (path, fingerprint)
    key = try fingerprint.digest()
  }

  /// Whether the file at `path` is the state of this run.
  public func isOwn(_ path: String) -> Bool { SavedState(path: path)?.key == key }

  /// The state that this run has saved, wherever it is now; nil if there is none.
  public var saved: SavedState? {
    [path, setAsidePath(key)].lazy.compactMap { SavedState(path: $0) }.first { $0.key == key }
  }

  /// Makes the file that of this run: whatever else has its name is set aside, and the state of this
  /// run returns from where an earlier run set it aside.
  /// - Parameter warn: receives a sentence on the state of another run.
  /// - Returns: the state to resume from; nil if there is none.
  /// - Throws: ``UserError`` with exit status `io`.
  public func claim(_ warn: (String) -> Void) throws -> SavedState? {
    if !isOwn(path), fileType(path) != nil { try setAside(warn) }
    if fileType(path) == nil, isOwn(setAsidePath(key)) { try move(setAsidePath(key), to: path) }
    return SavedState(path: path)
  }

  private func setAside(_ warn: (String) -> Void) throws {
    guard let state = SavedState(path: path) else {
      let target = unusedPath(path + ".kept") { fileType($0) == nil }
      try move(path, to: target)
      return warn("\(path) is not the state of a training; it is kept as \(target)")
    }
    let target = setAsidePath(state.key)
    try move(path, to: target)
    warn(
      "\(path) is the state of another training, interrupted at \(state.position) "
        + "(\(state.changes(to: fingerprint).joined(separator: "; "))); it is kept as \(target), and "
        + "the command with the earlier settings resumes from it")
  }

  private func setAsidePath(_ key: String) -> String { "\(path)-\(key.prefix(8))" }

  private func move(_ source: String, to target: String) throws {
    guard rename(source, target) == 0 else { throw cannotBeReplaced(source) }
    // Otherwise a power cut could undo this and keep what is saved under the name from now on.
    try? flush(path.parentPath)
  }

  /// Replaces the saved state by `document`.
  /// - Throws: ``UserError`` with exit status `io`; the previous state is then kept.
  public func save(_ document: SafetensorsDocument) throws {
    var document = document
    document.metadata[SavedState.Name.key] = key
    document.metadata[SavedState.Name.fingerprint] = try JSONEncoder.canonical.text(of: fingerprint)
    let partial = path + ".new"
    do {
      try writeFlushed(document.encoded(), to: partial)
      guard rename(partial, path) == 0 else { throw cannotBeReplaced(path) }
    } catch {
      // On a full disk a partial file would waste space.
      unlink(partial)
      throw error
    }
  }

  private func cannotBeReplaced(_ path: String) -> UserError {
    UserError(
      .io, at: path, problem: "cannot be replaced: \(String(cString: strerror(errno)))",
      hint: "check the permissions of its folder")
  }
}

extension AtomicDirectory {
  /// The checkpoint of the stage that writes this output.
  /// - Throws: only if ``runDescription`` is no fingerprint.
  public var checkpoint: CheckpointFile {
    get throws {
      try CheckpointFile(
        path: checkpointPath,
        fingerprint: JSONDecoder().decode(Fingerprint.self, from: Data(runDescription.utf8)))
    }
  }
}

/// Returns `path` with the first number for which it is not used.
func unusedPath(_ path: String, isUnused: (String) -> Bool) -> String {
  var number = 1
  while !isUnused("\(path)-\(number)") { number += 1 }
  return "\(path)-\(number)"
}
