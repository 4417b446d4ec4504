import Datasets
import Tokenization

/// Statistics of reading a file of word vectors.
public struct GloVeStatistics: Encodable, Equatable, Sendable {
  /// The number of lines, without the header of word2vec.
  public var lines = 0
  /// The number of vectors taken from the file.
  public var taken = 0
  /// The number of lines that repeat a wanted word; the first line counts.
  public var duplicates = 0
  /// The number of lines whose word is not UTF-8.
  public var notUTF8 = 0
  /// The number of lines of wanted words with a field that is not a finite number.
  public var notNumbers = 0
  /// The number of lines of wanted words with a zero vector, which layer normalization cannot use.
  public var zeros = 0
  /// The number of lines with too few fields.
  public var tooShort = 0
  /// Whether the last line is truncated, as after an interrupted download.
  public var isCut = false
}

/// Reads the vectors of wanted words in one pass, parsing the numbers of no other line.
struct GloVeReader {
  /// The words to find: new words of the vocabulary, then words of the base, which have a vector
  /// already, then words outside of the vocabulary.
  let wanted: TokenInterner
  /// The number of new words.
  let newCount: Int
  /// The number of new words and words of the base.
  let vocabularyCount: Int
  /// The maximum number of words that are taken although they are not new.
  let extraLimit: Int
  let dimension: Int

  /// Whether the file has each of the wanted words.
  private(set) var isFound: [Bool]
  /// The vectors of the new words, zero if not found, then those of the extra words.
  private(set) var rows: [Float]
  /// The extra words in the order of the file.
  private(set) var extra = TokenInterner()
  private(set) var statistics = GloVeStatistics()
  /// The number of lines without a character.
  private(set) var blankLines = 0
  /// Whether the file has each of the wanted words with letters in upper case; texts have none.
  private var isInUpperCase: [Bool]
  private var row: [Float]

  /// The number of wanted words that the file has only with letters in upper case.
  var foundInUpperCase: Int { zip(isInUpperCase, isFound).count { $0 && !$1 } }

  init(
    wanted: TokenInterner, newCount: Int, vocabularyCount: Int, extraLimit: Int, dimension: Int
  ) {
    self.wanted = wanted
    self.newCount = newCount
    self.vocabularyCount = vocabularyCount
    self.extraLimit = extraLimit
    self.dimension = dimension
    isFound = Array(repeating: false, count: wanted.count)
    isInUpperCase = isFound
    rows = Array(repeating: 0, count: newCount * dimension)
    row = Array(repeating: 0, count: dimension)
  }

  /// Reads the whole file.
  /// - Throws: ``UserError`` with exit status `data`.
  mutating func read(_ file: GloVeFile) throws {
    try file.forEachLine { line in
      read(line)
      return true
    }
  }

  /// The vector of a new word or, after those, of an extra word.
  func row(_ index: Int) -> ArraySlice<Float> {
    rows[index * dimension..<(index + 1) * dimension]
  }

  private mutating func read(_ line: Line) {
    statistics.lines += 1
    guard let vector = GloVeLine(line.bytes, dimension: dimension) else {
      if line.bytes.isEmpty { blankLines += 1 }
      if line.isEnded { statistics.tooShort += 1 } else { statistics.isCut = true }
      return
    }
    guard isUTF8(vector.word) else {
      statistics.notUTF8 += 1
      return
    }
    if let index = wanted.id(of: vector.word) {
      accept(vector, as: index)
      return
    }
    noteUpperCase(vector.word)
    if extra.count < extraLimit {
      acceptExtra(vector)
    } else if extra.id(of: vector.word) != nil {
      statistics.duplicates += 1
    }
  }

  /// Notes a word of ASCII letters that would be wanted in lower case.
  private mutating func noteUpperCase(_ word: UnsafeBufferPointer<UInt8>) {
    guard word.contains(where: { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 }) else { return }
    let lowercased = word.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
    lowercased.withUnsafeBufferPointer { bytes in
      if let index = wanted.id(of: bytes) { isInUpperCase[index] = true }
    }
  }

  private mutating func accept(_ vector: GloVeLine, as index: Int) {
    guard !isFound[index] else {
      statistics.duplicates += 1
      return
    }
    guard index < newCount else {
      // A word outside of the vocabulary can become an extra word.
      let canBeExtra = index >= vocabularyCount && extra.count < extraLimit
      isFound[index] = canBeExtra ? acceptExtra(vector) : true
      return
    }
    guard parse(vector) else { return }
    isFound[index] = true
    statistics.taken += 1
    let start = index * dimension
    rows.replaceSubrange(start..<start + dimension, with: row)
  }

  @discardableResult
  private mutating func acceptExtra(_ vector: GloVeLine) -> Bool {
    guard extra.id(of: vector.word) == nil else {
      statistics.duplicates += 1
      return true
    }
    guard parse(vector) else { return false }
    _ = extra.add(vector.word)
    statistics.taken += 1
    rows.append(contentsOf: row)
    return true
  }

  /// Parses the numbers of a line into `row`.
  private mutating func parse(_ vector: GloVeLine) -> Bool {
    guard row.withUnsafeMutableBufferPointer({ vector.parse(into: $0) }) else {
      statistics.notNumbers += 1
      return false
    }
    guard row.contains(where: { $0 != 0 }) else {
      statistics.zeros += 1
      return false
    }
    return true
  }
}

/// Whether the bytes are valid UTF-8, with a fast path for ASCII.
private func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
  bytes.allSatisfy { $0 < 0x80 } || String(validating: bytes, as: UTF8.self) != nil
}

/// A line of a file of word vectors: a word and `dimension` numbers, separated by single spaces. The
/// last `dimension` fields are the vector, and everything before is the word, which in some files
/// contains spaces.
struct GloVeLine {
  /// The line without trailing spaces.
  private let bytes: UnsafeRawBufferPointer
  private let wordLength: Int

  /// Splits a line, or fails if it has too few fields or no word.
  init?(_ line: UnsafeRawBufferPointer, dimension: Int) {
    // word2vec ends its lines with a space.
    var length = line.count
    while length > 0, line[length - 1] == 0x20 { length -= 1 }
    bytes = UnsafeRawBufferPointer(rebasing: line[..<length])
    let surplus = Self.spaces(in: bytes) - dimension
    guard surplus >= 0, dimension > 0 else { return nil }
    var end = -1
    for _ in 0...surplus {
      end += 1
      while end < bytes.count, bytes[end] != 0x20 { end += 1 }
    }
    guard end > 0, end < bytes.count else { return nil }
    wordLength = end
  }

  /// The bytes of the word.
  var word: UnsafeBufferPointer<UInt8> {
    UnsafeRawBufferPointer(rebasing: bytes[..<wordLength]).bindMemory(to: UInt8.self)
  }

  /// Parses the numbers into `row`. Returns false, and leaves `row` incomplete, if a field is not a
  /// number.
  func parse(into row: UnsafeMutableBufferPointer<Float>) -> Bool {
    var parser = DecimalParser(bytes, at: wordLength)
    for index in row.indices {
      guard parser.skip(0x20), let value = parser.next() else { return false }
      row[index] = value
    }
    return parser.position == bytes.count
  }

  /// The number of spaces, counted eight bytes at a time.
  static func spaces(in line: UnsafeRawBufferPointer) -> Int {
    let (ones, low): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x7F7F_7F7F_7F7F_7F7F)
    var total = 0
    var index = 0
    while index <= line.count - 8 {
      // A byte of the sum counts to at most 255.
      let end = min(line.count - 7, index + 8 * 255)
      var sum: UInt64 = 0
      while index < end {
        let difference = line.loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ 0x20 &* ones
        // The highest bit of a byte stays clear only if the byte is zero.
        let isOther = ((difference & low) &+ low) | difference | low
        sum &+= ~isOther >> 7
        index += 8
      }
      total += sumOfBytes(sum)
    }
    while index < line.count {
      if line[index] == 0x20 { total += 1 }
      index += 1
    }
    return total
  }

  private static func sumOfBytes(_ sum: UInt64) -> Int {
    let pairs = (sum & 0x00FF_00FF_00FF_00FF) &+ (sum >> 8 & 0x00FF_00FF_00FF_00FF)
    return Int((pairs &* 0x0001_0001_0001_0001) >> 48)
  }
}
