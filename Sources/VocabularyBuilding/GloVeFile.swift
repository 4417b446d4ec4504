import Datasets
import Support
import Tokenization

/// A text file of word vectors in the format of GloVe or word2vec, plain or in an archive or folder.
public struct GloVeFile: Sendable {
  /// The archive, text file or folder.
  public let path: String
  /// The path of the file inside the archive, or its own name.
  public let entryPath: String
  /// The location in messages.
  public let location: String
  /// The length of a vector.
  public let dimension: Int
  /// The number of words in the first line, word2vec's `words dimension`; nil without such a line.
  let announcedWords: Int?
  /// The index of the file among those of the archive.
  private let index: Int
  private let progress: Archive.Progress?

  /// Far beyond a word and the numbers of any published vectors.
  private static let maxLineLength = 1 << 20

  /// Finds the file with vectors of this dimension by its content.
  /// - Throws: ``UserError`` with exit status `noInput` if there is no such path, or `data` if it has no
  ///   vectors, only binary vectors, or only vectors of other dimensions.
  public init(path: String, dimension: Int, progress: Archive.Progress? = nil) throws {
    try BinaryVectors.reject(path, dimension: dimension)
    let archive = try Archive(path: path, progress: progress)
    var others: [String] = []
    var foreign: UserError?
    var index = 0
    while let entry = try archive.next() {
      let head = try entry.head()
      if let format = GloVeFormat(head: head) {
        if format.dimension == dimension {
          (self.path, self.index, self.progress) = (path, index, progress)
          (entryPath, location) = (entry.path, entry.location)
          (self.dimension, announcedWords) = (dimension, format.announcedWords)
          return
        }
        others.append("\(format.dimension) dimensions in \(entry.path)")
      } else if others.isEmpty, foreign == nil {
        do {
          try BinaryVectors.reject(head, at: entry.location, dimension: dimension)
          try entry.rejectForeign()
          try GloVeFormat.rejectOtherSeparators(head, at: entry.location)
        } catch let error as UserError { foreign = error }
      }
      index += 1
    }
    if others.isEmpty, let foreign { throw foreign }
    throw Self.notFound(path, dimension, others)
  }

  private static func notFound(_ path: String, _ dimension: Int, _ others: [String]) -> UserError {
    if others.isEmpty {
      return UserError(
        .data, at: path, problem: "no word vectors",
        expected: "lines of a word and \(dimension) numbers, separated by single spaces",
        hint: "name an archive or text file of GloVe vectors, such as glove.6B.zip")
    }
    return UserError(
      .data, at: path, problem: "word vectors of " + others.joined(separator: ", "),
      expected: "\(dimension) dimensions",
      hint: "choose another file, or the dimension with --dimension")
  }

  /// Calls `body` with each line after the header until it returns false.
  /// - Throws: ``UserError`` with exit status `data` if the file is damaged or has changed, and the
  ///   errors of `body`.
  func forEachLine(_ body: (Line) throws -> Bool) throws {
    struct EarlyStop: Error {}
    do {
      try open().forEachLine(maxLength: Self.maxLineLength) { line in
        if announcedWords != nil, line.number == 1 { return }
        guard !line.isTooLong else {
          throw UserError(
            .data, at: "\(location): line \(line.number)",
            problem: "a line of more than \(Self.maxLineLength) bytes",
            expected: "a word and \(dimension) numbers")
        }
        if try !body(line) { throw EarlyStop() }
      }
    } catch is EarlyStop {}
  }

  private func open() throws -> ArchiveEntry {
    let archive = try Archive(path: path, progress: progress)
    var position = 0
    while let entry = try archive.next() {
      if position == index, entry.path == entryPath { return entry }
      position += 1
    }
    throw UserError(
      .data, at: location, problem: "gone while it was being read", hint: "run vocab again")
  }
}

// MARK: Tokenizer detection

extension GloVeFile {
  /// Chooses the settings that are nil so that text is tokenized like the words of these vectors.
  ///
  /// Vectors of tweets have `<user>` and `<hashtag>`. Vectors of text from the Stanford tokenizer have
  /// words that no simpler tokenizer leaves whole. Vectors are sorted by frequency and such words are
  /// frequent, so the first lines suffice.
  /// - Throws: ``UserError`` with exit status `data` if the file is damaged.
  func tokenizer(
    rules: Tokenizer.Rules?, punctuation: Tokenizer.Punctuation?, splitsHashtags: Bool,
    keepsUserNames: Bool
  ) throws -> Tokenizer {
    let tweetWords = ["<user>", "<hashtag>"]
    let stanfordWords = ["--", "mr.", "u.s.", "1/2", "a.m.", "vs."]
    var found: Set<String> = []
    if rules == nil || rules == .ptb && punctuation == nil {
      try forEachLine { line in
        guard let vector = GloVeLine(line.bytes, dimension: dimension) else { return true }
        for word in tweetWords + stanfordWords where vector.word.elementsEqual(word.utf8) {
          found.insert(word)
        }
        return line.number < 20_000
      }
    }
    let isTwitter = found.isSuperset(of: tweetWords)
    let isStanford = found.intersection(stanfordWords).count >= 2
    return Tokenizer(
      rules ?? (isTwitter ? .twitter : .ptb),
      punctuation: punctuation ?? (isStanford ? .stanford : .apart),
      splitsHashtags: splitsHashtags, keepsUserNames: keepsUserNames)
  }
}

/// The format of word vectors, detected from the first lines of a file.
struct GloVeFormat: Equatable {
  /// The length of a vector.
  let dimension: Int
  /// The number of words in the first line, word2vec's `words dimension`; nil without such a line.
  let announcedWords: Int?

  /// Detects the format, or fails if the lines are not words with numbers.
  ///
  /// A word with spaces makes a line look longer, and the last line may be truncated, so the dimension
  /// is that of most lines, the smaller one if two are equally frequent.
  init?(head: [UInt8]) {
    var lines = Self.lines(of: head)
    let header = lines.first.flatMap(Self.header)
    if header != nil { lines.removeFirst() }
    var frequency: [Int: Int] = [:]
    for line in lines {
      let spaces = line.withUnsafeBytes { GloVeLine.spaces(in: $0) }
      frequency[spaces, default: 0] += 1
    }
    let mostFrequent = frequency.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    guard let dimension = header?.dimension ?? mostFrequent, dimension > 0,
      lines.contains(where: { Self.isVector($0, dimension) })
    else { return nil }
    self.dimension = dimension
    announcedWords = header?.words
  }

  /// Rejects vectors whose words and numbers are not separated by spaces, as in a CSV.
  /// - Throws: ``UserError`` with exit status `data`.
  static func rejectOtherSeparators(_ head: [UInt8], at location: String) throws {
    for (separator, name, character) in [
      (UInt8(ascii: ","), "commas", ","), (UInt8(ascii: ";"), "semicolons", ";"),
      (UInt8(ascii: "\t"), "tabs", "\\t"),
    ] where head.contains(separator) {
      // A space may follow the separator; others separate the numbers, as beside decimal commas.
      let packed = head.indices.filter { head[$0] != 0x20 || $0 == 0 || head[$0 - 1] != separator }
        .map { head[$0] }
      guard !packed.prefix(while: { $0 != 0x0A }).contains(0x20),
        let format = GloVeFormat(head: packed.map { $0 == separator ? 0x20 : $0 })
      else { continue }
      throw UserError(
        .data, at: "\(location): line 1",
        problem: "a word and \(format.dimension) numbers separated by \(name)",
        expected: "a word and its numbers, separated by single spaces",
        hint:
          "replace them: tr '\(character)' ' ' <FILE >vectors.txt; in the result, remove a line of "
          + "names and quotes around words")
    }
  }

  /// The complete lines without trailing white space.
  private static func lines(of head: [UInt8]) -> [[UInt8]] {
    let text = head.starts(with: [0xEF, 0xBB, 0xBF]) ? head.dropFirst(3) : head[...]
    var lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
    // The last line is incomplete, unless it is the only one.
    if lines.count > 1 { lines.removeLast() }
    return lines.prefix(64).map { line in
      Array(line.reversed().drop { $0 == 0x20 || $0 == 0x0D }.reversed())
    }.filter { !$0.isEmpty }
  }

  /// The numbers in a line `words dimension`; nil if it is another line.
  private static func header(_ line: [UInt8]) -> (words: Int, dimension: Int)? {
    let fields = line.split(separator: 0x20, omittingEmptySubsequences: false)
    guard fields.count == 2, fields.allSatisfy({ $0.allSatisfy(\.isDigit) && !$0.isEmpty }) else {
      return nil
    }
    let numbers = fields.map { Int(String(decoding: $0, as: UTF8.self)) ?? .max }
    return (numbers[0], numbers[1])
  }

  private static func isVector(_ line: [UInt8], _ dimension: Int) -> Bool {
    line.withUnsafeBytes { bytes in
      guard let line = GloVeLine(bytes, dimension: dimension) else { return false }
      return withUnsafeTemporaryAllocation(of: Float.self, capacity: dimension) {
        $0.initialize(repeating: 0)
        return line.parse(into: $0)
      }
    }
  }
}
