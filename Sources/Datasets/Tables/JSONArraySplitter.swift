import Foundation
import Safetensors
import Support

extension ArchiveEntry {
  /// Hands over the elements of a JSON array of objects one by one, each as if it were a line:
  /// `number` counts the objects. Memory stays bounded by `longest`; a larger object is handed over
  /// once, cut and marked.
  /// - Throws: ``UserError`` of kind `data` if something else than objects stands in the array, and
  ///   what `body` throws.
  func forEachObject(longest: Int, _ body: (RawRecord) throws -> Void) throws {
    var splitter = ObjectSplitter(longest: longest)
    let place = place
    try forEachBlock { try splitter.split($0, at: place, body) }
    try splitter.finish(body)
  }
}

/// Cuts a JSON array into its objects by counting braces outside of strings.
private struct ObjectSplitter {
  let longest: Int
  private var object: [UInt8] = []
  private var size = 0
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  private var number = 1
  private var offset = 0

  init(longest: Int) { self.longest = longest }

  mutating func split(
    _ block: UnsafeRawBufferPointer, at place: String, _ body: (RawRecord) throws -> Void
  ) throws {
    for byte in block {
      if depth == 0 {
        try begin(byte, at: place)
      } else if step(byte) {
        try hand(isEnded: true, body)
      }
      offset += 1
    }
  }

  /// Between objects: only white space, commas and the brackets of the array.
  private mutating func begin(_ byte: UInt8, at place: String) throws {
    switch byte {
    case UInt8(ascii: "{"): _ = step(byte)
    case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"): break
    case 0xBB...0xEF where offset < 3: break  // a byte order mark
    default:
      throw UserError(
        .data, at: "\(place): byte \(offset)", problem: "the byte 0x\(String(byte, radix: 16))",
        expected: "the next object of the JSON array",
        hint: "use the publisher's file, which holds one JSON object a line")
    }
  }

  /// Adds a byte to the object; says whether it was the last.
  private mutating func step(_ byte: UInt8) -> Bool {
    size += 1
    if size <= longest { object.append(byte) }
    if isInString {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString = false
      }
      return false
    }
    switch byte {
    case UInt8(ascii: "\""): isInString = true
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
    default: break
    }
    return depth == 0
  }

  mutating func finish(_ body: (RawRecord) throws -> Void) throws {
    if depth > 0 { try hand(isEnded: false, body) }
  }

  private mutating func hand(isEnded: Bool, _ body: (RawRecord) throws -> Void) throws {
    try object.withUnsafeBytes {
      try body(
        RawRecord(
          bytes: $0, number: number, offset: offset + 1 - size, isEnded: isEnded,
          isTooLong: size > longest))
    }
    number += 1
    size = 0
    object.removeAll(keepingCapacity: true)
  }
}
