import Support

/// Reads the Large Movie Review Dataset: `aclImdb/{train,test}/{pos,neg}/ID_RATING.txt`, from its
/// archive, whose members come in any order, or from the unpacked folder.
public struct IMDBReviews: DatasetReader {
  /// How many reviews are drawn, best balanced. Training and validation come from
  /// `train/`, testing from `test/`; a test size of 0 means all of it, in which case texts that
  /// stand there twice stay.
  public var draw: SamplingOptions
  /// What the draw depends on besides the texts.
  public var seed: UInt64

  /// A reader with these settings.
  public init(draw: SamplingOptions, seed: UInt64) {
    self.draw = draw
    self.seed = seed
  }

  /// A longer review is refused; the publisher's longest is about 14,000 bytes.
  static let longestReview = 1 << 20

  /// Reads the archive at `path`.
  /// - Throws: ``UserError``.
  public func read(path: String, into series: ShardWriter) throws -> IngestReport {
    guard let html = HTMLText() else {
      throw UserError(.unavailable, at: path, problem: "libxml2 could not be started")
    }
    let archive = try Archive(path: path)
    var pass = IMDBIngestion(draw: draw, seed: seed, series: series)
    var strangers = UnrecognizedFiles()
    while let member = try archive.next() {
      if try !pass.take(member) { strangers.append(member.path) }
    }
    guard pass.rows > 0 else { throw unknownArchive(path, looking: .imdb, found: strangers) }
    try pass.demandAllFolders(at: path)
    return try pass.divide(at: path, html: html)
  }
}

/// Where a review lies, told by whole components of its path.
struct IMDBPath: Equatable {
  enum Kind: Equatable {
    case review(label: Int)
    case unlabelled
  }

  var isTest: Bool
  var kind: Kind
  /// 1 to 10 stars; 0 where there is no label.
  var rating: Int

  /// Nothing if the path is not that of a review.
  init?(path: String) {
    let components = path.split(separator: "/").suffix(3)
    guard components.count == 3, let half = components.first, let name = components.last,
      half == "train" || half == "test", name.hasSuffix(".txt")
    else { return nil }
    let parts = name.dropLast(4).split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count == 2, let rating = Int(parts[1]), 0...10 ~= rating,
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } })
    else { return nil }
    isTest = half == "test"
    self.rating = rating
    switch components.dropFirst().first {
    case "neg": kind = .review(label: 0)
    case "pos": kind = .review(label: 1)
    case "unsup": kind = .unlabelled
    default: return nil
    }
  }

  /// Whether the stars agree with the folder: at least 7 for `pos`, at most 4 for `neg`.
  var isConsistent: Bool {
    switch kind {
    case .review(let label): label == 1 ? rating >= 7 : 1...4 ~= rating
    case .unlabelled: true
    }
  }
}
