import Foundation
import Support

/// One line of a file, or one object of a JSON array. Valid only during the call that receives it.
public struct Line {
  /// The bytes in UTF-8, without the line ending (LF or CR LF) and without a byte order mark.
  public let bytes: UnsafeRawBufferPointer
  /// The number of the line, from 1.
  public let number: Int
  /// Whether a line ending follows; without it the last line of a file may be truncated.
  public let isEnded: Bool
  /// Whether the line exceeds the limit; `bytes` is then truncated.
  public let isTooLong: Bool
  /// The position in the file of an object that shares its line with other text.
  var start: (line: Int, column: Int)?

  /// The default limit of a line in bytes: 16 MiB.
  public static let maxLength = 16 << 20

  /// Whether the line consists of white space and control characters.
  var isBlank: Bool { bytes.allSatisfy { $0 <= 0x20 } }
}

extension ArchiveEntry {
  /// Calls `body` with the content line by line. Only LF and CR LF end a line. Memory is bounded by
  /// `maxLength`; a longer line is passed once, truncated and marked.
  /// - Parameter encoding: the encoding of the text; by default it is detected.
  /// - Throws: ``UserError`` with exit status `data` if the archive is corrupt or the text is not in the
  ///   encoding; errors of `body`.
  public func forEachLine(
    encoding: TextEncoding? = nil, maxLength: Int = Line.maxLength, _ body: (Line) throws -> Void
  ) throws {
    var splitter = LineSplitter(maxLength: maxLength)
    try forEachTextBlock(encoding) { try splitter.split($0, body) }
    try splitter.finish(body)
  }

  /// Calls `body` with the content block by block, decoded to UTF-8 as ``TextDecoder`` does.
  /// - Throws: as ``forEachLine(encoding:maxLength:_:)``.
  package func forEachTextBlock(
    _ encoding: TextEncoding?, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let decoder = TextDecoder(encoding, at: self.location)
    try forEachBlock { try decoder.decode($0, body) }
    try decoder.finish(body)
  }

  /// The text of ``head()``, decoded to UTF-8.
  /// - Throws: as ``forEachLine(encoding:maxLength:_:)``.
  func textHead(_ encoding: TextEncoding? = nil) throws -> [UInt8] {
    var text: [UInt8] = []
    let decoder = TextDecoder(encoding, at: self.location)
    try head().withUnsafeBytes { try decoder.decode($0) { text.append(contentsOf: $0) } }
    return text
  }
}

/// Splits blocks into lines; a line within one block is not copied.
package struct LineSplitter {
  private let maxLength: Int
  private var number = 1
  /// The beginning of a line whose end has not been read, up to the limit.
  private var partial: [UInt8] = []
  /// The length of that line so far.
  private var partialLength = 0

  package init(maxLength: Int) { self.maxLength = maxLength }

  package mutating func split(
    _ block: UnsafeRawBufferPointer, _ body: (Line) throws -> Void
  ) throws {
    guard let base = block.baseAddress else { return }
    var start = 0
    while start < block.count, let end = memchr(base + start, 0x0A, block.count - start) {
      let count = UnsafeRawPointer(end) - (base + start)
      let bytes = UnsafeRawBufferPointer(start: base + start, count: count)
      if partialLength == 0 {
        try emit(bytes, length: count, isEnded: true, body)
      } else {
        append(bytes)
        try emitPartial(isEnded: true, body)
      }
      start += count + 1
    }
    append(UnsafeRawBufferPointer(rebasing: block[start...]))
  }

  /// Emits the text after the last line ending, if any.
  package mutating func finish(_ body: (Line) throws -> Void) throws {
    if partialLength > 0 { try emitPartial(isEnded: false, body) }
  }

  private mutating func append(_ bytes: UnsafeRawBufferPointer) {
    partialLength += bytes.count
    partial.append(contentsOf: bytes.prefix(maxLength + 1 - min(partial.count, maxLength + 1)))
  }

  private mutating func emitPartial(isEnded: Bool, _ body: (Line) throws -> Void) throws {
    let length = partialLength
    var line: [UInt8] = []
    swap(&line, &partial)
    partialLength = 0
    try line.withUnsafeBytes { try emit($0, length: length, isEnded: isEnded, body) }
    swap(&line, &partial)
    partial.removeAll(keepingCapacity: true)
  }

  private mutating func emit(
    _ bytes: UnsafeRawBufferPointer, length: Int, isEnded: Bool, _ body: (Line) throws -> Void
  ) throws {
    var kept = min(bytes.count, maxLength)
    if isEnded, kept == length, kept > 0, bytes[kept - 1] == 0x0D { kept -= 1 }
    try body(
      Line(
        bytes: UnsafeRawBufferPointer(rebasing: bytes[..<kept]), number: number, isEnded: isEnded,
        isTooLong: length > maxLength))
    number += 1
  }
}
