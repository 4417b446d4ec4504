import Safetensors
import Shards
import Testing
import Tokenization

@testable import DLNC

/// Unigrams and bigrams as features.
struct TfidfVectorizerTests {
  private static func shard(_ rows: [[Int32]]) -> TokenShard {
    TokenShard(
      ShardHeader(task: "a", split: .train, classNames: ["x", "y"]),
      elements: rows.flatMap { $0 },
      offsets: rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64($1.count)) },
      labels: rows.map { _ in 0 }, textIDs: Array(0..<Int32(rows.count)))
  }

  private static func pair(_ first: UInt64, _ second: UInt64) -> UInt64 { first << 32 | second }

  @Test func `bigrams do not cross rows`() {
    let vectorizer = TfidfVectorizer(Self.shard([[1, 2], [3], [1, 2], [3], [2, 3]]))
    #expect(vectorizer.keys == [1, 2, 3, Self.pair(1, 2)])
  }

  @Test
  func `the unknown token is not a feature, not part of a bigram, and separates its neighbours`() {
    let vectorizer = TfidfVectorizer(Self.shard([[0, 1, 0, 2], [0, 1, 0, 2], [0], [0]]))
    #expect(vectorizer.keys == [1, 2])
  }

  @Test func `a feature occurs in two rows, not twice in one row`() {
    let vectorizer = TfidfVectorizer(Self.shard([[1, 1, 1], [2, 2], [2, 2]]))
    #expect(vectorizer.keys == [2, Self.pair(2, 2)])
  }

  @Test func `a row has length 1 and ends with the intercept's column`() {
    let shard = Self.shard([[1, 2, 2, 7], [2, 1, 3], [3, 2], [], [9, 0]])
    let vectorizer = TfidfVectorizer(shard)
    let rows = vectorizer.rows(shard, 0..<shard.count)
    #expect(rows.width == vectorizer.count + 1)
    for row in 0..<shard.count {
      let cells = rows.cells(row)
      #expect(cells.last?.column == Int32(vectorizer.count) && cells.last?.value == 1)
      #expect(zip(cells, cells.dropFirst()).allSatisfy { $0.column < $1.column })
      let squares = cells.dropLast().reduce(0) { $0 + $1.value * $1.value }
      #expect(row < 3 ? abs(squares - 1) < 1e-12 : cells.count == 1)
    }
  }

  @Test func `tokens that the vectorizer does not know are skipped`() {
    let vectorizer = TfidfVectorizer(Self.shard([[1, 2], [1, 2]]))
    let rows = vectorizer.rows(Self.shard([[5, 1, 70_000, .max]]), 0..<1)
    #expect(rows.cells(0).map(\.column) == [0, 3])
  }

  @Test(arguments: [2, 3])
  func `features are scikit-learn's`(classes: Int) throws {
    let reference = try BagOfWordsReference(classes)
    let vectorizer = TfidfVectorizer(reference.train)
    let pairs: [Int32] = try reference.values("ngram")
    try #require(
      vectorizer.keys.flatMap { $0 >> 32 == 0 ? [$0, 0] : [$0 >> 32, $0 & 0xffff_ffff] }
        == pairs.map { UInt64($0) })
    #expect(distance(vectorizer.idf, try reference.values("rarity")) < 1e-7)
    let expected: [Double] = try reference.values("features")
    let rows = vectorizer.rows(reference.all, 0..<reference.all.count)
    var found = [Double](repeating: 0, count: expected.count)
    for row in 0..<rows.count {
      for cell in rows.cells(row).dropLast() {
        found[row * vectorizer.count + Int(cell.column)] = cell.value
      }
    }
    #expect(distance(found, expected) < 1e-7)
  }
}

/// `fixtures/reference/bag-of-words.safetensors`: what scikit-learn makes of rows of two or three
/// classes. `bag_of_words.py` beside it says what each tensor is.
struct BagOfWordsReference {
  /// All rows, and the first of them, for training.
  let all: TokenShard
  let train: TokenShard
  let file: SafetensorsFile
  private let classes: Int

  init(_ classes: Int) throws {
    self.classes = classes
    file = try SafetensorsFile(path: "\(Reference.folder)/bag-of-words.safetensors")
    let offsets: [Int64] = try file.values("\(classes).offset")
    let tokens: [Int32] = try file.values("\(classes).token")
    let labels: [Int32] = try file.values("\(classes).label")
    let unknownWords = try StringColumn(
      "\(classes).unknown", rows: labels.count, in: file)
    func shard(_ rows: Int, _ split: Split) -> TokenShard {
      TokenShard(
        ShardHeader(task: "a", split: split, classNames: (0..<classes).map { "class \($0)" }),
        elements: Array(tokens[..<Int(offsets[rows])]), offsets: Array(offsets[...rows]),
        labels: Array(labels[..<rows]), textIDs: Array(0..<Int32(rows)),
        unknownWords: StringColumn((0..<rows).map { unknownWords[$0] }))
    }
    all = shard(labels.count, .test)
    train = shard(try #require(Int(file.metadata["train"] ?? "")), .train)
  }

  /// The rows of a shard with the label sets of the reference.
  func labelSets(of shard: TokenShard) throws -> TokenShard {
    let sets: [Int32] = try file.values("sets")
    var builder = ShardBuilder<Int32>(
      ShardHeader(
        task: shard.task, split: shard.split, classNames: shard.classNames, isMultiLabel: true))
    for row in 0..<shard.count {
      builder.append(
        shard.row(row), classes: (0..<3).filter { sets[3 * row + Int($0)] == 1 }, textID: row)
    }
    return builder.shard
  }

  /// The strings of a tensor.
  func strings(_ name: String) throws -> [[UInt8]] {
    let offsets: [Int64] = try file.values("\(name).offset")
    let column = try StringColumn(name, rows: offsets.count - 1, in: file)
    return (0..<offsets.count - 1).map { Array(column[$0]) }
  }

  /// The character n-grams of the ensemble, with the spelling of the words.
  func characters() throws -> CharacterSource {
    let words = [Vocabulary.unknown] + (try strings("spelling"))
    let vocabulary = try Vocabulary(
      text: words.flatMap { $0 },
      offsets: words.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64($1.count)) },
      counts: words.map { _ in 1 }, metadata: Tokenizer(.ptb).metadata, path: "")
    return CharacterSource(lengths: try #require(CharacterLengths(3, 5)), vocabulary: vocabulary)
  }

  func values<Element: TensorScalar>(_ name: String) throws -> [Element] {
    try file.values("\(classes).\(name)")
  }
}
