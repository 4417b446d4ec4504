import Support

/// A seeded 64-bit hash of a text: the priority by which texts are sampled and split.
///
/// The sample of lowest priority is uniform over distinct texts and depends only on the seed and the
/// texts, never on their order in a file. The hash mixes 16 bytes a step as wyhash does and ends with
/// the finalizer of SplitMix64. Changing it changes every sample.
public struct TextHash: Sendable {
  private let key: UInt64

  /// A hash function for this seed.
  public init(seed: UInt64) { key = SplitMix64.mix(seed ^ 0x9E37_79B9_7F4A_7C15) }

  /// The hash of `bytes`.
  public func callAsFunction(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var state = key
    var rest = bytes.count
    guard rest > 0, var position = bytes.baseAddress else { return SplitMix64.mix(state) }
    while rest > 16 {
      state = wyhashMix(load(position) ^ 0xA076_1D64_78BD_642F, load(position + 8) ^ state)
      position += 16
      rest -= 16
    }
    // The last 1 to 16 bytes, padded with zeros; the length distinguishes them from real zeros.
    let last = Self.padded(position, rest)
    state = wyhashMix(last.0 ^ 0xE703_7ED1_A0B4_28DB, last.1 ^ state)
    return SplitMix64.mix(state ^ UInt64(bytes.count))
  }

  /// The hash of `bytes`.
  public func callAsFunction(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBytes { self($0) } }

  private func load(_ position: UnsafeRawPointer) -> UInt64 {
    UInt64(littleEndian: position.loadUnaligned(as: UInt64.self))
  }

  private static func padded(_ position: UnsafeRawPointer, _ count: Int) -> (UInt64, UInt64) {
    var block: (UInt64, UInt64) = (0, 0)
    withUnsafeMutableBytes(of: &block) {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: position, count: count))
    }
    return (UInt64(littleEndian: block.0), UInt64(littleEndian: block.1))
  }
}

/// A text as a key of sets and dictionaries. Texts are equal if their bytes are; the bytes are hashed
/// in one call.
struct TextKey: Hashable {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func hash(into hasher: inout Hasher) {
    bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
  }
}
