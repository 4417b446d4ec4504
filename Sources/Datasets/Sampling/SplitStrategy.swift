import Shards
import Support

/// How the rows of a table are divided into train, validation and test. Near duplicates are groups that
/// are never divided.
struct SplitStrategy: Equatable {
  enum Kind: Equatable {
    /// By hash within each class.
    case random
    /// By a column or by the names of files and folders.
    case given
    /// By the names of files and folders if they name all rows of a training and a test split, else at
    /// random.
    case automatic
    /// For cross-validation, by hash within each class.
    case fold(Fold)
  }

  static let defaultValidation = SplitSize.fraction(0.1)
  /// With fewer test rows, the report advises cross-validation.
  static let fewTestRows = 200

  var kind: Kind
  /// The size of the training split; nil for all remaining rows.
  var train: SplitSize?
  /// The size of the validation split; taken from the training rows where the data has none.
  var validation: SplitSize
  /// The size of the test split.
  var test: SplitSize
  /// The seed of the hash, for the report.
  var seed: UInt64
  /// Whether a row can have any number of classes.
  var isMultiLabel = false
  /// Whether a text may be in several given splits, as in some published files.
  var allowsLeaks = false

  /// The splits that are not wanted.
  var omitted: Set<Split> {
    Set(
      [(Split.train, train), (.validation, validation), (.test, test)]
        .filter { $0.1?.isZero == true }.map(\.0))
  }

  /// The greatest number of rows needed, including spares so that rare classes get their share and for
  /// groups that do not fit; nil if it depends on the data.
  var capacity: Int? {
    guard kind == .random, let train = train?.count, let validation = validation.count,
      let test = test.count
    else { return nil }
    let total = train + validation + test
    return total + total / 2 + 1000
  }

  /// The scheme that shards record; empty for the default.
  var scheme: String {
    switch kind {
    case .random, .automatic: ""
    case .given: SplitScheme.official.rawValue
    case .fold(let fold): fold.splitScheme
    }
  }

  /// Divides groups of rows.
  /// - Parameters:
  ///   - groups: lowest hash first; labels are indices into `classNames`.
  ///   - counts: the rows of the whole data, of which groups may be a sample.
  /// - Throws: ``UserError`` with exit status `data` if there are too few rows.
  func divide(
    _ groups: [[Example]], classNames: [String], counts: RowCounts, at path: String,
    report: inout IngestReport
  ) throws -> [Split: [Example]] {
    let division = StratifiedDivision(groups, classCount: classNames.count)
    switch kind {
    case .given: return try divideAsGiven(groups, classNames, at: path, &report)
    case .fold(let fold): return try divide(division, fold, classNames, at: path, &report)
    case .random, .automatic: break
    }
    let rows = counts.rows
    try check(rows, at: path)
    // Test and validation first, so that asking for more training rows moves no row to another split.
    let sizes: [StratifiedDivision.Size] = [
      (.test, test.rows(of: rows)), (.validation, validation.rows(of: rows)),
      (.train, train?.rows(of: rows)),
    ]
    report.division = "split \(method)"
    // The rarest class of a row is known of the sample only.
    let splits = trained(
      division, sizes, isMultiLabel ? nil : counts.classes, classNames, &report)
    report.suggestion = foldsSuggestion(testRows: splits[.test]?.count ?? 0, of: rows)
    return splits
  }

  /// How rows are divided, except by given splits.
  private var method: String {
    "at random within \(isMultiLabel ? "the rarest class of each row" : "each class"), "
      + "equal and near-equal texts together, seed \(seed)"
  }

  private func foldsSuggestion(testRows: Int, of rows: Int) -> String? {
    guard testRows > 0, testRows < Self.fewTestRows, testRows < rows else { return nil }
    let points = (196 * (0.09 / Double(testRows)).squareRoot()).rounded()
    return
      "only \(NumberFormat.count(testRows, "test row")): an accuracy of 90 % has an interval of "
      + "±\(Int(points)) points; --folds 5 tests all \(NumberFormat.count(rows, "row"))"
  }

  private func trained(
    _ division: StratifiedDivision, _ sizes: [StratifiedDivision.Size], _ classRows: [Int]?,
    _ classNames: [String], _ report: inout IngestReport
  ) -> [Split: [Example]] {
    // The other splits keep their sizes.
    let others = sizes.dropLast().reduce(0) { $0 + ($1.rows ?? 0) }
    let rest = division.groups.reduce(0) { $0 + $1.count } - others
    let result = division.ensuringTrainingRows(room: min(sizes.last?.rows ?? .max, rest)) {
      division.assign(sizes, classRows: classRows, reserved: $0)
    }
    return splits(division, result, classNames, &report)
  }

  /// The rows of each split, in the order of the groups.
  private func splits(
    _ division: StratifiedDivision, _ result: (splits: [Split?], classes: [Int]),
    _ classNames: [String], _ report: inout IngestReport
  ) -> [Split: [Example]] {
    if !result.classes.isEmpty {
      report.warn(
        "no training row was drawn of \(quotedList(result.classes.map { classNames[$0] })); a text of "
          + "each is used for training instead")
    }
    var splits: [Split: [Example]] = [:]
    for (group, split) in zip(division.groups, result.splits) {
      if let split { splits[split, default: []] += group }
    }
    return splits
  }

  // MARK: Given splits

  /// Keeps the given splits. A text that occurs in several splits is kept in only one, test before
  /// validation before train, unless leaks are allowed; near-equal texts stay where they are and are
  /// counted.
  private func divideAsGiven(
    _ groups: [[Example]], _ classNames: [String], at path: String, _ report: inout IngestReport
  ) throws -> [Split: [Example]] {
    var splits: [Split: [Example]] = [:]
    var training: [[Example]] = []
    var (duplicates, twins) = (0, 0)
    for group in groups {
      var kept: [Split: [Example]] = [:]
      var rest = group[...]
      // The rows of a group are sorted by text.
      while let first = rest.first {
        let equal = rest.prefix { $0.text == first.text }
        rest = rest.dropFirst(equal.count)
        let wanted = equal.filter { $0.split.map { !omitted.contains($0) } ?? false }
        report.drop("a row of a split of size 0", equal.count - wanted.count)
        guard let split = wanted.compactMap(\.split).max() else { continue }
        let others = wanted.filter { $0.split != split }
        duplicates += others.count
        if !allowsLeaks { report.drop("a text that is in \(split.rawValue), too", others.count) }
        for row in allowsLeaks ? wanted : wanted.filter({ $0.split == split }) {
          kept[row.split ?? split, default: []].append(row)
        }
      }
      if let rows = kept.removeValue(forKey: .train) {
        training.append(rows)
        twins += kept[.test]?.count ?? 0
      }
      splits.merge(kept, uniquingKeysWith: +)
    }
    if duplicates > 0 { report.warn(duplicatesWarning(duplicates)) }
    if twins > 0 {
      report.warn(
        NumberFormat.count(twins, "test row is", "test rows are")
          + " nearly equal to training rows, but for case, punctuation, links, mentions or hashtags; "
          + "results on them may be too high"
      )
    }
    if splits[.validation] != nil, validation != Self.defaultValidation {
      report.warn("--validation \(validation) has no effect: the data has validation rows")
    }
    if splits[.validation] != nil || omitted.contains(.validation) {
      splits[.train] = training.flatMap { $0 }
      return splits
    }
    let rows = training.reduce(0) { $0 + $1.count }
    guard rows > 0 else { return splits }
    try checkIsSome(validation, of: rows, .validation, at: path)
    report.division? += "; validation rows taken from train \(method)"
    let division = StratifiedDivision(training, classCount: classNames.count)
    return trained(
      division, [(.validation, validation.rows(of: rows)), (.train, nil)], nil, classNames, &report
    ).merging(splits) { $1 }
  }

  private func duplicatesWarning(_ count: Int) -> String {
    allowsLeaks
      ? NumberFormat.count(count, "row was kept whose text", "rows were kept whose text")
        + " is in another split, too, as --allow-leaks asks for; results are too high"
      : NumberFormat.count(
        count, "row was dropped because its text", "rows were dropped because their text")
        + " is in another split, too; each text is kept in only one: test before validation before train"
  }

  // MARK: Folds

  /// Takes a fold for testing. The rows are dealt in the same way for each fold.
  private func divide(
    _ division: StratifiedDivision, _ fold: Fold, _ classNames: [String], at path: String,
    _ report: inout IngestReport
  ) throws -> [Split: [Example]] {
    guard division.groups.count >= fold.count else {
      throw UserError(
        .data, at: path, problem: NumberFormat.count(division.groups.count, "different text"),
        expected: "one or more for each of \(fold.count) folds", hint: "ask for fewer --folds")
    }
    let folds = division.folds(fold.count)
    var tested: [Int: Split] = [:]
    if let number = fold.number {
      for index in folds.indices where folds[index] == number { tested[index] = .test }
    }
    let rows = division.groups.reduce(0) { $0 + $1.count }
    let validationRows = validation.rows(of: rows)
    try checkIsSome(validation, of: rows, .validation, at: path)
    let rest = rows - tested.keys.reduce(0) { $0 + division.groups[$1].count }
    guard validationRows < rest else {
      throw UserError(
        .data, at: path, problem: "\(NumberFormat.count(rest, "row")) for training and validation",
        expected: "more than \(validationRows), as --validation asks for", hint: "ask for fewer")
    }
    let untested = division.groups.indices.filter { folds[$0] == nil }
    if !untested.isEmpty {
      let names = Set(untested.flatMap { division.groups[$0].flatMap(\.labels) }).sorted()
      report.warn(
        NumberFormat.count(
          untested.reduce(0) { $0 + division.groups[$1].count }, "row is", "rows are")
          + " tested in no fold, because a class has no other text to train on; their classes are "
          + quotedList(names.map { classNames[$0] }))
    }
    report.division =
      fold.number.map { "fold \($0) of \(fold.count) for testing; folds \(method)" }
      ?? "for the model to use, which \(fold.count) folds test; validation rows \(method)"
    let result = division.ensuringTrainingRows(room: rest) { reserved in
      division.assign(
        [(.validation, validationRows), (.train, nil)],
        after: tested.filter { !reserved.contains($0.key) }, reserved: reserved)
    }
    return splits(division, result, classNames, &report)
  }
}

extension SplitStrategy {
  /// Checks that the fractions add up to 1 or less.
  /// - Throws: ``UserError`` with exit status `usage`.
  func checkFractions() throws {
    let sizes = [("train", train), ("validation", validation), ("test", test)]
    let fractions = sizes.filter { $0.1?.fraction != nil }
    // The decimal that the sum of binary numbers is next to.
    let sum = (fractions.reduce(0) { $0 + ($1.1?.fraction ?? 0) } * 1e12).rounded() / 1e12
    guard sum > 1 else { return }
    throw UserError(
      .usage, at: fractions.map { "--\($0) \($1?.description ?? "")" }.joined(separator: ", "),
      problem: "shares of all rows that add up to \(sum)", expected: "1 or less",
      hint: "give smaller shares; by default --validation is 0.1 and --test is 0.2")
  }

  /// Checks that the sizes can be had from this number of rows.
  func check(_ rows: Int, at path: String) throws {
    let sizes = [train, validation, test].compactMap { $0 }
    let needed = sizes.reduce(0) { $0 + $1.rows(of: rows) }
    // Fractions of all rows may be one row more once rounded, which the training split then lacks.
    let exact = sizes.reduce(0) {
      $0 + ($1.fraction.map { $0 * Double(rows) } ?? Double($1.rows(of: rows)))
    }
    guard needed <= rows || exact <= Double(rows) + 1e-6 else {
      throw UserError(
        .data, at: path, problem: NumberFormat.count(rows, "row"),
        expected: "\(needed), as --train, --validation and --test ask for",
        hint: "ask for fewer rows" + (train == nil ? "" : ", or leave --train out to take the rest")
      )
    }
    for (split, size) in [(Split.validation, validation), (.test, test)] {
      try checkIsSome(size, of: rows, split, at: path)
    }
  }

  /// Checks that a size that is not 0 is at least one of the rows.
  func checkIsSome(_ size: SplitSize, of rows: Int, _ split: Split, at path: String) throws {
    guard !size.isZero, size.rows(of: rows) == 0 else { return }
    throw UserError(
      .data, at: path,
      problem:
        "no \(split.rawValue) row: \(size) of \(NumberFormat.count(rows, "row")) is less than one",
      expected: "one row or more",
      hint: "ask for more, such as --\(split.rawValue) 1, or for none with --\(split.rawValue) 0")
  }
}
