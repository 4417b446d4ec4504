/// A linear layer beside the network: what the words and pairs of words of a row, weighted as for
/// the bag of words, add to its logits. Each task has one of its own.
public struct NgramOptions: Codable, Equatable, Sendable {
  /// How the layer comes by its weights.
  public enum Learning: String, Codable, CaseIterable, Sendable {
    /// They start at zero and learn with the network.
    case joint
    /// They are those of the bag of words, and fixed; what the network learns with is what fits to
    /// the other rows make of a row (cross-fitting, stacking). A fit knows its own rows by heart:
    /// with its scores for them it would leave the network nothing to learn.
    case crossfit
  }

  /// How the layer comes by its weights.
  public var learning: Learning
  /// How often a row has to do without the layer while learning, so that the network learns to
  /// stand alone. What is kept is not scaled: the layer either has its whole say, as when
  /// predicting, or none.
  public var dropout = 0.0
  /// What the learning rate is multiplied by for weights that learn.
  public var rate = 1.0

  /// The highest ``rate`` of use.
  public static let highestRate = 1e6

  /// A layer that always has its say.
  public init(_ learning: Learning) { self.learning = learning }
}
