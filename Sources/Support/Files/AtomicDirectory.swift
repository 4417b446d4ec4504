import CRename
import Foundation

/// An output directory that appears completely or not at all.
///
/// Files are written to the staging directory `<name>.partial` and flushed to disk one by one;
/// ``commit()`` swaps it with the old output in one step. Until then the old output stays unchanged,
/// and a run that dies leaves only the staging directory, which the next run removes. A lock on
/// `<name>.lock` excludes concurrent runs; the system releases it when its holder dies.
public final class AtomicDirectory {
  /// The path of the output.
  public let destination: String
  /// The path where the output is being written.
  public let stagingPath: String
  /// Everything that shapes the output, as JSON; a checkpoint that was saved with the same text is
  /// resumed.
  public var runDescription = ""
  /// The paths within the output of the files that were written.
  public private(set) var files: Set<String> = []
  private let lock: FileLock
  private var isCommitted = false

  /// Acquires the lock and creates an empty staging directory.
  /// - Throws: ``UserError`` with exit status `temporary` if another run holds the lock, or
  ///   `cannotCreate`.
  public init(at path: String) throws {
    let path = try Self.replaceableDirectory(path)
    destination = path
    stagingPath = path + ".partial"
    let parent = path.parentPath
    try Self.rejectDanglingLink(path)
    try Self.creating(path) {
      if !parent.isEmpty {
        try FileManager.default.createDirectory(
          atPath: parent, withIntermediateDirectories: true)
      }
    }
    if isDirectory(path) == false {
      throw UserError(
        .cannotCreate, at: path, problem: "a file", expected: "a folder, or nothing yet",
        hint: "choose another --output")
    }
    lock = try FileLock(path: path + ".lock", for: path)
    // A run that died between the two renames of `exchange` left the old output in the backup.
    if !FileManager.default.fileExists(atPath: path) { rename(backupPath(path), path) }
    let stagingPath = stagingPath
    try Self.creating(stagingPath) {
      try? FileManager.default.removeItem(atPath: stagingPath)
      try FileManager.default.createDirectory(
        atPath: stagingPath, withIntermediateDirectories: false)
    }
  }

  /// Removes uncommitted output.
  deinit {
    if !isCommitted { try? FileManager.default.removeItem(atPath: stagingPath) }
  }

  /// The file in which an interrupted run keeps its state.
  public var checkpointPath: String { destination + ".resume" }

  /// The file in which an interrupted run of the output at `path` keeps its state.
  public static func checkpointPath(of path: String) -> String {
    ((try? replaceableDirectory(path)) ?? path) + ".resume"
  }

  /// Writes one file of the output and flushes it to disk.
  /// - Parameter name: a path relative to the output.
  /// - Throws: ``UserError`` with exit status `io`.
  public func write(_ data: Data, to name: String) throws {
    let path = stagingPath + "/" + name
    do {
      try FileManager.default.createDirectory(
        atPath: path.parentPath, withIntermediateDirectories: true)
    } catch {
      throw writeFailure(data, path, error)
    }
    try writeFlushed(data, to: path)
    files.insert(name)
  }

  /// Adds to the end of a file of the output, which may be new, and flushes it to disk.
  /// - Parameter name: a path relative to the output.
  /// - Throws: ``UserError`` with exit status `io`.
  package func append(_ data: Data, to name: String) throws {
    guard files.contains(name) else { return try write(data, to: name) }
    try writeFlushed(data, to: stagingPath + "/" + name, mode: O_APPEND)
  }

  /// Writes text as UTF-8; see ``write(_:to:)-(Data,_)``.
  public func write(_ text: String, to name: String) throws {
    try write(Data(text.utf8), to: name)
  }

  /// Renames a file that was written to the output.
  /// - Throws: ``UserError`` with exit status `io`.
  package func move(_ name: String, to newName: String) throws {
    let path = stagingPath + "/" + name
    guard rename(path, stagingPath + "/" + newName) == 0 else {
      throw UserError(
        .io, at: path, problem: "renaming it failed: \(String(cString: strerror(errno)))",
        hint: "run the command again; the previous output is unchanged")
    }
    files.remove(name)
    files.insert(newName)
  }

  /// Replaces the old output by the new one and releases the lock.
  /// - Parameter isObsolete: whether the checkpoint at a path belongs to this run. The checkpoint of
  ///   another run is kept.
  /// - Throws: ``UserError`` with exit status `io`; the old output is then still in place.
  public func commit(removingCheckpoint isObsolete: (String) -> Bool = { _ in false }) throws {
    do {
      try flushDirectories(stagingPath)
      let oldOutput = try exchange(stagingPath, with: destination)
      do { try flush(destination.parentPath) } catch {
        restore(oldOutput, stagingPath, destination)
        throw error
      }
      isCommitted = true
      if let oldOutput { try? FileManager.default.removeItem(atPath: oldOutput) }
    } catch {
      throw UserError(
        .io, at: destination, problem: "publishing the output failed: \(systemMessage(error))",
        hint: "run the command again; the previous output is unchanged")
    }
    Self.removeCheckpoint(checkpointPath, if: isObsolete)
    lock.release()
  }

  /// Removes the files that a run left beside the output at `path` when it died just after the
  /// commit. Does nothing while another process is writing the output.
  /// - Parameter isObsolete: whether the checkpoint at a path belongs to the run that made the
  ///   output. The checkpoint of another run is kept.
  public static func removeLeftovers(of path: String, isObsolete: (String) -> Bool) {
    let checkpoint = checkpointPath(of: path)
    let leftovers = [path + ".partial", backupPath(path)]
    guard
      (leftovers + [path + ".lock", checkpoint, checkpoint + ".new"]).contains(
        where: FileManager.default.fileExists(atPath:)),
      FileManager.default.fileExists(atPath: path),
      let lock = try? FileLock(path: path + ".lock", for: path)
    else { return }
    for leftover in leftovers { try? FileManager.default.removeItem(atPath: leftover) }
    removeCheckpoint(checkpoint, if: isObsolete)
    lock.release()
  }

  private static func removeCheckpoint(_ path: String, if isObsolete: (String) -> Bool) {
    if isObsolete(path) { unlink(path) }
    // A checkpoint that was being written.
    unlink(path + ".new")
  }

  /// Returns the process that is writing the output at `path`, or nil.
  public static func writer(of path: String) -> String? { FileLock.holder(of: path + ".lock") }

  /// Returns the directory that `path` names: without trailing slashes, and with a symbolic link
  /// resolved, so that the link stays.
  private static func replaceableDirectory(_ path: String) throws -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    guard !["", "/", ".", ".."].contains(path.lastPathName) else {
      throw UserError(
        .cannotCreate, at: path.isEmpty ? "--output" : path,
        problem: "not the name of a folder that can be replaced",
        hint: "name a new folder, such as --output runs/mine")
    }
    let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
    return isLink ? realPath(path) : path
  }

  /// Rejects a path that leads through a symbolic link to a folder that does not exist.
  private static func rejectDanglingLink(_ path: String) throws {
    var path = path
    while !path.isEmpty, path != "/" {
      if let error = danglingLink(path) {
        throw UserError(
          .cannotCreate, at: path, problem: error.problem, expected: "a link to a folder",
          hint: "create the folder that it leads to, or remove the link")
      }
      path = path.parentPath
    }
  }

  private static func creating(_ path: String, _ body: () throws -> Void) throws {
    do { try body() } catch {
      throw UserError(
        .cannotCreate, at: path, problem: "cannot be created: \(systemMessage(error))",
        hint: "choose another --output or change its permissions")
    }
  }
}

/// Writes a file and flushes it to disk.
/// - Parameter mode: `O_TRUNC` to replace a file, `O_APPEND` to add to its end.
/// - Throws: ``UserError`` with exit status `io`.
package func writeFlushed(_ data: Data, to path: String, mode: Int32 = O_TRUNC) throws {
  do {
    let descriptor = open(path, O_WRONLY | O_CREAT | mode | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw lastError() }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try handle.write(contentsOf: data)
    try handle.synchronize()
    try handle.close()
  } catch {
    throw writeFailure(data, path, error)
  }
}

private func writeFailure(_ data: Data, _ path: String, _ error: any Error) -> UserError {
  UserError(
    .io, at: path, problem: "writing \(data.count) bytes failed: \(systemMessage(error))",
    hint: "make room or choose another --output; the previous output is unchanged")
}

/// Moves `new` to the path of `old`. If `old` exists, the two swap names in one step, so that there
/// is always an output.
/// - Returns: the path of the old output now, or nil if there was none.
private func exchange(_ new: String, with old: String) throws -> String? {
  let code = rename_exchange(new, old)
  if code == 0 { return new }
  // Either there is no old output, or the file system cannot swap; then two renames must do.
  guard [ENOENT, EINVAL, ENOSYS].contains(code) else {
    throw POSIXError(.init(rawValue: code) ?? .EIO)
  }
  let backup = backupPath(old)
  try? FileManager.default.removeItem(atPath: backup)
  let hasBackup = rename(old, backup) == 0
  guard rename(new, old) == 0 else {
    let error = lastError()
    if hasBackup { rename(backup, old) }
    throw error
  }
  return hasBackup ? backup : nil
}

/// Undoes ``exchange(_:with:)``, which returned `oldOutput`.
private func restore(_ oldOutput: String?, _ stagingPath: String, _ destination: String) {
  if oldOutput == stagingPath {
    _ = rename_exchange(stagingPath, destination)
  } else {
    rename(destination, stagingPath)
    if let oldOutput { rename(oldOutput, destination) }
  }
}

/// The path of an old output between the two renames of ``exchange(_:with:)``; not `<name>.old`, as
/// people call their own copies.
private func backupPath(_ path: String) -> String { path + ".partial.old" }

/// Flushes a directory and all directories in it; files are flushed as they are written. Links, which
/// users may have put there, are not followed.
private func flushDirectories(_ path: String) throws {
  for name in try FileManager.default.contentsOfDirectory(atPath: path) {
    let child = "\(path)/\(name)"
    if fileType(child) == S_IFDIR { try flushDirectories(child) }
  }
  try flush(path)
}

/// Flushes a file, or a directory and the names in it, so that they survive a power cut.
/// - Throws: `POSIXError`.
package func flush(_ path: String) throws {
  let descriptor = open(path.isEmpty ? "." : path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw lastError() }
  defer { close(descriptor) }
  // Some file systems cannot flush a directory and return EINVAL; nothing more can be done then.
  guard fsync(descriptor) == 0 || errno == EINVAL else { throw lastError() }
}

/// Returns the error that `errno` describes.
package func lastError() -> POSIXError { POSIXError(.init(rawValue: errno) ?? .EIO) }
