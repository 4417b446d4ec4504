import Shards
import Support

/// Samples the Large Movie Review Dataset, `aclImdb/{train,test}/{pos,neg}/ID_RATING.txt`, from its
/// archive, whose entries come in any order, or from the unpacked folder.
struct IMDBReviews: DatasetReader {
  /// The number of reviews of each split. Training and validation rows come from `train/`, test rows
  /// from `test/`.
  var sampling: SamplingOptions
  /// Whether the test rows are all of `test/`, including duplicate texts, instead of a sample.
  var keepsWholeTest: Bool
  /// The seed of the sample.
  var seed: UInt64

  /// Longer reviews are rejected; the longest published one has about 14,000 bytes.
  static let maxReviewLength = 1 << 20

  /// The name of the files of `unsup/` in reports.
  static let unlabelledName = "reviews without a label (unsup)"

  func read(_ archive: Archive, into writer: ShardWriter) throws -> IngestReport {
    let normalizer = try TextNormalizer(.html)
    var ingestion = IMDBIngestion(
      sampling: sampling, keepsWholeTest: keepsWholeTest, seed: seed, writer: writer,
      normalizer: normalizer)
    var unrecognized = UnrecognizedFiles()
    while let entry = try archive.next() {
      if try !ingestion.take(entry) { try unrecognized.append(entry) }
    }
    guard ingestion.rows > 0 else { throw unrecognized.error(at: archive.path, expecting: .imdb) }
    try ingestion.requireAllFolders(at: archive.path)
    return try ingestion.write(at: archive.path)
  }
}

/// One pass over the reviews of the Large Movie Review Dataset.
private struct IMDBIngestion {
  private let sampling: SamplingOptions
  private let keepsWholeTest: Bool
  private let seed: UInt64
  private let writer: ShardWriter
  private let normalizer: TextNormalizer
  private let hash: TextHash
  /// Samples training and validation rows.
  private var trainSampler: SplitSampler
  private var trainPriorities: [UInt64] = []
  private var tests: [BottomKSample.Entry] = []
  private var report = IngestReport(.imdb)
  /// The number of reviews by folder (train, test) and label.
  private var counts = [[0, 0], [0, 0]]
  /// The number of reviews read.
  private(set) var rows = 0

  init(
    sampling: SamplingOptions, keepsWholeTest: Bool, seed: UInt64, writer: ShardWriter,
    normalizer: TextNormalizer
  ) {
    self.writer = writer
    (self.sampling, self.keepsWholeTest) = (sampling, keepsWholeTest)
    self.seed = seed
    self.normalizer = normalizer
    hash = TextHash(seed: seed)
    var withoutTest = sampling
    withoutTest.test = 0
    trainSampler = SplitSampler(
      withoutTest, classNames: Dataset.imdb.classNames, seed: seed, writer: writer)
  }

  /// Reads an entry and returns whether it belongs to the data set.
  mutating func take(_ entry: ArchiveEntry) throws -> Bool {
    guard let file = IMDBPath(path: entry.path) else { return false }
    guard let label = file.label else {
      report.skip(IMDBReviews.unlabelledName)
      return true
    }
    rows += 1
    guard file.isConsistent else {
      report.drop("a rating that does not fit its folder")
      return true
    }
    counts[file.isTest ? 1 : 0][label] += 1
    let text = try entry.content(maxSize: IMDBReviews.maxReviewLength)
    guard text.contains(where: { $0 > 0x20 }) else {
      report.drop("no text")
      return true
    }
    if file.isTest {
      tests.append(
        BottomKSample.Entry(priority: hash(text), text: text, label: label, id: file.id))
    } else {
      trainPriorities.append(
        try text.withUnsafeBytes { try trainSampler.offer($0, label: label) { file.id } })
    }
    return true
  }

  func requireAllFolders(at path: String) throws {
    for (half, name) in ["train", "test"].enumerated() {
      for (label, folder) in ["neg", "pos"].enumerated() where counts[half][label] == 0 {
        throw UserError(
          .data, at: path, problem: "no review in \(name)/\(folder)",
          expected: "reviews in train/pos, train/neg, test/pos and test/neg",
          hint: "use the publisher's aclImdb_v1.tar.gz, or the whole folder aclImdb")
      }
    }
  }

  /// Divides the reviews and writes them.
  func write(at path: String) throws -> IngestReport {
    var report = report
    report.addRead(rows)
    for (half, name) in ["train", "test"].enumerated() {
      report.addSource(name, Dataset.imdb.classNames, RowCounts(counts[half]))
    }
    checkPublishedCounts(&report)
    let testRows = try testRows(at: path, report: &report)
    let testPriorities = Set(tests.map(\.priority))
    report.drop(
      "a training text that is in test, too",
      trainPriorities.count { testPriorities.contains($0) })
    var splits: [Split: [Example]] = [.test: testRows]
    try trainSampler.finish(
      excludedPriorities: testPriorities, excludedHashes: Set(testRows.map { hash($0.text) }),
      at: path, report: &report, normalize: normalize
    ) { splits[$1, default: []].append($0) }
    let kept = splits.values.reduce(0) { $0 + $1.count }
    report.drop("not drawn", report.read - report.droppedCount - kept)
    let omitted = sampling.omitted.subtracting(keepsWholeTest ? [.test] : [])
    return try writer.write(
      splits, dataset: .imdb, omitting: omitted, report: report, at: path)
  }

  private func normalize(_ text: [UInt8]) -> [UInt8] {
    text.withUnsafeBytes { normalizer($0) }
  }

  /// All of `test/`, or a balanced sample of it, lowest priority first.
  private func testRows(at path: String, report: inout IngestReport) throws -> [Example] {
    guard keepsWholeTest else {
      let options = SamplingOptions(
        train: 0, validation: 0, test: sampling.test, balance: .balanced)
      var sampler = SplitSampler(
        options, classNames: Dataset.imdb.classNames, seed: seed, writer: writer)
      for review in tests {
        try review.text.withUnsafeBytes {
          _ = try sampler.offer($0, label: review.label) { review.id }
        }
      }
      var rows: [Example] = []
      try sampler.finish(at: path, report: &report, normalize: normalize) { example, _ in
        rows.append(example)
      }
      return rows
    }
    let all = tests.sorted { ($0.priority, $0.label, $0.id) < ($1.priority, $1.label, $1.id) }
      .map { Example(text: normalize($0.text), labels: [$0.label], id: $0.id, source: $0.text) }
    report.drop("no text once cleaned", all.count { $0.text.isEmpty })
    return all.filter { !$0.text.isEmpty }
  }

  /// Warns if some of the published reviews are missing.
  private func checkPublishedCounts(_ report: inout IngestReport) {
    let counts = counts.flatMap { $0 }
    guard counts.contains(12_500), counts.contains(where: { $0 != 12_500 }) else { return }
    report.warn(
      "\(counts) reviews in train/neg, train/pos, test/neg, test/pos; 12500 are published")
  }
}

/// The meaning of the path of a review, by whole path components.
struct IMDBPath: Equatable {
  /// Whether the review is in `test`, not in `train`.
  var isTest: Bool
  /// 0 for `neg`, 1 for `pos`, nil for `unsup`.
  var label: Int?
  /// 1 to 10 stars; 0 if there is no label.
  var rating: Int
  /// The path in the folder of the data set, such as `test/neg/0_2.txt`.
  var id: String

  /// Nil if the path is not that of a review.
  init?(path: String) {
    let components = path.split(separator: "/").suffix(3)
    guard components.count == 3, let half = components.first, let name = components.last,
      half == "train" || half == "test", name.hasSuffix(".txt")
    else { return nil }
    let parts = name.dropLast(4).split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count == 2, let rating = Int(parts[1]), 0...10 ~= rating,
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } })
    else { return nil }
    isTest = half == "test"
    id = components.joined(separator: "/")
    self.rating = rating
    switch components.dropFirst().first {
    case "neg": label = 0
    case "pos": label = 1
    case "unsup": label = nil
    default: return nil
    }
  }

  /// Whether the rating fits the folder: at least 7 for `pos`, 1 to 4 for `neg`.
  var isConsistent: Bool {
    switch label {
    case 1: rating >= 7
    case 0: 1...4 ~= rating
    default: true
    }
  }
}
