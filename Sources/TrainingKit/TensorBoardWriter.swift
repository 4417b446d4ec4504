import Foundation

/// A file of numbers over steps as TensorBoard reads it: TFRecords of `Event` messages
/// (tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto).
///
/// It takes five fields of three messages, so they are written here rather than by a protobuf
/// library and the compiler that it needs. An event's time is its step, for the clock would give
/// other bytes each time; TensorBoard's axes of time then show steps.
struct TensorBoardWriter {
  /// The bytes of the file.
  private(set) var bytes = Data()

  /// A file with no number yet, only the record that says which version it is.
  init() { append(Self.event(step: 0, [.string(3, "brain.Event:2")])) }

  /// Appends numbers that belong to one step.
  mutating func append(step: Int, _ scalars: [(tag: String, value: Double)]) {
    let values = scalars.map { scalar in
      Field.message(1, [.string(1, scalar.tag), .float(2, Float(scalar.value))])
    }
    append(Self.event(step: step, [.message(5, values)]))
  }

  /// An `Event`: its time in seconds, its step, and what happened.
  private static func event(step: Int, _ what: [Field]) -> Data {
    Field.encoded([.double(1, Double(step)), .integer(2, UInt64(max(0, step)))] + what)
  }

  /// A TFRecord: the length in 8 bytes, its checksum, the data, their checksum; little-endian.
  private mutating func append(_ record: Data) {
    let length = Data(littleEndian: UInt64(record.count))
    bytes += length + Data(littleEndian: CRC32C.masked(length))
    bytes += record + Data(littleEndian: CRC32C.masked(record))
  }
}

/// A numbered field of a protobuf message, in the wire format's own terms.
private enum Field {
  case integer(UInt64, UInt64)
  case double(UInt64, Double)
  case float(UInt64, Float)
  case string(UInt64, String)
  indirect case message(UInt64, [Field])

  static func encoded(_ fields: [Field]) -> Data {
    fields.reduce(into: Data()) { $0 += $1.encoded }
  }

  private var encoded: Data {
    switch self {
    case .integer(let number, let value): key(number, 0) + varint(value)
    case .double(let number, let value): key(number, 1) + Data(littleEndian: value.bitPattern)
    case .float(let number, let value): key(number, 5) + Data(littleEndian: value.bitPattern)
    case .string(let number, let text): key(number, 2) + prefixed(Data(text.utf8))
    case .message(let number, let fields): key(number, 2) + prefixed(Self.encoded(fields))
    }
  }

  private func key(_ number: UInt64, _ type: UInt64) -> Data { varint(number << 3 | type) }

  private func prefixed(_ data: Data) -> Data { varint(UInt64(data.count)) + data }

  /// Seven bits a byte, the lowest first; the highest bit says that more follow.
  private func varint(_ value: UInt64) -> Data {
    var (rest, bytes) = (value, Data())
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
    return bytes
  }
}

extension Data {
  fileprivate init(littleEndian value: some FixedWidthInteger) {
    self = Swift.withUnsafeBytes(of: value.littleEndian) { Data($0) }
  }
}
