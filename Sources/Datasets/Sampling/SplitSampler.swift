import Shards
import Support

/// A draw under way: texts are offered one by one, and parted into the splits at the end.
struct SplitSampler {
  private let draw: SamplingOptions
  private let classNames: [String]
  private var samples: [BottomKSample]
  /// Takes the place of the samples when they grow too large for memory.
  private var spool: SpillFiles?
  private let series: ShardWriter
  private let hash: TextHash

  init(_ draw: SamplingOptions, classNames: [String], seed: UInt64, series: ShardWriter) {
    self.draw = draw
    self.classNames = classNames
    self.series = series
    hash = TextHash(seed: seed)
    let strata = draw.kind == .balanced ? classNames.count : 1
    samples = (0..<strata).map { stratum in
      let wanted = draw.quota(stratum: stratum, of: strata).reduce(0) { $0 + $1.rows }
      // Spares stand in for texts that turn out equal or empty once they are cleaned.
      return BottomKSample(capacity: wanted + wanted / 8 + 64)
    }
  }

  /// The sample that texts of a class belong to.
  private func stratum(of label: Int) -> Int { samples.count == 1 ? 0 : label }

  /// Offers a text as it stands in the file.
  /// - Returns: its priority.
  /// - Throws: ``UserError`` of kind `io` if texts that do not fit in memory cannot be written.
  @discardableResult
  mutating func offer(_ text: UnsafeRawBufferPointer, label: Int) throws -> UInt64 {
    let priority = hash(text)
    if let spool {
      try spool.append(text, priority: priority, label: label)
      return priority
    }
    let stratum = stratum(of: label)
    if samples[stratum].admits(priority) {
      samples[stratum].offer(text, priority: priority, label: label)
      if samples.reduce(0, { $0 + $1.size }) > series.memory { try spill() }
    }
    return priority
  }

  private mutating func spill() throws {
    let spool = try SpillFiles(in: series.scratch)
    for stratum in samples.indices {
      for entry in samples[stratum].sorted() {
        try entry.text.withUnsafeBytes {
          try spool.append(
            $0, priority: entry.priority, label: entry.label, copies: entry.copies)
        }
      }
      samples[stratum].removeAll()
    }
    self.spool = spool
  }

  /// Cleans the drawn texts and parts them into the splits.
  /// - Parameters:
  ///   - barred: priorities of texts that must not be drawn.
  ///   - seen: hashes of clean texts that must not be drawn.
  ///   - take: gets the rows, those of all splits in one order.
  /// - Throws: ``UserError`` of kind `data` if there are fewer texts than asked for, or `io`, and what
  ///   `take` throws.
  func finish(
    barred: Set<UInt64> = [], seen: Set<UInt64> = [], at path: String, tally: inout IngestReport,
    clean: ([UInt8]) -> [UInt8], take: (Example, Split) throws -> Void
  ) throws {
    var open = samples.indices.map { draw.quota(stratum: $0, of: samples.count) }
    var seen = seen
    try forEachEntry { entry in
      let stratum = stratum(of: entry.label)
      guard !barred.contains(entry.priority),
        let next = open[stratum].firstIndex(where: { $0.rows > 0 })
      else { return }
      let text = clean(entry.text)
      guard !text.isEmpty else {
        return tally.drop("no text once cleaned", entry.copies)
      }
      guard seen.insert(hash(text)).inserted else {
        return tally.drop("equal to a drawn text once cleaned", entry.copies)
      }
      tally.drop("copy of a drawn text", entry.copies - 1)
      open[stratum][next].rows -= 1
      try take(Example(text: text, label: entry.label), open[stratum][next].split)
    }
    for (stratum, left) in open.enumerated() { try demandNothing(left, stratum, at: path) }
  }

  /// All texts that may be drawn, the lowest priority first.
  private func forEachEntry(_ body: (BottomKSample.Entry) throws -> Void) throws {
    if let spool { return try spool.forEach(stratum: stratum, body) }
    let entries = samples.enumerated()
      .flatMap { stratum, sample in sample.sorted().map { (stratum, $0) } }
      .sorted { ($0.1.priority, $0.0) < ($1.1.priority, $1.0) }
    for (_, entry) in entries { try body(entry) }
  }

  private func demandNothing(
    _ left: [(split: Split, rows: Int)], _ stratum: Int, at path: String
  ) throws {
    let lacking = left.reduce(0) { $0 + $1.rows }
    guard lacking > 0 else { return }
    let wanted = draw.quota(stratum: stratum, of: samples.count).reduce(0) { $0 + $1.rows }
    let kind = samples.count == 1 ? "" : "“\(classNames[stratum])” "
    let enough = draw.train - lacking * samples.count
    throw UserError(
      .data, at: path, problem: "\(wanted - lacking) different \(kind)texts",
      expected: "\(wanted), as --train, --validation and --test ask for",
      hint: "ask for fewer rows\(enough > 0 ? ", such as --train \(enough)" : ""), "
        + "or use the publisher's whole archive")
  }
}
