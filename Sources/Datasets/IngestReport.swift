import Shards
import Support

/// The report of an ingestion: every row read is either kept or dropped for a stated reason.
public struct IngestReport: Encodable, Equatable, Sendable {
  /// A named number of rows.
  public struct Count: Encodable, Equatable, Sendable {
    /// The name of the counted rows.
    public var name: String
    /// The number of rows.
    public var rows: Int
  }

  /// The rows by class of a split or of a part of the archive.
  public struct Part: Encodable, Equatable, Sendable {
    /// The name of the part.
    public var name: String
    /// The number of rows.
    public var rows: Int
    /// The number of rows of each class, in the order of the class names.
    public var classes: [Count]
    /// The number of rows without a label; nil unless the task is multi-label.
    public var withoutLabel: Int?
    /// The mean number of labels of a row; nil unless the task is multi-label.
    public var labelsPerRow: Double?
  }

  /// The name of the task.
  public var task: String
  /// The number of rows read.
  public private(set) var read = 0
  /// The number of rows in all splits.
  public private(set) var kept = 0
  /// The format of the user's own files.
  var format: String?
  /// The number of rows that repeat the text of an earlier row.
  var repeated: Int?
  /// The numbers of dropped rows by reason, in order of first occurrence.
  public private(set) var dropped: [Count] = []
  /// The numbers of rows that lost a label by reason, in order of first occurrence; nil if none did.
  public private(set) var droppedLabels: [Count]?
  /// Skipped items that are not rows of the task, such as unlabelled files.
  public private(set) var skipped: [Count] = []
  /// The content of the archive before splitting.
  public private(set) var source: [Part] = []
  /// How unlabelled texts were read; nil without any.
  public internal(set) var unlabelled: String?
  /// How rows of the user's own labelled text were divided; nil for other data.
  public internal(set) var division: String?
  /// The splits.
  public private(set) var splits: [Part] = []
  /// Advice on other flags, in one line; nil if there is none.
  public internal(set) var suggestion: String?
  /// Warnings for the user.
  public private(set) var warnings: [String] = []

  init(_ dataset: Dataset) { task = dataset.rawValue }

  init(task: String) { self.task = task }

  /// The number of all dropped rows.
  var droppedCount: Int { dropped.reduce(0) { $0 + $1.rows } }

  /// A problem, followed by the reasons for which rows were dropped.
  func explained(_ problem: String) -> String {
    ([problem] + dropped.map { "\($0.rows) dropped: \($0.name)" }
      + (droppedLabels ?? []).map { "dropped from \($0.rows): \($0.name)" }).joined(separator: "; ")
  }

  mutating func addRead(_ rows: Int) { read += rows }

  mutating func drop(_ reason: String, _ rows: Int = 1) { Self.add(rows, reason, to: &dropped) }

  /// Counts rows that are kept without one of their labels.
  mutating func dropLabel(_ reason: String, _ rows: Int) {
    var labels = droppedLabels ?? []
    Self.add(rows, reason, to: &labels)
    if !labels.isEmpty { droppedLabels = labels }
  }

  mutating func skip(_ name: String, _ rows: Int = 1) { Self.add(rows, name, to: &skipped) }

  /// Removes items that were skipped at first and then read in another way.
  mutating func removeSkipped(_ name: String) { skipped.removeAll { $0.name == name } }

  mutating func warn(_ text: String) { warnings.append(text) }

  /// Adds a part of the archive.
  mutating func addSource(_ name: String, _ classNames: [String], _ counts: RowCounts) {
    source.append(Self.part(name, classNames, counts))
  }

  /// Adds a finished split.
  mutating func add(_ split: Split, _ classNames: [String], _ counts: RowCounts) {
    splits.append(Self.part(split.rawValue, classNames, counts))
    kept += counts.rows
  }

  private static func part(_ name: String, _ classNames: [String], _ counts: RowCounts) -> Part {
    Part(
      name: name, rows: counts.rows,
      classes: zip(classNames, counts.classes).map { Count(name: $0, rows: $1) },
      withoutLabel: counts.withoutLabel,
      labelsPerRow: counts.withoutLabel.map { _ in
        Double(counts.classes.reduce(0, +)) / Double(max(counts.rows, 1))
      })
  }

  private static func add(_ rows: Int, _ name: String, to counts: inout [Count]) {
    if let index = counts.firstIndex(where: { $0.name == name }) {
      counts[index].rows += rows
    } else if rows > 0 {
      counts.append(Count(name: name, rows: rows))
    }
  }

  /// The report as text.
  public var text: String {
    ([results(maxSplitClasses: Self.maxListedClasses)] + warnings.map { "warning: \($0)" })
      .joined(separator: "\n")
  }

  /// The report without warnings. The classes of a split are only listed if they are few.
  public var brief: String { results(maxSplitClasses: 6) }

  /// The reports of all folds of one input, which differ in the splits only.
  public static func brief(ofFolds folds: [(name: String, report: IngestReport)]) -> String {
    let lines = folds.map { name, report in
      let splits = report.splits.filter { $0.rows > 0 }.map {
        "\($0.name) \(NumberFormat.grouped($0.rows))"
      }
      return "  \(name): \(splits.joined(separator: ", ")) rows"
    }
    return ((folds.first?.report.sourceLines ?? []) + ["written:"] + lines)
      .joined(separator: "\n")
  }

  private func results(maxSplitClasses: Int) -> String {
    let written = ["written\(division.map { " (\($0))" } ?? ""):"]
    let lines = splits.map { Self.line($0, maxClasses: maxSplitClasses) }
    return (sourceLines + written + lines + [suggestion].compactMap { $0 }).joined(separator: "\n")
  }

  /// The rows before they are divided.
  private var sourceLines: [String] {
    var lines = [
      "\(task): \(NumberFormat.count(read, "row")) read, \(NumberFormat.grouped(kept)) kept"
    ]
    if let format { lines.append("  format: \(format)") }
    if let unlabelled { lines.append("  unlabelled texts: \(unlabelled)") }
    if let repeated, repeated > 0 {
      lines.append(
        "  \(NumberFormat.count(repeated, "row repeats", "rows repeat")) an earlier text; equal texts "
          + "stay in one split")
    }
    lines += dropped.map { "  dropped \(NumberFormat.grouped($0.rows)): \($0.name)" }
    lines += (droppedLabels ?? []).map {
      "  dropped from \(NumberFormat.count($0.rows, "row")): \($0.name)"
    }
    lines += skipped.map { "  passed over \(NumberFormat.grouped($0.rows)): \($0.name)" }
    if !source.isEmpty {
      lines += ["in the \(format == nil ? "archive" : "data"):"] + source.map { Self.line($0) }
    }
    return lines
  }

  /// The number of classes that fit into a line.
  private static let maxListedClasses = 25

  private static func line(_ part: Part, maxClasses: Int = maxListedClasses) -> String {
    guard part.rows > 0 else { return "  \(part.name): no rows" }
    guard !part.classes.isEmpty else {
      return "  \(part.name): \(NumberFormat.count(part.rows, "text"))"
    }
    let rows = part.classes.map(\.rows)
    let classes =
      rows.count > maxClasses
      ? "\(rows.count) classes of \(NumberFormat.grouped(rows.min() ?? 0)) to "
        + "\(NumberFormat.count(rows.max() ?? 0, "row")) each"
      : part.classes.map { "\($0.name) \(NumberFormat.grouped($0.rows))" }.joined(separator: ", ")
    let labels = part.withoutLabel.map {
      "; \(NumberFormat.grouped($0)) without a label, "
        + "\(NumberFormat.fixed(part.labelsPerRow, 2)) labels a row"
    }
    return "  \(part.name): \(NumberFormat.count(part.rows, "row")) (\(classes)\(labels ?? ""))"
  }
}
