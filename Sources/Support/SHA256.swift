/// The SHA-256 of bytes that may arrive in pieces (FIPS 180-4, section 6.2).
///
/// It is written out here because the package that offers it, swift-crypto, compiles more than 300 files of a
/// cryptography library. It names data and protects no secret.
public struct SHA256 {
  private static let blockSize = 64

  // The first 32 bits of the fractional parts of the square roots of the first 8 primes.
  private var state = SIMD8<UInt32>(
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
    0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)
  /// The bytes since the last whole block.
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0

  /// The hash of no bytes yet.
  public init() {}

  /// The digest of some bytes, 32 bytes long.
  public static func hash(data: some Collection<UInt8>) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: data)
    return hash.finalize()
  }

  /// Adds bytes.
  public mutating func update(data: some Collection<UInt8>) {
    let isAdded: Void? = data.withContiguousStorageIfAvailable { add(UnsafeRawBufferPointer($0)) }
    if isAdded == nil { Array(data).withUnsafeBytes { add($0) } }
  }

  /// The digest of all bytes added, 32 bytes long.
  public consuming func finalize() -> [UInt8] {
    let bitCount = byteCount << 3
    // A one bit, zeros up to 8 bytes before the end of a block, and the number of bits.
    let zeros = (2 * Self.blockSize - 9 - pending.count) % Self.blockSize
    update(data: [0x80] + [UInt8](repeating: 0, count: zeros) + bigEndianBytes(bitCount))
    return (0..<8).flatMap { bigEndianBytes(state[$0]) }
  }

  private mutating func add(_ bytes: UnsafeRawBufferPointer) {
    byteCount &+= UInt64(bytes.count)
    var rest = bytes[...]
    if !pending.isEmpty {
      let missing = rest.prefix(Self.blockSize - pending.count)
      pending += missing
      rest = rest.dropFirst(missing.count)
      guard pending.count == Self.blockSize else { return }
      pending.withUnsafeBytes { compress($0[...]) }
      pending = []
    }
    let whole = rest.count / Self.blockSize * Self.blockSize
    compress(rest.prefix(whole))
    pending += rest.dropFirst(whole)
  }

  /// Hashes whole blocks.
  private mutating func compress(_ blocks: Slice<UnsafeRawBufferPointer>) {
    var state = state
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { buffer in
      guard let schedule = buffer.baseAddress else { return }
      for block in stride(from: blocks.startIndex, to: blocks.endIndex, by: Self.blockSize) {
        for t in 0..<16 {
          schedule[t] = UInt32(
            bigEndian: blocks.base.loadUnaligned(fromByteOffset: block + 4 * t, as: UInt32.self))
        }
        for t in 16..<64 {
          let (x, y) = (schedule[t - 15], schedule[t - 2])
          let sigma0 = rotated(x, 7) ^ rotated(x, 18) ^ x >> 3
          let sigma1 = rotated(y, 17) ^ rotated(y, 19) ^ y >> 10
          schedule[t] = sigma1 &+ schedule[t - 7] &+ sigma0 &+ schedule[t - 16]
        }
        for t in 0..<64 { schedule[t] &+= constants[t] }
        state &+= rounds(state, schedule)
      }
    }
    self.state = state
  }
}

/// The 64 rounds of a block, eight at a time, after which the letters are back in their places.
private func rounds(
  _ state: SIMD8<UInt32>, _ schedule: UnsafePointer<UInt32>
) -> SIMD8<UInt32> {
  var (a, b, c, d) = (state[0], state[1], state[2], state[3])
  var (e, f, g, h) = (state[4], state[5], state[6], state[7])
  for t in stride(from: 0, to: 64, by: 8) {
    round(a, b, c, &d, e, f, g, &h, schedule[t])
    round(h, a, b, &c, d, e, f, &g, schedule[t + 1])
    round(g, h, a, &b, c, d, e, &f, schedule[t + 2])
    round(f, g, h, &a, b, c, d, &e, schedule[t + 3])
    round(e, f, g, &h, a, b, c, &d, schedule[t + 4])
    round(d, e, f, &g, h, a, b, &c, schedule[t + 5])
    round(c, d, e, &f, g, h, a, &b, schedule[t + 6])
    round(b, c, d, &e, f, g, h, &a, schedule[t + 7])
  }
  return SIMD8(a, b, c, d, e, f, g, h)
}

@inline(__always)
private func round(
  _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32, _ g: UInt32,
  _ h: inout UInt32, _ word: UInt32
) {
  let choice = (e & f) ^ (~e & g)
  let sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
  let majority = (a & b) ^ (a & c) ^ (b & c)
  let sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
  h &+= sum1 &+ choice &+ word
  d &+= h
  h &+= sum0 &+ majority
}

@inline(__always)
private func rotated(_ word: UInt32, _ bits: UInt32) -> UInt32 {
  word >> bits | word << (32 &- bits)
}

private func bigEndianBytes(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.bigEndian) { Array($0) }
}

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
private let constants: [UInt32] = [
  0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
  0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
  0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
  0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
  0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
  0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
  0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
  0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
  0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
  0xc671_78f2,
]
