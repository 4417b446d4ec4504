import Foundation
import StageKit
import Support

/// The schemas of executables, in a file beside the outputs, so that a run that has nothing to do
/// need not start them. A rebuilt executable is asked again. The cache is optional: errors in
/// reading or writing it are ignored.
struct SchemaCache {
  private struct Entry: Codable {
    let signature: [Int64]
    let schema: CommandLineSchema
  }

  private let path: String
  private var entries: [String: Entry]

  /// The cache in a folder of outputs.
  init(in folder: String) {
    path = "\(folder)/.tools.json"
    let data = FileManager.default.contents(atPath: path) ?? Data()
    entries = (try? JSONDecoder().decode([String: Entry].self, from: data)) ?? [:]
  }

  /// The schema of the executable at `path`; nil if the file has changed since.
  func schema(of path: String) -> CommandLineSchema? {
    guard let entry = entries[path], entry.signature == (try? FileDigest.signature(of: path))
    else { return nil }
    return entry.schema
  }

  /// Adds schemas, and writes the file if the folder exists.
  mutating func add(_ schemas: [(path: String, schema: CommandLineSchema)]) {
    for (path, schema) in schemas {
      guard let signature = try? FileDigest.signature(of: path) else { continue }
      entries[path] = Entry(signature: signature, schema: schema)
    }
    try? JSONEncoder.canonical.encode(entries)
      .write(to: URL(fileURLWithPath: path), options: .atomic)
  }
}
