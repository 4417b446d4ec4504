import Crypto
import Foundation

/// Everything that an output depends on, as one ordered list: equal lists mean equal bytes.
public struct Fingerprint: Codable, Equatable, Sendable {
  /// Stage, version, libraries, options and inputs (their SHA-256), in a fixed order.
  public var entries: [Setting]

  /// A fingerprint of these entries.
  public init(entries: [Setting]) { self.entries = entries }

  /// What differs between an older fingerprint and this one, one phrase a difference, such as
  /// `option threshold 0.5 -> 0.6`; empty when they are equal.
  public func changes(since old: Fingerprint) -> [String] {
    let before = old.valuesByLabel
    let now = valuesByLabel
    var seen: Set<String> = []
    return (entries + old.entries).map(\.label).filter { seen.insert($0).inserted }
      .compactMap { label in phrase(label, before[label] ?? [], now[label] ?? []) }
  }

  /// SHA-256 over all entries: one word that stands for the list.
  /// - Throws: only if the entries cannot be put into JSON.
  public func digest() throws -> String {
    SHA256.hash(data: Data(try json(self).utf8)).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  private var valuesByLabel: [String: [String]] {
    Dictionary(grouping: entries, by: \.label).mapValues { $0.map(\.value) }
  }
}

private func phrase(_ label: String, _ before: [String], _ now: [String]) -> String? {
  if before == now { return nil }
  // The values of inputs are digests, which tell the reader nothing.
  guard label.hasPrefix("input ") else { return "\(label) \(shown(before)) -> \(shown(now))" }
  if before.isEmpty { return "\(label) is new" }
  if now.isEmpty { return "\(label) is no longer given" }
  if before.count != now.count { return "\(label): \(before.count) -> \(now.count) of them" }
  return before.sorted() == now.sorted()
    ? "\(label): in another order" : "\(label) has other content"
}

private func shown(_ values: [String]) -> String {
  if values.isEmpty { return "(none)" }
  return values.map { $0.isEmpty ? "“”" : $0 }.joined(separator: " ")
}
