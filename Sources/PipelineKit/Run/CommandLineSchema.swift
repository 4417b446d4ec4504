import Foundation

/// What an executable accepts, as it says itself (`--experimental-dump-help` of
/// swift-argument-parser).
struct CommandLineSchema: Codable, Sendable {
  struct Option: Codable, Sendable {
    /// Its names without dashes.
    var names: [String]
    /// Whether it takes no value.
    var isFlag: Bool
    var isRepeating: Bool
    var isRequired: Bool
    /// All values it takes, if they are a closed set.
    var values: [String]?
  }

  /// The flags that `pipeline` itself gives to a stage.
  static let reserved = [
    "output", "json", "quiet", "verbose", "verify", "fingerprint", "help", "version",
  ]

  /// The options that a manifest may give.
  let options: [Option]

  /// The names that a manifest may give.
  var names: [String] { options.flatMap(\.names) }

  func option(_ name: String) -> Option? { options.first { $0.names.contains(name) } }

  /// Reads the dump.
  init(dump: Data) throws {
    let tool = try JSONDecoder().decode(Dump.self, from: dump)
    options = (tool.command.arguments ?? []).compactMap { argument in
      let names = (argument.names ?? []).filter { $0.kind == "long" }.map(\.name)
      guard !names.isEmpty, names.allSatisfy({ !Self.reserved.contains($0) }) else { return nil }
      let isFlag = argument.kind == "flag"
      return Option(
        names: names, isFlag: isFlag, isRepeating: argument.isRepeating,
        isRequired: !isFlag && !argument.isOptional,
        values: argument.allValues)
    }
  }
}

/// The part of the dump that is needed; its form is that of `ArgumentParserToolInfo`.
private struct Dump: Decodable {
  struct Name: Decodable {
    var kind: String
    var name: String
  }
  struct Argument: Decodable {
    var kind: String
    var isOptional: Bool
    var isRepeating: Bool
    var names: [Name]?
    var allValues: [String]?
  }
  struct Command: Decodable {
    var arguments: [Argument]?
  }
  var command: Command
}
