import Shards
import Support

/// One pass over labelled text.
struct TableIngestion {
  let dataset: TableDataset
  private let path: String
  private let normalizer: TextNormalizer
  private let hash: TextHash
  private var sampler: GroupSampler
  private var labelIndex: LabelIndex
  var report: IngestReport
  var rowCount = 0
  /// The first skipped row, how to correct it, and the number of skipped rows.
  private var skippedRows: (first: String, hint: String?, count: Int)?
  var checks = FieldChecks()
  /// Whether any file was a table.
  var hasTables = false
  /// Whether any file was a workbook.
  var hasWorkbooks = false
  /// The names of the formats of the files, in order of first occurrence.
  var formats: [String] = []
  /// The documents of a project of Azure, and the locations of those that were found.
  let azure: AzureProject?
  var foundDocuments: Set<String> = []
  private let labelReader: LabelReader
  /// The number of files with rows.
  var fileCount = 0
  /// The number of files that lie directly in a folder named as a split.
  var unclassifiedCount = 0
  /// The splits that files and folders are named as.
  var namedSplits: Set<Split> = []
  /// The first row that belongs to no split.
  private var firstWithoutSplit: String?

  init(
    _ dataset: TableDataset, azure: AzureProject?, classLabels: ClassLabels?, at path: String
  ) throws {
    (self.dataset, self.path) = (dataset, path)
    self.azure = azure
    labelReader = LabelReader(
      isMultiLabel: dataset.isMultiLabel, separator: dataset.labelSeparator,
      classLabels: classLabels)
    normalizer = try TextNormalizer(dataset.markup ?? .none)
    hash = TextHash(seed: dataset.seed)
    sampler = GroupSampler(capacity: dataset.splitStrategy.capacity)
    labelIndex = LabelIndex(dataset.labelMap, isMultiLabel: dataset.isMultiLabel)
    report = IngestReport(task: dataset.name)
  }

  /// Adds a row or drops it for a reason.
  /// - Parameters:
  ///   - fields: the text, the label and, as far as there are such columns, split and ID.
  ///   - labels: the labels in place of the field, if the format has a list of them.
  ///   - file: the path of the file for IDs.
  mutating func take(
    _ fields: [UnsafeRawBufferPointer], labels: [[UInt8]]?, _ pathSplit: Split?,
    at location: RowLocation, in file: String
  ) throws {
    var split = pathSplit
    if dataset.columns.split != nil {
      let field = fields.count > 2 ? Array(fields[2]) : []
      guard let named = Split(name: Self.string(normalizeText(field))) else {
        return try skip(
          RowError(
            problem: "the split “\(Self.string(field.prefix(40)))”",
            expected: "train, validation or test"), at: location)
      }
      split = named
    }
    guard let id = try id(of: fields, at: location, in: file) else { return }
    let found: [LabelReader.Label]?
    do {
      found = try labelReader.labels(fields[1], list: labels)
    } catch let error as RowError {
      return try skip(error, at: location)
    }
    rowCount += 1
    guard let found else { return report.drop("no label (-1)") }
    guard found.allSatisfy({ !$0.name.isEmpty }) else { return report.drop("no label") }
    if labelReader.classLabels == nil { found.forEach { checks.add($0) } }
    let text = normalizer(fields[0])
    guard !text.isEmpty else { return report.drop("no text") }
    checks.encoding.add(text: fields[0], at: location)
    for label in found { try checks.encoding.add(label, at: location) }
    if dataset.markup == nil { checks.add(plainText: text) }
    guard let numbers = try labelIndex.numbers(of: found.map(\.name), at: location) else { return }
    if dataset.splitStrategy.kind == .given, split == nil {
      throw UserError(
        .data, at: location.description, problem: "a row that belongs to no split",
        expected: "a file or folder called train, validation or test, or a column that says it",
        hint: "name the column with --split-column, or let --split random divide the rows")
    }
    if split == nil { firstWithoutSplit = firstWithoutSplit ?? location.description }
    sampler.add(
      Example(text: text, labels: numbers, split: split, id: id, source: fields[0]),
      hash: hash(nearDuplicateKey(text)))
  }

  /// The ID of a row, which without a column is its location; nil if it has none and is skipped.
  private mutating func id(
    of fields: [UnsafeRawBufferPointer], at location: RowLocation, in file: String
  ) throws -> String? {
    guard dataset.columns.id != nil else {
      return location.number.map { "\(file):\($0)" } ?? file
    }
    let id = Self.string((fields.last ?? fields[0]).trimmingBlanks)
    guard !id.isEmpty else {
      try skip(
        RowError(problem: "no ID", expected: "a value under --id-column in each row"), at: location)
      return nil
    }
    checks.ids.add(id, at: location)
    return id
  }

  private static func string(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
  }

  /// Drops a row without an answer, or skips a bad one.
  mutating func drop(_ error: RowError, at location: RowLocation) throws {
    guard error.isUnanswered else { return try skip(error, at: location) }
    rowCount += 1
    if let hint = error.hint, report.dropped.allSatisfy({ $0.name != error.problem }) {
      report.warn("\(error.problem), first at \(location); \(hint)")
    }
    report.drop(error.problem)
  }

  /// Skips a bad row, or throws if errors are not skipped.
  private mutating func skip(_ error: RowError, at location: RowLocation) throws {
    guard dataset.onError == .skip, !error.isFinal else {
      throw error.refusal(
        at: location,
        hint: (error.hint ?? "correct the row")
          + (error.isFinal
            ? "; the rows after it cannot be found"
            : ", or pass over such rows with --on-error skip"))
    }
    rowCount += 1
    report.drop(error.kind)
    skippedRows = (
      skippedRows?.first ?? "\(location): \(error.problem), expected \(error.expected)",
      skippedRows == nil ? error.hint : skippedRows?.hint, (skippedRows?.count ?? 0) + 1
    )
  }

  /// Divides the rows and writes them.
  func write(skippedFiles: Int, to writer: ShardWriter) throws -> IngestReport {
    var report = report
    report.addRead(rowCount)
    report.format = formats.joined(separator: "; ")
    if let classLabels = labelReader.classLabels {
      report.format? += "; names of classes from \(classLabels.location)"
    }
    labelIndex.report(to: &report)
    report.skip("files of another kind", skippedFiles - unclassifiedCount)
    if unclassifiedCount > 0 {
      report.skip("files of no class", unclassifiedCount)
      report.warn(
        NumberFormat.count(unclassifiedCount, "text was", "texts were")
          + " passed over, directly in a folder named as a split (train, test, …); "
          + "if it is a class, rename the folder"
      )
    }
    var strategy = dataset.splitStrategy
    if strategy.kind == .automatic, keepsNamedSplits { strategy.kind = .given }
    if strategy.kind == .given {
      report.division =
        dataset.columns.split.map { "split as the column “\($0)” says" }
        ?? "split as files and folders are named"
        + (dataset.splitStrategy.kind == .automatic
          ? "; --split random divides all rows anew" : "")
    } else if strategy.allowsLeaks {
      throw UserError(
        .usage, at: "--allow-leaks", problem: "given, but rows are divided at random",
        expected: "data with given splits, such as --split official",
        hint: "leave it out: texts of one split are then in no other")
    } else if namedSplits.count > 1 {
      report.warn(ignoredSplitsWarning)
    }
    if let skippedRows {
      report.warn(
        NumberFormat.count(skippedRows.count, "bad row was", "bad rows were")
          + " passed over, the first at \(skippedRows.first)")
    }
    for warning in checks.warnings(rows: rowCount) { report.warn(warning) }
    let (classNames, counts, indices) = labelIndex.classes
    // Rows to test a model on may all have one class; so may those that have it or have it not.
    let needed = strategy.omitted.contains(.train) || dataset.isMultiLabel ? 1 : 2
    guard counts.classes.count(where: { $0 > 0 }) >= needed else {
      throw tooFewClasses(classNames, counts, report)
    }
    if let error = labelIndex.identifierError(at: path) { throw error }
    report.addSource("rows", classNames, counts)
    let groups = sampler.sorted(labels: indices)
    if dataset.splitStrategy.capacity == nil { report.repeated = groups.repeatedRows }
    if let warning = groups.contradictions(classNames, isMultiLabel: dataset.isMultiLabel) {
      report.warn(warning)
    }
    let splits = try strategy.divide(
      groups, classNames: classNames, counts: counts, at: path, report: &report)
    let kept = splits.values.reduce(0) { $0 + $1.count }
    report.drop("not drawn", report.read - report.droppedCount - kept)
    return try writer.write(
      splits, dataset: .labelled, classNames: classNames, isMultiLabel: dataset.isMultiLabel,
      splitScheme: strategy.scheme, omitting: strategy.omitted, report: report, at: path)
  }

  /// Whether the names of files and folders divide all rows.
  private var keepsNamedSplits: Bool {
    let needed: Set<Split> = dataset.splitStrategy.test.isZero ? [.train] : [.train, .test]
    return namedSplits.count > 1 && namedSplits.isSuperset(of: needed) && firstWithoutSplit == nil
  }

  /// The warning that the names of files and folders did not count.
  private var ignoredSplitsWarning: String {
    let names = namedSplits.sorted().map(\.rawValue).joined(separator: ", ")
    let start = "files are named as splits (\(names)), but "
    guard dataset.splitStrategy.kind == .automatic else {
      return start + "all rows were divided anew; --split official keeps the splits"
    }
    return start
      + (firstWithoutSplit.map {
        "the row at \($0) belongs to none: all rows were divided anew; leave such files out"
      } ?? "none as test: all rows were divided anew; --test 0 keeps the splits")
  }

  private func tooFewClasses(
    _ classNames: [String], _ counts: RowCounts, _ report: IngestReport
  ) -> UserError {
    let found = zip(classNames, counts.classes).filter { $0.1 > 0 }.map { "“\($0.0)”" }
    var problem = found.isEmpty ? "no row of any class" : "rows of one class only, \(found[0])"
    problem = report.explained(problem)
    if let skippedRows { problem += "; the first at \(skippedRows.first)" }
    return UserError(
      .data, at: path, problem: problem,
      expected: dataset.isMultiLabel ? "rows with a label" : "rows of two or more classes",
      hint: skippedRows?.hint
        ?? "look at --label-column and --labels\(labelIndex.quotingExample); for a folder for each "
        + "class, name the folder above them")
  }
}
