import Foundation
import Support

extension SplitMix64 {
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
