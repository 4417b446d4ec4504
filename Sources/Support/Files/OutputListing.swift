import Foundation

/// The files of a stage's output, as the stamp in its folder lists them. Other files in the folder
/// are the user's and no part of the output.
///
/// This reads stamps of every version; what else a stamp holds is known to the stages alone.
public struct OutputListing: Decodable, Sendable {
  /// A file of the output.
  public struct File: Decodable, Sendable {
    /// The path within the output.
    public let path: String
    /// The SHA-256 of its content, in hexadecimal, when the output was made.
    public let sha256: String

    /// Whether it is written for people: no stage reads it, so that a user may edit it.
    public var isDocument: Bool { OutputListing.isDocument(path) }
  }

  /// The name of the stamp in an output folder; it is not part of the output's content.
  public static let stampName = "stamp.json"

  /// The files in the order of their bytes.
  public let files: [File]

  private enum CodingKeys: String, CodingKey { case files = "outputs" }

  /// Reads the stamp of a folder; nil if there is none or it is damaged.
  public init?(of folder: String) {
    guard let data = FileManager.default.contents(atPath: "\(folder)/\(Self.stampName)"),
      let listing = try? JSONDecoder().decode(Self.self, from: data)
    else { return nil }
    self = listing
  }

  /// Whether the file at a path within an output is written for people, such as the model card.
  public static func isDocument(_ path: String) -> Bool {
    path == "summary.txt" || [".md", ".html", ".svg"].contains(where: path.hasSuffix)
  }

  /// Returns the names of the files in a folder that belong to the output whose stamp is in this
  /// folder or in the one around it; all names if there is no stamp.
  public static func names(in folder: String) -> Set<String> {
    let names = Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    let parent = folder.parentPath
    if let listing = OutputListing(of: folder) {
      return names.intersection(listing.files.map(\.path))
    }
    guard !parent.isEmpty, let listing = OutputListing(of: parent) else { return names }
    return names.filter { name in
      listing.files.contains { $0.path == "\(folder.lastPathName)/\(name)" }
    }
  }
}
