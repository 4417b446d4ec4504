import Tensors

/// A draw under way: texts are offered one by one, and parted into the splits at the end.
struct Drawing {
  private let draw: Draw
  private let labels: [String]
  private var samples: [Sample]
  /// Takes the place of the samples when they grow too large for memory.
  private var spool: Spool?
  private let series: ShardSeries
  private let hash: TextHash

  init(_ draw: Draw, labels: [String], seed: UInt64, series: ShardSeries) {
    self.draw = draw
    self.labels = labels
    self.series = series
    hash = TextHash(seed: seed)
    let strands = draw.kind == .balanced ? labels.count : 1
    samples = (0..<strands).map { strand in
      let wanted = draw.quota(strand: strand, of: strands).reduce(0) { $0 + $1.rows }
      // Spares stand in for texts that turn out equal or empty once they are cleaned.
      return Sample(capacity: wanted + wanted / 8 + 64)
    }
  }

  /// The sample that texts of a class belong to.
  private func strand(of label: Int) -> Int { samples.count == 1 ? 0 : label }

  /// Offers a text as it stands in the file.
  /// - Returns: its priority.
  /// - Throws: ``Refusal`` of kind `io` if texts that do not fit in memory cannot be written.
  @discardableResult
  mutating func offer(_ text: UnsafeRawBufferPointer, label: Int) throws -> UInt64 {
    let priority = hash(text)
    if let spool {
      try spool.append(text, priority: priority, label: label)
      return priority
    }
    let strand = strand(of: label)
    if samples[strand].admits(priority) {
      samples[strand].offer(text, priority: priority, label: label)
      if samples.reduce(0, { $0 + $1.size }) > series.memory { try spill() }
    }
    return priority
  }

  private mutating func spill() throws {
    let spool = try Spool(in: series.scratch)
    for strand in samples.indices {
      for entry in samples[strand].sorted() {
        try entry.text.withUnsafeBytes {
          try spool.append(
            $0, priority: entry.priority, label: entry.label, copies: entry.copies)
        }
      }
      samples[strand].removeAll()
    }
    self.spool = spool
  }

  /// Cleans the drawn texts and parts them into the splits.
  /// - Parameters:
  ///   - barred: priorities of texts that must not be drawn.
  ///   - seen: hashes of clean texts that must not be drawn.
  ///   - take: gets the rows, those of all splits in one order.
  /// - Throws: ``Refusal`` of kind `data` if there are fewer texts than asked for, or `io`, and what
  ///   `take` throws.
  func finish(
    barred: Set<UInt64> = [], seen: Set<UInt64> = [], at path: String, tally: inout Tally,
    clean: ([UInt8]) -> [UInt8], take: (Example, Split) throws -> Void
  ) throws {
    var open = samples.indices.map { draw.quota(strand: $0, of: samples.count) }
    var seen = seen
    try forEachEntry { entry in
      let strand = strand(of: entry.label)
      guard !barred.contains(entry.priority),
        let next = open[strand].firstIndex(where: { $0.rows > 0 })
      else { return }
      let text = clean(entry.text)
      guard !text.isEmpty else {
        return tally.drop("no text once cleaned", entry.copies)
      }
      guard seen.insert(hash(text)).inserted else {
        return tally.drop("equal to a drawn text once cleaned", entry.copies)
      }
      tally.drop("copy of a drawn text", entry.copies - 1)
      open[strand][next].rows -= 1
      try take(Example(text: text, label: entry.label), open[strand][next].split)
    }
    for (strand, left) in open.enumerated() { try demandNothing(left, strand, at: path) }
  }

  /// All texts that may be drawn, the lowest priority first.
  private func forEachEntry(_ body: (Sample.Entry) throws -> Void) throws {
    if let spool { return try spool.forEach(strand: strand, body) }
    let entries = samples.enumerated()
      .flatMap { strand, sample in sample.sorted().map { (strand, $0) } }
      .sorted { ($0.1.priority, $0.0) < ($1.1.priority, $1.0) }
    for (_, entry) in entries { try body(entry) }
  }

  private func demandNothing(
    _ left: [(split: Split, rows: Int)], _ strand: Int, at path: String
  ) throws {
    let lacking = left.reduce(0) { $0 + $1.rows }
    guard lacking > 0 else { return }
    let wanted = draw.quota(strand: strand, of: samples.count).reduce(0) { $0 + $1.rows }
    let kind = samples.count == 1 ? "" : "“\(labels[strand])” "
    let enough = draw.train - lacking * samples.count
    throw Refusal(
      .data, at: path, saw: "\(wanted - lacking) different \(kind)texts",
      expected: "\(wanted), as --train, --validation and --test ask for",
      advice: "ask for fewer rows\(enough > 0 ? ", such as --train \(enough)" : ""), "
        + "or use the publisher's whole archive")
  }
}
