import Kernels

/// A point in the tree of random streams: what is drawn is a function of where in the run it is
/// drawn (seed, epoch, step, row, …), never of what was drawn before or by which thread.
struct PRNGKey: Equatable, Sendable {
  private(set) var value: UInt64

  /// The root of a run's tree.
  init(seed: Int) { value = scatter(UInt64(bitPattern: Int64(seed)) &+ golden) }

  /// The branch with this number.
  func foldIn(_ number: Int) -> PRNGKey {
    var key = self
    key.value = scatter(value &+ golden &* (UInt64(bitPattern: Int64(number)) &+ 1))
    return key
  }

  /// The branch with this name.
  func foldIn(_ name: String) -> PRNGKey {
    name.utf8.reduce(foldIn(name.utf8.count)) { $0.foldIn(Int($1)) }
  }
}

private let golden: UInt64 = 0x9e37_79b9_7f4a_7c15

/// SplitMix64 (Steele, Lea, Flood 2014), started from a key.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(_ key: PRNGKey) { state = key.value }

  mutating func next() -> UInt64 {
    state &+= golden
    return scatter(state)
  }

  /// A number in [0, 1) of 53 random bits.
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A whole number below `bound`, each equally likely (Lemire 2019).
  mutating func below(_ bound: Int) -> Int {
    let bound = UInt64(bound)
    while true {
      let product = next().multipliedFullWidth(by: bound)
      if product.low >= (0 &- bound) % bound { return Int(product.high) }
    }
  }

  /// Puts the elements in a random order (Fisher and Yates; our own, because the library's may
  /// change with its version).
  mutating func shuffle<Element>(_ elements: inout [Element]) {
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(last, below(last + 1))
    }
  }
}
