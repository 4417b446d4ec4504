import Foundation
import Shards
import Support

/// Collects rows into shards. A full shard is emitted at once, so memory holds at most one shard per
/// split.
public final class ShardWriter {
  /// Receives a finished shard and its number among the parts of its split, counted from 1.
  public typealias Emit = (_ shard: TextShard, _ part: Int) throws -> Void

  /// The number of bytes of text that a sample may hold in memory.
  let memoryLimit: Int
  /// The folder for temporary files of larger samples.
  let scratchFolder: String
  private let shardSize: Int
  private let emit: Emit
  private var builders: [Split: ShardBuilder<UInt8>] = [:]
  private var parts: [Split: Int] = [:]
  private var counts: [Split: RowCounts] = [:]

  /// - Parameters:
  ///   - shardSize: the maximum size of the text of a shard in bytes.
  ///   - memoryLimit: the number of bytes of text that a sample may hold in memory.
  ///   - scratchFolder: a folder with room for all texts of a larger sample.
  public init(
    shardSize: Int = ShardFiles.size, memoryLimit: Int = 2 * ShardFiles.size,
    scratchFolder: String = FileManager.default.temporaryDirectory.path, emit: @escaping Emit
  ) {
    self.shardSize = shardSize
    self.memoryLimit = memoryLimit
    self.scratchFolder = scratchFolder
    self.emit = emit
  }

  /// Starts the shards of a task.
  /// - Parameter isMultiLabel: whether a row can have any number of classes.
  func begin(
    task: String, splitScheme: String = "", classNames: [String], isMultiLabel: Bool = false
  ) {
    for split in Split.labelled {
      builders[split] = ShardBuilder(
        ShardHeader(
          task: task, split: split, splitScheme: splitScheme, classNames: classNames,
          isMultiLabel: isMultiLabel))
      counts[split] = RowCounts(classCount: classNames.count, isMultiLabel: isMultiLabel)
    }
  }

  /// Adds a row. Of training rows the text is kept only as it is cleaned.
  /// - Parameter textID: a number for the text, equal for equal texts.
  /// - Throws: errors of `emit`.
  func append(_ example: Example, to split: Split, textID: Int) throws {
    if let builder = builders[split], builder.count > 0,
      builder.elements.count + example.text.count > shardSize
    {
      try emit(builder)
      builders[split] = ShardBuilder(builder.header)
    }
    builders[split]?.append(
      example.text, classes: example.labels.map { Int32($0) }, textID: textID, id: example.id,
      source: split == .train ? [] : example.source)
    counts[split]?.add(example.labels)
  }

  /// Emits the remaining rows and adds the splits to the report.
  /// - Parameter omitted: the splits that are not wanted; they get no shard.
  /// - Throws: ``UserError`` with exit status `data` if another split is empty or a class has no
  ///   training rows; errors of `emit`.
  func finish(
    _ dataset: Dataset, omitting omitted: Set<Split> = [], at path: String,
    report: inout IngestReport
  ) throws {
    for split in Split.labelled {
      guard let builder = builders[split], let counts = counts[split] else { continue }
      if builder.count > 0 || parts[split] != nil || !omitted.contains(split) {
        try Self.check(counts, of: builder.header, dataset, at: path, &report)
        try emit(builder)
      }
      report.add(split, builder.header.classNames, counts)
    }
  }

  /// Writes whole splits of the task of the report; equal texts get equal IDs across the splits.
  /// - Returns: the report with the splits.
  /// - Throws: as ``finish(_:omitting:at:report:)``.
  func write(
    _ splits: [Split: [Example]], dataset: Dataset, classNames: [String]? = nil,
    isMultiLabel: Bool = false, splitScheme: String = "", omitting omitted: Set<Split> = [],
    report: IngestReport, at path: String
  ) throws -> IngestReport {
    begin(
      task: report.task, splitScheme: splitScheme, classNames: classNames ?? dataset.classNames,
      isMultiLabel: isMultiLabel)
    var textIDs: [TextKey: Int] = [:]
    for split in Split.labelled {
      for example in splits[split] ?? [] {
        let key = TextKey(example.text)
        let textID = textIDs[key] ?? textIDs.count
        textIDs[key] = textID
        try append(example, to: split, textID: textID)
      }
    }
    var report = report
    try finish(dataset, omitting: omitted, at: path, report: &report)
    return report
  }

  /// Starts the shards of the unlabelled texts of a task.
  func beginUnlabelled(task: String) {
    builders[.unlabelled] = ShardBuilder(
      ShardHeader(task: task, split: .unlabelled, classNames: []))
  }

  /// Emits the remaining unlabelled texts.
  /// - Throws: errors of `emit`.
  func finishUnlabelled() throws {
    if let builder = builders[.unlabelled] { try emit(builder) }
  }

  private func emit(_ builder: ShardBuilder<UInt8>) throws {
    let split = builder.header.split
    parts[split, default: 0] += 1
    try emit(builder.shard, parts[split, default: 1])
  }

  /// Checks that a split has rows, and the training split rows of every class.
  private static func check(
    _ counts: RowCounts, of header: ShardHeader, _ dataset: Dataset, at path: String,
    _ report: inout IngestReport
  ) throws {
    let (rows, split) = (counts.rows, header.split)
    guard rows > 0 else {
      throw UserError(
        .data, at: path,
        problem: report.explained("no rows left for the \(split.rawValue) split of \(header.task)"),
        expected: "at least one row", hint: dataset.hint(forEmpty: split))
    }
    let missing = zip(header.classNames, counts.classes).filter { $0.1 == 0 }.map(\.0)
    guard !missing.isEmpty else { return }
    guard split != .train else {
      throw UserError(
        .data, at: path,
        problem: "no \(quotedList(missing)) among the \(NumberFormat.count(rows, "training row"))",
        expected: "rows of every class", hint: dataset.missingClassHint)
    }
    report.warn(
      "no \(quotedList(missing)) among \(NumberFormat.count(rows, "\(split.rawValue) row")); "
        + "add rows of each class, or ask for more \(split.rawValue) rows")
  }
}

/// Names in quotes, at most ten of them.
func quotedList(_ names: [String]) -> String {
  let shown = names.prefix(10).map { "“\(escapingControlCharacters($0))”" }.joined(separator: ", ")
  return names.count > 10 ? "\(shown) and \(names.count - 10) more" : shown
}

extension Dataset {
  /// The hint if a split is empty.
  fileprivate func hint(forEmpty split: Split) -> String {
    switch (self, split) {
    case (.eiReg, _): "lower --threshold, or use the whole archive"
    case (.yelp, _), (.imdb, _): "ask for other sizes, or use the whole archive"
    case (.labelled, .train): "take fewer away for --validation and --test, or add rows"
    case (.labelled, .validation), (.labelled, .test):
      "add rows, or go without: --\(split.rawValue) 0"
    case (.labelled, .unlabelled): "name texts with --unlabelled"
    }
  }

  /// The hint if a class has no training rows.
  fileprivate var missingClassHint: String {
    switch self {
    case .yelp, .eiReg, .imdb: "ask for more rows, or draw each class alike with --draw balanced"
    case .labelled:
      "add training rows, or ask for more with --train; --labels can leave classes out or join them"
    }
  }
}
