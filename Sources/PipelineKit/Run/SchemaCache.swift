import Foundation

/// What executables have said of themselves, kept beside the outputs so that a run that finds
/// nothing to do does not ask again. An executable that was built since is asked again; a memory
/// that cannot be read or written is no memory and does no harm.
struct SchemaCache {
  /// The file in the folder of the outputs.
  static let fileName = ".tools.json"

  private struct Entry: Codable {
    var signature: [Int64]
    var interface: CommandLineSchema
  }

  private let path: String
  private var entries: [String: Entry]

  init(in folder: String) {
    path = "\(folder)/\(Self.fileName)"
    let data = FileManager.default.contents(atPath: path) ?? Data()
    entries = (try? JSONDecoder().decode([String: Entry].self, from: data)) ?? [:]
  }

  /// What the executable at `path` has said, if it is still the same file.
  func interface(of path: String) -> CommandLineSchema? {
    guard let entry = entries[path], entry.signature == Self.signature(of: path) else { return nil }
    return entry.interface
  }

  /// Keeps what executables have said, if there is a folder to keep it in.
  mutating func keep(_ interfaces: [(path: String, interface: CommandLineSchema)]) {
    for (path, interface) in interfaces {
      guard let signature = Self.signature(of: path) else { continue }
      entries[path] = Entry(signature: signature, interface: interface)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    try? encoder.encode(entries).write(to: URL(fileURLWithPath: path), options: .atomic)
  }

  /// Size, inode and times: a new build changes at least one of them.
  private static func signature(of path: String) -> [Int64]? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return [
      Int64(status.st_size), Int64(bitPattern: UInt64(status.st_ino)),
      Int64(status.st_mtim.tv_sec), Int64(status.st_mtim.tv_nsec),
      Int64(status.st_ctim.tv_sec), Int64(status.st_ctim.tv_nsec),
    ]
  }
}
