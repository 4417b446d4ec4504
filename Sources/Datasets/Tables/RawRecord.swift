import Foundation
import Support

/// One line of a file, as bytes. Valid only while it is handed over.
public struct RawRecord {
  /// The bytes without the line ending, which is LF or CR LF, and without a byte order mark.
  public let bytes: UnsafeRawBufferPointer
  /// The number of the line, from 1.
  public let number: Int
  /// Where the line begins in its file, in bytes from 0.
  public let offset: Int
  /// Whether a line ending follows; without it the last line of a file may have been cut.
  public let isEnded: Bool
  /// Whether the line is longer than was allowed; `bytes` then holds its beginning.
  public let isTooLong: Bool

  /// The longest line that is kept whole unless the caller says otherwise: 16 MiB.
  public static let longest = 16 << 20
}

extension ArchiveEntry {
  /// Hands over the content line by line. Only LF and CR LF end a line, whatever else Unicode may
  /// call a newline. Memory stays bounded by `longest`; a longer line is handed over once, cut and
  /// marked, and the rest of it is passed over.
  /// - Throws: ``UserError`` of kind `data` if the archive is damaged or the text is UTF-16, and what
  ///   `body` throws.
  public func forEachLine(
    longest: Int = RawRecord.longest, _ body: (RawRecord) throws -> Void
  ) throws {
    var splitter = LineSplitter(longest: longest)
    var isFirst = true
    try forEachBlock { block in
      let text = isFirst ? try afterByteOrderMark(block) : block
      if isFirst { splitter.offset = block.count - text.count }
      isFirst = false
      try splitter.split(text, body)
    }
    try splitter.finish(body)
  }

  /// Hands over the content block by block, without a byte order mark.
  /// - Throws: ``UserError`` of kind `data` if the archive is damaged or the text is UTF-16, and what
  ///   `body` throws.
  func forEachTextBlock(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    var isFirst = true
    try forEachBlock { block in
      try body(isFirst ? try afterByteOrderMark(block) : block)
      isFirst = false
    }
  }

  private func afterByteOrderMark(
    _ block: UnsafeRawBufferPointer
  ) throws -> UnsafeRawBufferPointer {
    try withoutByteOrderMark(
      block, at: place,
      hint: "use the publisher's file, or save it again as UTF-8 with tabs as they were")
  }
}

/// The beginning of a text without a UTF-8 byte order mark.
/// - Throws: ``UserError`` of kind `data` if it is UTF-16.
package func withoutByteOrderMark(
  _ block: UnsafeRawBufferPointer, at place: String, hint: String
) throws -> UnsafeRawBufferPointer {
  if block.starts(with: [0xFF, 0xFE]) || block.starts(with: [0xFE, 0xFF]) {
    throw UserError(.data, at: place, problem: "UTF-16 text", expected: "UTF-8", hint: hint)
  }
  guard block.starts(with: [0xEF, 0xBB, 0xBF]) else { return block }
  return UnsafeRawBufferPointer(rebasing: block[3...])
}

/// Cuts blocks into lines; a line that lies within one block is not copied.
package struct LineSplitter {
  let longest: Int
  var offset = 0
  private var number = 1
  /// The beginning of a line whose end has not come yet.
  private var begun: [UInt8] = []
  /// How long that line is so far; more than `begun` holds if it is too long.
  private var begunSize = 0

  package init(longest: Int) { self.longest = longest }

  package mutating func split(
    _ block: UnsafeRawBufferPointer, _ body: (RawRecord) throws -> Void
  ) throws {
    guard let base = block.baseAddress else { return }
    var start = 0
    while start < block.count, let end = memchr(base + start, 0x0A, block.count - start) {
      let size = UnsafeRawPointer(end) - (base + start)
      let piece = UnsafeRawBufferPointer(start: base + start, count: size)
      if begunSize == 0 {
        try hand(piece, size: size, isEnded: true, body)
      } else {
        keep(piece)
        try handBegun(isEnded: true, body)
      }
      start += size + 1
    }
    keep(UnsafeRawBufferPointer(rebasing: block[start...]))
  }

  /// Hands over what stands behind the last line ending, if anything.
  package mutating func finish(_ body: (RawRecord) throws -> Void) throws {
    if begunSize > 0 { try handBegun(isEnded: false, body) }
  }

  private mutating func keep(_ piece: UnsafeRawBufferPointer) {
    begunSize += piece.count
    begun.append(contentsOf: piece.prefix(longest + 1 - min(begun.count, longest + 1)))
  }

  private mutating func handBegun(isEnded: Bool, _ body: (RawRecord) throws -> Void) throws {
    let size = begunSize
    var line: [UInt8] = []
    swap(&line, &begun)
    begunSize = 0
    try line.withUnsafeBytes { try hand($0, size: size, isEnded: isEnded, body) }
    swap(&line, &begun)
    begun.removeAll(keepingCapacity: true)
  }

  private mutating func hand(
    _ bytes: UnsafeRawBufferPointer, size: Int, isEnded: Bool, _ body: (RawRecord) throws -> Void
  ) throws {
    var kept = min(bytes.count, longest)
    if isEnded, kept == size, kept > 0, bytes[kept - 1] == 0x0D { kept -= 1 }
    try body(
      RawRecord(
        bytes: UnsafeRawBufferPointer(rebasing: bytes[..<kept]), number: number, offset: offset,
        isEnded: isEnded, isTooLong: size > longest))
    number += 1
    offset += size + (isEnded ? 1 : 0)
  }
}
