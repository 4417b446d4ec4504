import Datasets
import Shards
import Safetensors
import Support

/// Judges texts as they come, in batches, and writes the answers in the order of the texts.
///
/// A batch is computed when it is full, and when nothing more is waiting to be read: a file is
/// judged in full batches, and somebody who waits for an answer before the next line gets it.
/// Memory is bounded by a batch and the longest line.
public struct PredictionStream {
  /// What was met.
  public struct Tally: Equatable, Sendable {
    /// Texts that were judged.
    public var texts = 0
    /// Lines that were passed over.
    public var skipped = 0
    /// Texts in which bytes that are not UTF-8 became U+FFFD.
    public var notUTF8 = 0
    /// Texts without anything in them.
    public var empty = 0
  }

  private struct PendingRow {
    var file: String
    var line: Int
    var text: [UInt8]
    var words: [Int32]
  }

  private let predictor: Predictor
  private let output: TextOutput
  private let format: OutputFormat
  private let rowFormat: InputFormat
  private let column: String
  private let cleaner: TextNormalizer
  private let batch: Int
  private let policy: RowErrorPolicy
  private let warn: (String) -> Void
  private var rows: [PendingRow] = []
  private var size = 0
  private var hasHeading = false
  /// What was met so far.
  public private(set) var tally = Tally()

  /// A batch of long texts ends before it is full, after so many bytes.
  static let largestBatch = 4 << 20
  /// So many bad lines are reported one by one.
  static let reportedLines = 100

  /// - Parameters:
  ///   - rows: how texts lie in lines, under which name (a column or a key), and in which markup.
  ///   - batch: how many texts are judged together at most.
  ///   - warn: takes what is said of skipped lines.
  public init(
    _ predictor: Predictor, rows: (format: InputFormat, column: String, markup: MarkupFormat),
    batch: Int,
    policy: RowErrorPolicy, to output: TextOutput, as format: OutputFormat,
    warn: @escaping (String) -> Void
  ) throws {
    (self.predictor, self.batch, self.policy) = (predictor, batch, policy)
    (rowFormat, column) = (rows.format, rows.column)
    cleaner = try TextNormalizer(rows.markup)
    (self.output, self.format, self.warn) = (output, format, warn)
  }

  /// Judges all texts of these inputs, one input behind the other.
  /// - Parameters:
  ///   - paths: files; `-` is standard input.
  ///   - open: told of each input before it is read.
  /// - Throws: ``UserError``, once the texts before the trouble have their answers; ``BrokenPipe``.
  public mutating func judge(_ paths: [String], open: (TextInput) -> Void) throws {
    do {
      for path in paths {
        let input = try TextInput(path: path)
        open(input)
        try read(input)
      }
    } catch let refusal as UserError {
      if !rows.isEmpty { try flush() }
      throw refusal
    }
    try flush()
  }

  private mutating func read(_ input: TextInput) throws {
    let format = try rowFormat.resolved(for: input.name)
    if format == .csv { return try readTable(input) }
    var reader = TextRowReader(format, column: column, place: input.name)
    var splitter = LineSplitter(maxLength: Line.maxLength)
    while let block = try nextBlock(of: input) {
      try splitter.split(block) { try take($0, of: input.name, &reader) }
    }
    try splitter.finish { try take($0, of: input.name, &reader) }
  }

  private mutating func readTable(_ input: TextInput) throws {
    var reader = TableReader(column: column, place: input.name)
    while let block = try nextBlock(of: input) {
      try reader.split(block) { try take($0, of: input.name) }
    }
    try reader.finish { try take($0, of: input.name) }
  }

  /// Waits for the next bytes; whoever waits for answers gets them first.
  private mutating func nextBlock(of input: TextInput) throws -> UnsafeRawBufferPointer? {
    if !rows.isEmpty, !input.isReady { try flush() }
    return try input.nextBlock()
  }

  private mutating func take(_ row: Row, of file: String) throws {
    if let error = row.error {
      let column = error.column.map { ", column \($0)" } ?? ""
      try handle(error, at: "\(file): line \(error.line ?? row.line)\(column)")
    } else if let text = row.fields.first {
      add(text, file: file, line: row.line)
    }
    if rows.count >= batch || size >= Self.largestBatch { try flush() }
  }

  private mutating func take(
    _ line: Line, of file: String, _ reader: inout TextRowReader
  ) throws {
    do {
      try reader.read(line) { add($0, file: file, line: line.number) }
    } catch let defect as RowError {
      try handle(defect, at: "\(file): line \(line.number)")
    }
    if rows.count >= batch || size >= Self.largestBatch { try flush() }
  }

  private mutating func add(_ raw: UnsafeRawBufferPointer, file: String, line: Int) {
    let text = cleaner(raw)
    tally.texts += 1
    if text.isEmpty { tally.empty += 1 }
    if raw.contains(where: { $0 >= 0x80 }), String(validating: raw, as: UTF8.self) == nil {
      tally.notUTF8 += 1
    }
    let words = predictor.words(of: text)
    size += text.count + words.count
    rows.append(
      PendingRow(file: file, line: line, text: format.quotesText ? text : [], words: words))
  }

  private mutating func handle(
    _ defect: RowError, at place: String
  ) throws {
    guard policy == .skip, !defect.isFinal else {
      throw UserError(
        .data, at: place, problem: defect.problem, expected: defect.expected,
        hint: "correct the line, or pass over such lines with --on-error skip")
    }
    tally.skipped += 1
    if tally.skipped <= Self.reportedLines {
      warn("\(place): \(defect.problem), expected \(defect.expected); skipped")
    } else if tally.skipped == Self.reportedLines + 1 {
      warn("further bad lines are only counted")
    }
  }

  private mutating func flush() throws {
    var text = ""
    if !hasHeading { text = format.heading(predictor.classNames) }
    let classes = predictor.classNames.count
    let probabilities = rows.isEmpty ? [] : try predictor.probabilities(of: rows.map(\.words))
    for (index, row) in rows.enumerated() {
      let answer = Answer(
        file: row.file, line: row.line, text: row.text,
        probabilities: probabilities[index * classes..<(index + 1) * classes])
      text += format.line(answer, predictor.classNames)
    }
    try output.write(text)
    hasHeading = true
    size = 0
    rows.removeAll(keepingCapacity: true)
  }
}
