import Foundation

/// An exclusive lock on a file, held until released or until the process ends in whatever way.
final class FileLock {
  private var descriptor: Int32
  private let path: String

  /// Takes the lock for the output `subject`.
  /// - Throws: ``UserError`` of kind `temporary` naming the holder, or `cannotCreate`.
  init(path: String, for subject: String) throws {
    // All that can fail comes first: an initialiser that throws later would run `deinit`, and that
    // removes the file under its holder.
    let descriptor = try Self.taken(path, for: subject)
    self.descriptor = descriptor
    self.path = path
    let text = "process \(getpid())"
    ftruncate(descriptor, 0)
    _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
  }

  /// Removes the lock file and lets go.
  func release() {
    guard descriptor >= 0 else { return }
    unlink(path)
    close(descriptor)
    descriptor = -1
  }

  deinit { release() }

  /// Who holds the lock on the file at `path`; nothing if nobody does.
  static func holder(of path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let isHeld = flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    return isHeld ? content(of: descriptor) : nil
  }

  private static func taken(_ path: String, for subject: String) throws -> Int32 {
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else {
        throw UserError(
          .cannotCreate, at: path,
          problem: "cannot be created: \(String(cString: strerror(errno)))",
          hint: "choose another --output or change its permissions")
      }
      guard locks(descriptor) else {
        let holder = content(of: descriptor)
        close(descriptor)
        throw UserError(
          .temporary, at: subject, problem: "another run is writing this output (\(holder))",
          hint: "wait for it to end, or choose another --output")
      }
      // The holder before us may have removed the file between our open and our lock.
      if isFile(descriptor, at: path) { return descriptor }
      close(descriptor)
    }
  }

  /// Tries for a moment: ``holder(of:)`` may be looking just now. Where the file system knows no
  /// locks, as some network file systems do not, there is nothing to wait for: whoever shares it
  /// has to see that an output has one writer, as the queue of a cluster does.
  private static func locks(_ descriptor: Int32) -> Bool {
    for _ in 0..<20 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK { return true }
      usleep(2_000)
    }
    return false
  }

  private static func content(of descriptor: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 64)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    return count > 0
      ? escapingControlCharacters(String(decoding: buffer[..<count], as: UTF8.self)) : "unknown"
  }

  private static func isFile(_ descriptor: Int32, at path: String) -> Bool {
    var held = stat()
    var named = stat()
    return fstat(descriptor, &held) == 0 && stat(path, &named) == 0
      && held.st_ino == named.st_ino && held.st_dev == named.st_dev
  }
}
