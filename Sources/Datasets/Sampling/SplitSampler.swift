import Shards
import Support

/// The number of rows to sample for each split, and their distribution over the classes.
public struct SamplingOptions: Equatable, Sendable {
  /// The distribution of the classes.
  public enum ClassBalance: String, CaseIterable, Sendable {
    /// As in the data.
    case natural
    /// Equal numbers of rows.
    case balanced
  }

  /// The number of training rows.
  public var train: Int
  /// The number of validation rows.
  public var validation: Int
  /// The number of test rows.
  public var test: Int
  /// The distribution of the classes.
  public var balance: ClassBalance

  /// The number of all rows.
  var total: Int { train + validation + test }

  /// The splits that are not wanted.
  var omitted: Set<Split> {
    Set([(Split.validation, validation), (.test, test)].filter { $0.1 == 0 }.map(\.0))
  }

  /// The number of rows that one of `strata` strata contributes to each split.
  func targetCounts(stratum: Int, of strata: Int) -> [(split: Split, rows: Int)] {
    // Texts of lowest priority go to test, the next to validation, then to train, so that asking for
    // more training rows moves no row to another split.
    [(Split.test, test), (.validation, validation), (.train, train)].map { split, rows in
      (split, rows / strata + (stratum < rows % strata ? 1 : 0))
    }
  }
}

/// Samples texts in one pass and divides the sample into splits.
struct SplitSampler {
  private let options: SamplingOptions
  private let classNames: [String]
  /// One sample per stratum: one for each class if classes are balanced, else one for all.
  private var samples: [BottomKSample]
  /// Replaces the samples once they exceed the memory limit.
  private var spillFiles: SpillFiles?
  private let writer: ShardWriter
  private let hash: TextHash

  init(_ options: SamplingOptions, classNames: [String], seed: UInt64, writer: ShardWriter) {
    self.options = options
    self.classNames = classNames
    self.writer = writer
    hash = TextHash(seed: seed)
    let strata = options.balance == .balanced ? classNames.count : 1
    samples = (0..<strata).map { stratum in
      let target = options.targetCounts(stratum: stratum, of: strata).reduce(0) { $0 + $1.rows }
      // Spares replace texts that are equal or empty after normalization.
      return BottomKSample(capacity: target + target / 8 + 64)
    }
  }

  private func stratum(of label: Int) -> Int { samples.count == 1 ? 0 : label }

  /// Offers a raw text and returns its priority.
  /// - Parameter id: the ID of the row; called only if the text may be drawn.
  /// - Throws: ``UserError`` with exit status `io` if texts that do not fit in memory cannot be
  ///   written.
  @discardableResult
  mutating func offer(
    _ text: UnsafeRawBufferPointer, label: Int, id: () -> String
  ) throws -> UInt64 {
    let priority = hash(text)
    if let spillFiles {
      try spillFiles.append(text, priority: priority, label: label, id: id())
      return priority
    }
    let stratum = stratum(of: label)
    if samples[stratum].admits(priority) {
      samples[stratum].offer(text, priority: priority, label: label, id: id())
      if samples.reduce(0, { $0 + $1.size }) > writer.memoryLimit { try spill() }
    }
    return priority
  }

  private mutating func spill() throws {
    let files = try SpillFiles(in: writer.scratchFolder)
    for stratum in samples.indices {
      for entry in samples[stratum].sorted() {
        try entry.text.withUnsafeBytes {
          try files.append(
            $0, priority: entry.priority, label: entry.label, id: entry.id, copies: entry.copies)
        }
      }
      samples[stratum].removeAll()
    }
    spillFiles = files
  }

  /// Normalizes the sampled texts and divides them into the splits.
  /// - Parameters:
  ///   - excludedPriorities: the priorities of raw texts to exclude.
  ///   - excludedHashes: the hashes of normalized texts to exclude.
  ///   - emit: receives the rows of all splits, lowest priority first.
  /// - Throws: ``UserError`` with exit status `data` if there are too few texts, or `io`; errors of
  ///   `emit`.
  func finish(
    excludedPriorities: Set<UInt64> = [], excludedHashes: Set<UInt64> = [], at path: String,
    report: inout IngestReport, normalize: ([UInt8]) -> [UInt8],
    emit: (Example, Split) throws -> Void
  ) throws {
    var remaining = samples.indices.map { options.targetCounts(stratum: $0, of: samples.count) }
    var seen = excludedHashes
    try forEachEntry { entry in
      let stratum = stratum(of: entry.label)
      guard !excludedPriorities.contains(entry.priority),
        let target = remaining[stratum].firstIndex(where: { $0.rows > 0 })
      else { return }
      let text = normalize(entry.text)
      guard !text.isEmpty else {
        return report.drop("no text once cleaned", entry.copies)
      }
      guard seen.insert(hash(text)).inserted else {
        return report.drop("equal to a drawn text once cleaned", entry.copies)
      }
      report.drop("copy of a drawn text", entry.copies - 1)
      remaining[stratum][target].rows -= 1
      try emit(
        Example(text: text, labels: [entry.label], id: entry.id, source: entry.text),
        remaining[stratum][target].split)
    }
    for (stratum, counts) in remaining.enumerated() {
      try requireNone(counts.reduce(0) { $0 + $1.rows }, ofStratum: stratum, at: path)
    }
  }

  /// All sampled texts, lowest priority first.
  private func forEachEntry(_ body: (BottomKSample.Entry) throws -> Void) throws {
    if let spillFiles { return try spillFiles.forEach(stratum: stratum, body) }
    let entries = samples.enumerated()
      .flatMap { stratum, sample in sample.sorted().map { (stratum, $0) } }
      .sorted { ($0.1.priority, $0.0) < ($1.1.priority, $1.0) }
    for (_, entry) in entries { try body(entry) }
  }

  private func requireNone(_ missing: Int, ofStratum stratum: Int, at path: String) throws {
    guard missing > 0 else { return }
    let target = options.targetCounts(stratum: stratum, of: samples.count)
      .reduce(0) { $0 + $1.rows }
    let kind = samples.count == 1 ? "" : "“\(classNames[stratum])” "
    let feasible = options.train - missing * samples.count
    throw UserError(
      .data, at: path, problem: "\(target - missing) different \(kind)texts",
      expected: "\(target), as --train, --validation and --test ask for",
      hint: "ask for fewer rows\(feasible > 0 ? ", such as --train \(feasible)" : ""), "
        + "or use the publisher's whole archive")
  }
}
