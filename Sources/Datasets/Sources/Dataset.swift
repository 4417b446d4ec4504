import Support

/// The supported data sets.
public enum Dataset: String, CaseIterable, Sendable {
  /// Yelp Open Dataset: reviews by stars.
  case yelp
  /// SemEval-2018 Task 1, EI-reg: English tweets by emotion.
  case eiReg = "ei-reg"
  /// Large Movie Review Dataset: reviews by polarity.
  case imdb
  /// The user's own labelled text, whose rows define the classes.
  case labelled

  /// The data sets whose archives are recognised by their content.
  static let published: [Dataset] = [.yelp, .eiReg, .imdb]

  /// The name of the data set in titles.
  public var displayName: String {
    switch self {
    case .yelp: "Yelp"
    case .eiReg: "EI-reg"
    case .imdb: "IMDB"
    case .labelled: "labelled text"
    }
  }

  /// The names of the classes; a label is an index into them. Empty for ``labelled``.
  public var classNames: [String] {
    switch self {
    case .yelp: ["negative", "neutral", "positive"]
    case .eiReg: ["anger", "fear", "joy", "sadness"]
    case .imdb: ["negative", "positive"]
    case .labelled: []
    }
  }

  /// The publisher's name of the archive.
  fileprivate var archiveName: String {
    switch self {
    case .yelp: "Yelp-JSON.zip (or the yelp_dataset tar inside it, or its review file)"
    case .eiReg: "SemEval2018-Task1-all-data.zip with the English EI-reg files"
    case .imdb: "aclImdb_v1.tar.gz"
    case .labelled: "a table with named columns, or a folder for each class"
    }
  }
}

extension Dataset {
  /// Recognises the data set of an archive or folder by the paths and the content of its entries.
  /// - Throws: ``UserError`` with exit status `data` that names the files found instead.
  public init(of archive: Archive) throws {
    var unrecognized = UnrecognizedFiles()
    while let entry = try archive.next() {
      if EIRegFile(path: entry.path) != nil {
        self = .eiReg
      } else if IMDBPath(path: entry.path) != nil {
        self = .imdb
      } else if try YelpReviews.isReviewFile(entry) {
        self = .yelp
      } else {
        try unrecognized.append(entry)
        continue
      }
      return
    }
    throw unrecognized.error(at: archive.path, expecting: nil)
  }
}

/// The files of an archive that do not belong to a data set.
struct UnrecognizedFiles {
  /// The number of files.
  private(set) var count = 0
  /// The paths of the first 1,000 files.
  private(set) var paths: [String] = []

  /// The error of the first file with data in a format that no program reads.
  private(set) var foreignError: UserError?

  mutating func append(_ entry: ArchiveEntry) throws {
    count += 1
    guard paths.count < 1000 else { return }
    paths.append(entry.path)
    if foreignError == nil, try entry.foreignFormat()?.kind == .data {
      do { try entry.rejectForeign() } catch let error as UserError { foreignError = error }
    }
  }

  /// The first five paths, printable.
  var examples: String {
    paths.prefix(5).map { escapingControlCharacters($0) }.joined(separator: ", ")
  }

  /// The error about an archive without any file of a data set.
  /// - Parameter dataset: the expected data set; nil for any published one.
  func error(at archivePath: String, expecting dataset: Dataset?) -> UserError {
    if let foreignError { return foreignError }
    let expected =
      dataset.map(\.archiveName) ?? Dataset.published.map(\.archiveName).joined(separator: "; ")
    let wanted = "of \(dataset?.rawValue ?? "a known data set")"
    let problem =
      switch paths {
      case []: "no file in it"
      case [archivePath.lastPathName]: "neither an archive nor a file \(wanted)"
      default:
        "none of the files \(wanted), but \(examples)"
          + (count > 5 ? " and \(count - 5) more" : "")
      }
    return UserError(
      .data, at: archivePath, problem: problem, expected: expected, hint: downloadHint)
  }

  /// A hint about downloads that are easily mistaken for the right one.
  private var downloadHint: String {
    let names = paths.map { $0.lowercased() }
    if names.contains(where: { $0.hasSuffix("photos.json") || $0.hasSuffix(".jpg") }) {
      return "this is Yelp's photo archive, a separate download; take the JSON archive from the "
        + "same page"
    }
    if names.contains(where: { name in
      ["ei-oc", "v-reg", "v-oc", "e-c-", "valence", "ei-reg"].contains { name.contains($0) }
    }) {
      return "these are files of another SemEval task or language; take the archive of all data of "
        + "Task 1"
    }
    return "check that this is the right download; the README says where the data comes from; "
      + "labelled text of your own wants a name: --name NAME"
  }
}
