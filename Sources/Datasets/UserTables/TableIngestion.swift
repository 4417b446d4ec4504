import Safetensors
import Shards
import Support

/// One pass over labelled text.
struct TableIngestion {
  private let plan: TableDataset
  private let path: String
  private let cleaner: TextNormalizer
  private let hash: TextHash
  private var pool: GroupSampler
  private var table: LabelIndex
  private var tally: IngestReport
  private var rows = 0
  /// The first bad row that was passed over, and how many there were.
  private var defects: (first: String, count: Int)?
  /// How many texts had bytes that are not UTF-8.
  private var notUTF8 = 0
  /// How many files with rows were read.
  private(set) var files = 0

  init(_ plan: TableDataset, at path: String) throws {
    (self.plan, self.path) = (plan, path)
    cleaner = try TextNormalizer(plan.markup)
    hash = TextHash(seed: plan.seed)
    pool = GroupSampler(capacity: plan.division.capacity)
    table = LabelIndex(plan.labels)
    tally = IngestReport(task: plan.task)
  }

  /// Reads a file.
  /// - Returns: whether it is one of the user's rows or tables.
  mutating func take(_ member: ArchiveEntry, as format: TableFormat) throws -> Bool {
    let folders = member.path.split(separator: "/").dropLast()
    if format == .folders {
      guard let label = folders.last, Split(name: String(label)) == nil else { return false }
      let split = Split(path: folders.dropLast().joined(separator: "/"))
      let text = try member.content(atMost: TableDataset.longestText)
      try text.withUnsafeBytes { text in
        try Array(label.utf8).withUnsafeBytes { label in
          try take(
            TableExample(text: text, label: label), of: split, at: RowLocation(member: member.place)
          )
        }
      }
    } else {
      let split = Split(path: member.name) ?? Split(path: folders.joined(separator: "/"))
      try plan.reader.read(member, as: format) { found, place in
        switch found {
        case .row(let row): try take(row, of: split, at: place)
        case .defect(let defect, let isFinal): try drop(defect, at: place, isFinal: isFinal)
        }
      }
    }
    files += 1
    return true
  }

  /// Takes a row in or drops it for a reason.
  private mutating func take(_ row: TableExample, of split: Split?, at place: RowLocation) throws {
    var split = split
    if plan.columns.split != nil {
      guard let named = row.split.flatMap({ Split(name: Self.name(normalizeText(Array($0)))) })
      else {
        let seen = row.split.map { Self.name(Array($0.prefix(40))) } ?? ""
        return try drop(
          RowError(problem: "the split “\(seen)”", expected: "train, validation or test"), at: place
        )
      }
      split = named
    }
    rows += 1
    let label = row.label.map { normalizeText(Array($0)) } ?? []
    guard !label.isEmpty else { return tally.drop("no label") }
    let text = cleaner(row.text)
    guard !text.isEmpty else { return tally.drop("no text") }
    if row.text.contains(where: { $0 >= 0x80 }), String(validating: row.text, as: UTF8.self) == nil
    {
      notUTF8 += 1
    }
    guard let number = try table.number(of: label, at: place) else { return }
    if plan.division.kind == .given, split == nil { throw Self.unknownSplit(at: place) }
    let key = plan.division.kind == .randomNear ? twinKey(text) : text
    pool.add(GroupSampler.Row(text: text, label: number, split: split), hash: hash(key))
  }

  private static func name(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private static func unknownSplit(at place: RowLocation) -> UserError {
    UserError(
      .data, at: place.description, problem: "a row that belongs to no split",
      expected: "a file or folder called train, validation or test, or a column that says it",
      hint: "name the column with --split-column, or let --split random divide the rows")
  }

  private mutating func drop(_ defect: RowError, at place: RowLocation, isFinal: Bool = false)
    throws
  {
    guard plan.onError == .skip, !isFinal else {
      throw UserError(
        .data, at: place.description, problem: defect.problem, expected: defect.expected,
        hint: isFinal
          ? "correct the row; what follows cannot be told from it"
          : "correct the row, or pass over such rows with --on-error skip")
    }
    rows += 1
    tally.drop("a bad row")
    defects = (
      defects?.first ?? "\(place): \(defect.problem), expected \(defect.expected)",
      (defects?.count ?? 0) + 1
    )
  }

  /// Divides the rows.
  /// - Parameter strangers: how many files were passed over.
  func divide(strangers: Int, into series: ShardWriter) throws -> IngestReport {
    var tally = tally
    tally.read(rows)
    table.report(to: &tally)
    tally.skip("files of another kind", strangers)
    if let defects {
      tally.warn("\(defects.count) bad rows were passed over, the first at \(defects.first)")
    }
    if notUTF8 > 0 {
      tally.warn(
        "\(notUTF8) texts had bytes that are not UTF-8; each became U+FFFD. Save the file as UTF-8")
    }
    let (classes, counts, ranks) = table.ranking
    guard counts.count(where: { $0 > 0 }) > 1 else { throw tooFew(classes, counts, tally) }
    tally.found("rows", classes, counts)
    let divided = try plan.division.divide(pool.sorted(), at: path, tally: &tally)
    let splits = divided.mapValues { rows in
      rows.map { Example(text: $0.text, label: ranks[$0.label]) }
    }
    tally.drop(
      "not drawn",
      tally.read - tally.dropped.reduce(0) { $0 + $1.rows }
        - splits.values.reduce(0) { $0 + $1.count })
    let splitScheme =
      switch plan.division.kind {
      case .random: ""
      case .randomNear: EIRegSplit.randomNear.rawValue
      case .given: EIRegSplit.official.rawValue
      }
    return try series.write(
      splits, dataset: .labelled, classNames: classes, splitScheme: splitScheme, tally: tally,
      at: path)
  }

  private func tooFew(_ classes: [String], _ counts: [Int], _ tally: IngestReport) -> UserError {
    let met = zip(classes, counts).filter { $0.1 > 0 }.map { "“\($0.0)”" }
    let dropped = tally.dropped.map { "\($0.rows) dropped: \($0.name)" }
    let problem = met.isEmpty ? "no row of any class" : "rows of one class only, \(met[0])"
    return UserError(
      .data, at: path, problem: ([problem] + dropped).joined(separator: "; "),
      expected: "rows of two or more classes",
      hint: "look at --label-column and --labels; for a folder for each class, name the folder "
        + "above them")
  }
}
