import Foundation
import Support

/// A file, a pipe or a terminal that is read in blocks as its content arrives.
public final class TextInput {
  /// The name in messages and results.
  public let name: String
  private let descriptor: Int32
  private let closesDescriptor: Bool
  private let block: UnsafeMutableRawBufferPointer

  /// Opens a file; `-` is standard input.
  /// - Throws: ``UserError`` with exit status `noInput`.
  public init(path: String) throws {
    if path == "-" {
      (name, descriptor, closesDescriptor) = ("standard input", STDIN_FILENO, false)
    } else {
      guard isDirectory(path) != true else {
        throw UserError(
          .noInput, at: path, problem: "a folder", expected: "a file with one text a line",
          hint: "name the files in it")
      }
      (name, descriptor, closesDescriptor) = (path, open(path, O_RDONLY | O_CLOEXEC), true)
      guard descriptor >= 0 else {
        let hint = "check the path and its permissions"
        if errno == ENOENT { throw missingInput(path, hint: hint) }
        throw missingInput(
          path, problem: "cannot be read: \(String(cString: strerror(errno)))", hint: hint)
      }
    }
    block = .allocate(byteCount: 1 << 16, alignment: 16)
  }

  deinit {
    if closesDescriptor { close(descriptor) }
    block.deallocate()
  }

  /// Whether the input is a terminal.
  public var isTerminal: Bool { isatty(descriptor) == 1 }

  /// Whether ``nextBlock()`` would return without waiting.
  var isReady: Bool { poll(descriptor, Int16(POLLIN), timeout: 0) }

  /// Waits for the next bytes and returns them; they are valid until the next call. Returns nil at the
  /// end.
  /// - Throws: ``UserError`` with exit status `io`.
  func nextBlock() throws -> UnsafeRawBufferPointer? {
    while true {
      let count = read(descriptor, block.baseAddress, block.count)
      if count > 0 { return UnsafeRawBufferPointer(rebasing: block[..<count]) }
      if count == 0 { return nil }
      // Another process can have made a shared descriptor non-blocking.
      if errno == EAGAIN {
        _ = poll(descriptor, Int16(POLLIN), timeout: -1)
      } else if errno != EINTR {
        throw UserError(
          .io, at: name, problem: "reading failed: \(String(cString: strerror(errno)))")
      }
    }
  }
}

/// The content of a pipe in a file without a name, which disappears with it.
final class TemporaryFile {
  /// A path that is valid as long as this object.
  let path: String
  private let descriptor: Int32

  /// Copies an input to its end.
  /// - Parameter first: the block that was read before.
  /// - Throws: ``UserError`` with exit status `io`.
  init(_ first: UnsafeRawBufferPointer, _ input: TextInput) throws {
    var name = Array("\(NSTemporaryDirectory())predict-XXXXXX".utf8CString)
    descriptor = mkstemp(&name)
    path = Support.path(ofDescriptor: descriptor)
    guard descriptor >= 0 else { throw error(of: input) }
    unlink(name)
    var block: UnsafeRawBufferPointer? = first
    while let bytes = block {
      guard write(bytes, to: descriptor) else { throw error(of: input) }
      block = try input.nextBlock()
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  private func error(of input: TextInput) -> UserError {
    UserError(
      .io, at: input.name, problem: "cannot be copied: \(String(cString: strerror(errno)))",
      hint: "make room in \(NSTemporaryDirectory()), or write it to a file and name that")
  }
}

/// Whether a path is a file on disk that is not empty.
func isFilledFile(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_size > 0
}

/// Writes all bytes; returns whether that succeeded, or else the reason is in `errno`.
func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
  var position = 0
  while position < bytes.count {
    let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
    let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
    if count >= 0 {
      position += count
    } else if errno == EAGAIN {
      // Another process can have made a shared descriptor non-blocking.
      _ = poll(descriptor, Int16(POLLOUT), timeout: -1)
    } else if errno != EINTR {
      return false
    }
  }
  return true
}

/// Waits until a descriptor is ready; returns whether it is.
private func poll(_ descriptor: Int32, _ events: Int16, timeout milliseconds: Int32) -> Bool {
  var request = pollfd(fd: descriptor, events: events, revents: 0)
  return Foundation.poll(&request, 1, milliseconds) > 0
}
