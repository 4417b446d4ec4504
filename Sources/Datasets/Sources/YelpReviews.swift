import Foundation
import Shards
import Support

/// Samples reviews of the Yelp Open Dataset in one pass over its archive in any published form: the
/// zip of today, the tar or tgz inside, a plain review file, JSON lines or one JSON array.
struct YelpReviews: DatasetReader {
  /// The number of reviews of each split.
  var sampling: SamplingOptions
  /// The seed of the sample.
  var seed: UInt64

  /// Longer rows are dropped; the longest review has about 5,000 characters.
  static let maxRowLength = 1 << 20

  /// Memory holds the sample, never the archive; a large sample spills to disk.
  func read(_ archive: Archive, into writer: ShardWriter) throws -> IngestReport {
    let normalizer = try TextNormalizer(.html)
    var ingestion = YelpIngestion(sampling: sampling, seed: seed, writer: writer)
    var reviewFile: String?
    var unrecognized = UnrecognizedFiles()
    while let entry = try archive.next() {
      guard try Self.isReviewFile(entry) else {
        try unrecognized.append(entry)
        continue
      }
      if let reviewFile {
        throw UserError(
          .data, at: entry.location, problem: "a second file of reviews",
          expected: "only \(reviewFile)", hint: "name one of the two files as the archive")
      }
      reviewFile = entry.location
      try ingestion.read(entry)
    }
    guard let reviewFile else { throw unrecognized.error(at: archive.path, expecting: .yelp) }
    return try write(ingestion, of: reviewFile, normalizer, to: writer)
  }

  private func write(
    _ ingestion: YelpIngestion, of reviewFile: String, _ normalizer: TextNormalizer,
    to writer: ShardWriter
  ) throws -> IngestReport {
    var report = try ingestion.report(at: reviewFile)
    writer.begin(task: report.task, classNames: Dataset.yelp.classNames)
    // All texts are distinct, so text IDs are row numbers over all splits.
    var nextTextID: [Split: Int] = [
      .train: 0, .validation: sampling.train, .test: sampling.train + sampling.validation,
    ]
    try ingestion.sampler.finish(
      at: reviewFile, report: &report, normalize: { $0.withUnsafeBytes { normalizer($0) } }
    ) { example, split in
      let textID = nextTextID[split, default: 0]
      nextTextID[split] = textID + 1
      try writer.append(example, to: split, textID: textID)
    }
    report.drop("not drawn", report.read - report.droppedCount - sampling.total)
    try writer.finish(
      .yelp, omitting: sampling.omitted, at: reviewFile, report: &report)
    return report
  }

  /// Whether the first row has stars and a text, or the file is named as the review file; errors in
  /// such a file are reported when it is read.
  static func isReviewFile(_ entry: ArchiveEntry) throws -> Bool {
    let isNamedSo = entry.name.lowercased().hasSuffix("review.json")
    guard let head = try? entry.textHead(), let first = head.firstIndex(of: UInt8(ascii: "{")),
      head[..<first].allSatisfy({ [0x20, 0x09, 0x0A, 0x0D, 0x5B].contains($0) })
    else { return false }
    let keys = head[first...].withUnsafeBytes { bytes in
      var cursor = JSONCursor(bytes)
      return cursor.keys()
    }
    return isNamedSo || ["stars", "text"].allSatisfy(keys.contains)
  }
}

/// One pass over the rows of a review file.
struct YelpIngestion {
  private(set) var sampler: SplitSampler
  private let fields = Self.fieldReader
  private var rows = 0
  /// The number of reviews with 1 to 5 stars.
  private var starCounts = [Int](repeating: 0, count: 5)
  private var dropped = IngestReport(.yelp)
  /// The first malformed row.
  private var firstError: (row: Int, reason: String)?
  private var isTruncated = false

  /// Rows with more keys are not Yelp's.
  static var fieldReader: JSONFieldReader {
    JSONFieldReader(["stars", "text", "review_id"], maxKeys: 64)
  }

  init(sampling: SamplingOptions, seed: UInt64, writer: ShardWriter) {
    sampler = SplitSampler(
      sampling, classNames: Dataset.yelp.classNames, seed: seed, writer: writer)
  }

  mutating func read(_ entry: ArchiveEntry) throws {
    try entry.forEachObject(
      in: entry.isJSONArray() ? .array : .lines, maxLength: YelpReviews.maxRowLength
    ) { try take($0, of: entry) }
  }

  private mutating func take(_ row: Line, of entry: ArchiveEntry) throws {
    guard !row.isTooLong else {
      return drop(row, "a row of over \(YelpReviews.maxRowLength) bytes")
    }
    do {
      let (stars, text) = try Self.review(row.bytes, fields)
      rows += 1
      starCounts[stars - 1] += 1
      try sampler.offer(text, label: stars < 3 ? 0 : stars == 3 ? 1 : 2) {
        if case .string(let id) = fields.values[2], !id.isEmpty {
          return String(decoding: id, as: UTF8.self)
        }
        return "\(entry.rowPath):\(row.number)"
      }
    } catch let error as RowError {
      if !row.isBlank { drop(row, row.isEnded ? error.problem : "the last row is cut") }
    }
  }

  /// The stars and the text of a review.
  static func review(
    _ row: UnsafeRawBufferPointer, _ fields: JSONFieldReader
  ) throws -> (stars: Int, text: UnsafeRawBufferPointer) {
    func error(_ problem: String) -> RowError {
      RowError(problem: problem, expected: "a JSON object with “stars” and “text”")
    }
    do {
      try fields.read(row)
    } catch let syntaxError as RowError where syntaxError.column != nil {
      throw error("broken JSON")
    }
    let text: UnsafeRawBufferPointer
    switch fields.values[1] {
    case .string(let string): text = string
    case .missing: throw error("no “text”")
    default: throw error("“text” is no string")
    }
    if case .missing = fields.values[0] { throw error("no “stars”") }
    guard case .literal(let literal) = fields.values[0], let stars = wholeStars(literal) else {
      throw error("“stars” is no number of 1 to 5")
    }
    guard text.contains(where: { $0 > 0x20 }) else { throw error("no text") }
    return (stars, text)
  }

  /// 1 to 5, written as `5` or `5.0`.
  private static func wholeStars(_ literal: UnsafeRawBufferPointer) -> Int? {
    guard let digit = literal.first, UInt8(ascii: "1")...UInt8(ascii: "5") ~= digit else {
      return nil
    }
    let rest = literal.dropFirst()
    let isWhole =
      rest.isEmpty
      || rest.first == UInt8(ascii: ".") && rest.count > 1
        && rest.dropFirst().allSatisfy { $0 == UInt8(ascii: "0") }
    return isWhole ? Int(digit - UInt8(ascii: "0")) : nil
  }

  private mutating func drop(_ row: Line, _ reason: String) {
    rows += 1
    isTruncated = isTruncated || !row.isEnded
    firstError = firstError ?? (row.number, reason)
    dropped.drop(reason)
  }

  /// The report so far.
  /// - Throws: ``UserError`` with exit status `data` if no row was a review.
  func report(at location: String) throws -> IngestReport {
    var report = dropped
    report.addRead(rows)
    report.addSource(
      "reviews", Dataset.yelp.classNames,
      RowCounts([starCounts[0] + starCounts[1], starCounts[2], starCounts[3] + starCounts[4]]))
    if let firstError {
      guard starCounts.contains(where: { $0 > 0 }) else {
        throw UserError(
          .data, at: "\(location): row \(firstError.row)", problem: firstError.reason,
          expected: "a review: a JSON object with “stars” and “text”",
          hint: "take the JSON archive from Yelp's page")
      }
      let bad = dropped.dropped.filter { $0.name != "no text" }.reduce(0) { $0 + $1.rows }
      if bad > 0 {
        report.warn(
          NumberFormat.count(bad, "row is no proper review", "rows are no proper reviews")
            + ", the first is row \(firstError.row): \(firstError.reason)")
      }
    }
    checkPublishedCounts(&report)
    if isTruncated {
      report.warn("the file of reviews ends within a row: the archive was cut somewhere")
    }
    return report
  }

  /// Warns about a file of nearly, but not exactly, the size of the round of 2022.
  private func checkPublishedCounts(_ report: inout IngestReport) {
    let total = starCounts.reduce(0, +)
    if total > 6_500_000, starCounts != [1_069_561, 544_240, 691_934, 1_452_918, 3_231_627] {
      report.warn("\(total) reviews; the round of 2022 has 6990280")
    }
  }
}
