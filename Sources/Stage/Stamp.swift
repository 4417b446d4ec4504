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
    var before: [String: [String]] = [:]
    for entry in old.entries { before[entry.label, default: []].append(entry.value) }
    var now: [String: [String]] = [:]
    for entry in entries { now[entry.label, default: []].append(entry.value) }
    var seen: Set<String> = []
    return (entries + old.entries).compactMap { entry in
      guard seen.insert(entry.label).inserted, before[entry.label] != now[entry.label] else {
        return nil
      }
      if entry.label.hasPrefix("input ") { return "\(entry.label) has other content" }
      let (left, right) = (before[entry.label], now[entry.label])
      let show = { (values: [String]?) in values?.joined(separator: " ") ?? "(none)" }
      return "\(entry.label) \(show(left)) -> \(show(right))"
    }
  }
}

/// The note that a finished output carries: what it was made from, and what it cost.
public struct Stamp: Codable, Sendable {
  /// The file of an output folder that holds the stamp; not part of the output's content.
  public static let fileName = "stamp.json"

  /// What the output was made from.
  public var fingerprint: Fingerprint
  /// The files that were read, with what tells that they are unchanged.
  public var files: [FileDigest]
  /// When the run began.
  public var started: Date
  /// How long it took, in seconds.
  public var seconds: Double
  /// The most memory it held, in bytes.
  public var peakBytes: Int

  /// Makes a stamp of these parts.
  public init(
    fingerprint: Fingerprint, files: [FileDigest], started: Date, seconds: Double, peakBytes: Int
  ) {
    self.fingerprint = fingerprint
    self.files = files
    self.started = started
    self.seconds = seconds
    self.peakBytes = peakBytes
  }

  /// The stamp of the output folder at `path`, or nothing if there is none that can be read.
  public init?(of path: String) {
    guard let data = FileManager.default.contents(atPath: "\(path)/\(Self.fileName)"),
      let stamp = try? JSONDecoder().decode(Stamp.self, from: data)
    else { return nil }
    self = stamp
  }
}
