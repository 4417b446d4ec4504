import Foundation
import Support

/// A stream of bytes, handed out block by block, whose beginning can be looked at.
class ByteSource {
  private var store = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var filled = 0
  private var isPeeked = false

  /// The next block, or nothing at the end. The bytes are valid until the next call.
  /// - Throws: ``UserError`` of kind `data` or `io`.
  func readBlock() throws -> UnsafeRawBufferPointer? { nil }

  /// The first bytes, at least `count` of them if there are as many. They stay in the stream.
  /// Valid until the second next call of ``nextBlock()``.
  final func peek(_ count: Int) throws -> UnsafeRawBufferPointer {
    if !isPeeked {
      isPeeked = true
      filled = 0
      while filled < count, let block = try readBlock() { keep(block) }
    }
    return UnsafeRawBufferPointer(rebasing: store[..<filled])
  }

  /// The next block, what was peeked at first, or nothing at the end.
  final func nextBlock() throws -> UnsafeRawBufferPointer? {
    guard isPeeked else { return try readBlock() }
    isPeeked = false
    return filled > 0 ? UnsafeRawBufferPointer(rebasing: store[..<filled]) : try readBlock()
  }

  /// Forgets what was peeked at, when the stream moves on to other content.
  final func forget() { isPeeked = false }

  private func keep(_ block: UnsafeRawBufferPointer) {
    if filled + block.count > store.count {
      let larger = UnsafeMutableRawBufferPointer.allocate(
        byteCount: filled + max(block.count, FileType.headSize), alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: store[..<filled]))
      store.deallocate()
      store = larger
    }
    UnsafeMutableRawBufferPointer(rebasing: store[filled...]).copyMemory(from: block)
    filled += block.count
  }

  deinit { store.deallocate() }
}

/// The bytes of a file on disk.
final class FileSource: ByteSource {
  let path: String
  /// The size of the file in bytes when it was opened.
  let size: Int64
  /// Is told how many bytes of how many have been read.
  var watch: Archive.Watch?
  private var done: Int64 = 0
  private let descriptor: Int32
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)

  /// Opens the file.
  /// - Throws: ``UserError`` of kind `noInput`.
  init(path: String) throws {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    var status = stat()
    size = fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
    super.init()
    guard descriptor >= 0 else {
      throw UserError(
        .noInput, at: path, problem: "cannot be read: \(String(cString: strerror(errno)))",
        hint: "check its permissions")
    }
  }

  override func readBlock() throws -> UnsafeRawBufferPointer? {
    while true {
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      if count > 0 {
        done += Int64(count)
        watch?(done, size)
        return UnsafeRawBufferPointer(rebasing: buffer[..<count])
      }
      if count == 0 { return nil }
      guard errno == EINTR else {
        throw UserError(
          .io, at: path, problem: "reading failed: \(String(cString: strerror(errno)))")
      }
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
    buffer.deallocate()
  }
}
