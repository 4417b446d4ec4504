import CLibarchive

/// The input callback of libarchive: reads the bytes of the container.
final class LibarchiveInput {
  private let source: ByteSource
  private(set) var bytesRead: Int64 = 0
  /// The number of bytes without the zeros at the end, which pad files on tapes.
  private(set) var contentEnd: Int64 = 0
  private(set) var error: (any Error)?

  init(_ source: ByteSource) { self.source = source }

  /// Reads to the end, unless libarchive reads the file itself.
  func drain() throws {
    if bytesRead > 0 { while try nextBlock() != nil {} }
  }

  func pull(_ buffer: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
    do {
      guard let block = try nextBlock() else { return 0 }
      buffer.pointee = block.baseAddress
      return block.count
    } catch {
      self.error = error
      return -1
    }
  }

  private func nextBlock() throws -> UnsafeRawBufferPointer? {
    guard let block = try source.nextBlock() else { return nil }
    if let last = block.lastIndex(where: { $0 != 0 }) { contentEnd = bytesRead + Int64(last) + 1 }
    bytesRead += Int64(block.count)
    return block
  }
}

/// Passes the call of libarchive on to the ``LibarchiveInput`` that it was opened with.
func pullLibarchiveInput(
  _: OpaquePointer?, _ client: UnsafeMutableRawPointer?,
  _ buffer: UnsafeMutablePointer<UnsafeRawPointer?>?
) -> Int {
  guard let client, let buffer else { return -1 }
  return Unmanaged<LibarchiveInput>.fromOpaque(client).takeUnretainedValue().pull(buffer)
}
