import CLibarchive
import Foundation
import Support

/// Synthetic reviews with the statistics of real ones: words by Zipf's law, log-normal lengths, the
/// escape sequences of JSON. The same text in every run.
struct SyntheticData {
  private let words: [[UInt8]]
  private let zipf: [Double]
  private var random = SplitMix64(state: 1)

  /// The number of components of a word vector.
  static let dimension = 100

  /// A language with `count` words.
  init(words count: Int) {
    var generator = SplitMix64(state: 2)
    var seen: Set<[UInt8]> = []
    var words: [[UInt8]] = []
    while words.count < count {
      let word = (0...Int(generator.next() % 4)).flatMap { _ in Self.syllable(&generator) }
      if seen.insert(word).inserted { words.append(word) }
    }
    self.words = words
    zipf = zipfWeights(count)
  }

  private static func syllable(_ generator: inout SplitMix64) -> [UInt8] {
    let (onsets, vowels, codas) = ("bcdfghjklmnprstvwz", "aeiou", "nrslt")
    let pick = { (letters: String, number: UInt64) in
      Array(letters.utf8)[Int(number % UInt64(letters.utf8.count))]
    }
    let bits = generator.next()
    let open = [pick(onsets, bits >> 8), pick(vowels, bits >> 16)]
    return bits % 5 < 2 ? open + [pick(codas, bits >> 24)] : open
  }

  /// A text of about `mean` words with capitals, punctuation and line breaks.
  mutating func text(mean: Double) -> [UInt8] {
    let length = random.length(mean: mean, sigma: 0.75, in: 3...1000)
    var text: [UInt8] = []
    var startsSentence = true
    for position in 0..<length {
      if position > 0, text.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: " ")) }
      let start = text.count
      text += words[random.index(cumulativeWeights: zipf)]
      if startsSentence { text[start] &-= 32 }
      let chance = random.uniform()
      startsSentence = chance < 0.1
      text += Self.punctuation(chance)
    }
    return text
  }

  /// The punctuation after a word; the first three cases end a sentence.
  private static func punctuation(_ chance: Double) -> String.UTF8View {
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

  /// Some words.
  mutating func words(of count: Int) -> [String] {
    (0..<count).map { _ in
      String(decoding: words[random.index(cumulativeWeights: zipf)], as: UTF8.self)
    }
  }

  /// A rating from 1 to 5 with Yelp's distribution.
  mutating func stars() -> Int {
    let chance = random.uniform()
    return [0.15, 0.23, 0.33, 0.54].firstIndex { chance < $0 }.map { $0 + 1 } ?? 5
  }

  /// Writes reviews as JSON lines with Yelp's order of fields, and the first `plainBytes` bytes of
  /// their texts to `plain`, one per line.
  /// - Throws: ``UserError`` or an error of the file system.
  mutating func writeReviews(_ rows: Int, json: String, plain: String, plainBytes: Int) throws {
    let (lines, texts) = (try BufferedFile(json), try BufferedFile(plain))
    for row in 0..<rows {
      let text = text(mean: 106)
      let id = String(format: "%022d", row)
      var line = Array(
        #"{"review_id":"\#(id)","user_id":"\#(id)","business_id":"\#(id)","stars":"#.utf8)
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

  /// Writes vectors of all words and punctuation in GloVe's text format, and every fifth word to
  /// `wanted`, one per line.
  /// - Throws: ``UserError`` or an error of the file system.
  mutating func writeVectors(_ path: String, wanted: String) throws {
    let lines = try BufferedFile(path)
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

/// The cumulative weights of Zipf's law for `count` ranks.
func zipfWeights(_ count: Int) -> [Double] {
  (1...count).reduce(into: []) { sums, rank in
    sums.append((sums.last ?? 0) + 1 / (Double(rank) + 2.7))
  }
}

extension SplitMix64 {
  /// The length of a text: log-normal, clamped to `range`.
  mutating func length(mean: Double, sigma: Double, in range: ClosedRange<Int>) -> Int {
    let normal = (0..<12).reduce(-6.0) { sum, _ in sum + uniform() }
    let length = exp(log(mean) - sigma * sigma / 2 + sigma * normal)
    return min(range.upperBound, max(range.lowerBound, Int(length)))
  }

  /// A random index, distributed by weights that are given as cumulative sums.
  mutating func index(cumulativeWeights: [Double]) -> Int {
    let point = uniform() * (cumulativeWeights.last ?? 1)
    var (low, high) = (0, cumulativeWeights.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if cumulativeWeights[middle] < point { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// A file that is written in blocks of 1 MB.
private final class BufferedFile {
  private let handle: FileHandle
  private var buffer: [UInt8] = []
  /// The number of bytes written.
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

/// An archive as Yelp distributes its data: a compressed tar file in a zip file.
enum NestedArchive {
  /// Writes `source` as the only entry of a gzip-compressed tar file.
  /// - Throws: ``UserError`` if it cannot be written.
  static func tar(_ source: String, as entryName: String, to path: String) throws {
    try write(source, as: entryName, to: path) { archive in
      archive_write_add_filter_gzip(archive)
      archive_write_set_format_ustar(archive)
    }
  }

  /// Writes `source` as the only entry of a zip file.
  /// - Throws: ``UserError`` if it cannot be written.
  static func zip(_ source: String, as entryName: String, to path: String) throws {
    try write(source, as: entryName, to: path) { archive_write_set_format_zip($0) }
  }

  private static func write(
    _ source: String, as entryName: String, to path: String, setFormat: (OpaquePointer?) -> Void
  ) throws {
    let archive = archive_write_new()
    let entry = archive_entry_new()
    defer {
      archive_entry_free(entry)
      archive_write_free(archive)
    }
    func check(_ status: Int) throws {
      guard status < Int(ARCHIVE_WARN) else { return }
      let message = archive_error_string(archive).map { String(cString: $0) } ?? "no message"
      throw UserError(.io, at: path, problem: message)
    }
    setFormat(archive)
    try check(Int(archive_write_open_filename(archive, path)))
    guard let input = FileHandle(forReadingAtPath: source) else {
      throw UserError(.noInput, at: source, problem: "cannot be read")
    }
    let size = try input.seekToEnd()
    try input.seek(toOffset: 0)
    archive_entry_set_pathname(entry, entryName)
    archive_entry_set_size(entry, Int64(size))
    archive_entry_set_filetype(entry, S_IFREG)
    archive_entry_set_perm(entry, 0o644)
    try check(Int(archive_write_header(archive, entry)))
    while let block = try input.read(upToCount: 1 << 20), !block.isEmpty {
      try check(block.withUnsafeBytes { archive_write_data(archive, $0.baseAddress, $0.count) })
    }
    try check(Int(archive_write_close(archive)))
  }
}
