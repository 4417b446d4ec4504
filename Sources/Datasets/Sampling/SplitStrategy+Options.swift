import Shards
import Support

extension IngestOptions {
  /// How the rows of a table are divided.
  /// - Throws: ``UserError`` with exit status `usage`.
  func splitStrategy() throws -> SplitStrategy {
    let kind = try splitKind()
    // Without training rows, all rows are for testing unless sizes say otherwise.
    let isTestOnly = train?.isZero == true
    for (option, size) in [
      ("train", isTestOnly ? nil : train), ("validation", validation), ("test", test),
    ] {
      try checkRange(size, option)
    }
    if isTestOnly, test?.isZero == true {
      throw UserError(
        .usage, at: "--test", problem: "0 beside --train 0", expected: "test rows or training rows",
        hint: "leave one of them out")
    }
    var strategy = SplitStrategy(
      kind: kind, train: train,
      validation: validation ?? (isTestOnly ? 0 : SplitStrategy.defaultValidation),
      test: test ?? .fraction(isTestOnly ? 1 : 0.2), seed: seed,
      isMultiLabel: readsSeveralLabels, allowsLeaks: table.allowsLeaks)
    switch kind {
    case .random, .automatic: try strategy.checkFractions()
    case .given:
      try rejectSizes(
        allowingNone: true, "given for rows that are divided already",
        expected: "--validation alone, for data without validation rows, or --test 0")
    case .fold(let fold):
      try rejectSizes(
        allowingNone: false, "given beside --folds, which are the test rows",
        expected: "--validation alone")
      strategy.test = fold.number == nil ? 0 : .fraction(0.2)
    }
    return strategy
  }

  private func rejectSizes(
    allowingNone: Bool, _ problem: String, expected: String
  ) throws {
    for (option, size) in [("train", train), ("test", test)] {
      guard let size, !(allowingNone && size.isZero) else { continue }
      throw UserError(.usage, at: "--\(option)", problem: problem, expected: expected)
    }
  }

  private func splitKind() throws -> SplitStrategy.Kind {
    if let fold = try fold() {
      if table.splitColumn != nil || split != nil && split != .random {
        throw UserError(
          .usage, at: table.splitColumn == nil ? "--split" : "--split-column",
          problem: "given beside --folds", expected: "one of the two",
          hint: "folds divide all rows anew; for a test split of your own leave --folds out")
      }
      return .fold(fold)
    }
    guard split == nil || split == .official || table.splitColumn == nil else {
      throw UserError(
        .usage, at: "--split-column", problem: "given beside --split \(split?.rawValue ?? "")",
        expected: "--split official, or none")
    }
    switch split {
    case nil where table.splitColumn != nil: return .given
    // Sizes of the training and the test split ask for a division of one's own.
    case nil: return train == nil && test?.isZero != false ? .automatic : .random
    case .random: return .random
    case .official: return .given
    case .randomNear:
      throw UserError(
        .usage, at: "--split", problem: "random-near for labelled text",
        expected: "random, which keeps near-equal texts together, or official")
    case .officialDev:
      throw UserError(
        .usage, at: "--split", problem: "official-dev for labelled text",
        expected: "random or official")
    }
  }

  /// The fold that the options name; nil without folds.
  private func fold() throws -> Fold? {
    guard let count = table.folds else {
      guard let fold = table.fold else { return nil }
      throw UserError(
        .usage, at: "--fold \(fold)", problem: "given without --folds",
        expected: "the number of folds, such as --folds 5")
    }
    guard Fold.counts.contains(count) else {
      throw UserError(
        .usage, at: "--folds", problem: "\(count)",
        expected: "from \(Fold.counts.lowerBound) to \(Fold.counts.upperBound); 5 and 10 are usual")
    }
    if table.fold == "all" { return Fold(nil, of: count) }
    guard let number = table.fold.flatMap({ Int($0) }), (1...count).contains(number) else {
      throw UserError(
        .usage, at: "--fold", problem: table.fold.map { "“\($0)”" } ?? "none",
        expected: "a fold from 1 to \(count), or all")
    }
    return Fold(number, of: count)
  }
}
