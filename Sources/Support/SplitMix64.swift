/// The random number generator of Steele, Lea and Flood (2014): the same numbers on every machine.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  /// The odd number, 2^64 divided by the golden ratio, by which the state advances.
  public static let increment: UInt64 = 0x9e37_79b9_7f4a_7c15

  @usableFromInline var state: UInt64

  /// A generator that starts at `state`.
  @inlinable public init(state: UInt64) { self.state = state }

  /// The output function: a bijection that sends similar integers to unrelated ones.
  @inlinable public static func mix(_ value: UInt64) -> UInt64 {
    var value = value
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }

  /// 64 random bits.
  @inlinable public mutating func next() -> UInt64 {
    state &+= Self.increment
    return Self.mix(state)
  }

  /// A number in [0, 1) with 53 random bits.
  @inlinable public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// An integer in 0..<bound, each equally likely (Lemire 2019).
  @inlinable public mutating func below(_ bound: Int) -> Int {
    let bound = UInt64(bound)
    while true {
      let product = next().multipliedFullWidth(by: bound)
      if product.low >= bound || product.low >= (0 &- bound) % bound { return Int(product.high) }
    }
  }

  /// Shuffles the elements (Fisher and Yates). The standard library's `shuffle` may change its
  /// results between versions.
  @inlinable public mutating func shuffle<Element>(_ elements: inout [Element]) {
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(last, below(last + 1))
    }
  }
}

/// Mixes two 64-bit values into one by a 64 × 64 → 128 bit product, whose halves are combined
/// (wyhash).
@inlinable @inline(__always)
public func wyhashMix(_ left: UInt64, _ right: UInt64) -> UInt64 {
  let product = left.multipliedFullWidth(by: right)
  return product.high ^ product.low
}
