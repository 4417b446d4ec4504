import Support

/// Parses the JSON of a safetensors header: an object of tensor entries and one `__metadata__` object
/// of strings. Foundation's parser silently keeps one of two equal keys, but the specification
/// rejects duplicate keys.
struct SafetensorsHeaderParser {
  struct Entry {
    var type: String
    var shape: [Int]
    var begin: Int
    var end: Int
  }

  private let bytes: UnsafeRawBufferPointer
  private let path: String
  private var position = 0

  init(bytes: UnsafeRawBufferPointer, path: String) {
    self.bytes = bytes
    self.path = path
  }

  mutating func parse() throws -> (entries: [(String, Entry)], metadata: [String: String]) {
    guard bytes.first == UInt8(ascii: "{") else { throw unexpected("{ as the first byte") }
    var entries: [(String, Entry)] = []
    var metadata: [String: String] = [:]
    try object { parser, key in
      if key == "__metadata__" {
        try parser.object { parser, key in metadata[key] = try parser.string() }
      } else {
        entries.append((key, try parser.entry()))
      }
    }
    // The specification allows padding with spaces after the object, nothing else.
    while position < bytes.count {
      guard bytes[position] == UInt8(ascii: " ") else { throw unexpected("only spaces") }
      position += 1
    }
    return (entries, metadata)
  }

  private mutating func entry() throws -> Entry {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
    try object { parser, key in
      switch key {
      case "dtype": type = try parser.string()
      case "shape": shape = try parser.integers()
      case "data_offsets": offsets = try parser.integers()
      default: throw parser.unexpected("dtype, shape or data_offsets, not “\(key)”")
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2 else {
      throw unexpected("dtype, shape and two data_offsets before this point")
    }
    return Entry(type: type, shape: shape, begin: offsets[0], end: offsets[1])
  }

  /// Parses an object; `member` parses the value of each key. Duplicate keys are rejected.
  private mutating func object(_ member: (inout Self, String) throws -> Void) throws {
    try expect("{")
    var seen: Set<[UInt8]> = []
    if accept("}") { return }
    repeat {
      let key = try string()
      guard seen.insert(Array(key.utf8)).inserted else {
        throw unexpected("each key once, not “\(key)” again")
      }
      try expect(":")
      try member(&self, key)
    } while accept(",")
    try expect("}")
  }

  private mutating func integers() throws -> [Int] {
    try expect("[")
    var result: [Int] = []
    if accept("]") { return result }
    repeat { result.append(try integer()) } while accept(",")
    try expect("]")
    return result
  }

  private mutating func integer() throws -> Int {
    skipSpace()
    var value = 0
    let start = position
    while position < bytes.count, case let digit = bytes[position] &- 48, digit < 10 {
      let (product, over) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(digit))
      guard !over, !carry else { throw unexpected("a number below 2^63") }
      value = sum
      position += 1
    }
    guard position > start, position == start + 1 || bytes[start] != UInt8(ascii: "0") else {
      throw unexpected("a whole number that is not negative")
    }
    return value
  }

  private mutating func string() throws -> String {
    try expect("\"")
    var result: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: result, as: UTF8.self) else {
          throw unexpected("valid UTF-8 in the string before this point")
        }
        return text
      case UInt8(ascii: "\\"): try escape(into: &result)
      case 0..<0x20:
        position -= 1
        throw unexpected("no control character inside a string")
      default: result.append(byte)
      }
    }
    throw unexpected("the end of a string")
  }

  private mutating func escape(into result: inout [UInt8]) throws {
    guard position < bytes.count else { throw unexpected("an escape") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
    case UInt8(ascii: "b"): result.append(8)
    case UInt8(ascii: "f"): result.append(12)
    case UInt8(ascii: "n"): result.append(10)
    case UInt8(ascii: "r"): result.append(13)
    case UInt8(ascii: "t"): result.append(9)
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if (0xD800..<0xDC00).contains(code), position + 1 < bytes.count,
        bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else { throw unexpected("a low surrogate") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw unexpected("a Unicode scalar") }
      result.append(contentsOf: String(scalar).utf8)
    default:
      position -= 1
      throw unexpected("a JSON escape")
    }
  }

  private mutating func hexadecimal() throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count,
        let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue
      else { throw unexpected("four hexadecimal digits") }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
      position += 1
    }
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    guard accept(character) else { throw unexpected(String(character)) }
  }

  private func unexpected(_ expected: String) -> UserError {
    let seen =
      position < bytes.count
      ? "the byte 0x\(String(bytes[position], radix: 16))" : "the end of the header"
    return UserError(
      .data, at: "\(path): byte \(8 + position)", problem: seen, expected: expected,
      hint: "this is not the header of a safetensors file; make the file again")
  }
}
