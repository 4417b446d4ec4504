import Safetensors
import Shards
import Support

/// Draws reviews from the Yelp Open Dataset in one pass over its archive, of whatever nesting and
/// age: the zip of today, the tar or tgz inside, a plain review file, lines or one JSON array.
public struct YelpReviews: DatasetReader {
  /// How many reviews are drawn for each split.
  public var draw: SamplingOptions
  /// What the draw depends on besides the texts.
  public var seed: UInt64

  /// A reader with these settings.
  public init(draw: SamplingOptions, seed: UInt64) {
    self.draw = draw
    self.seed = seed
  }

  /// Longer rows are dropped; the longest review is about 5,000 characters.
  static let longestRow = 1 << 20

  /// Reads the archive at `path`. Memory holds the sample, never the archive,
  /// and of a large sample a part.
  /// - Throws: ``UserError``.
  public func read(path: String, into series: ShardWriter) throws -> IngestReport {
    guard let html = HTMLText() else {
      throw UserError(.unavailable, at: path, problem: "libxml2 could not be started")
    }
    let archive = try Archive(path: path)
    var pass = YelpIngestion(draw: draw, seed: seed, series: series)
    var source: String?
    var strangers = UnrecognizedFiles()
    while let member = try archive.next() {
      guard try Self.holdsReviews(member) else {
        strangers.append(member.path)
        continue
      }
      if let source {
        throw UserError(
          .data, at: member.place, problem: "a second file of reviews", expected: "only \(source)",
          hint: "name one of the two files as the archive")
      }
      source = member.place
      try pass.read(member)
    }
    guard let source else { throw unknownArchive(path, looking: .yelp, found: strangers) }
    var tally = try pass.account(at: source)
    series.begin(task: tally.task, classNames: Dataset.yelp.classNames)
    // All texts are different: the groups are numbered as the rows are, split behind split.
    var next: [Split: Int] = [
      .train: 0, .validation: draw.train, .test: draw.train + draw.validation,
    ]
    try pass.drawing.finish(at: source, tally: &tally, clean: { html($0) }) { example, split in
      let group = next[split, default: 0]
      next[split] = group + 1
      try series.append(example, to: split, group: group)
    }
    let drawn = draw.train + draw.validation + draw.test
    tally.drop("not drawn", tally.read - tally.dropped.reduce(0) { $0 + $1.rows } - drawn)
    try series.finish(.yelp, at: source, tally: &tally)
    return tally
  }

  /// Whether the first row of a file has stars and a text; a file that is called so is one, however
  /// its first row looks, and is then told what is wrong with it.
  static func holdsReviews(_ member: ArchiveEntry) throws -> Bool {
    let head = try member.head()
    let isCalledSo = member.name.lowercased().hasSuffix("review.json")
    if isCalledSo, head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) {
      return true
    }
    guard let first = head.firstIndex(of: UInt8(ascii: "{")),
      head[..<first].allSatisfy({ [0x20, 0x09, 0x0A, 0x0D, 0x5B, 0xEF, 0xBB, 0xBF].contains($0) })
    else { return false }
    var scanner = YelpReviewParser()
    _ = head[first...].withUnsafeBytes { scanner.scan($0) }
    return isCalledSo || scanner.sawStars && scanner.sawText
  }
}

/// One pass over the rows of a review file.
struct YelpIngestion {
  private(set) var drawing: SplitSampler
  private var scanner = YelpReviewParser()
  private var rows = 0
  private var stars = [Int](repeating: 0, count: 5)
  private var defects = IngestReport(.yelp)
  /// The first row that was dropped for being malformed.
  private var firstDefect: (row: Int, reason: String)?
  private var isCut = false

  init(draw: SamplingOptions, seed: UInt64, series: ShardWriter) {
    drawing = SplitSampler(draw, classNames: Dataset.yelp.classNames, seed: seed, series: series)
  }

  mutating func read(_ member: ArchiveEntry) throws {
    let isArray = try member.head().first { $0 > 0x20 && $0 < 0x80 } == UInt8(ascii: "[")
    if isArray {
      try member.forEachObject(longest: YelpReviews.longestRow) { try take($0) }
    } else {
      try member.forEachLine(longest: YelpReviews.longestRow) { try take($0) }
    }
  }

  private mutating func take(_ row: RawRecord) throws {
    guard !row.isTooLong else { return drop(row, "a row of over \(YelpReviews.longestRow) bytes") }
    switch scanner.scan(row.bytes) {
    case .review(let count, let text):
      rows += 1
      stars[count - 1] += 1
      try drawing.offer(text, label: count < 3 ? 0 : count == 3 ? 1 : 2)
    case .dropped(let reason):
      if row.bytes.allSatisfy({ $0 <= 0x20 }) { return }
      drop(row, row.isEnded ? reason : "the last row is cut")
    }
  }

  private mutating func drop(_ row: RawRecord, _ reason: String) {
    rows += 1
    isCut = isCut || !row.isEnded
    firstDefect = firstDefect ?? (row.number, reason)
    defects.drop(reason)
  }

  /// The account so far.
  /// - Throws: ``UserError`` of kind `data` if no row was a review.
  func account(at place: String) throws -> IngestReport {
    var tally = defects
    tally.read(rows)
    let classNames = Dataset.yelp.classNames
    tally.found(
      "reviews", classNames, [stars[0] + stars[1], stars[2], stars[3] + stars[4]])
    if let firstDefect {
      guard stars.contains(where: { $0 > 0 }) else {
        throw UserError(
          .data, at: "\(place): row \(firstDefect.row)", problem: firstDefect.reason,
          expected: "a review: a JSON object with “stars” and “text”",
          hint: "take the JSON archive from Yelp's page")
      }
      let bad = defects.dropped.filter { $0.name != "no text" }.reduce(0) { $0 + $1.rows }
      if bad > 0 {
        tally.warn(
          "\(bad) rows are no proper reviews, the first is row \(firstDefect.row): "
            + firstDefect.reason)
      }
    }
    PublishedCounts.check(stars: stars, into: &tally)
    if isCut { tally.warn("the file of reviews ends within a row: the archive was cut somewhere") }
    return tally
  }
}
