import Foundation
import Support

/// Everything that an output depends on: equal fingerprints mean equal bytes.
public struct Fingerprint: Codable, Equatable, Sendable {
  /// The name of the stage.
  public var stage: String
  /// The version of the stage.
  public var version: Int
  /// The libraries that can change the output, with their versions.
  public var libraries: [FingerprintEntry]
  /// The flags that shape the output, in the order of declaration; a list has one entry for each
  /// element.
  public var options: [FingerprintEntry]
  /// The flags that name inputs, with the SHA-256 of each input.
  public var inputs: [FingerprintEntry]

  /// Creates a fingerprint.
  public init(
    stage: String, version: Int, libraries: [FingerprintEntry] = [],
    options: [FingerprintEntry] = [], inputs: [FingerprintEntry] = []
  ) {
    (self.stage, self.version, self.libraries) = (stage, version, libraries)
    (self.options, self.inputs) = (options, inputs)
  }

  /// The fingerprint as one list for people, without the inputs: `stage`, `stage version`,
  /// `library …` and `option …`.
  public var settingLines: [FingerprintEntry] {
    [FingerprintEntry("stage", stage), FingerprintEntry("stage version", "\(version)")]
      + libraries.map { $0.prefixed("library") } + options.map { $0.prefixed("option") }
  }

  /// The inputs for people: `input …` with the digest.
  public var inputLines: [FingerprintEntry] { inputs.map { $0.prefixed("input") } }

  /// The whole fingerprint as one list for people.
  public var lines: [FingerprintEntry] { settingLines + inputLines }

  /// Returns the differences between an older fingerprint and this one as phrases such as
  /// `option threshold 0.5 -> 0.6`; empty if they are equal.
  public func changes(since old: Fingerprint, ignoringInputs: Bool = false) -> [String] {
    let settings = differences(settingLines, old.settingLines) { name, before, now in
      "\(name) \(printed(before)) -> \(printed(now))"
    }
    return settings + (ignoringInputs ? [] : differences(inputLines, old.inputLines, inputChange))
  }

  /// Returns the SHA-256 of the fingerprint in hexadecimal.
  /// - Throws: only if encoding fails.
  public func digest() throws -> String {
    SHA256.hash(data: try JSONEncoder.canonical.encode(self)).hexadecimal
  }
}

/// A named value of a fingerprint.
public struct FingerprintEntry: Codable, Hashable, Sendable {
  /// The name, such as that of a flag.
  public var name: String
  /// The value as text; nil for an option that was not given and has no fixed default.
  public var value: String?

  /// Creates an entry.
  public init(_ name: String, _ value: String?) {
    self.name = name
    self.value = value
  }

  fileprivate func prefixed(_ prefix: String) -> FingerprintEntry {
    FingerprintEntry("\(prefix) \(name)", value)
  }
}

/// Compares lists by name; names that only the old list has come last.
private func differences(
  _ new: [FingerprintEntry], _ old: [FingerprintEntry],
  _ phrase: (_ name: String, _ before: [String?], _ now: [String?]) -> String
) -> [String] {
  let before = Dictionary(grouping: old, by: \.name).mapValues { $0.map(\.value) }
  let now = Dictionary(grouping: new, by: \.name).mapValues { $0.map(\.value) }
  var seen: Set<String> = []
  return (new + old).map(\.name).filter { seen.insert($0).inserted }.compactMap { name in
    let (before, now) = (before[name] ?? [], now[name] ?? [])
    return before == now ? nil : phrase(name, before, now)
  }
}

/// Describes a change of inputs without their digests, which mean nothing to the reader.
private func inputChange(_ name: String, _ before: [String?], _ now: [String?]) -> String {
  if before.isEmpty { return "\(name) is new" }
  if now.isEmpty { return "\(name) is no longer given" }
  if before.count != now.count { return "\(name): \(before.count) -> \(now.count) of them" }
  return before.compactMap(\.self).sorted() == now.compactMap(\.self).sorted()
    ? "\(name): in another order" : "\(name) has other content"
}

private func printed(_ values: [String?]) -> String {
  if values.isEmpty { return "(none)" }
  return values.map { value in value.map { $0.isEmpty ? "“”" : $0 } ?? "(default)" }
    .joined(separator: " ")
}
