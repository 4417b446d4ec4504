/// A simple model to measure networks against.
public enum Baseline: String, Codable, CaseIterable, Sendable {
  /// Always the commonest class of the training rows; its probabilities are the classes' shares.
  case majority
  /// A linear model on which words and pairs of neighbouring words a row holds.
  case bagOfWords = "bag-of-words"
}

/// Every kind of model that the stage `train` makes.
public enum ModelKind: Hashable, Sendable {
  /// One of the paper's networks.
  case network(Variant)
  /// A simple model to measure them against.
  case baseline(Baseline)
}

extension ModelKind: RawRepresentable, CaseIterable, Encodable {
  /// The name of the kind, such as `dlnc` or `majority`.
  public var rawValue: String {
    switch self {
    case .network(let variant): variant.rawValue
    case .baseline(let baseline): baseline.rawValue
    }
  }

  /// The kind of this name.
  public init?(rawValue: String) {
    if let variant = Variant(rawValue: rawValue) {
      self = .network(variant)
    } else if let baseline = Baseline(rawValue: rawValue) {
      self = .baseline(baseline)
    } else {
      return nil
    }
  }

  /// The networks, then the baselines.
  public static var allCases: [ModelKind] {
    Variant.allCases.map(ModelKind.network) + Baseline.allCases.map(ModelKind.baseline)
  }
}
