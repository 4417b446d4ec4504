import Foundation
import Support

/// A character encoding that the system's iconv converts to UTF-8.
public struct TextEncoding: Equatable, Sendable {
  /// The name, as iconv knows it.
  public let name: String

  /// The encoding with a name.
  /// - Throws: ``UserError`` with exit status `usage` if iconv does not know it.
  public init(_ name: String) throws {
    // A slash begins an instruction to iconv, such as to drop what it cannot convert.
    let isName = name.utf8.allSatisfy { 0x21...0x7E ~= $0 && $0 != UInt8(ascii: "/") }
    guard !name.isEmpty, isName, TextConverter(name) != nil else {
      throw UserError(
        .usage, at: "--encoding", problem: "“\(name)”",
        expected: "an encoding that iconv knows, such as windows-1252, gb18030 or shift_jis",
        hint: "“iconv -l” lists all of them")
    }
    self.name = name
  }

  private init(unicode name: String) { self.name = name }

  static let utf8 = TextEncoding(unicode: "UTF-8")

  /// The byte order marks. That of UTF-32LE begins with that of UTF-16LE and therefore precedes it.
  static let marks: [(bytes: [UInt8], encoding: TextEncoding)] = [
    ([0xEF, 0xBB, 0xBF], utf8),
    ([0xFF, 0xFE, 0, 0], TextEncoding(unicode: "UTF-32LE")),
    ([0, 0, 0xFE, 0xFF], TextEncoding(unicode: "UTF-32BE")),
    ([0xFF, 0xFE], TextEncoding(unicode: "UTF-16LE")),
    ([0xFE, 0xFF], TextEncoding(unicode: "UTF-16BE")),
  ]

  /// Whether the bytes are the beginning of a longer byte order mark.
  static func isPartOfMark(_ bytes: UnsafeRawBufferPointer) -> Bool {
    marks.contains { $0.bytes.count > bytes.count && $0.bytes.starts(with: bytes) }
  }

  /// The encoding that the first bytes of a file show: by a byte order mark, or as UTF-16 or UTF-32.
  /// - Returns: nil for all other encodings, which leave no such trace.
  static func detected(_ head: UnsafeRawBufferPointer) -> TextEncoding? {
    marks.first { head.starts(with: $0.bytes) }?.encoding
      ?? unmarkedUnicode(
        UnsafeRawBufferPointer(rebasing: head.prefix(min(head.count, FileType.headSize) / 4 * 4)))
  }

  /// UTF-16 or UTF-32 without a byte order mark. There, all bytes but one of a separator are 0. Other
  /// text may contain zeros, too, but not next to most of its separators.
  private static func unmarkedUnicode(_ head: UnsafeRawBufferPointer) -> TextEncoding? {
    guard head.contains(0) else { return nil }
    let isSeparator = { (byte: UInt8) in [0x09, 0x0A, 0x0D, 0x20, 0x22, 0x2C, 0x3B].contains(byte) }
    // A single word has no separator, but letters.
    let isKnown = head.contains(where: isSeparator) ? isSeparator : { 0x01...0x7F ~= $0 }
    let count = head.count(where: isKnown)
    for (name, width, position) in [
      ("UTF-32LE", 4, 0), ("UTF-32BE", 4, 3), ("UTF-16LE", 2, 0), ("UTF-16BE", 2, 1),
    ] {
      let units = stride(from: 0, through: head.count - width, by: width).count { start in
        (0..<width).allSatisfy { index in
          let byte = head[start + index]
          return index == position ? isKnown(byte) : byte == 0
        }
      }
      if units * 2 > count { return TextEncoding(unicode: name) }
    }
    return nil
  }
}
