/// How well one class was found.
public struct ClassScores: Sendable, Equatable {
  /// How many rows of the class were found.
  public var correct: Int
  /// How many rows were taken for the class.
  public var predicted: Int
  /// How many rows have the class.
  public var gold: Int

  /// The scores of a class with these counts.
  public init(correct: Int, predicted: Int, gold: Int) {
    self.correct = correct
    self.predicted = predicted
    self.gold = gold
  }

  /// The share of the rows taken for the class that have it; nil if none was.
  public var precision: Double? { predicted > 0 ? Double(correct) / Double(predicted) : nil }

  /// The share of the class's rows that were found; nil if it has none.
  public var recall: Double? { gold > 0 ? Double(correct) / Double(gold) : nil }

  /// The harmonic mean of precision and recall, 2 correct / (predicted + gold); nil if the class
  /// neither occurs nor was predicted.
  public var f1: Double? {
    predicted + gold > 0 ? 2 * Double(correct) / Double(predicted + gold) : nil
  }
}
