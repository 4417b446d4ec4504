/// How the weights of a linear classifier of n-grams are fitted.
public enum NgramWeights: String, Codable, CaseIterable, Sendable {
  /// Logistic regression on the tf-idf values of n-grams that occur in at least two rows.
  case tfidf
  /// The mean of two logistic regressions on all words and on pairs of words that occur in at least two
  /// rows, one of them weighted by naive Bayes, both with word vectors; see `EnsembleFit`.
  case ensemble

  /// The penalties among which the validation rows choose, the strongest first. The best penalty of the
  /// ensemble hardly depends on the data, so few validation rows cannot choose a worse one.
  public var penalties: [Double] {
    switch self {
    case .tfidf: [3, 1, 0.3, 0.1, 0.03, 0.01]
    case .ensemble: [0.03]
    }
  }

  /// The penalty of a task without validation rows; that of `tfidf` is scikit-learn's default.
  public var defaultPenalty: Double {
    switch self {
    case .tfidf: 1
    case .ensemble: 0.03
    }
  }
}
