import Safetensors
import Shards
import Support

extension Dataset {
  /// Recognises the data set of an archive or folder by the paths and the content of its members.
  /// - Throws: ``UserError`` of kind `data` that tells what was found instead.
  public init(ofArchiveAt path: String) throws {
    let archive = try Archive(path: path)
    var strangers = UnrecognizedFiles()
    while let member = try archive.next() {
      if EIRegFile(path: member.path) != nil {
        self = .eiReg
      } else if IMDBPath(path: member.path) != nil {
        self = .imdb
      } else if try YelpReviews.holdsReviews(member) {
        self = .yelp
      } else {
        strangers.append(member.path)
        continue
      }
      return
    }
    throw unknownArchive(path, looking: nil, found: strangers)
  }

  /// What the publisher calls the archive.
  var archiveName: String {
    switch self {
    case .yelp: "Yelp-JSON.zip (or the yelp_dataset tar inside it, or its review file)"
    case .eiReg: "SemEval2018-Task1-all-data.zip with the English EI-reg files"
    case .imdb: "aclImdb_v1.tar.gz"
    case .labelled: "a table with named columns, or a folder for each class"
    }
  }
}

/// The refusal of an archive that holds nothing of a data set, naming what it seems to be instead.
func unknownArchive(
  _ path: String, looking dataset: Dataset?, found members: UnrecognizedFiles
) -> UserError {
  let expected =
    dataset.map(\.archiveName) ?? Dataset.published.map(\.archiveName).joined(separator: "; ")
  let names = members.first.prefix(5).map { escapingControlCharacters($0) }.joined(separator: ", ")
  let wanted = "of \(dataset?.rawValue ?? "a known data set")"
  let problem =
    switch members.first {
    case []: "no file in it"
    case [path.lastPathName]: "neither an archive nor a file \(wanted)"
    default:
      "none of the files \(wanted), but \(names)"
        + (members.count > 5 ? " and \(members.count - 5) more" : "")
    }
  return UserError(
    .data, at: path, problem: problem, expected: expected, hint: WrongDownload(members.first).hint)
}

/// The members of an archive that are none of a data set's files.
struct UnrecognizedFiles {
  /// How many there are.
  private(set) var count = 0
  /// The paths of the first of them, few enough for any archive.
  private(set) var first: [String] = []

  mutating func append(_ path: String) {
    count += 1
    if first.count < 1000 { first.append(path) }
  }
}

/// Downloads that are easily taken for the right one.
private enum WrongDownload {
  case photos
  case otherSubtask
  case unknown

  init(_ members: [String]) {
    let names = members.map { $0.lowercased() }
    if names.contains(where: { $0.hasSuffix("photos.json") || $0.hasSuffix(".jpg") }) {
      self = .photos
    } else if names.contains(where: { name in
      ["ei-oc", "v-reg", "v-oc", "e-c-", "valence", "ei-reg"].contains { name.contains($0) }
    }) {
      self = .otherSubtask
    } else {
      self = .unknown
    }
  }

  var hint: String {
    switch self {
    case .photos:
      "this is Yelp's photo archive, a download of its own; take the JSON archive from the same page"
    case .otherSubtask:
      "these are files of another SemEval task or language; take the archive of all data of Task 1"
    case .unknown:
      "check that this is the right download; the README says where the data comes from; labelled "
        + "text of your own wants a name: --name NAME"
    }
  }
}
