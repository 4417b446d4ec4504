import Foundation

/// Writes scalars over steps as a TensorBoard file: TFRecords of `Event` messages
/// (tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto).
///
/// Only five fields of three messages are needed, so they are encoded here rather than by a protobuf
/// library with its compiler. The time of an event is its step, because a clock would give other
/// bytes in each run; TensorBoard's time axes then show steps.
struct TensorBoardWriter {
  /// The bytes of the file.
  private(set) var bytes = Data()

  /// Creates a file without scalars: only the record with the version of the format.
  init() { append(Self.event(step: 0, [.string(3, "brain.Event:2")])) }

  /// Appends scalars of one step.
  mutating func append(step: Int, _ scalars: [(tag: String, value: Double)]) {
    let values = scalars.map { scalar in
      Field.message(1, [.string(1, scalar.tag), .float(2, Float(scalar.value))])
    }
    append(Self.event(step: step, [.message(5, values)]))
  }

  /// An `Event` with its time in seconds, its step, and its content.
  private static func event(step: Int, _ content: [Field]) -> Data {
    Field.encoded([.double(1, Double(step)), .integer(2, UInt64(max(0, step)))] + content)
  }

  /// Appends a TFRecord: the length in 8 bytes, its checksum, the data, their checksum; all
  /// little-endian.
  private mutating func append(_ record: Data) {
    let length = Data(littleEndian: UInt64(record.count))
    bytes += length + Data(littleEndian: CRC32C.masked(length))
    bytes += record + Data(littleEndian: CRC32C.masked(record))
  }
}

/// A numbered field of a protobuf message.
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

  /// Encodes seven bits per byte, the lowest first; the highest bit is set on all bytes but the last.
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

/// CRC-32C (Castagnoli's polynomial, reflected), the checksum of TFRecord files. Foundation and zlib
/// only have the polynomial of Ethernet.
enum CRC32C {
  /// The remainder of each byte.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ 0x82F6_3B78 : rest >> 1 }
  }

  /// The checksum of `bytes`.
  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { rest, byte in rest >> 8 ^ table[Int((rest ^ UInt32(byte)) & 0xFF)] }
  }

  /// The checksum as TFRecord stores it: rotated and offset, so that a checksum over data that
  /// contains checksums stays strong.
  static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let sum = checksum(bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }
}
