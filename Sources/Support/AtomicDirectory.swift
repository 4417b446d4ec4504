import CRename
import Foundation

/// An output directory that appears whole or not at all.
///
/// Files are written into a sibling `<name>.partial`, each one flushed to the disk; ``commit()``
/// puts the sibling in the place of the old output in one step. Until then the old output stays as
/// it was, and a run that dies leaves only the sibling, which the next run clears away. A lock on
/// `<name>.lock` keeps two runs apart; the system drops it when its holder dies, so it is never
/// stale.
public final class AtomicDirectory {
  /// Where the output will be.
  public let destination: String
  /// Where it is being written.
  public let stagingPath: String
  /// Identifies everything that shapes the output. A checkpoint of another key is not resumed.
  public var checkpointKey = ""
  private let lock: FileLock?
  private var isPublished = false

  /// Takes the lock and makes an empty workplace.
  /// - Throws: ``UserError`` of kind `temporary` if another run holds the lock, `cannotCreate` if the
  ///   workplace cannot be made.
  public init(at given: String) throws {
    let path = try Self.folder(given)
    destination = path
    stagingPath = path + ".partial"
    let parent = path.parentPath
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
    // A run that died between the two renames of `exchange` left the old output aside.
    if !FileManager.default.fileExists(atPath: path) { rename(aside(path), path) }
    let stagingPath = stagingPath
    try Self.creating(stagingPath) {
      try? FileManager.default.removeItem(atPath: stagingPath)
      try FileManager.default.createDirectory(
        atPath: stagingPath, withIntermediateDirectories: false)
    }
  }

  /// An output of which nothing is written: that of a process that helps another to make it.
  public static var nowhere: AtomicDirectory { AtomicDirectory() }

  private init() {
    (destination, stagingPath, lock) = ("", "", nil)
  }

  /// Where an interrupted run keeps its state; removed on commit.
  public var checkpointPath: String { Self.checkpointPath(destination) }

  private static func checkpointPath(_ path: String) -> String { path + ".resume" }

  private var isNowhere: Bool { stagingPath.isEmpty }

  /// What was written and not published is of no use to anybody.
  deinit {
    if !isPublished, !isNowhere { try? FileManager.default.removeItem(atPath: stagingPath) }
  }

  /// Writes one file of the output and flushes it to the disk.
  /// - Parameter name: a path relative to the output, with `/` between folders.
  /// - Throws: ``UserError`` of kind `io`.
  public func write(_ data: Data, to name: String) throws {
    if isNowhere { return }
    let path = stagingPath + "/" + name
    do {
      let folder = path.parentPath
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw unwritten(data, path, error)
    }
    try writeFlushed(data, to: path)
  }

  /// Renames a file of the output that was written.
  /// - Throws: ``UserError`` of kind `io`.
  package func move(_ name: String, to other: String) throws {
    if isNowhere { return }
    let path = stagingPath + "/" + name
    guard rename(path, stagingPath + "/" + other) == 0 else {
      throw UserError(
        .io, at: path, problem: "renaming it failed: \(String(cString: strerror(errno)))",
        hint: "run the command again; the previous output is as it was")
    }
  }

  /// Writes text as UTF-8; see ``write(_:to:)-(Data,_)``.
  public func write(_ text: String, to name: String) throws {
    try write(Data(text.utf8), to: name)
  }

  /// Puts the finished output in place of the old one and lets the lock go.
  /// - Throws: ``UserError`` of kind `io`; the old output is then still in place.
  public func commit() throws {
    do {
      try flushFolders(stagingPath)
      let old = try exchange(stagingPath, with: destination)
      do { try flushFolder(destination.parentPath) } catch {
        putBack(old, stagingPath, destination)
        throw error
      }
      isPublished = true
      if let old { try? FileManager.default.removeItem(atPath: old) }
    } catch {
      throw UserError(
        .io, at: destination, problem: "publishing the output failed: \(reason(error))",
        hint: "the previous output is as it was; run the command again")
    }
    Self.removeCheckpoint(checkpointPath)
    lock?.release()
  }

  /// Removes what a run left beside the output at `path` when it died just after the commit. Does
  /// nothing while another process is writing the output.
  /// - Parameter isObsolete: whether the checkpoint at a path belongs to the run that made the
  ///   output. The checkpoint of another run is kept.
  public static func removeLeftovers(of path: String, isObsolete: (String) -> Bool) {
    let checkpoint = checkpointPath(path)
    let leftovers = [path + ".partial", path + ".old"]
    guard
      (leftovers + [path + ".lock", checkpoint, checkpoint + ".new"]).contains(
        where: FileManager.default.fileExists(atPath:)),
      FileManager.default.fileExists(atPath: path),
      let lock = try? FileLock(path: path + ".lock", for: path)
    else { return }
    for leftover in leftovers { try? FileManager.default.removeItem(atPath: leftover) }
    if isObsolete(checkpoint) { removeCheckpoint(checkpoint) }
    lock.release()
  }

  private static func removeCheckpoint(_ path: String) {
    unlink(path)
    unlink(path + ".new")
  }

  /// Who is writing the output at `path` at this moment; nothing if nobody is.
  public static func writer(of path: String) -> String? { FileLock.holder(of: path + ".lock") }

  /// The folder that `path` names: without a slash at its end, and that which a link leads to, so
  /// that the link stays.
  private static func folder(_ path: String) throws -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    guard !["", "/", ".", ".."].contains(path.lastPathName) else {
      throw UserError(
        .cannotCreate, at: path.isEmpty ? "--output" : path,
        problem: "not the name of a folder that can be replaced",
        hint: "name a folder of its own, such as --output runs/mine")
    }
    let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
    return isLink ? realPath(path) : path
  }

  private static func creating(_ path: String, _ body: () throws -> Void) throws {
    do { try body() } catch {
      throw UserError(
        .cannotCreate, at: path, problem: "cannot be created: \(reason(error))",
        hint: "choose another --output or change its permissions")
    }
  }
}

/// Writes a file and flushes it to the disk.
/// - Throws: ``UserError`` of kind `io`.
package func writeFlushed(_ data: Data, to path: String) throws {
  do {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try handle.write(contentsOf: data)
    try handle.synchronize()
    try handle.close()
  } catch {
    throw unwritten(data, path, error)
  }
}

private func unwritten(_ data: Data, _ path: String, _ error: any Error) -> UserError {
  UserError(
    .io, at: path, problem: "writing \(data.count) bytes failed: \(reason(error))",
    hint: "make room or choose another --output; the previous output is as it was")
}

/// Puts `new` where `old` is. When `old` exists the two swap names in one step, so that no moment
/// is without an output.
/// - Returns: where the old output is found now; nothing if there was none.
private func exchange(_ new: String, with old: String) throws -> String? {
  let code = rename_exchange(new, old)
  if code == 0 { return new }
  // Either there is no old output yet, or this file system cannot swap: then two renames must do.
  guard [ENOENT, EINVAL, ENOSYS].contains(code) else {
    throw POSIXError(.init(rawValue: code) ?? .EIO)
  }
  try? FileManager.default.removeItem(atPath: aside(old))
  let replaced = rename(old, aside(old)) == 0
  guard rename(new, old) == 0 else {
    let failure = POSIXError(.init(rawValue: errno) ?? .EIO)
    if replaced { rename(aside(old), old) }
    throw failure
  }
  return replaced ? aside(old) : nil
}

/// Undoes ``exchange(_:with:)``, which found the old output a place at `old`.
private func putBack(_ old: String?, _ stagingPath: String, _ destination: String) {
  if old == stagingPath {
    _ = rename_exchange(stagingPath, destination)
  } else {
    rename(destination, stagingPath)
    if let old { rename(old, destination) }
  }
}

/// Where an old output waits while the new one takes its name.
private func aside(_ path: String) -> String { path + ".old" }

/// Flushes a folder and all folders in it; their files are flushed as they are written.
private func flushFolders(_ path: String) throws {
  for name in try FileManager.default.contentsOfDirectory(atPath: path) {
    let child = "\(path)/\(name)"
    if isDirectory(child) == true { try flushFolders(child) }
  }
  try flushFolder(path)
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
