import Support
import Yams

/// The names of classes whose numbers are the labels in the files of a Hugging Face dataset. They are in
/// the dataset card, README.md, or in dataset_infos.json or dataset_info.json.
struct ClassLabels: Equatable {
  /// The names; a label is an index.
  let names: [String]
  /// The location of the card.
  let location: String

  /// The size up to which cards are read: 16 MiB.
  private static let maxSize = 16 << 20

  /// Reads the names of the classes in a column; nil if the entry is no card, or none with names.
  /// - Throws: ``UserError`` with exit status `data` if the card has different names for several
  ///   configurations.
  init?(_ entry: ArchiveEntry, column: String) throws {
    let found: [[String]]
    switch entry.name {
    case "README.md":
      guard try entry.head().starts(with: "---".utf8) else { return nil }
      found = Self.names(inCard: try entry.content(maxSize: Self.maxSize), column)
    case "dataset_infos.json", "dataset_info.json":
      found = Self.names(inInfos: try entry.content(maxSize: Self.maxSize), column)
    default: return nil
    }
    guard let names = found.first, !names.isEmpty else { return nil }
    guard found.allSatisfy({ $0 == names }) else {
      throw Self.ambiguity(column, at: entry.location)
    }
    (self.names, location) = (names, entry.location)
  }

  /// The error about several lists of names.
  static func ambiguity(_ column: String, at location: String) -> UserError {
    UserError(
      .data, at: location, problem: "different names for the classes of “\(column)”",
      expected: "one list of names", hint: "name them with --labels, as in 0=negative,1=positive")
  }

  /// The label of a row, which can be a number or a name; nil if the number is -1, which means that the
  /// label is kept secret.
  /// - Throws: ``RowError`` if no class has this number.
  func label(_ text: [UInt8]) throws -> [UInt8]? {
    guard let number = Int(String(decoding: text, as: UTF8.self)) else { return text }
    if names.indices.contains(number) { return Array(names[number].utf8) }
    guard number != -1 else { return nil }
    throw RowError(
      problem: "the label \(number)",
      expected: "a number from 0 to \(names.count - 1), as \(location) names the classes",
      hint: "correct the card, or name the classes with --labels")
  }

  // MARK: Cards

  /// The lists of names in the front matter of a card, one for each configuration.
  static func names(inCard card: [UInt8], _ column: String) -> [[String]] {
    let lines = card.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { $0.last == 0x0D ? $0.dropLast() : $0 }
    let end = lines.dropFirst().firstIndex { $0.elementsEqual("---".utf8) }
    guard let end, let first = lines.first, first.elementsEqual("---".utf8) else { return [] }
    let front = String(decoding: Array(lines[1..<end].joined(separator: [0x0A])), as: UTF8.self)
    // A card is notes: one that is no YAML names nothing.
    guard let node = try? Yams.compose(yaml: front, .basic), let info = node["dataset_info"] else {
      return []
    }
    let configurations = info.sequence.map { Array($0) } ?? [info]
    return configurations.compactMap { configuration in
      let features = configuration["features"]?.sequence.map { Array($0) } ?? []
      let feature = features.first { $0["name"]?.string == column }
      return feature?["dtype"]?["class_label"]?["names"].map(Self.names)
    }
  }

  /// The names in a list, or in a mapping from numbers.
  private static func names(_ node: Node) -> [String] {
    if let list = node.sequence { return list.compactMap(\.string) }
    let pairs = node.mapping.map { Array($0) } ?? []
    let named = pairs.compactMap { pair in
      pair.key.string.flatMap { Int($0) }.flatMap { number in
        pair.value.string.map { (number: number, name: $0) }
      }
    }.sorted { $0.number < $1.number }
    let isComplete = named.map(\.number) == Array(0..<named.count)
    return isComplete ? named.map(\.name) : []
  }

  /// The lists of names in dataset_infos.json or dataset_info.json, one for each configuration.
  static func names(inInfos content: [UInt8], _ column: String) -> [[String]] {
    guard let infos = try? content.withUnsafeBytes({ try JSONValue($0) }) else { return [] }
    let configurations = infos["features"] == nil ? infos.keys.compactMap { infos[$0] } : [infos]
    return configurations.compactMap { configuration in
      configuration["features"]?[column]?["names"]?.elements?.compactMap(\.string)
        .map { String(decoding: $0, as: UTF8.self) }
    }
  }
}
