import Support

/// A node in a tree of random streams. A random number is a function of its place in the run (seed,
/// epoch, step, row, …), never of the numbers drawn before it or of the thread that draws it.
package struct PRNGKey: Equatable, Sendable {
  private(set) var value: UInt64

  /// The root of a run's tree.
  package init(seed: Int) {
    value = SplitMix64.mix(UInt64(bitPattern: Int64(seed)) &+ SplitMix64.increment)
  }

  /// The child with this number.
  package func foldIn(_ number: Int) -> PRNGKey {
    var key = self
    key.value = SplitMix64.mix(
      value &+ SplitMix64.increment &* (UInt64(bitPattern: Int64(number)) &+ 1))
    return key
  }

  /// The child with this name.
  package func foldIn(_ name: String) -> PRNGKey {
    name.utf8.reduce(foldIn(name.utf8.count)) { $0.foldIn(Int($1)) }
  }
}

extension SplitMix64 {
  /// The stream of random numbers of a key.
  package init(_ key: PRNGKey) { self.init(state: key.value) }
}
