import Foundation

/// An exclusive lock on a file, held until it is released or the process ends, however that happens.
final class FileLock {
  private var descriptor: Int32
  private let path: String

  /// Acquires the lock.
  /// - Parameter output: the output that it protects, for messages.
  /// - Throws: ``UserError`` with exit status `temporary` if another process holds it, or
  ///   `cannotCreate`.
  init(path: String, for output: String) throws {
    // Whatever can fail comes first: an initialiser that throws later would run `deinit`, which
    // removes the file although another process holds the lock.
    let descriptor = try Self.acquire(path, for: output)
    self.descriptor = descriptor
    self.path = path
    let text = "process \(getpid())"
    ftruncate(descriptor, 0)
    _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
  }

  /// Removes the lock file and releases the lock.
  func release() {
    guard descriptor >= 0 else { return }
    unlink(path)
    close(descriptor)
    descriptor = -1
  }

  deinit { release() }

  /// Returns the process that holds the lock on the file at `path`, or nil.
  static func holder(of path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let isHeld = flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    return isHeld ? content(of: descriptor) : nil
  }

  private static func acquire(_ path: String, for output: String) throws -> Int32 {
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else {
        throw UserError(
          .cannotCreate, at: path,
          problem: "cannot be created: \(String(cString: strerror(errno)))",
          hint: "choose another --output or change its permissions")
      }
      guard tryLock(descriptor) else {
        let holder = content(of: descriptor)
        close(descriptor)
        throw UserError(
          .temporary, at: output, problem: "another run is writing this output (\(holder))",
          hint: "wait for it to end, or choose another --output")
      }
      // The previous holder may have removed the file between `open` and `flock`.
      guard isFile(descriptor, at: path) else {
        close(descriptor)
        continue
      }
      guard isLock(descriptor) else {
        close(descriptor)
        throw UserError(
          .cannotCreate, at: path, problem: "a file of another program",
          expected: "no file of this name, which locks the output while it is being written",
          hint: "choose another --output, or move the file")
      }
      return descriptor
    }
  }

  /// Tries repeatedly for 40 ms, because ``holder(of:)`` of another process may hold a shared lock.
  /// Also returns true if the file system has no locks, as some network file systems; then its
  /// users must ensure that an output has one writer, as the queue of a cluster does.
  private static func tryLock(_ descriptor: Int32) -> Bool {
    for _ in 0..<20 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK { return true }
      usleep(2_000)
    }
    return false
  }

  /// Whether a file is the lock of a run that died, or a new one, and not a file such as `Cargo.lock`.
  private static func isLock(_ descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0
      && (status.st_size == 0 || content(of: descriptor).hasPrefix("process "))
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
