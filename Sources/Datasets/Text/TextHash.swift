import Support

/// A seeded 64-bit hash of bytes: the priority by which texts are drawn and split.
///
/// A sample that keeps the texts of lowest priority is uniform over distinct texts, and which texts
/// it keeps depends on the seed and on the texts alone, never on their order in a file. The hash
/// folds 16 bytes a step by a 64 x 64 -> 128 bit product (as wyhash does) and ends with the
/// finaliser of SplitMix64. It is part of what makes an output: changing it changes every sample.
public struct TextHash: Sendable {
  private let key: UInt64

  /// A hash function for this seed.
  public init(seed: UInt64) { key = SplitMix64.mix(seed ^ SplitMix64.increment) }

  /// The hash of `bytes`.
  public func callAsFunction(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var state = key
    var rest = bytes.count
    guard rest > 0, var position = bytes.baseAddress else { return SplitMix64.mix(state) }
    while rest > 16 {
      state = Self.fold(
        load(position) ^ 0xA076_1D64_78BD_642F, load(position + 8) ^ state)
      position += 16
      rest -= 16
    }
    // The last 1 to 16 bytes, with zeros behind them; the length tells such zeros from real ones.
    let last = Self.padded(position, rest)
    state = Self.fold(last.0 ^ 0xE703_7ED1_A0B4_28DB, last.1 ^ state)
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

  private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}
