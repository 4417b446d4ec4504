/// A kind of model that the stage `train` can train.
public enum ModelKind: Hashable, Sendable {
  /// A variant of the paper's network.
  case network(Variant)
  /// A baseline.
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

  /// The kind with this name.
  public init?(rawValue: String) {
    if let variant = Variant(rawValue: rawValue) {
      self = .network(variant)
    } else if let baseline = Baseline(rawValue: rawValue) {
      self = .baseline(baseline)
    } else {
      return nil
    }
  }

  /// All networks, then all baselines.
  public static var allCases: [ModelKind] {
    Variant.allCases.map(ModelKind.network) + Baseline.allCases.map(ModelKind.baseline)
  }
}

extension ModelKind {
  /// The name in tables, such as `DLNC`.
  public var displayName: String {
    switch self {
    case .network(.dlnc): "DLNC"
    case .network(.noTaskEmbedding): "No task embedding"
    case .network(.separateCell): "Separate classification cell"
    case .network(.dlnLinear): "DLN-LSTM+linear"
    case .network(.lstmLinear): "LSTM+linear"
    case .baseline(.majority): "Majority class"
    case .baseline(.bagOfWords): "Bag of words"
    }
  }
}
