import Foundation
import Support

/// A file, a pipe or a terminal that is read in blocks as its content arrives.
public final class TextInput {
  /// The name in messages and results.
  public let name: String
  private let descriptor: Int32
  private let closesDescriptor: Bool
  private let block: UnsafeMutableRawBufferPointer
  private var isChecked = false

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
  /// - Throws: ``UserError`` with exit status `io`, or `data` if the first bytes are no text.
  func nextBlock() throws -> UnsafeRawBufferPointer? {
    while true {
      let count = read(descriptor, block.baseAddress, block.count)
      if count > 0 {
        let bytes = UnsafeRawBufferPointer(rebasing: block[..<count])
        if !isChecked, let format = ForeignFormat(head: bytes) {
          let isRead = format.kind == .packing || format.kind == .workbook
          throw UserError(
            .data, at: name, problem: format.name, expected: "text",
            hint: isRead ? "write it to a file and name that, or unpack it here" : format.hint)
        }
        isChecked = true
        return bytes
      }
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

/// The reader of the output has closed the pipe, as in `… | head`. This ends the program normally.
public struct BrokenPipe: Error {}

/// Unbuffered standard output: predictions are available to the reader at once.
public struct TextOutput {
  private let descriptor: Int32

  /// Creates an output, by default standard output.
  public init(descriptor: Int32 = STDOUT_FILENO) { self.descriptor = descriptor }

  /// Writes all of `text`.
  /// - Throws: ``BrokenPipe``, or ``UserError`` with exit status `io`.
  func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { bytes in
      var position = 0
      while position < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[position...])
        let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
        if count >= 0 {
          position += count
        } else if errno == EPIPE {
          throw BrokenPipe()
        } else if errno == EAGAIN {
          _ = poll(descriptor, Int16(POLLOUT), timeout: -1)
        } else if errno != EINTR {
          throw UserError(
            .io, at: "standard output",
            problem: "writing failed: \(String(cString: strerror(errno)))")
        }
      }
    }
  }
}

/// Whether a path is a file on disk that is not empty.
func isFilledFile(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_size > 0
}

/// Waits until a descriptor is ready; returns whether it is.
private func poll(_ descriptor: Int32, _ events: Int16, timeout milliseconds: Int32) -> Bool {
  var request = pollfd(fd: descriptor, events: events, revents: 0)
  return Foundation.poll(&request, 1, milliseconds) > 0
}
