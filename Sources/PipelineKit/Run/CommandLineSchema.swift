import Foundation
import StageKit
import Support

/// The options of an executable, from `--experimental-dump-help` of swift-argument-parser.
struct CommandLineSchema: Codable, Sendable {
  struct Option: Codable, Sendable {
    /// The names, without dashes.
    let names: [String]
    /// Whether it takes no value.
    let isFlag: Bool
    let isRepeating: Bool
    let isRequired: Bool
    /// The values that it accepts; nil if they are not a closed set.
    let values: [String]?
  }

  /// The flags that `pipeline` itself passes to a stage.
  static let reserved = [
    "output", "json", "quiet", "verbose", "verify", "fingerprint", "help", "version",
  ]

  /// The options that a manifest may set.
  let options: [Option]

  /// The names of all options.
  var names: [String] { options.flatMap(\.names) }

  func option(_ name: String) -> Option? { options.first { $0.names.contains(name) } }

  /// Reads the dump.
  /// - Throws: `DecodingError` if it does not have the form of `ArgumentParserToolInfo`.
  init(dump: Data) throws {
    let info = try JSONDecoder().decode(ToolInfo.self, from: dump)
    options = (info.command.arguments ?? []).compactMap { argument in
      let names = (argument.names ?? []).filter { $0.kind == "long" }.map(\.name)
      guard !names.isEmpty, names.allSatisfy({ !Self.reserved.contains($0) }) else { return nil }
      let isFlag = argument.kind == "flag"
      return Option(
        names: names, isFlag: isFlag, isRepeating: argument.isRepeating,
        isRequired: !isFlag && !argument.isOptional, values: argument.allValues)
    }
  }
}

/// The required part of `ArgumentParserToolInfo`.
private struct ToolInfo: Decodable {
  struct Name: Decodable {
    let kind: String
    let name: String
  }
  struct Argument: Decodable {
    let kind: String
    let isOptional: Bool
    let isRepeating: Bool
    let names: [Name]?
    let allValues: [String]?
  }
  struct Command: Decodable {
    let arguments: [Argument]?
  }
  let command: Command
}

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
