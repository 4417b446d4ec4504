import Shards
import Support

/// The labels file of a project of Azure's custom text classification: which class or classes each
/// document, a text file beside it, is of.
///
///     {"projectFileVersion": "2022-05-01", "assets": {"documents": [
///       {"location": "1.txt", "dataset": "Train", "class": {"category": "Billing"}}]}}
struct AzureProject {
  /// A document and its class.
  struct Document {
    /// The path beside the labels file.
    var path: String
    /// The labels; none if it is not annotated.
    var labels: [[UInt8]]
    /// The split, if it is given.
    var split: Split?
  }

  /// The location of the labels file.
  let location: String
  /// The documents by the locations at which their files are expected.
  private(set) var documents: [String: Document] = [:]

  /// The size up to which labels files are read: 256 MiB.
  private static let maxSize = 256 << 20

  /// Whether a file begins as a labels file.
  static func recognizes(_ head: [UInt8]) -> Bool {
    guard head.first(where: { $0 > 0x20 && $0 < 0x80 }) == UInt8(ascii: "{") else { return false }
    return ["\"projectFileVersion\"", "\"projectKind\""].contains {
      head.firstRange(of: Array($0.utf8)) != nil
    }
  }

  /// Reads a labels file.
  /// - Throws: ``UserError`` with exit status `data` if it is not valid.
  init(_ entry: ArchiveEntry) throws {
    let folder = String(
      entry.location.dropLast(escapingControlCharacters(String(entry.name)).count))
    try self.init(entry.content(maxSize: Self.maxSize), folder: folder, at: entry.location)
  }

  /// - Parameter folder: the location of the folder with the documents.
  /// - Throws: ``UserError`` with exit status `data` if the content is not valid.
  init(_ content: [UInt8], folder: String, at location: String) throws {
    self.location = location
    let project: JSONValue
    do {
      project = try content.withUnsafeBytes { try JSONValue($0) }
    } catch let error as RowError {
      throw UserError(
        .data, at: "\(location): line \(error.line ?? 1)", problem: error.problem,
        expected: error.expected)
    }
    guard let documents = project["assets"]?["documents"]?.elements else {
      throw UserError(
        .data, at: location, problem: "no list “assets.documents”",
        expected: "the labels file of an Azure project of custom text classification",
        hint: "is it of a project of another kind? Say with --format what it is")
    }
    for (index, document) in documents.enumerated() {
      guard let path = document["location"]?.string else {
        throw UserError(
          .data, at: "\(location): document \(index + 1)", problem: "no “location”",
          expected: "the name of a text file")
      }
      let name = String(decoding: path, as: UTF8.self)
      let split = document["dataset"]?.string.flatMap {
        Split(name: String(decoding: $0, as: UTF8.self))
      }
      let known = self.documents.updateValue(
        Document(path: name, labels: Self.labels(of: document), split: split),
        forKey: folder + escapingControlCharacters(name))
      guard known == nil else {
        throw UserError(
          .data, at: "\(location): document \(index + 1)", problem: "“\(name)” for the second time",
          expected: "each document once")
      }
    }
  }

  private static func labels(of document: JSONValue) -> [[UInt8]] {
    let classes = document["classes"]?.elements ?? [document["class"]].compactMap { $0 }
    return classes.compactMap { ($0["category"] ?? $0).scalar }.filter { !$0.isEmpty }
  }

  /// The error about documents whose files are missing; nil if none is.
  /// - Parameter found: the locations of the documents that were read.
  func missingError(_ found: Set<String>) -> UserError? {
    let missing = documents.filter { !found.contains($0.key) }.map(\.value.path).sorted()
    guard !missing.isEmpty else { return nil }
    return UserError(
      .data, at: location,
      problem: "\(missing.count) of \(documents.count) documents are missing: "
        + missing.quoted(limit: 5),
      expected: "the texts beside the labels file",
      hint: "name the folder or the archive that holds the labels file and the texts, or pass over "
        + "missing ones with --on-error skip")
  }
}
