/// The words that speak for each class of a task.
struct ClassWords {
  /// Where the words come from.
  enum Source: Equatable {
    /// The weights of a model's linear part.
    case weights(ModelVariant)
    /// A comparison of the training rows, without a model.
    case trainingRows
  }

  /// A word or a pair of words with its weight.
  struct Entry: Equatable {
    let text: String
    let weight: Double
  }

  let task: EvaluationTask
  let source: Source
  let classNames: [String]
  /// Whether the model also has weights of parts of words, which are not listed.
  var hasCharacters = false
  /// The words of each class, the strongest first; [classes].
  let entries: [[Entry]]

  /// The number of words that are kept for a class.
  static let listed = 10

  /// The origin and the meaning of the words.
  var explanation: String {
    switch source {
    case .weights(let variant):
      let part = variant.name == "bag-of-words" ? "" : " of the n-gram layer"
      return "Words and pairs of words with the greatest weights\(part) in \(variant.title), the "
        + "strongest first."
        + (hasCharacters ? " The weights of parts of words, which it also has, are left out." : "")
    case .trainingRows:
      return
        "Words and pairs of words that are most typical of the training rows of each class, by "
        + "the log odds ratio divided by its standard error. They describe the data: no evaluated "
        + "model has weights of words."
    }
  }

  /// The words of some classes, by their indices.
  func table(_ classes: some Sequence<Int>) -> Table {
    Table(
      classes,
      [
        .text("Class") { Table.Cell(classNames[$0]) },
        .text("Words") { label in
          Table.Cell(
            entries[label].isEmpty
              ? NumberFormat.none : entries[label].map(\.text).joined(separator: " · "))
        },
      ])
  }
}
