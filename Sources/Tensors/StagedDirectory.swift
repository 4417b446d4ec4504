import CRename
import Foundation

/// An output directory that appears whole or not at all.
///
/// Files are written into a sibling `<name>.partial`, each one flushed to the disk; ``publish()``
/// puts the sibling in the place of the old output in one step. Until then the old output stays as
/// it was, and a run that dies leaves only the sibling, which the next run clears away. A lock on
/// `<name>.lock` keeps two runs apart; the system drops it when its holder dies, so it is never
/// stale.
public final class StagedDirectory {
  /// Where the output will be.
  public let destination: String
  /// Where it is being written.
  public let workplace: String
  private let lock: FileLock
  private var isPublished = false

  /// Takes the lock and makes an empty workplace.
  /// - Throws: ``Refusal`` of kind `temporary` if another run holds the lock, `cannotCreate` if the
  ///   workplace cannot be made.
  public init(at path: String) throws {
    destination = path
    workplace = path + ".partial"
    let parent = (path as NSString).deletingLastPathComponent
    try Self.creating(path) {
      if !parent.isEmpty {
        try FileManager.default.createDirectory(
          atPath: parent, withIntermediateDirectories: true)
      }
    }
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
      !isDirectory.boolValue
    {
      throw Refusal(
        .cannotCreate, at: path, saw: "a file", expected: "a folder, or nothing yet",
        advice: "choose another --output")
    }
    lock = try FileLock(path: path + ".lock", for: path)
    let workplace = workplace
    try Self.creating(workplace) {
      try? FileManager.default.removeItem(atPath: workplace)
      try FileManager.default.createDirectory(
        atPath: workplace, withIntermediateDirectories: false)
    }
  }

  /// Writes one file of the output and flushes it to the disk.
  /// - Parameter name: a path relative to the output, with `/` between folders.
  /// - Throws: ``Refusal`` of kind `io`.
  public func write(_ data: Data, to name: String) throws {
    let path = workplace + "/" + name
    do {
      let folder = (path as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      guard FileManager.default.createFile(atPath: path, contents: nil) else {
        throw CocoaError(.fileWriteUnknown)
      }
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try handle.write(contentsOf: data)
      try handle.synchronize()
      try handle.close()
    } catch {
      throw Refusal(
        .io, at: path, saw: "writing \(data.count) bytes failed: \(reason(error))",
        advice: "make room or choose another --output; the previous output is as it was")
    }
  }

  /// Writes text as UTF-8; see ``write(_:to:)-(Data,_)``.
  public func write(_ text: String, to name: String) throws {
    try write(Data(text.utf8), to: name)
  }

  /// Puts the finished output in place of the old one and lets the lock go.
  /// - Throws: ``Refusal`` of kind `io`; the old output is then still in place.
  public func publish() throws {
    do {
      try flushFolder(workplace)
      try exchange(workplace, with: destination)
      try flushFolder((destination as NSString).deletingLastPathComponent)
    } catch {
      throw Refusal(
        .io, at: destination, saw: "publishing the output failed: \(reason(error))",
        advice: "the previous output is as it was; run the command again")
    }
    try? FileManager.default.removeItem(atPath: workplace)
    isPublished = true
    lock.release()
  }

  /// A run that was refused leaves nothing; one that was killed leaves its workplace to the next.
  deinit {
    if !isPublished { try? FileManager.default.removeItem(atPath: workplace) }
  }

  private static func creating(_ path: String, _ body: () throws -> Void) throws {
    do { try body() } catch {
      throw Refusal(
        .cannotCreate, at: path, saw: "cannot be created: \(reason(error))",
        advice: "choose another --output or change its permissions")
    }
  }
}

/// Puts `new` where `old` is. When `old` exists the two swap names in one step, so that no moment
/// is without an output; the old one is then found under the name of the new one.
private func exchange(_ new: String, with old: String) throws {
  let code = rename_exchange(new, old)
  if code == 0 { return }
  // Either there is no old output yet, or this file system cannot swap: then two renames must do.
  guard [ENOENT, EINVAL, ENOSYS].contains(code) else {
    throw POSIXError(.init(rawValue: code) ?? .EIO)
  }
  let aside = old + ".old"
  try? FileManager.default.removeItem(atPath: aside)
  let replaced = rename(old, aside) == 0
  guard rename(new, old) == 0 else {
    let failure = POSIXError(.init(rawValue: errno) ?? .EIO)
    if replaced { _ = rename(aside, old) }
    throw failure
  }
  try? FileManager.default.removeItem(atPath: aside)
}

private func flushFolder(_ path: String) throws {
  let descriptor = open(path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
  defer { close(descriptor) }
  // Some file systems cannot flush a folder and say EINVAL; there is nothing more to do then.
  guard fsync(descriptor) == 0 || errno == EINVAL else {
    throw POSIXError(.init(rawValue: errno) ?? .EIO)
  }
}
