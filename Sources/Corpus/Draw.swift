import Tensors

/// How many rows are drawn for each split, and how they spread over the classes.
public struct Draw: Equatable, Sendable {
  /// How classes are met.
  public enum Kind: String, CaseIterable, Sendable {
    /// As often as they occur.
    case natural
    /// Each equally often.
    case balanced
  }

  /// Rows to learn from.
  public var train: Int
  /// Rows to choose by.
  public var validation: Int
  /// Rows to judge by.
  public var test: Int
  /// How classes are met.
  public var kind: Kind

  /// A draw of these sizes.
  public init(train: Int, validation: Int, test: Int, kind: Kind) {
    self.train = train
    self.validation = validation
    self.test = test
    self.kind = kind
  }

  /// The rows of each split that one of `strands` parts of the data gives: all if there is one part.
  func quota(strand: Int, of strands: Int) -> [(split: Split, rows: Int)] {
    // Test first: texts of lowest priority go there, then validation, then train, so that asking
    // for more training rows moves no row from one split to another.
    [(Split.test, test), (.validation, validation), (.train, train)].map { split, rows in
      (split, rows / strands + (strand < rows % strands ? 1 : 0))
    }
  }
}

/// A draw under way: texts are offered one by one, and parted into the splits at the end.
struct Drawing {
  private let draw: Draw
  private let labels: [String]
  private var samples: [Sample]
  private let hash: TextHash

  init(_ draw: Draw, labels: [String], seed: UInt64) {
    self.draw = draw
    self.labels = labels
    hash = TextHash(seed: seed)
    let strands = draw.kind == .balanced ? labels.count : 1
    samples = (0..<strands).map { strand in
      let wanted = draw.quota(strand: strand, of: strands).reduce(0) { $0 + $1.rows }
      // Spares stand in for texts that turn out equal or empty once they are cleaned.
      return Sample(capacity: wanted + wanted / 8 + 64)
    }
  }

  /// Offers a text as it stands in the file.
  /// - Returns: its priority.
  @discardableResult
  mutating func offer(_ text: UnsafeRawBufferPointer, label: Int) -> UInt64 {
    let priority = hash(text)
    let strand = samples.count == 1 ? 0 : label
    if samples[strand].admits(priority) {
      samples[strand].offer(text, priority: priority, label: label)
    }
    return priority
  }

  /// Cleans the drawn texts and parts them into the splits.
  /// - Parameters:
  ///   - barred: priorities of texts that must not be drawn.
  ///   - seen: clean texts that must not be drawn.
  /// - Throws: ``Refusal`` of kind `data` if there are fewer texts than asked for.
  func finish(
    barred: Set<UInt64> = [], seen: Set<TextKey> = [], at path: String, tally: inout Tally,
    clean: ([UInt8]) -> [UInt8]
  ) throws -> [Split: [Example]] {
    var open = samples.indices.map { draw.quota(strand: $0, of: samples.count) }
    var splits: [Split: [Example]] = [:]
    var seen = seen
    let entries = samples.enumerated()
      .flatMap { strand, sample in sample.sorted().map { (strand, $0) } }
      .sorted { ($0.1.priority, $0.0) < ($1.1.priority, $1.0) }
    for (strand, entry) in entries where !barred.contains(entry.priority) {
      guard let next = open[strand].firstIndex(where: { $0.rows > 0 }) else { continue }
      let text = clean(entry.text)
      guard !text.isEmpty else {
        tally.drop("no text once cleaned", entry.copies)
        continue
      }
      guard seen.insert(TextKey(text)).inserted else {
        tally.drop("equal to a drawn text once cleaned", entry.copies)
        continue
      }
      tally.drop("copy of a drawn text", entry.copies - 1)
      open[strand][next].rows -= 1
      splits[open[strand][next].split, default: []].append(Example(text: text, label: entry.label))
    }
    for (strand, left) in open.enumerated() { try demandNothing(left, strand, at: path) }
    return splits
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
