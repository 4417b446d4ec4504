import DLNC
import StageKit
import Support
import Training

/// The flags whose default is `auto`, with the values that the recipe and the data gave them.
public struct AutomaticFlags {
  private let recipe: Recipe
  /// All such flags in the order of their declaration.
  private let values: [FingerprintEntry]

  /// - Parameter configuration: that of a new network; nil for fine-tuning, which keeps it.
  public init(
    _ recipe: Recipe, _ settings: TrainingSettings, _ configuration: ModelConfiguration? = nil
  ) {
    self.recipe = recipe
    var values: [(String, String)] = []
    if let configuration {
      values.append(("ngrams", configuration.ngrams == nil ? "none" : "crossfit"))
      if let ngrams = configuration.ngrams {
        values.append(("ngram-weights", (ngrams.weights ?? .tfidf).rawValue))
        values.append(("character-ngrams", ngrams.characters?.description ?? "none"))
        values.append(("ngram-dropout", number(ngrams.dropout)))
      }
      values.append(("pooling", configuration.pooling.rawValue))
    }
    values += [
      ("batch", "\(settings.batch)"), ("epochs", "\(settings.epochs)"),
      ("learning-rate", number(settings.learningRate)),
      ("vector-rate", number(settings.vectorRate)),
      ("keep-best", "\(settings.keepsBest)"), ("word-dropout", number(settings.wordDropout)),
      ("ema-decay", number(settings.emaDecay)),
    ]
    if let fits = settings.fitsValidationRows { values.append(("fit-validation-rows", "\(fits)")) }
    if configuration != nil { values.append(("mixing", number(settings.mixing))) }
    self.values = values.map { FingerprintEntry($0, $1) }
  }

  /// The flags of a bag of words.
  public init(_ recipe: Recipe, _ settings: BagOfWordsSettings) {
    self.recipe = recipe
    values = [
      FingerprintEntry("ngram-weights", settings.weights.rawValue),
      FingerprintEntry("character-ngrams", settings.characters?.description ?? "none"),
      FingerprintEntry("fit-validation-rows", "\(settings.fitsValidationRows)"),
    ]
  }

  /// The options of a stage with the values of those that were not given.
  public func completing(_ options: [FingerprintEntry]) -> [FingerprintEntry] {
    options.map { option in isGiven(option) ? option : values.first(named: option.name) ?? option }
  }

  /// The recipe and the flags that were not given, as on a command line.
  /// - Parameter options: the options of the stage.
  public func text(notIn options: [FingerprintEntry] = []) -> String {
    let chosen = values.filter { value in options.first(named: value.name).map(isGiven) != true }
    return (["--recipe \(recipe.rawValue):"] + chosen.map(argument)).joined(separator: " ")
  }

  private func isGiven(_ option: FingerprintEntry) -> Bool {
    option.value != nil && option.value != "auto"
  }

  private func argument(_ flag: FingerprintEntry) -> String {
    switch flag.value {
    case "true": "--\(flag.name)"
    case "false": "--no-\(flag.name)"
    default: "--\(flag.name) \(flag.value ?? "")"
    }
  }
}

private func number(_ value: Double) -> String {
  Int(exactly: value).map { "\($0)" } ?? "\(value)"
}

extension AutomaticFlags {
  /// The recipes with the flags that have the same values for all data, for help texts.
  public static func recipes(isFineTuning: Bool = false) -> String {
    Recipe.allCases.map { recipe in
      let (small, large) = (flags(recipe, 50, isFineTuning), flags(recipe, 100_000, isFineTuning))
      let ofTheData = zip(small.values, large.values).filter { $0 != $1 }.map(\.0)
      let name = "--recipe \(recipe.rawValue)"
      let bagOfWords = AutomaticFlags(recipe, recipe.bagOfWords).text()
        .replacing(name, with: name + " --model bag-of-words")
      return small.text(notIn: ofTheData) + (isFineTuning ? "" : "\n" + bagOfWords)
    }.joined(separator: "\n")
  }

  /// The flags of a recipe for a number of rows.
  private static func flags(_ recipe: Recipe, _ rows: Int, _ isFineTuning: Bool) -> AutomaticFlags {
    let size = TrainingDataSize(rows: [rows], tokensPerRow: 20, classes: 2)
    return isFineTuning
      ? AutomaticFlags(recipe, recipe.fineTuningSettings(for: size))
      : AutomaticFlags(recipe, recipe.trainingSettings(for: size), recipe.configuration)
  }
}

extension TrainingDataSize {
  /// The size in words, such as `420 rows of 12.3 tokens, 6 classes`.
  public var text: String {
    let count = rows.map(NumberFormat.grouped).joined(separator: " + ")
    return "\(count) rows of \(NumberFormat.fixed(tokensPerRow, 1)) tokens, \(classes) classes"
  }
}

extension [FingerprintEntry] {
  fileprivate func first(named name: String) -> FingerprintEntry? { first { $0.name == name } }
}
