import Tokenization
import Datasets
import Support

/// Word vectors as text, plain or in a zip or gzip file or in a folder: where they are and what the
/// beginning of the file tells of them.
public struct GloVeFile: Sendable {
  /// The archive or text file, or a folder of such.
  public let path: String
  /// The file within it, or its own name.
  public let member: String
  /// How the file is named in messages.
  public let place: String
  /// How many numbers a word has.
  public let dimension: Int
  /// Whether the first line is the `words dimension` of word2vec.
  public let hasHeader: Bool
  /// Which of the archive's files it is, counted from 0.
  private let index: Int
  private let progress: Archive.Progress?

  /// Finds the file of vectors of this dimension, whatever it is called: the first lines tell it.
  /// - Throws: ``UserError`` of kind `noInput` if there is no such path, `data` if there are no
  ///   vectors or only those of other dimensions, which it names.
  public init(path: String, dimension: Int, progress: Archive.Progress? = nil) throws {
    let archive = try Archive(path: path, progress: progress)
    var others: [String] = []
    var index = 0
    while let member = try archive.next() {
      if let layout = GloVeFormat(head: try member.head()) {
        if layout.dimension == dimension {
          (self.path, self.index, self.progress) = (path, index, progress)
          (self.member, place) = (member.path, member.location)
          (self.dimension, hasHeader) = (dimension, layout.hasHeader)
          return
        }
        others.append("\(layout.dimension) dimensions in \(member.path)")
      }
      index += 1
    }
    throw Self.refusal(path, dimension, others)
  }

  private static func refusal(_ path: String, _ dimension: Int, _ others: [String]) -> UserError {
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

  /// Hands over the lines, without the header, until `body` says that it has seen enough.
  /// - Throws: ``UserError`` of kind `data` if the file is damaged or has changed, and what `body`
  ///   throws.
  func forEachLine(_ body: (Line) throws -> Bool) throws {
    struct Enough: Error {}
    do {
      try opened().forEachLine(maxLength: Self.longestLine) { line in
        if hasHeader && line.number == 1 { return }
        try check(line)
        if try !body(line) { throw Enough() }
      }
    } catch is Enough {}
  }

  private func check(_ line: Line) throws {
    guard !line.isTooLong else {
      throw UserError(
        .data, at: "\(place): line \(line.number)",
        problem: "a line of more than \(Self.longestLine) bytes",
        expected: "a word and \(dimension) numbers")
    }
  }

  /// Far beyond a token and the numbers of any vectors in use.
  private static let longestLine = 1 << 20

  private func opened() throws -> ArchiveEntry {
    let archive = try Archive(path: path, progress: progress)
    var passed = 0
    while let candidate = try archive.next() {
      if passed == index, candidate.path == member { return candidate }
      passed += 1
    }
    throw UserError(
      .data, at: place, problem: "gone while it was being read", hint: "run vocab again")
  }
}
