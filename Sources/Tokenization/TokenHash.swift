/// What a word is found by: its bytes if there are at most eight, otherwise a hash of them.
package struct TokenHash: Equatable, Sendable {
  package let bits: UInt64
  package let length: UInt32

  /// Whether equal keys mean equal words.
  @inline(__always) var isWhole: Bool { length <= 8 }

  /// Where a table begins to look; the same on every machine and in every run.
  @inline(__always) var hash: UInt64 { mixed(bits ^ UInt64(length)) }

  @inline(__always)
  package init(bits: UInt64, length: UInt32) {
    self.bits = bits
    self.length = length
  }

  @inline(__always)
  package init(_ word: UnsafeBufferPointer<UInt8>) {
    let raw = UnsafeRawBufferPointer(word)
    length = UInt32(truncatingIfNeeded: raw.count)
    bits = raw.count <= 8 ? packed(raw) : digest(of: raw)
  }
}

/// A hash of more than eight bytes: the last eight overlap those before them.
package func digest(of raw: UnsafeRawBufferPointer) -> UInt64 {
  var state = UInt64(truncatingIfNeeded: raw.count)
  var index = 0
  while index + 8 < raw.count {
    state = mixed(state ^ raw.word(at: index))
    index += 8
  }
  return mixed(state ^ (raw.count < 8 ? packed(raw) : raw.word(at: raw.count - 8)))
}

/// At most eight bytes as one number, the first byte lowest.
@inline(__always)
private func packed(_ raw: UnsafeRawBufferPointer) -> UInt64 {
  let count = raw.count
  if count == 8 { return raw.word(at: 0) }
  if count >= 4 { return raw.half(at: 0) | raw.half(at: count - 4) << UInt64(8 * (count - 4)) }
  var value: UInt64 = 0
  for index in 0..<count { value |= UInt64(raw[index]) << UInt64(8 * index) }
  return value
}

/// Stirs all bits into all others by a wide multiplication.
@inline(__always)
package func mixed(_ value: UInt64) -> UInt64 {
  let (high, low) = (value ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
  return high ^ low
}

extension UnsafeRawBufferPointer {
  @inline(__always)
  fileprivate func word(at index: Int) -> UInt64 {
    UInt64(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self))
  }

  @inline(__always)
  fileprivate func half(at index: Int) -> UInt64 {
    UInt64(UInt32(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt32.self)))
  }
}
