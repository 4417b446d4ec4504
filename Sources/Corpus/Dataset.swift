import Tensors

/// The collections of labelled text that are understood.
public enum Dataset: String, CaseIterable, Sendable {
  /// Yelp Open Dataset, reviews by stars.
  case yelp
  /// SemEval-2018 Task 1, EI-reg, English tweets by emotion.
  case eiReg = "ei-reg"
  /// Large Movie Review Dataset, reviews by polarity.
  case imdb

  /// The names of the classes; a class is its index here.
  public var labels: [String] {
    switch self {
    case .yelp: ["negative", "neutral", "positive"]
    case .eiReg: ["anger", "fear", "joy", "sadness"]
    case .imdb: ["negative", "positive"]
    }
  }
}
