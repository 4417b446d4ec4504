import Tensors

/// What an ingestion is asked to do; what is left open takes the data set's own default.
public struct IngestOptions: Equatable, Sendable {
  /// The data set; recognised from the archive's content if it is not named.
  public var dataset: Dataset?
  /// EI-reg: rows of a lower intensity are dropped; 0.5 by default.
  public var threshold: Score?
  /// EI-reg: how rows are divided; `random` by default.
  public var split: TweetSplit?
  /// Yelp, IMDB: rows to train on; 8,000 and 2,000 by default.
  public var train: Int?
  /// Yelp, IMDB: rows to validate on; 1,000 by default. EI-reg, splits `random` and `random-near`:
  /// so many training rows rather than the official dev set.
  public var validation: Int?
  /// Yelp, IMDB: rows to test on; 2,000 and all of test/ by default. For IMDB 0 means all.
  public var test: Int?
  /// Yelp: how classes are met; `natural` by default. IMDB is always drawn balanced.
  public var draw: Draw.Kind?
  /// What draws and splits depend on besides the texts.
  public var seed: UInt64

  /// Options with this seed and everything else left open.
  public init(seed: UInt64 = 1) { self.seed = seed }

  /// Ingests the archive or folder at `path`.
  /// - Throws: ``Refusal``; of kind `usage` if an option does not belong to the data set.
  public func read(path: String) throws -> Ingestion {
    switch try dataset ?? Dataset(ofArchiveAt: path) {
    case .yelp:
      try refuse(["threshold": threshold != nil, "split": split != nil], for: .yelp)
      let draw = Draw(
        train: train ?? 8000, validation: validation ?? 1000, test: test ?? 2000,
        kind: draw ?? .natural)
      return try YelpReviews(draw: try checked(draw), seed: seed).read(path: path)
    case .eiReg:
      try refuse(
        ["train": train != nil, "test": test != nil, "draw": draw != nil], for: .eiReg)
      let split = split ?? .random
      return try Tweets(
        threshold: threshold ?? .half, split: split, seed: seed, heldOut: try heldOut(for: split)
      ).read(path: path)
    case .imdb:
      try refuse(
        ["threshold": threshold != nil, "split": split != nil, "draw": draw == .natural],
        for: .imdb)
      let draw = Draw(
        train: train ?? 2000, validation: validation ?? 1000, test: test ?? 0, kind: .balanced)
      return try FilmReviews(draw: try checked(draw), seed: seed).read(path: path)
    }
  }

  private func heldOut(for split: TweetSplit) throws -> Int? {
    guard let validation else { return nil }
    guard split == .random || split == .randomNear else {
      throw Refusal(
        .usage, at: "--validation", saw: "given for the split \(split.rawValue)",
        expected: "one of the splits random and random-near", advice: "leave it out; see --help")
    }
    guard (1...100_000).contains(validation) else {
      throw Refusal(
        .usage, at: "--validation", saw: "\(validation)", expected: "from 1 to 100,000 rows")
    }
    return validation
  }

  private func refuse(_ given: KeyValuePairs<String, Bool>, for dataset: Dataset) throws {
    for (option, isGiven) in given where isGiven {
      throw Refusal(
        .usage, at: "--\(option)", saw: "given for the data set \(dataset.rawValue)",
        expected: "an option of that data set", advice: "leave it out; see --help")
    }
  }

  private func checked(_ draw: Draw) throws -> Draw {
    for (option, rows) in [
      ("train", draw.train), ("validation", draw.validation), ("test", draw.test),
    ]
    where rows < 0 || rows > 100_000_000 {
      throw Refusal(
        .usage, at: "--\(option)", saw: "\(rows)",
        expected: "a number of rows from 0 to 100 million")
    }
    return draw
  }
}
