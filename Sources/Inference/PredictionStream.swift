import Datasets
import Support
import Tokenization

/// Classifies texts in batches as they arrive, and writes the predictions in the order of the texts.
///
/// A batch is computed when it is full, or when no more input is available. Files are therefore
/// processed in full batches, and an interactive client gets each answer before its next line. Memory
/// is bounded by one batch and the longest line.
///
/// If texts are picked for labelling, these are written at the end in place of predictions.
public struct PredictionStream {
  /// The format of the input.
  public struct Input {
    /// The format of the text.
    public var format: InputFormat
    /// The columns or keys of the text, joined with spaces; `text` if there is none.
    public var columns: [String]
    /// The columns or keys that are copied to the output.
    public var kept: [String]
    /// The markup of the text.
    public var markup: MarkupFormat
    /// How the files are read.
    public var options: TextFileOptions

    /// The columns of tables.
    var tableColumns: TableColumns {
      TableColumns(text: columns.isEmpty ? ["text"] : columns, kept: kept)
    }

    /// Creates a description of the input.
    public init(
      format: InputFormat, columns: [String] = [], kept: [String] = [], markup: MarkupFormat,
      options: TextFileOptions = TextFileOptions()
    ) {
      (self.format, self.columns, self.markup) = (format, columns, markup)
      (self.kept, self.options) = (kept, options)
    }
  }

  /// Counts of texts.
  public struct Statistics: Equatable, Sendable {
    /// The number of classified texts.
    public var texts = 0
    /// The number of skipped lines.
    public var skipped = 0
    /// The number of texts with bytes that are not UTF-8, which became U+FFFD.
    public var notUTF8 = 0
    /// The number of empty texts.
    public var empty = 0
    /// The number of texts without an answer, because its probability is too low.
    public var unanswered = 0
    /// The number of texts that were picked for labelling.
    public var picked = 0
  }

  private struct PendingRow {
    var file: String
    var line: Int
    var kept: [Prediction.KeptField]
    /// The text before it is normalized.
    var text: [UInt8]
  }

  private let predictor: Predictor
  private let input: Input
  private let output: TextOutput
  private let format: OutputFormat
  /// One for each thread.
  private let normalizers: [TextNormalizer]
  private let batchSize: Int
  private let policy: RowErrorPolicy
  private let warn: (String) -> Void
  private var picker: Picker?
  private var rows: [PendingRow] = []
  private var size = 0
  private var hasHeader = false
  /// The counts so far.
  public private(set) var statistics = Statistics()

  /// The size in bytes at which a batch of long texts is computed before it is full.
  static let maxBatchBytes = 4 << 20
  /// The number of bad lines that are reported individually.
  static let maxWarnings = 100

  /// Creates a stream.
  /// - Parameters:
  ///   - batchSize: the maximum number of texts in a batch, which does not change the results.
  ///   - picks: which texts are picked for labelling; nil if predictions are written.
  ///   - warn: called with a message for each skipped line and each input without a text.
  /// - Throws: ``UserError`` if the markup cannot be read.
  public init(
    _ predictor: Predictor, input: Input, batchSize: Int, policy: RowErrorPolicy,
    to output: TextOutput, as format: OutputFormat, picks: PickOptions? = nil,
    warn: @escaping (String) -> Void
  ) throws {
    (self.predictor, self.input, self.batchSize) = (predictor, input, batchSize)
    var format = format
    format.isMultiLabel = predictor.labelThresholds != nil
    (self.output, self.format, self.policy, self.warn) = (output, format, policy, warn)
    picker = picks.map(Picker.init)
    normalizers = try (0..<predictor.threads).map { _ in try TextNormalizer(input.markup) }
  }

  /// Classifies all texts of the inputs in order.
  /// - Parameters:
  ///   - paths: files; `-` is standard input.
  ///   - onOpen: called with each pipe or terminal before it is read.
  /// - Throws: ``UserError`` after the predictions for the texts before the error; ``BrokenPipe``.
  public mutating func predict(_ paths: [String], onOpen: (TextInput) -> Void) throws {
    do {
      for path in paths {
        let count = statistics.texts + statistics.skipped
        var isEmpty = false
        if path != "-", isFilledFile(path) {
          try read(ArchiveInput(path))
        } else {
          let input = try TextInput(path: path)
          onOpen(input)
          isEmpty = try !read(input)
        }
        if statistics.texts + statistics.skipped == count, path != "-" || !isEmpty {
          warn("\(path): no text")
        }
      }
    } catch let error as UserError {
      if !rows.isEmpty { try flush() }
      throw error
    }
    try flush()
    try writePicks()
  }

  private mutating func writePicks() throws {
    guard let picked = picker?.picked(), let options = picker?.options else { return }
    statistics.picked = picked.count
    try output.write(
      options.format.text(picked, predictor.task.classNames, format, model: predictor.name))
  }

  /// The files that can be read, for messages.
  private static let readable =
    "text, a table, JSON or a workbook, which may be compressed or the only file of an archive"

  /// Reads a file on disk, which may be compressed or the only file of an archive.
  private mutating func read(_ file: ArchiveInput) throws {
    let archive = try Archive([file], expected: Self.readable)
    let first = try archive.next()
    if let first, first.location == file.name { return try read(first, of: file.name) }
    guard first != nil, try archive.next() == nil else {
      throw UserError(
        .data, at: file.name,
        problem: first == nil ? "an archive without files" : "an archive of several files",
        expected: Self.readable, hint: "unpack it and name the files in it")
    }
    try archive.rewind()
    if let entry = try archive.next() { try read(entry, of: file.name) }
  }

  private mutating func read(_ entry: ArchiveEntry, of path: String) throws {
    let isWorkbook = try [.auto, .xlsx].contains(input.format) && entry.isWorkbook()
    if isWorkbook {
      let reader = try WorkbookReader(entry, columns: input.tableColumns, options: input.options)
      return try reader.forEachRow { try add($0, at: $1, file: path) }
    }
    try entry.rejectForeign(expected: Self.readable)
    try rejectTextAsWorkbook(at: entry.location)
    var reader = TextReader(
      input, name: String(entry.name), location: entry.location, isStream: false, warn: warn)
    try entry.forEachTextBlock(input.options.encoding) { text in
      try reader.split(text) { try add($0, at: $1, file: path) }
    }
    try reader.finish { try add($0, at: $1, file: path) }
  }

  private func rejectTextAsWorkbook(at location: String) throws {
    guard input.format != .xlsx, input.options.sheet == nil else {
      throw UserError(
        .data, at: location, problem: "no workbook", expected: "an .xlsx file",
        hint: "leave out --format xlsx and --sheet")
    }
  }

  /// Reads an input to its end and returns whether it had any content. Text is read as it arrives; a pipe
  /// with compressed files or a workbook is copied first.
  private mutating func read(_ source: TextInput) throws -> Bool {
    let first = try nextBlock(of: source)
    if let first, let format = ForeignFormat(head: first) {
      guard format.kind == .packing || format.kind == .workbook else {
        throw UserError(
          .data, at: source.name, problem: format.name, expected: Self.readable, hint: format.hint)
      }
      let file = try TemporaryFile(first, source)
      try withExtendedLifetime(file) { try read(ArchiveInput(file.path, name: source.name)) }
      return true
    }
    try rejectTextAsWorkbook(at: source.name)
    var reader = TextReader(
      input, name: source.name, location: source.name, isStream: true, warn: warn)
    func split(_ text: UnsafeRawBufferPointer) throws {
      try reader.split(text) { try add($0, at: $1) }
    }
    let decoder = TextDecoder(input.options.encoding, at: source.name)
    var block = first
    while let bytes = block {
      try decoder.decode(bytes, split)
      block = try nextBlock(of: source)
    }
    try decoder.finish(split)
    try reader.finish { try add($0, at: $1) }
    return first != nil
  }

  /// Reads the next bytes. If it has to wait for them, it computes the current batch first.
  private mutating func nextBlock(of source: TextInput) throws -> UnsafeRawBufferPointer? {
    if !rows.isEmpty, !source.isReady { try flush() }
    return try source.nextBlock()
  }

  /// - Parameter file: the name of the input in the predictions; by default that in messages.
  private mutating func add(_ row: Row, at location: RowLocation, file: String? = nil) throws {
    if let error = row.error {
      try handle(error, at: location)
    } else if let text = row.fields.first {
      add(text, of: row, file: file ?? location.file)
    }
    if rows.count >= batchSize || size >= Self.maxBatchBytes { try flush() }
  }

  private mutating func add(_ bytes: UnsafeRawBufferPointer, of row: Row, file: String) {
    statistics.texts += 1
    let kept = row.kept.map(Prediction.KeptField.init)
    size += bytes.count + kept.reduce(0) { $0 + $1.text.utf8.count }
    rows.append(PendingRow(file: file, line: row.line, kept: kept, text: Array(bytes)))
  }

  private mutating func handle(_ error: RowError, at location: RowLocation) throws {
    guard policy == .skip, !error.isFinal else {
      throw UserError(
        .data, at: location.description, problem: error.problem, expected: error.expected,
        hint: (error.hint ?? "correct the line") + ", or pass over such lines with --on-error skip")
    }
    statistics.skipped += 1
    if statistics.skipped <= Self.maxWarnings {
      warn("\(location): \(error.problem), expected \(error.expected); skipped")
    } else if statistics.skipped == Self.maxWarnings + 1 {
      warn("further bad lines are only counted")
    }
  }

  /// Computes the current batch and writes its predictions, after the header if it is the first one.
  private mutating func flush() throws {
    let (classNames, classCount) = (predictor.task.classNames, predictor.task.classNames.count)
    var text = hasHeader || picker != nil ? "" : format.header(classNames)
    let texts = predictor.prepared(rows.map(\.text), normalizers)
    statistics.empty += texts.count { $0.text.isEmpty }
    statistics.notUTF8 += texts.count { !$0.isUTF8 }
    let tokens = texts.map(\.tokens)
    let probabilities = rows.isEmpty ? [] : try predictor.probabilities(of: tokens)
    let because = rows.isEmpty || format.explained == nil ? nil : try predictor.explain(tokens)
    let needsText = format.includesText || picker != nil
    let predictions = rows.enumerated().map { index, row in
      Prediction(
        file: row.file, line: row.line, kept: row.kept, text: needsText ? texts[index].text : [],
        known: predictor.knownFraction(of: tokens[index]),
        probabilities: probabilities[index * classCount..<(index + 1) * classCount],
        thresholds: predictor.labelThresholds?.values, because: because?[index] ?? [])
    }
    if picker != nil {
      for prediction in predictions { picker?.add(prediction) }
    } else {
      let format = format
      statistics.unanswered += predictions.count { $0.labels(format.rule).isEmpty }
      text += parallelMap(predictions.count, threads: predictor.threads) { index, _ in
        format.line(predictions[index], classNames)
      }.joined()
    }
    try output.write(text)
    hasHeader = true
    size = 0
    rows.removeAll(keepingCapacity: true)
  }
}
