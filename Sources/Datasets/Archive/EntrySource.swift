import Foundation
import Support

/// A file in a container: its path and its content.
struct SourceEntry {
  /// The path within the container, with `/` between folders.
  var path: String
  var bytes: ByteSource
}

/// A sequence of files: a folder, a container or a single file.
protocol EntrySource: AnyObject {
  /// The next regular file; the rest of the previous one is skipped.
  func next() throws -> SourceEntry?
  /// Reads to the end of the container, so that checksums after the last entry are verified.
  func finish() throws
  /// The links that were skipped because they lead to files that are read under another name.
  var skippedLinks: [String] { get }
  /// The location of an entry for messages.
  func location(of path: String) -> ArchiveLocation
}

extension EntrySource {
  func finish() throws {}
  var skippedLinks: [String] { [] }
}

/// The file at the path that was opened.
final class FileEntrySource: EntrySource {
  private let file: FileSource
  private let path: String
  private var isRead = false

  init(path: String, file: FileSource) {
    self.path = path
    self.file = file
  }

  func next() -> SourceEntry? {
    guard !isRead else { return nil }
    isRead = true
    return SourceEntry(path: path.lastPathName, bytes: file)
  }

  func location(of _: String) -> ArchiveLocation { ArchiveLocation(container: path) }
}

/// The files in a folder on disk, sorted by the bytes of their paths.
final class DirectoryEntrySource: EntrySource {
  private let path: String
  private var files: ArraySlice<String>
  let skippedLinks: [String]

  /// - Throws: ``UserError`` as ``FileListing``.
  init(path: String) throws {
    self.path = path
    let listing = try FileListing(of: path)
    (files, skippedLinks) = (listing.files[...], listing.duplicates)
  }

  func next() throws -> SourceEntry? {
    try files.popFirst().map {
      SourceEntry(path: $0, bytes: try FileSource(path: "\(path)/\($0)"))
    }
  }

  func location(of name: String) -> ArchiveLocation {
    ArchiveLocation(container: "\(path)/\(name)", member: name)
  }
}

/// A stream of bytes that is read block by block; its beginning can be inspected without reading it.
class ByteSource {
  private var peekBuffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var peekedCount = 0
  private var isPeeked = false

  /// The next block, or nil at the end. The bytes are valid until the next call.
  /// - Throws: ``UserError`` with exit status `data` or `io`.
  func readBlock() throws -> UnsafeRawBufferPointer? { nil }

  /// The first bytes, at least `count` unless the stream is shorter. They stay in the stream and are
  /// valid until the second next call of ``nextBlock()``.
  final func peek(_ count: Int) throws -> UnsafeRawBufferPointer {
    if !isPeeked {
      isPeeked = true
      peekedCount = 0
      while peekedCount < count, let block = try readBlock() { append(block) }
    }
    return UnsafeRawBufferPointer(rebasing: peekBuffer[..<peekedCount])
  }

  /// The next block, starting with peeked bytes, or nil at the end.
  final func nextBlock() throws -> UnsafeRawBufferPointer? {
    guard isPeeked else { return try readBlock() }
    isPeeked = false
    return peekedCount > 0
      ? UnsafeRawBufferPointer(rebasing: peekBuffer[..<peekedCount]) : try readBlock()
  }

  private func append(_ block: UnsafeRawBufferPointer) {
    if peekedCount + block.count > peekBuffer.count {
      let larger = UnsafeMutableRawBufferPointer.allocate(
        byteCount: peekedCount + max(block.count, FileType.headSize), alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: peekBuffer[..<peekedCount]))
      peekBuffer.deallocate()
      peekBuffer = larger
    }
    UnsafeMutableRawBufferPointer(rebasing: peekBuffer[peekedCount...]).copyMemory(from: block)
    peekedCount += block.count
  }

  deinit { peekBuffer.deallocate() }
}

/// The bytes of a file on disk.
final class FileSource: ByteSource {
  let path: String
  /// The size of the file in bytes when it was opened.
  let size: Int64
  /// Called with the number of bytes read and the size.
  let progress: Archive.Progress?
  private var bytesRead: Int64 = 0
  private let descriptor: Int32
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)

  /// Opens the file.
  /// - Throws: ``UserError`` with exit status `noInput`.
  init(path: String, progress: Archive.Progress? = nil) throws {
    self.path = path
    self.progress = progress
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
        bytesRead += Int64(count)
        progress?(bytesRead, size)
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
