import Tokenization
import Safetensors
import Support
import Datasets

/// What was met in a file of word vectors.
public struct GloVeStatistics: Codable, Equatable, Sendable {
  /// How many lines were read, without the header of word2vec.
  public var lines = 0
  /// How many words got their vector from the file.
  public var taken = 0
  /// Later lines of words that were wanted and had been met before; the first counts.
  public var duplicates = 0
  /// Lines whose token is not UTF-8.
  public var notUTF8 = 0
  /// Lines of wanted words with something else than finite numbers.
  public var notNumbers = 0
  /// Lines of wanted words with nothing but zeros, which no layer norm can use.
  public var zeros = 0
  /// Lines with too few fields.
  public var tooShort = 0
  /// Whether the last line was cut, which is what an interrupted download looks like.
  public var isCut = false
}

/// Takes the vectors of wanted words out of a file, in one pass, parsing no other line's numbers.
struct GloVeReader {
  /// The words to look for: first those that need their vector, then those that have one already,
  /// then those of which it is only asked whether the file has them.
  let wanted: TokenInterner
  /// How many of the wanted words need their vector.
  let needed: Int
  /// How many of the wanted words need their vector or have one.
  let settled: Int
  /// How many of the file's words that are not needed are taken besides, from the first on.
  let extraLimit: Int
  let dimension: Int

  /// Which of the wanted words the file has.
  private(set) var isHeld: [Bool]
  /// The vectors of the needed words, zero where there is none, then those of the extra words.
  private(set) var rows: [Float]
  /// The words that were taken besides.
  private(set) var extra = TokenInterner()
  private(set) var tally = GloVeStatistics()
  private var row: [Float]

  init(wanted: TokenInterner, needed: Int, settled: Int, extraLimit: Int, dimension: Int) {
    self.wanted = wanted
    self.needed = needed
    self.settled = settled
    self.extraLimit = extraLimit
    self.dimension = dimension
    isHeld = Array(repeating: false, count: wanted.count)
    rows = Array(repeating: 0, count: needed * dimension)
    row = Array(repeating: 0, count: dimension)
  }

  /// Reads the whole file.
  /// - Throws: ``UserError`` of kind `data`.
  mutating func read(_ file: GloVeFile) throws {
    try file.forEachLine { line in
      take(line)
      return true
    }
  }

  /// The row of a needed word, or, behind those, of an extra word.
  func row(_ number: Int) -> ArraySlice<Float> {
    rows[number * dimension..<(number + 1) * dimension]
  }

  private mutating func take(_ line: Line) {
    tally.lines += 1
    guard let vector = GloVeLine(line.bytes, dimension: dimension) else {
      if line.isEnded { tally.tooShort += 1 } else { tally.isCut = true }
      return
    }
    guard isUTF8(vector.token) else {
      tally.notUTF8 += 1
      return
    }
    if let number = wanted.number(of: vector.token) {
      take(vector, of: number)
    } else if extra.count < extraLimit {
      takeExtra(vector)
    } else if extra.number(of: vector.token) != nil {
      tally.duplicates += 1
    }
  }

  private mutating func take(_ vector: GloVeLine, of number: Int) {
    guard !isHeld[number] else {
      tally.duplicates += 1
      return
    }
    guard number < needed else {
      // A word that is only asked for can still be one of the extra words.
      let isExtra = number >= settled && extra.count < extraLimit
      isHeld[number] = isExtra ? takeExtra(vector) : true
      return
    }
    guard parse(vector) else { return }
    isHeld[number] = true
    tally.taken += 1
    let start = number * dimension
    rows.replaceSubrange(start..<start + dimension, with: row)
  }

  @discardableResult
  private mutating func takeExtra(_ vector: GloVeLine) -> Bool {
    guard extra.number(of: vector.token) == nil else {
      tally.duplicates += 1
      return true
    }
    guard parse(vector) else { return false }
    _ = extra.add(vector.token)
    tally.taken += 1
    rows.append(contentsOf: row)
    return true
  }

  /// Reads the numbers of a line into `row`.
  private mutating func parse(_ vector: GloVeLine) -> Bool {
    guard row.withUnsafeMutableBufferPointer({ vector.read(into: $0) }) else {
      tally.notNumbers += 1
      return false
    }
    guard row.contains(where: { $0 != 0 }) else {
      tally.zeros += 1
      return false
    }
    return true
  }
}

/// Whether the bytes are valid UTF-8; most are ASCII and told apart at once.
private func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
  bytes.allSatisfy { $0 < 0x80 } || String(validating: bytes, as: UTF8.self) != nil
}
