/// Mixes two 64-bit values into one by a 64 × 64 → 128 bit product, whose halves are combined
/// (wyhash).
@inlinable @inline(__always)
public func wyhashMix(_ left: UInt64, _ right: UInt64) -> UInt64 {
  let product = left.multipliedFullWidth(by: right)
  return product.high ^ product.low
}
