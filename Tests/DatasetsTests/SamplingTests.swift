import Testing
import Shards

@testable import Datasets
@testable import Safetensors
@testable import Support

struct TextHashTests {
  @Test func `the hash is fixed for good`() {
    let hash = TextHash(seed: 1)
    #expect(hash([]) == golden[0])
    #expect(hash(Array("a".utf8)) == golden[1])
    #expect(hash(Array("a text of more than sixteen bytes".utf8)) == golden[2])
    #expect(TextHash(seed: 2)(Array("a".utf8)) == golden[3])
  }

  /// Computed by another implementation, in Python.
  private let golden: [UInt64] = [
    4922461756044938104, 10_629_938_176_005_609_861, 9_543_460_843_186_020_354,
    7_865_043_313_888_188_378,
  ]

  @Test func `zeros at the end of a text count`() {
    let hash = TextHash(seed: 1)
    let hashes = Set((0..<64).map { hash([UInt8](repeating: 0, count: $0)) })
    #expect(hashes.count == 64)
  }

  @Test func `a flipped bit anywhere changes about half of the hash`() {
    let hash = TextHash(seed: 7)
    let text = Array("The quick brown fox jumps over the lazy dog, twice.".utf8)
    var flips = 0
    for bit in 0..<text.count * 8 {
      var other = text
      other[bit / 8] ^= 1 << UInt8(bit % 8)
      flips += (hash(text) ^ hash(other)).nonzeroBitCount
    }
    #expect(abs(Double(flips) / Double(text.count * 8) - 32) < 1)
  }
}

struct BottomKSampleTests {
  private func sample(_ texts: [String], _ classNames: [Int]? = nil, size: Int, seed: UInt64)
    -> [BottomKSample
    .Entry]
  {
    var sample = BottomKSample(capacity: size)
    let hash = TextHash(seed: seed)
    for (index, text) in texts.enumerated() {
      let bytes = Array(text.utf8)
      bytes.withUnsafeBytes {
        sample.offer(
          $0, priority: hash(bytes), label: classNames?[index] ?? 0, id: "\(index)")
      }
    }
    return sample.sorted()
  }

  private let texts = (0..<200).map { "review number \($0)" }

  @Test func `every text is drawn equally often over many seeds`() {
    var drawn = [String: Int]()
    for seed in 0..<400 {
      for entry in sample(texts, size: 50, seed: UInt64(seed)) {
        drawn[String(decoding: entry.text, as: UTF8.self), default: 0] += 1
      }
    }
    // Each count is binomial with n = 400, p = 1/4; the sum of squares is close to chi-squared with
    // 199 degrees of freedom, which lies between 140 and 270 in 99.9 % of cases.
    let spread = texts.reduce(0.0) { sum, text in
      let difference = Double(drawn[text] ?? 0) - 100
      return sum + difference * difference / 75
    }
    #expect(140 < spread && spread < 270)
  }

  @Test func `the order of offering changes nothing`() {
    let forward = sample(texts, size: 30, seed: 3)
    let backward = sample(texts.reversed(), size: 30, seed: 3)
    #expect(forward.map(\.text) == backward.map(\.text))
    #expect(forward.map(\.priority) == forward.map(\.priority).sorted())
  }

  @Test func `a larger sample holds the smaller one`() {
    let small = sample(texts, size: 30, seed: 3).map(\.text)
    #expect(Array(sample(texts, size: 60, seed: 3).map(\.text).prefix(30)) == small)
  }

  @Test func `copies are counted and take the lowest label, in any order`() throws {
    let doubled = ["x", "y", "x", "x"]
    for classNames in [[2, 1, 0, 1], [0, 1, 1, 2]] {
      let entries = sample(doubled, classNames, size: 9, seed: 1)
      let x = try #require(entries.first { $0.text == Array("x".utf8) })
      #expect(entries.count == 2)
      #expect(x.copies == 3)
      #expect(x.label == 0)
    }
  }
}

struct SplitSamplerTests {
  /// What is drawn of so many texts, every fifth of which comes again with another label.
  private func draw(
    _ draw: SamplingOptions, rows: Int = 300, seed: UInt64 = 1, memory: Int = .max
  ) throws -> [Split: [Example]] {
    try account(draw, rows: rows, seed: seed, memory: memory, clean: { $0 }).splits
  }

  private func account(
    _ draw: SamplingOptions, rows: Int = 300, seed: UInt64 = 1, memory: Int = .max,
    clean: ([UInt8]) -> [UInt8]
  ) throws -> (splits: [Split: [Example]], report: IngestReport) {
    let writer = ShardWriter(memoryLimit: memory) { _, _ in }
    var drawing = SplitSampler(draw, classNames: ["a", "b", "c"], seed: seed, writer: writer)
    for row in 0..<rows + rows / 5 {
      let label = row >= rows ? row % 3 : row % 10 < 7 ? 2 : row % 2
      _ = try Array("text \(row % rows)".utf8).withUnsafeBytes {
        try drawing.offer($0, label: label) { "row \(row)" }
      }
    }
    var (splits, report): ([Split: [Example]], IngestReport) = ([:], IngestReport(.yelp))
    try drawing.finish(
      at: "here", report: &report, normalize: clean, emit: { splits[$1, default: []].append($0) })
    return (splits, report)
  }

  @Test(arguments: [SamplingOptions.ClassBalance.natural, .balanced])
  func `what does not fit in memory is drawn in files, and the same`(
    kind: SamplingOptions.ClassBalance
  )
    throws
  {
    // Of the first, no text is left out; of the second most are.
    for sizes in [sizes(train: kind == .natural ? 260 : 60, kind), sizes(train: 20, kind)] {
      // “text 0” to “text 9” are no text once cleaned.
      let clean = { (text: [UInt8]) in text.count == 6 ? [] : text }
      let held = try account(sizes, clean: clean)
      for memory in [0, 100, 1000] {
        let spilled = try account(sizes, memory: memory, clean: clean)
        #expect(
          spilled.splits.mapValues { $0.map(\.text) } == held.splits.mapValues { $0.map(\.text) })
        #expect(
          spilled.splits.mapValues { $0.map(\.labels) }
            == held.splits.mapValues { $0.map(\.labels) })
        #expect(
          spilled.splits.mapValues { $0.map(\.id) } == held.splits.mapValues { $0.map(\.id) })
        #expect(spilled.report == held.report)
      }
    }
  }

  @Test func `a folder that cannot be written is named when memory does not suffice`() {
    let writer = ShardWriter(memoryLimit: 0, scratchFolder: "/nowhere") { _, _ in }
    var drawing = SplitSampler(sizes(train: 3), classNames: ["a"], seed: 1, writer: writer)
    let error = #expect(throws: UserError.self) {
      try Array("text".utf8).withUnsafeBytes { _ = try drawing.offer($0, label: 0) { "" } }
    }
    #expect(error?.exitStatus == .cannotCreate)
    #expect(error?.location.hasPrefix("/nowhere/.spool") == true)
  }

  private func sizes(train: Int, _ kind: SamplingOptions.ClassBalance = .natural) -> SamplingOptions
  {
    SamplingOptions(train: train, validation: 10, test: 20, balance: kind)
  }

  @Test func `asking for more training rows moves no row between splits`() throws {
    let few = try draw(sizes(train: 30))
    let many = try draw(sizes(train: 200))
    #expect(few[.test]?.map(\.text) == many[.test]?.map(\.text))
    #expect(few[.validation]?.map(\.text) == many[.validation]?.map(\.text))
    #expect(few[.train]?.map(\.text) == many[.train].map { Array($0.prefix(30)).map(\.text) })
  }

  @Test func `splits have the sizes asked for and share no text`() throws {
    let splits = try draw(sizes(train: 100))
    #expect(Split.labelled.map { splits[$0]?.count } == [100, 10, 20])
    #expect(Set(splits.values.joined().map(\.text)).count == 130)
  }

  @Test func `a balanced draw meets each class alike`() throws {
    let train = try #require(try draw(sizes(train: 31, .balanced))[.train])
    #expect((0..<3).map { label in train.count { $0.labels == [label] } } == [11, 10, 10])
  }

  @Test func `fewer texts than asked for are refused with what is there`() throws {
    let error = try userError { _ = try draw(sizes(train: 290)) }
    #expect(
      error.description == """
        here: 300 different texts
          expected: 320, as --train, --validation and --test ask for
          what to do: ask for fewer rows, such as --train 270, or use the publisher's whole archive
        """)
  }

  @Test func `another seed draws other texts`() throws {
    let one = try draw(sizes(train: 30))[.train]?.map(\.text)
    #expect(try draw(sizes(train: 30), seed: 2)[.train]?.map(\.text) != one)
  }
}
