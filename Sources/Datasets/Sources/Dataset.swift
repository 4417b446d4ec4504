/// The collections of labelled text that are understood.
public enum Dataset: String, CaseIterable, Sendable {
  /// Yelp Open Dataset, reviews by stars.
  case yelp
  /// SemEval-2018 Task 1, EI-reg, English tweets by emotion.
  case eiReg = "ei-reg"
  /// Large Movie Review Dataset, reviews by polarity.
  case imdb
  /// Labelled text of the user's own, whose rows say what the classes are.
  case labelled

  /// Those whose archives are recognised by their content.
  static let published: [Dataset] = [.yelp, .eiReg, .imdb]

  /// The names of the classes; a class is its index here. None where the rows have to say them.
  public var classNames: [String] {
    switch self {
    case .yelp: ["negative", "neutral", "positive"]
    case .eiReg: ["anger", "fear", "joy", "sadness"]
    case .imdb: ["negative", "positive"]
    case .labelled: []
    }
  }

  /// The name in tables, such as `EI-reg`.
  public var displayName: String {
    switch self {
    case .yelp: "Yelp"
    case .eiReg: "EI-reg"
    case .imdb: "IMDB"
    case .labelled: rawValue
    }
  }
}
