import Support

/// A named choice of options, one of those that tuning compares.
public struct TuningSetting: Sendable {
  /// The name, which is part of the folders of its trainings.
  public let name: String
  /// The options in which it differs from the manifest.
  let options: [Assignment]

  /// The options in which it differs from the manifest, as flags and values.
  public var flags: [(flag: String, value: String)] {
    options.map { ($0.flag.text, $0.values.map(\.text).joined(separator: " ")) }
  }

  /// The setting without a change.
  static let unchanged = TuningSetting(name: "unchanged", options: [])
}

/// A flag of a stage and the values that tuning tries for it, given on the command line.
public struct TuningAxis: Sendable {
  /// The flag, without dashes.
  public let flag: String
  let values: [String]
  let argument: String

  /// Reads `FLAG=VALUE,VALUE`; nil if it has another form.
  public init?(argument text: String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    flag = String(parts[0])
    values =
      parts[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init).unique
    argument = "--try \(text)"
    guard flag.isName, !values.contains(where: \.isEmpty) else { return nil }
  }
}

extension [TuningSetting] {
  /// The settings that are tried if neither the manifest nor the command line names some, the
  /// promising ones first: a small budget tries the first.
  ///
  /// They are changes of a stage's options; other options stay as the manifest has them.
  static func defaults(for executable: String, favoursRareClasses: Bool) -> [TuningSetting] {
    let all: KeyValuePairs<String, KeyValuePairs<String, String>>
    switch executable {
    case "finetune":
      all = [
        "slow": ["learning-rate": "0.002"],
        "all": ["learn": "all"],
        "fast": ["learning-rate": "0.008"],
        "best": ["recipe": "best"],
        "all-gently": ["learn": "all", "encoder-rate": "0.1"],
        "all-later": ["learn": "all", "unfreeze-after": "2"],
        "word-dropout": ["word-dropout": "0.2"],
        "longer": ["epochs": "20"],
      ]
    default:
      all = [
        "best": ["recipe": "best"],
        "bag-of-words": ["model": "bag-of-words", "recipe": "best"],
        "lstm": ["model": "lstm-linear", "recipe": "best"],
        "slow": ["recipe": "best", "learning-rate": "0.002"],
        "words-only": ["model": "bag-of-words", "recipe": "best", "character-ngrams": "none"],
        "dropout": ["recipe": "best", "word-dropout": "0.3", "head-dropout": "0.3"],
        "small": ["recipe": "best", "hidden": "64"],
        "fast": ["recipe": "best", "learning-rate": "0.008"],
        "no-ngrams": ["recipe": "best", "ngrams": "none"],
        "longer": ["recipe": "best", "epochs": "20"],
        "tf-idf": ["model": "bag-of-words", "recipe": "best", "ngram-weights": "tfidf"],
        "smoothed": ["recipe": "best", "label-smoothing": "0.1"],
        "lstm-slow": ["model": "lstm-linear", "recipe": "best", "learning-rate": "0.002"],
        "paper": ["recipe": "paper"],
      ]
    }
    let position = SourcePosition(line: 0, column: 0, argument: "the default settings")
    func assignment(_ flag: String, _ value: String) -> Assignment {
      Assignment(
        flag: Located(text: flag, position: position),
        values: [Scalar(Located(text: value, position: position))], isList: false)
    }
    let settings = all.map { name, flags in
      TuningSetting(name: name, options: flags.map { assignment($0, $1) })
    }
    guard favoursRareClasses else { return settings }
    let balanced = [
      assignment("class-weights", "balanced"), assignment("keep-by", "macro-f1"),
    ]
    return settings.prefix(2).map { setting in
      TuningSetting(name: "\(setting.name)-balanced", options: setting.options + balanced)
    } + settings
  }

  /// All combinations of the values on some axes. They are shuffled, always in the same way, so that
  /// the first of them differ on all axes.
  /// - Throws: ``UserError`` with exit status `usage` if they are too many, or a value cannot be part of
  ///   the name of a folder.
  init(combining axes: [TuningAxis]) throws {
    var combinations: [[(TuningAxis, String)]] = [[]]
    for axis in axes {
      if let value = axis.values.first(where: { !$0.isAxisValue }) {
        throw UserError(
          .usage, at: axis.argument, problem: "“\(value)” cannot be part of a folder's name",
          hint: "use letters, digits and - _ + ., or name the setting under tune: in the stage")
      }
      guard combinations.count * axis.values.count <= Planner.maxJobCount else {
        throw UserError(
          .usage, at: axis.argument, problem: "more than \(Planner.maxJobCount) combinations",
          hint: "try fewer values")
      }
      combinations = combinations.flatMap { head in axis.values.map { head + [(axis, $0)] } }
    }
    var random = SplitMix64(state: 1)
    random.shuffle(&combinations)
    self = combinations.map { values in
      TuningSetting(
        name: values.map { "\($0.flag)=\($1)" }.joined(separator: ","),
        options: values.map { axis, value in
          let position = SourcePosition(line: 0, column: 0, argument: axis.argument)
          return Assignment(
            flag: Located(text: axis.flag, position: position),
            values: [
              Scalar(
                Located(text: value, position: position),
                boolValue: ["true": true, "false": false][value])
            ], isList: false)
        })
    }
  }
}
