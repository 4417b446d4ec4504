import Foundation
import Support

/// A file, a pipe or a terminal that is read block by block as its content comes.
public final class TextInput {
  /// Its name in messages and results.
  public let name: String
  private let descriptor: Int32
  private let isOurs: Bool
  private let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)

  /// Standard input.
  public init() { (name, descriptor, isOurs) = ("standard input", STDIN_FILENO, false) }

  /// Opens a file; `-` is standard input.
  /// - Throws: ``UserError`` of kind `noInput`.
  public convenience init(path: String) throws {
    if path == "-" {
      self.init()
      return
    }
    guard isDirectory(path) != true else {
      throw UserError(
        .noInput, at: path, problem: "a folder", expected: "a file with one text a line",
        hint: "name the files in it")
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw UserError(
        .noInput, at: path, problem: "cannot be read: \(String(cString: strerror(errno)))",
        hint: "check the path and its permissions")
    }
    self.init(name: path, descriptor: descriptor)
  }

  private init(name: String, descriptor: Int32) {
    (self.name, self.descriptor, isOurs) = (name, descriptor, true)
  }

  deinit {
    if isOurs { close(descriptor) }
    block.deallocate()
  }

  /// Whether somebody types into it.
  public var isTerminal: Bool { isatty(descriptor) == 1 }

  /// Whether ``nextBlock()`` would answer at once.
  var isReady: Bool { wait(milliseconds: 0) }

  /// The next bytes, valid until the next call; waits for them. Nothing at the end.
  /// - Throws: ``UserError`` of kind `io`.
  func nextBlock() throws -> UnsafeRawBufferPointer? {
    while true {
      let count = read(descriptor, block.baseAddress, block.count)
      if count > 0 { return UnsafeRawBufferPointer(rebasing: block[..<count]) }
      if count == 0 { return nil }
      // A descriptor that somebody else has made non-blocking has to be waited for.
      if errno == EAGAIN {
        _ = wait(milliseconds: -1)
      } else if errno != EINTR {
        throw UserError(
          .io, at: name, problem: "reading failed: \(String(cString: strerror(errno)))")
      }
    }
  }

  private func wait(milliseconds: Int32) -> Bool {
    var request = pollfd(descriptor, events: Int16(POLLIN))
    return poll(&request, 1, milliseconds) > 0
  }
}

extension pollfd {
  /// A question about one descriptor.
  init(_ descriptor: Int32, events: Int16) {
    self.init(fd: descriptor, events: events, revents: 0)
  }
}
