import Foundation

/// SplitMix64, so that every run measures the same work.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var x = state
    x = (x ^ (x >> 30)) &* 0xbf58_476d_1ce4_e5b9
    x = (x ^ (x >> 27)) &* 0x94d0_49bb_1331_11eb
    return x ^ (x >> 31)
  }

  /// A number from 0 to below 1.
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// The length of a text, log-normal.
  mutating func length(mean: Double, sigma: Double, from shortest: Int, to longest: Int) -> Int {
    let normal = (0..<12).reduce(-6.0) { sum, _ in sum + uniform() }
    let length = exp(log(mean) - sigma * sigma / 2 + sigma * normal)
    return min(longest, max(shortest, Int(length)))
  }

  /// An index, as often as its weight says; the weights are given summed up.
  mutating func index(in cumulated: [Double]) -> Int {
    let point = uniform() * (cumulated.last ?? 1)
    var (low, high) = (0, cumulated.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if cumulated[middle] < point { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
