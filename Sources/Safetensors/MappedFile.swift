import Foundation
import Support

/// The bytes of a file, mapped into memory, so that only the parts that are used are read. A file
/// that cannot be mapped is read instead.
///
/// The stages replace their outputs and never modify them, so a mapped file does not change. If
/// another program truncates it, accessing the missing part ends the process.
///
/// `@unchecked Sendable`: the bytes never change.
final class MappedFile: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer
  private let isMapped: Bool

  /// - Throws: `POSIXError` if the file cannot be opened or read.
  init(path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw lastError() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw lastError() }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw POSIXError(.EISDIR) }
    let size = Int(status.st_size)
    if size > 0, let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0),
      start != MAP_FAILED
    {
      (bytes, isMapped) = (UnsafeRawBufferPointer(start: start, count: size), true)
    } else {
      let data = try FileHandle(fileDescriptor: descriptor).readToEnd() ?? Data()
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: data.count, alignment: 64)
      copy.copyBytes(from: data)
      (bytes, isMapped) = (UnsafeRawBufferPointer(copy), false)
    }
  }

  deinit {
    if isMapped {
      munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    } else {
      bytes.deallocate()
    }
  }

  /// The bytes without a copy; they keep this object alive.
  var data: Data {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return Data() }
    return Data(
      bytesNoCopy: UnsafeMutableRawPointer(mutating: start), count: bytes.count,
      deallocator: .custom { [self] _, _ in withExtendedLifetime(self) {} })
  }
}
