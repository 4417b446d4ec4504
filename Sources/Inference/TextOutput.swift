import Foundation
import Support

/// Somebody stopped reading our results, as `… | head` does: no error, but the end.
public struct BrokenPipe: Error {
  /// Thrown by ``TextOutput``.
  public init() {}
}

/// Standard output, written without a buffer of its own: what is written is there for the reader.
public struct TextOutput {
  private let descriptor: Int32

  /// Writes to a descriptor, by default that of standard output.
  public init(descriptor: Int32 = STDOUT_FILENO) { self.descriptor = descriptor }

  /// Writes all of `text`.
  /// - Throws: ``BrokenPipe``, or ``UserError`` of kind `io`.
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
          var request = pollfd(descriptor, events: Int16(POLLOUT))
          _ = poll(&request, 1, -1)
        } else if errno != EINTR {
          throw UserError(
            .io, at: "standard output",
            problem: "writing failed: \(String(cString: strerror(errno)))")
        }
      }
    }
  }
}
