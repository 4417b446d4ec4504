import Tokenization
/// One line of a file of word vectors: a token, then `dimension` numbers, all separated by the byte
/// 0x20. The last `dimension` fields are the vector and all before is the token, for there are
/// files whose tokens hold spaces.
struct GloVeLine {
  /// The whole line without its ending.
  let bytes: UnsafeRawBufferPointer
  /// How long the token is.
  let tokenLength: Int

  /// Cuts a line, or nothing if it has too few fields or no token.
  init?(_ line: UnsafeRawBufferPointer, dimension: Int) {
    let line = Self.withoutTrailingSpaces(line)
    let surplus = Self.spaces(in: line) - dimension
    guard surplus >= 0, dimension > 0 else { return nil }
    var end = -1
    for _ in 0...surplus {
      end += 1
      while end < line.count, line[end] != 0x20 { end += 1 }
    }
    guard end > 0, end < line.count else { return nil }
    bytes = line
    tokenLength = end
  }

  /// The token.
  var token: UnsafeBufferPointer<UInt8> {
    UnsafeRawBufferPointer(rebasing: bytes[..<tokenLength]).bindMemory(to: UInt8.self)
  }

  /// Reads the numbers into `row`; says no, and leaves it half written, if they are not all numbers.
  func read(into row: UnsafeMutableBufferPointer<Float>) -> Bool {
    var parser = DecimalParser(bytes, at: tokenLength)
    for index in row.indices {
      guard parser.skip(0x20), let value = parser.next() else { return false }
      row[index] = value
    }
    return parser.position == bytes.count
  }

  /// word2vec ends its lines with a space.
  private static func withoutTrailingSpaces(
    _ line: UnsafeRawBufferPointer
  ) -> UnsafeRawBufferPointer {
    var end = line.count
    while end > 0, line[end - 1] == 0x20 { end -= 1 }
    return UnsafeRawBufferPointer(rebasing: line[..<end])
  }

  /// How many bytes are spaces, eight at a time.
  static func spaces(in line: UnsafeRawBufferPointer) -> Int {
    let (ones, low): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x7F7F_7F7F_7F7F_7F7F)
    var total = 0
    var index = 0
    while index <= line.count - 8 {
      // A byte of the sum counts to at most 255.
      let end = min(line.count - 7, index + 8 * 255)
      var sum: UInt64 = 0
      while index < end {
        let differs = line.loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ 0x20 &* ones
        // The highest bit of a byte stays clear only where all its bits are.
        let isOther = ((differs & low) &+ low) | differs | low
        sum &+= ~isOther >> 7
        index += 8
      }
      total += Self.sumOfBytes(sum)
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
