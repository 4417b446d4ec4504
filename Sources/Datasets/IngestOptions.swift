import Shards
import Support

/// A reader of one kind of data set.
protocol DatasetReader {
  /// Reads an archive and writes the rows to shards.
  /// - Throws: ``UserError``; errors of the writer.
  func read(_ archive: Archive, into writer: ShardWriter) throws -> IngestReport
}

/// The shards and the report of an ingestion in memory.
public struct IngestResult: Sendable {
  /// Train, validation and test, in this order.
  public let shards: [TextShard]
  /// The report of all rows.
  public let report: IngestReport
}

/// The options of an ingestion; nil means the default of the data set.
public struct IngestOptions: Sendable {
  /// The data set; by default it is recognised by the content of the archive.
  public var dataset: Dataset?
  /// EI-reg: the lowest intensity that is kept; 0.5 by default.
  public var threshold: Double?
  /// EI-reg, tables: how rows are divided; `random` by default, but files and folders of a table that are
  /// named as splits are kept.
  public var split: SplitScheme?
  /// EI-reg, tables: whether a row can have any number of labels. Of EI-reg, a row is then a tweet with
  /// all of its emotions.
  public var isMultiLabel = false
  /// The number of training rows. Yelp: 8,000, IMDB: 2,000, tables: all remaining rows by default.
  public var train: SplitSize?
  /// The number of validation rows. Yelp, IMDB: 1,000, tables: a tenth by default. EI-reg, splits
  /// `random` and `random-near`: held out from training in place of the official dev set.
  public var validation: SplitSize?
  /// The number of test rows. Yelp: 2,000, IMDB: all of test/, tables: a fifth by default.
  public var test: SplitSize?
  /// Yelp: the distribution of classes; `natural` by default. IMDB is always balanced.
  public var balance: SamplingOptions.ClassBalance?
  /// The seed of samples and splits.
  public var seed: UInt64
  /// The options of the user's own tables; if any is given, the data set is a table.
  public var table = TableOptions()
  /// How text files without labels are read.
  public var unlabelledFormat = UnlabelledFormat.auto

  /// Options with a seed and defaults for all else.
  public init(seed: UInt64 = 1) { self.seed = seed }

  /// Ingests an archive, which is opened once the options are checked.
  /// - Parameter unlabelled: texts without labels for the same task.
  /// - Throws: ``UserError``, with exit status `usage` if an option does not belong to the data set.
  public func read(
    _ archive: @autoclosure () throws -> Archive, unlabelled: Archive? = nil,
    into writer: ShardWriter
  ) throws -> IngestReport {
    let given = dataset ?? (table.given.isEmpty ? nil : .labelled)
    let checked = try given.map { try self.reader(of: $0) }
    let archive = try archive()
    let dataset = try given ?? Dataset(of: archive)
    let reader = try checked ?? self.reader(of: dataset)
    try archive.rewind()
    var report = try reader.read(archive, into: writer)
    if let warning = archive.linkWarning { report.warn(warning) }
    if let unlabelled {
      try unlabelledTexts(of: dataset).read(unlabelled, into: writer, adding: &report)
      if unlabelled.overlaps(archive) { report.removeSkipped(IMDBReviews.unlabelledName) }
    }
    return report
  }

  /// Ingests the archive, file or folder at `path` into memory.
  /// - Throws: as ``read(_:into:)``.
  public func read(path: String) throws -> IngestResult {
    var shards: [TextShard] = []
    let writer = ShardWriter(shardSize: .max, memoryLimit: .max) { shard, _ in
      shards.append(shard)
    }
    let report = try read(Archive(path: path), into: writer)
    return IngestResult(shards: shards, report: report)
  }

  /// Whether a row of a table can have any number of labels.
  var readsSeveralLabels: Bool { isMultiLabel || table.labelSeparator != nil }

  private func reader(of dataset: Dataset) throws -> any DatasetReader {
    if dataset != .labelled { try reject(table.given, for: dataset) }
    switch dataset {
    case .yelp:
      try reject(
        ["threshold": threshold != nil, "split": split != nil, "multi-label": isMultiLabel],
        for: .yelp)
      let sampling = try sampling(train: 8000, test: 2000, balance: balance ?? .natural)
      return YelpReviews(sampling: sampling, seed: seed)
    case .eiReg:
      try reject(
        ["train": train != nil, "test": test != nil, "draw": balance != nil], for: .eiReg)
      let split = split ?? .random
      return EIRegTweets(
        threshold: threshold ?? 0.5, isMultiLabel: isMultiLabel, split: split, seed: seed,
        validationSize: try validationSize(for: split))
    case .imdb:
      try reject(
        [
          "threshold": threshold != nil, "split": split != nil, "multi-label": isMultiLabel,
          "draw": balance == .natural,
        ], for: .imdb)
      let sampling = try sampling(train: 2000, test: 0, balance: .balanced)
      return IMDBReviews(sampling: sampling, keepsWholeTest: test == nil, seed: seed)
    case .labelled:
      try reject(["threshold": threshold != nil, "draw": balance != nil], for: .labelled)
      return try tableDataset()
    }
  }

  private func reject(_ options: KeyValuePairs<String, Bool>, for dataset: Dataset) throws {
    try reject(options.filter(\.value).map(\.key), for: dataset)
  }

  private func reject(_ options: [String], for dataset: Dataset) throws {
    guard let option = options.first else { return }
    throw UserError(
      .usage, at: "--\(option)", problem: "given for the data set \(dataset.rawValue)",
      expected: "an option of that data set", hint: "leave it out; see --help")
  }

  private func sampling(
    train: Int, test: Int, balance: SamplingOptions.ClassBalance
  ) throws -> SamplingOptions {
    SamplingOptions(
      train: try rowCount(self.train, "train") ?? train,
      validation: try rowCount(validation, "validation") ?? 1000,
      test: try rowCount(self.test, "test") ?? test, balance: balance)
  }

  /// The number of rows of a size that must be a number.
  private func rowCount(_ size: SplitSize?, _ option: String) throws -> Int? {
    guard let size else { return nil }
    guard let rows = size.count else {
      throw UserError(
        .usage, at: "--\(option)", problem: "the share \(size)",
        expected: "a number of rows; shares are for labelled text of your own")
    }
    try checkRange(size, option)
    return rows
  }

  /// Checks the number of rows that a size asks for, if it is a number. Only training rows are always
  /// needed.
  func checkRange(_ size: SplitSize?, _ option: String) throws {
    guard let size else { return }
    let least = option == "train" ? 1 : 0
    guard size.count.map({ (least...100_000_000).contains($0) }) ?? (least == 0 || !size.isZero)
    else {
      throw UserError(
        .usage, at: "--\(option)", problem: "\(size)",
        expected: "a number of rows from \(least) to 100 million")
    }
  }

  /// The number of training rows of EI-reg to hold out for validation; nil for the official dev set.
  private func validationSize(for split: SplitScheme) throws -> Int? {
    guard let size = validation else { return nil }
    guard let rows = size.count else { return try rowCount(size, "validation") }
    guard split == .random || split == .randomNear else {
      throw UserError(
        .usage, at: "--validation", problem: "given for the split \(split.rawValue)",
        expected: "one of the splits random and random-near", hint: "leave it out; see --help")
    }
    guard (0...100_000).contains(rows) else {
      throw UserError(
        .usage, at: "--validation", problem: "\(rows)", expected: "from 0 to 100,000 rows")
    }
    return rows
  }
}
