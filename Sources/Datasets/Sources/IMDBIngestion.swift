import Safetensors
import Shards
import Support

/// One pass over the reviews of the Large Movie Review Dataset.
struct IMDBIngestion {
  private struct Review {
    var priority: UInt64
    var label: Int
    var text: [UInt8]
  }

  private let draw: SamplingOptions
  private let seed: UInt64
  private let series: ShardWriter
  private let hash: TextHash
  private var training: SplitSampler
  private var trainTexts: [UInt64] = []
  private var tests: [Review] = []
  private var tally = IngestReport(.imdb)
  /// Reviews by half and label.
  private var counts = [[0, 0], [0, 0]]
  /// How many reviews were read.
  private(set) var rows = 0

  init(draw: SamplingOptions, seed: UInt64, series: ShardWriter) {
    self.series = series
    self.draw = draw
    self.seed = seed
    hash = TextHash(seed: seed)
    var fromTrain = draw
    fromTrain.test = 0
    training = SplitSampler(
      fromTrain, classNames: Dataset.imdb.classNames, seed: seed, series: series)
  }

  /// Reads a member if it is a review.
  /// - Returns: whether it has to do with the data set.
  mutating func take(_ member: ArchiveEntry) throws -> Bool {
    guard let file = IMDBPath(path: member.path) else { return false }
    guard case .review(let label) = file.kind else {
      tally.skip("reviews without a label (unsup)")
      return true
    }
    rows += 1
    guard file.isConsistent else {
      tally.drop("a rating that does not fit its folder")
      return true
    }
    counts[file.isTest ? 1 : 0][label] += 1
    let text = try member.content(atMost: IMDBReviews.longestReview)
    guard text.contains(where: { $0 > 0x20 }) else {
      tally.drop("no text")
      return true
    }
    if file.isTest {
      tests.append(Review(priority: hash(text), label: label, text: text))
    } else {
      trainTexts.append(try text.withUnsafeBytes { try training.offer($0, label: label) })
    }
    return true
  }

  func demandAllFolders(at path: String) throws {
    for (half, name) in ["train", "test"].enumerated() {
      for (label, folder) in ["neg", "pos"].enumerated() where counts[half][label] == 0 {
        throw UserError(
          .data, at: path, problem: "no review in \(name)/\(folder)",
          expected: "reviews in train/pos, train/neg, test/pos and test/neg",
          hint: "use the publisher's aclImdb_v1.tar.gz, or the whole folder aclImdb")
      }
    }
  }

  func divide(at path: String, html: HTMLText) throws -> IngestReport {
    var tally = tally
    tally.read(rows)
    for (half, name) in ["train", "test"].enumerated() {
      tally.found(name, Dataset.imdb.classNames, counts[half])
    }
    PublishedCounts.check(films: counts, into: &tally)
    let tested = try testRows(at: path, html: html, tally: &tally)
    let barred = Set(tests.map(\.priority))
    tally.drop(
      "a training text that stands in test, too", trainTexts.count { barred.contains($0) })
    var splits: [Split: [Example]] = [.test: tested]
    try training.finish(
      barred: barred, seen: Set(tested.map { hash($0.text) }), at: path, tally: &tally,
      clean: { html($0) }, take: { splits[$1, default: []].append($0) })
    let kept = splits.values.reduce(0) { $0 + $1.count }
    tally.drop("not drawn", tally.read - tally.dropped.reduce(0) { $0 + $1.rows } - kept)
    return try series.write(splits, dataset: .imdb, tally: tally, at: path)
  }

  /// All of test, or as many of each class as were asked for, lowest priority first.
  private func testRows(
    at path: String, html: HTMLText, tally: inout IngestReport
  ) throws -> [Example] {
    guard draw.test == 0 else {
      let sizes = SamplingOptions(train: 0, validation: 0, test: draw.test, kind: .balanced)
      var drawing = SplitSampler(
        sizes, classNames: Dataset.imdb.classNames, seed: seed, series: series)
      for review in tests {
        try review.text.withUnsafeBytes { _ = try drawing.offer($0, label: review.label) }
      }
      var tested: [Example] = []
      try drawing.finish(
        at: path, tally: &tally, clean: { html($0) }, take: { example, _ in tested.append(example) }
      )
      return tested
    }
    let all = tests.sorted { ($0.priority, $0.label) < ($1.priority, $1.label) }
      .map { Example(text: html($0.text), label: $0.label) }
    tally.drop("no text once cleaned", all.count { $0.text.isEmpty })
    return all.filter { !$0.text.isEmpty }
  }
}
