import Shards

/// How much the rows of each class count in a training: `balanced`, or weights by the names of classes,
/// as in `neutral=2,other=0.5`. Classes that are not named have the weight 1.
public struct ClassWeights: RawRepresentable, Codable, Hashable, Sendable {
  /// The text on the command line.
  public var rawValue: String

  /// Weights; see ``problem``.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// All classes count the same: the weight of a row is inverse to the number of rows of its class, as
  /// in scikit-learn.
  public static let balanced = ClassWeights(rawValue: "balanced")

  private static let range = 0.001...1000.0

  /// The classes with their weights. A comma in a name is one where the part after it has no weight.
  private var parts: [(name: String, weight: Double?)] {
    var parts: [(name: String, weight: Double?)] = []
    var name = ""
    for part in rawValue.split(separator: ",", omittingEmptySubsequences: false) {
      name += name.isEmpty ? String(part.drop { $0 == " " }) : ",\(part)"
      guard let equals = name.lastIndex(of: "=") else { continue }
      parts.append((String(name[..<equals]), Double(name[name.index(after: equals)...])))
      name = ""
    }
    return name.isEmpty ? parts : parts + [(name, nil)]
  }

  /// The problem of the text; nil if it is valid.
  public var problem: String? {
    if self == .balanced { return nil }
    let parts = parts
    if let bad = parts.first(where: { !($0.weight.map(Self.range.contains) ?? false) }) {
      return "the class “\(bad.name)” has "
        + (bad.weight.map { "the weight \($0)" } ?? "no weight that is a number")
        + "; it must be from \(Self.range.lowerBound) to \(Self.range.upperBound), as in a=2,b=0.5"
    }
    if parts.isEmpty { return "it must be balanced, or classes with weights, as in a=2,b=0.5" }
    let twice = parts.map(\.name).first { name in parts.count { $0.name == name } > 1 }
    return twice.map { "the class “\($0)” has two weights" }
  }

  /// The first named class that is none of some classes; nil if all of them are.
  package func unknownClass(_ known: [String]) -> String? {
    self == .balanced ? nil : parts.map(\.name).first { !known.contains($0) }
  }

  /// The weight of each class of training rows, [classes], so that the mean over the rows is 1; nil if
  /// all are equal.
  ///
  /// In a multi-label task, where each label is a choice between two classes, the weights of the rows
  /// with each label, then those of the rows without it, [2, classes].
  package func weights(of rows: TokenShard) -> [Double]? {
    let counts = rows.classCounts.map { Double($0) }
    let parts = parts
    if rows.isMultiLabel {
      let weights = zip(rows.classNames, counts).map {
        name, count -> (with: Double, without: Double) in
        let others = Double(rows.count) - count
        guard count > 0, others > 0 else { return (1, 1) }
        let ratio =
          self == .balanced
          ? others / count : parts.first { $0.name == name }?.weight ?? 1
        let scale = Double(rows.count) / (count * ratio + others)
        return (ratio * scale, scale)
      }
      return weights.contains { $0.with != $0.without }
        ? weights.map(\.with) + weights.map(\.without) : nil
    }
    let weights =
      self == .balanced
      ? counts.map { $0 > 0 ? 1 / $0 : 1 }
      : rows.classNames.map { name in parts.first { $0.name == name }?.weight ?? 1 }
    let sum = zip(counts, weights).reduce(0) { $0 + $1.0 * $1.1 }
    let scale = Double(rows.count) / sum
    guard sum > 0, weights.contains(where: { $0 != weights[0] }) else { return nil }
    return weights.map { $0 * scale }
  }
}
