import Foundation

/// A message of protocol buffers in its binary encoding (protobuf.dev/programming-guides/encoding).
///
/// It consists of pieces, so that the weights of a model are not copied into each of the messages around
/// them.
struct ProtobufMessage {
  private enum Piece {
    case bytes([UInt8])
    case floats([Float])
  }

  private enum WireType: UInt64 {
    case varint = 0
    case lengthDelimited = 2
    case fixed32 = 5
  }

  private var pieces: [Piece] = []
  /// The length of the encoding.
  private(set) var byteCount = 0

  /// Adds a field with an integer, a Boolean or a case of an enumeration.
  mutating func add(_ field: Int, _ value: Int) {
    addTag(field, .varint)
    addVarint(UInt64(bitPattern: Int64(value)))
  }

  /// Adds a field with a number in single precision.
  mutating func add(_ field: Int, _ value: Float) {
    addTag(field, .fixed32)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { add(bytes: Array($0)) }
  }

  /// Adds a field with a text.
  mutating func add(_ field: Int, _ text: String) { add(field, bytes: Array(text.utf8)) }

  /// Adds a field with bytes.
  mutating func add(_ field: Int, bytes: [UInt8]) {
    addTag(field, .lengthDelimited)
    addVarint(UInt64(bytes.count))
    add(bytes: bytes)
  }

  /// Adds a field with the little-endian bytes of some numbers.
  mutating func add(_ field: Int, rawBytesOf values: [Float]) {
    addTag(field, .lengthDelimited)
    let count = values.count * MemoryLayout<Float>.stride
    addVarint(UInt64(count))
    pieces.append(.floats(values))
    byteCount += count
  }

  /// Adds a field with a message.
  mutating func add(_ field: Int, _ message: ProtobufMessage) {
    addTag(field, .lengthDelimited)
    addVarint(UInt64(message.byteCount))
    for piece in message.pieces {
      switch piece {
      case .bytes(let bytes): add(bytes: bytes)
      case .floats(let values):
        pieces.append(.floats(values))
        byteCount += values.count * MemoryLayout<Float>.stride
      }
    }
  }

  /// The bytes of the message.
  func encoded() -> Data {
    var data = Data(capacity: byteCount)
    for piece in pieces {
      switch piece {
      case .bytes(let bytes): data.append(contentsOf: bytes)
      case .floats(let values): values.withUnsafeBytes { data.append(contentsOf: $0) }
      }
    }
    return data
  }

  private mutating func addTag(_ field: Int, _ type: WireType) {
    addVarint(UInt64(field) << 3 | type.rawValue)
  }

  /// Adds seven bits at a time, the lowest first; all bytes but the last have the highest bit.
  private mutating func addVarint(_ value: UInt64) {
    var (rest, bytes) = (value, [UInt8]())
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    add(bytes: bytes + [UInt8(rest)])
  }

  private mutating func add(bytes: [UInt8]) {
    byteCount += bytes.count
    if case .bytes(var last) = pieces.last {
      // Without the copy in `pieces`, the bytes are extended in place.
      pieces.removeLast()
      last += bytes
      pieces.append(.bytes(last))
    } else {
      pieces.append(.bytes(bytes))
    }
  }
}
