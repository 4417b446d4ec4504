import Safetensors
import Support

/// What an ingestion is asked to do; what is left open takes the data set's own default.
public struct IngestOptions: DatasetReader, Equatable, Sendable {
  /// The data set; recognised from the archive's content if it is not named.
  public var dataset: Dataset?
  /// EI-reg: rows of a lower intensity are dropped; 0.5 by default.
  public var threshold: FixedPointDecimal?
  /// EI-reg, labelled: how rows are divided; `random` by default.
  public var split: EIRegSplit?
  /// Rows to train on. Yelp, IMDB: 8,000 and 2,000 by default; labelled: what is left.
  public var train: SplitSize?
  /// Rows to validate on. Yelp, IMDB: 1,000 by default; labelled: a tenth. EI-reg, splits `random`
  /// and `random-near`: so many training rows rather than the official dev set.
  public var validation: SplitSize?
  /// Rows to test on. Yelp: 2,000 by default; IMDB: all of test/, as for 0; labelled: a fifth.
  public var test: SplitSize?
  /// Yelp: how classes are met; `natural` by default. IMDB is always drawn balanced.
  public var draw: SamplingOptions.Kind?
  /// What draws and splits depend on besides the texts.
  public var seed: UInt64
  /// What belongs to labelled text of the user's own alone. That is what the data set is taken for
  /// if any of it is given.
  public var labelled = TableOptions()

  /// Options with this seed and everything else left open.
  public init(seed: UInt64 = 1) { self.seed = seed }

  /// Ingests the archive or folder at `path`.
  /// - Throws: ``UserError``; of kind `usage` if an option does not belong to the data set.
  public func read(path: String, into series: ShardWriter) throws -> IngestReport {
    let dataset = try kind(ofArchiveAt: path)
    if dataset != .labelled {
      try refuse(labelled.given, for: dataset)
    }
    switch dataset {
    case .yelp:
      try refuse(names(["threshold": threshold != nil, "split": split != nil]), for: .yelp)
      let draw = try drawing(train: 8000, test: 2000, kind: draw ?? .natural)
      return try YelpReviews(draw: draw, seed: seed).read(path: path, into: series)
    case .eiReg:
      try refuse(
        names(["train": train != nil, "test": test != nil, "draw": draw != nil]), for: .eiReg)
      let split = split ?? .random
      return try EIRegTweets(
        threshold: threshold ?? .half, split: split, seed: seed, heldOut: try heldOut(for: split)
      ).read(path: path, into: series)
    case .imdb:
      try refuse(
        names(["threshold": threshold != nil, "split": split != nil, "draw": draw == .natural]),
        for: .imdb)
      let draw = try drawing(train: 2000, test: 0, kind: .balanced)
      return try IMDBReviews(draw: draw, seed: seed).read(path: path, into: series)
    case .labelled:
      try refuse(names(["threshold": threshold != nil, "draw": draw != nil]), for: .labelled)
      return try labelledText().read(path: path, into: series)
    }
  }

  private func kind(ofArchiveAt path: String) throws -> Dataset {
    if let dataset { return dataset }
    return labelled.given.isEmpty ? try Dataset(ofArchiveAt: path) : .labelled
  }

  /// The sizes of a draw by numbers, where those that are open have these.
  private func drawing(train: Int, test: Int, kind: SamplingOptions.Kind) throws -> SamplingOptions
  {
    SamplingOptions(
      train: try rows(self.train, "train") ?? train,
      validation: try rows(validation, "validation") ?? 1000,
      test: try rows(self.test, "test") ?? test, kind: kind)
  }

  /// The number of rows of a size, in the range that can be asked for.
  private func rows(_ portion: SplitSize?, _ option: String) throws -> Int? {
    try number(portion, option).map { try checked($0, option) }
  }

  /// The number of a size that must be one.
  private func number(_ portion: SplitSize?, _ option: String) throws -> Int? {
    guard let portion else { return nil }
    guard let count = portion.count else {
      throw UserError(
        .usage, at: "--\(option)", problem: "the share \(portion)",
        expected: "a number of rows; shares are for labelled text of your own")
    }
    return count
  }

  private func heldOut(for split: EIRegSplit) throws -> Int? {
    guard let rows = try number(validation, "validation") else { return nil }
    guard split == .random || split == .randomNear else {
      throw UserError(
        .usage, at: "--validation", problem: "given for the split \(split.rawValue)",
        expected: "one of the splits random and random-near", hint: "leave it out; see --help")
    }
    guard (1...100_000).contains(rows) else {
      throw UserError(
        .usage, at: "--validation", problem: "\(rows)", expected: "from 1 to 100,000 rows")
    }
    return rows
  }

  private func names(_ given: KeyValuePairs<String, Bool>) -> [String] {
    given.filter(\.value).map(\.key)
  }

  private func refuse(_ options: [String], for dataset: Dataset) throws {
    guard let option = options.first else { return }
    throw UserError(
      .usage, at: "--\(option)", problem: "given for the data set \(dataset.rawValue)",
      expected: "an option of that data set", hint: "leave it out; see --help")
  }

  /// A number of rows that can be asked for.
  func checked(_ rows: Int, _ option: String) throws -> Int {
    guard 0...100_000_000 ~= rows else {
      throw UserError(
        .usage, at: "--\(option)", problem: "\(rows)",
        expected: "a number of rows from 0 to 100 million")
    }
    return rows
  }
}
