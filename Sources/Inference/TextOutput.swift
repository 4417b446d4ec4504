import Foundation
import Support

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
      guard !Inference.write(UnsafeRawBufferPointer(bytes), to: descriptor) else { return }
      if errno == EPIPE { throw BrokenPipe() }
      throw UserError(
        .io, at: "standard output", problem: "writing failed: \(String(cString: strerror(errno)))")
    }
  }
}
