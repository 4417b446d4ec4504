import ArgumentParser
import Foundation
import Support

/// The options of a stage, from their declaration. A stage prints them for `pipeline`, which thereby
/// checks a manifest before it runs anything.
public struct CommandLineSchema: Codable, Sendable {
  /// An option that a manifest may set.
  public struct Option: Codable, Sendable {
    /// The names, without dashes.
    public let names: [String]
    /// Whether it takes no value.
    public let isFlag: Bool
    /// Whether it may be given several times.
    public let isRepeating: Bool
    /// Whether the stage cannot run without it.
    public let isRequired: Bool
    /// Whether it names files or folders that are read.
    public let isInput: Bool
    /// Whether its values are numbers, so that `1` and `1.0` are equal.
    public let isNumber: Bool
    /// The values that it accepts; nil if they are not a closed set.
    public let values: [String]?
  }

  /// The flags that `pipeline` itself passes to a stage.
  public static let reserved = [
    "output", "json", "quiet", "verbose", "verify", "fingerprint", "help", "version",
  ]
  /// The only argument of a stage that prints its schema.
  public static let argument = "--schema"

  /// The options that a manifest may set.
  public let options: [Option]

  /// The names of all options.
  public var names: [String] { options.flatMap(\.names) }

  /// The option of this name.
  public func option(_ name: String) -> Option? { options.first { $0.names.contains(name) } }

  init(of command: (some ParsableCommand).Type) throws {
    let declared = CommandFlag.declared(by: command.init())
    options = try command.declaredArguments().compactMap { argument in
      let names = argument.longNames
      guard !names.isEmpty, names.allSatisfy({ !Self.reserved.contains($0) }) else { return nil }
      let flag = declared.first { names.contains($0.name) }
      return Option(
        names: names, isFlag: argument.isFlag, isRepeating: argument.isRepeating,
        isRequired: !argument.isFlag && !argument.isOptional, isInput: flag?.isInput ?? false,
        isNumber: flag?.isNumber ?? false, values: argument.allValues)
    }
  }
}

extension ParsableCommand {
  /// Returns the arguments of a command line, with negative numbers joined to their flags. Ends the
  /// process with exit status 64 if an option that takes one value is given several.
  public static func checked(_ arguments: some Sequence<String>) -> [String] {
    let arguments = joiningNegativeNumbers(arguments)
    if let message = repetitionMessage(in: arguments) {
      exit(withError: ValidationError(message))
    }
    return arguments
  }

  /// Returns the message for an option in `arguments` that takes one value and is given several, of
  /// which ArgumentParser silently takes the last, or for a flag given with its inversion; else nil.
  static func repetitionMessage(in arguments: [String]) -> String? {
    let words = Array(arguments.prefix { $0 != "--" })
    // Declarations take a while to collect, and most command lines repeat no name.
    let names = words.filter { $0.hasPrefix("-") }.map {
      $0.replacing("--no-", with: "--", maxReplacements: 1).prefix { $0 != "=" }
    }
    let hasShortName = names.contains { !$0.hasPrefix("--") }
    guard hasShortName || Set(names).count < names.count else { return nil }
    let subcommand = configuration.subcommands.first { $0._commandName == words.first }
    let command = subcommand ?? configuration.defaultSubcommand ?? Self.self
    let declared = (try? command.declaredArguments()) ?? []
    var given: [String: [String]] = [:]
    for (index, word) in words.enumerated() where word.hasPrefix("-") {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map(String.init)
      guard let argument = declared.first(where: { $0.typedNames.contains(parts[0]) }),
        !argument.isRepeating
      else { continue }
      let name = argument.typedNames[0]
      guard argument.isFlag else {
        let value = parts.dropFirst().first ?? words.dropFirst(index + 1).first ?? ""
        given[name, default: []].append(escapingControlCharacters(value))
        continue
      }
      let inversion =
        name.hasPrefix("--no-") ? "--" + name.dropFirst(5) : "--no-" + name.dropFirst(2)
      if given[inversion] != nil {
        return "\(inversion) and \(name) exclude each other; give one of them."
      }
      given[name] = []
    }
    return given.filter { $0.value.count > 1 }.min { $0.key < $1.key }.map { name, values in
      let count = values.count == 2 ? "twice" : "\(values.count) times"
      let first = values.dropLast().joined(separator: ", ")
      return "\(name) is given \(count), as \(first) and \(values[values.count - 1]); give it once."
    }
  }

  fileprivate static func declaredArguments() throws -> [ToolInfo.Argument] {
    try JSONDecoder().decode(ToolInfo.self, from: Data(_dumpHelp().utf8)).command.arguments ?? []
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

    var isFlag: Bool { kind == "flag" }
    var longNames: [String] { (names ?? []).filter { $0.kind == "long" }.map(\.name) }
    /// The names with their dashes, the long ones first.
    var typedNames: [String] {
      longNames.map { "--\($0)" } + (names ?? []).filter { $0.kind != "long" }.map { "-\($0.name)" }
    }
  }
  struct Command: Decodable {
    let arguments: [Argument]?
  }
  let command: Command
}
