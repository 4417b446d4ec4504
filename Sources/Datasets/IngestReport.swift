import Shards

/// The account of an ingestion: every row that was read is kept or dropped for a stated reason.
public struct IngestReport: Encodable, Equatable, Sendable {
  /// A number with its name.
  public struct Count: Encodable, Equatable, Sendable {
    /// What is counted.
    public var name: String
    /// How many.
    public var rows: Int
  }

  /// Rows by class, of a split or of a part of the archive.
  public struct Part: Encodable, Equatable, Sendable {
    /// Its name.
    public var name: String
    /// All rows.
    public var rows: Int
    /// The rows of each class, in the order of the labels.
    public var classes: [Count]
  }

  /// The name of the task.
  public var task: String
  /// How many rows were read.
  public private(set) var read = 0
  /// How many of them stand in the three splits.
  public private(set) var kept = 0
  /// How many were dropped, by reason, in order of first mention.
  public private(set) var dropped: [Count] = []
  /// Things passed over that are not rows of the task, such as unlabelled files.
  public private(set) var skipped: [Count] = []
  /// What the archive itself holds, before splitting.
  public private(set) var source: [Part] = []
  /// The splits that were made.
  public private(set) var splits: [Part] = []
  /// What the reader should look at.
  public private(set) var warnings: [String] = []

  init(_ dataset: Dataset) { task = dataset.rawValue }

  init(task: String) { self.task = task }

  mutating func read(_ rows: Int) { read += rows }

  /// Counts rows that go no further.
  mutating func drop(_ reason: String, _ rows: Int = 1) { Self.add(rows, reason, to: &dropped) }

  mutating func skip(_ what: String, _ rows: Int = 1) { Self.add(rows, what, to: &skipped) }

  mutating func warn(_ text: String) { warnings.append(text) }

  mutating func found(_ name: String, _ classNames: [String], _ rows: [Int]) {
    source.append(Self.part(name, classNames, rows))
  }

  /// Enters the rows of a finished split, by class.
  mutating func add(_ split: Split, _ classNames: [String], _ rows: [Int]) {
    splits.append(Self.part(split.rawValue, classNames, rows))
    kept += rows.reduce(0, +)
  }

  private static func part(_ name: String, _ classNames: [String], _ rows: [Int]) -> Part {
    Part(
      name: name, rows: rows.reduce(0, +),
      classes: zip(classNames, rows).map { Count(name: $0, rows: $1) })
  }

  private static func add(_ rows: Int, _ name: String, to counts: inout [Count]) {
    if let index = counts.firstIndex(where: { $0.name == name }) {
      counts[index].rows += rows
    } else if rows > 0 {
      counts.append(Count(name: name, rows: rows))
    }
  }
}

extension IngestReport {
  /// The account for people: a few lines and a table.
  public var text: String {
    var lines = ["\(task): \(read) rows read, \(kept) kept"]
    lines += dropped.map { "  dropped \($0.rows): \($0.name)" }
    lines += skipped.map { "  passed over \($0.rows): \($0.name)" }
    if !source.isEmpty { lines += ["in the archive:"] + source.map(Self.line) }
    lines += ["written:"] + splits.map(Self.line)
    lines += warnings.map { "warning: \($0)" }
    return lines.joined(separator: "\n")
  }

  private static func line(_ part: Part) -> String {
    let classes = part.classes.map { "\($0.name) \($0.rows)" }.joined(separator: ", ")
    return "  \(part.name): \(part.rows) rows (\(classes))"
  }
}
