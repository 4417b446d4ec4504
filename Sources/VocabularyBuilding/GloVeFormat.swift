import Tokenization
/// What the first lines of a text say about the word vectors in it.
struct GloVeFormat: Equatable {
  /// How many numbers a word has.
  let dimension: Int
  /// Whether the first line is the `words dimension` of word2vec.
  let hasHeader: Bool

  /// Looks at the first lines; nothing if they are not words with numbers.
  ///
  /// A token with spaces makes a line look longer, and the last line may be cut, so the dimension
  /// is the one that most lines have; of two that are equally frequent, the smaller.
  init?(head: [UInt8]) {
    var lines = Self.lines(of: head)
    let header = lines.first.flatMap(Self.header)
    if header != nil { lines.removeFirst() }
    var frequency: [Int: Int] = [:]
    for line in lines {
      let spaces = line.withUnsafeBytes { GloVeLine.spaces(in: $0) }
      frequency[spaces, default: 0] += 1
    }
    let likeliest = frequency.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    guard let dimension = header ?? likeliest, dimension > 0,
      lines.contains(where: { Self.isVector($0, dimension) })
    else { return nil }
    self.dimension = dimension
    hasHeader = header != nil
  }

  /// The whole lines, without endings and the spaces before them.
  private static func lines(of head: [UInt8]) -> [[UInt8]] {
    let text = head.starts(with: [0xEF, 0xBB, 0xBF]) ? head.dropFirst(3) : head[...]
    var lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
    // The last piece is cut, unless it is all there is.
    if lines.count > 1 { lines.removeLast() }
    return lines.prefix(64).map { line in
      Array(line.reversed().drop { $0 == 0x20 || $0 == 0x0D }.reversed())
    }.filter { !$0.isEmpty }
  }

  /// The dimension that a line of two whole numbers states.
  private static func header(_ line: [UInt8]) -> Int? {
    let fields = line.split(separator: 0x20, omittingEmptySubsequences: false)
    guard fields.count == 2, fields.allSatisfy({ $0.allSatisfy(\.isDigit) && !$0.isEmpty }) else {
      return nil
    }
    return Int(String(decoding: fields[1], as: UTF8.self)) ?? .max
  }

  private static func isVector(_ line: [UInt8], _ dimension: Int) -> Bool {
    line.withUnsafeBytes { bytes in
      guard let line = GloVeLine(bytes, dimension: dimension) else { return false }
      return withUnsafeTemporaryAllocation(of: Float.self, capacity: dimension) {
        $0.initialize(repeating: 0)
        return line.read(into: $0)
      }
    }
  }
}
