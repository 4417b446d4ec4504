import Foundation
import Safetensors
import Support

/// Invented text with the statistics of real reviews: words by Zipf's law, log-normal lengths, the
/// escapes of JSON. The same text in every run.
struct SyntheticData {
  private let words: [[UInt8]]
  private let cumulated: [Double]
  private var random = SplitMix64(state: 1)

  /// How many numbers a word vector has.
  static let dimension = 100

  /// A language of so many words.
  init(words count: Int) {
    var generator = SplitMix64(state: 2)
    var seen: Set<[UInt8]> = []
    var words: [[UInt8]] = []
    while words.count < count {
      let word = (0...Int(generator.next() % 4)).flatMap { _ in Self.syllable(&generator) }
      if seen.insert(word).inserted { words.append(word) }
    }
    self.words = words
    cumulated = (1...count).reduce(into: []) { sums, rank in
      sums.append((sums.last ?? 0) + 1 / (Double(rank) + 2.7))
    }
  }

  private static func syllable(_ generator: inout SplitMix64) -> [UInt8] {
    let (heads, vowels, tails) = ("bcdfghjklmnprstvwz", "aeiou", "nrslt")
    let pick = { (letters: String, number: UInt64) in
      Array(letters.utf8)[Int(number % UInt64(letters.utf8.count))]
    }
    let bits = generator.next()
    let open = [pick(heads, bits >> 8), pick(vowels, bits >> 16)]
    return bits % 5 < 2 ? open + [pick(tails, bits >> 24)] : open
  }

  /// A text of about `mean` words, with capitals, marks and line breaks.
  mutating func text(mean: Double) -> [UInt8] {
    let length = random.length(mean: mean, sigma: 0.75, from: 3, to: 1000)
    var text: [UInt8] = []
    var isFirst = true
    for place in 0..<length {
      if place > 0, text.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: " ")) }
      let start = text.count
      text += words[random.index(in: cumulated)]
      if isFirst { text[start] &-= 32 }
      let chance = random.uniform()
      isFirst = chance < 0.1
      text += Self.mark(chance)
    }
    return text
  }

  /// What stands behind a word, by chance; after the first three a sentence begins.
  private static func mark(_ chance: Double) -> String.UTF8View {
    switch chance {
    case ..<0.08: ".".utf8
    case ..<0.09: "!".utf8
    case ..<0.1: ".\n\n".utf8
    case ..<0.16: ",".utf8
    case ..<0.17: "'s".utf8
    case ..<0.175: "\"".utf8
    default: "".utf8
    }
  }

  /// Stars as Yelp's users give them.
  mutating func stars() -> Int {
    let chance = random.uniform()
    return [0.15, 0.23, 0.33, 0.54].firstIndex { chance < $0 }.map { $0 + 1 } ?? 5
  }

  /// Writes reviews as JSON lines, in Yelp's order of fields, and the first `plainBytes` of their
  /// texts, one a line.
  /// - Throws: what writing throws.
  mutating func writeReviews(_ rows: Int, json: String, plain: String, plainBytes: Int) throws {
    let (lines, texts) = (try Output(json), try Output(plain))
    for row in 0..<rows {
      let text = text(mean: 106)
      let name = String(format: "%022d", row)
      var line = Array(
        #"{"review_id":"\#(name)","user_id":"\#(name)","business_id":"\#(name)","stars":"#.utf8)
      line += "\(stars()).0,\"useful\":0,\"funny\":0,\"cool\":0,\"text\":\"".utf8
      for byte in text {
        switch byte {
        case UInt8(ascii: "\n"): line += "\\n".utf8
        case UInt8(ascii: "\""): line += "\\\"".utf8
        default: line.append(byte)
        }
      }
      line += "\",\"date\":\"2018-07-07 22:09:11\"}\n".utf8
      try lines.write(line)
      if texts.size < plainBytes {
        try texts.write(text.map { $0 == UInt8(ascii: "\n") ? UInt8(ascii: " ") : $0 } + [10])
      }
    }
    try lines.close()
    try texts.close()
  }

  /// Writes vectors for all words and marks as text, as GloVe has them, and every fifth of the words
  /// to `wanted`, one a line.
  /// - Throws: what writing throws.
  mutating func writeVectors(_ path: String, wanted: String) throws {
    let lines = try Output(path)
    for word in words + [".", ",", "!", "'s", "\""].map({ Array($0.utf8) }) {
      var line = word
      for _ in 0..<Self.dimension {
        let value = Int(random.next() % 200_001) - 100_000
        line += (value < 0 ? " -0." : " 0.").utf8
        line += "\(100_000 + abs(value) % 100_000)".utf8.dropFirst()
      }
      try lines.write(line + [10])
    }
    try lines.close()
    let some = stride(from: 0, to: words.count, by: 5).map { words[$0] }
    try Data(some.joined(separator: [10])).write(to: URL(fileURLWithPath: wanted))
  }
}

/// A file that is written in large pieces.
private final class Output {
  private let handle: FileHandle
  private var buffer: [UInt8] = []
  /// How many bytes were written.
  private(set) var size = 0

  init(_ path: String) throws {
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let handle = FileHandle(forWritingAtPath: path)
    else { throw UserError(.cannotCreate, at: path, problem: "cannot be written") }
    self.handle = handle
  }

  func write(_ bytes: [UInt8]) throws {
    buffer += bytes
    size += bytes.count
    if buffer.count > 1 << 20 { try flush() }
  }

  func close() throws {
    try flush()
    try handle.close()
  }

  private func flush() throws {
    try handle.write(contentsOf: Data(buffer))
    buffer.removeAll(keepingCapacity: true)
  }
}
