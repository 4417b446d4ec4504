import Foundation
import Support

/// The state of an unfinished run, kept as `<output>.resume` until the output is committed.
///
/// The file is written under another name and renamed, so it is always complete. It carries the key
/// of the run: a run with other settings or inputs does not resume from it.
public struct CheckpointFile {
  private let path: String
  private let key: String
  private static let keyName = "run"

  /// Creates a reference to the checkpoint at `path` of the run that `key` identifies.
  public init(path: String, key: String) {
    self.path = path
    self.key = key
  }

  /// Returns the saved state of the same run, or nil if there is none or it cannot be read.
  public func load() -> SafetensorsFile? {
    guard let file = try? SafetensorsFile(path: path), !key.isEmpty,
      file.metadata[Self.keyName] == key
    else { return nil }
    return file
  }

  /// Replaces the saved state by `document`.
  /// - Throws: ``UserError`` with exit status `io`; the previous state is then kept.
  public func save(_ document: SafetensorsDocument) throws {
    var document = document
    document.metadata[Self.keyName] = key
    let partial = path + ".new"
    do {
      try writeFlushed(document.encoded(), to: partial)
      guard rename(partial, path) == 0 else {
        throw UserError(
          .io, at: path, problem: "cannot be replaced: \(String(cString: strerror(errno)))",
          hint: "check the permissions of its folder")
      }
    } catch {
      // On a full disk a partial file would waste space.
      unlink(partial)
      throw error
    }
  }
}

extension AtomicDirectory {
  /// The checkpoint of the run that writes this output.
  public var checkpoint: CheckpointFile {
    CheckpointFile(path: checkpointPath, key: checkpointKey)
  }
}
