import Foundation

/// The note that a finished output carries: what it was made from, and what it cost.
public struct Stamp: Codable, Sendable {
  /// The file of an output folder that holds the stamp; not part of the output's content.
  public static let fileName = "stamp.json"

  /// What the output was made from.
  public var fingerprint: Fingerprint
  /// The files that were read, with what tells that they are unchanged.
  public var files: [FileDigest]
  /// The files of the output, by their paths within it.
  public var outputs: [FileDigest]
  /// When the run began.
  public var started: Date
  /// How long it took, in seconds.
  public var seconds: Double
  /// The most memory it held, in bytes.
  public var peakBytes: Int

  /// Makes a stamp of these parts.
  public init(
    fingerprint: Fingerprint, files: [FileDigest], outputs: [FileDigest] = [], started: Date,
    seconds: Double, peakBytes: Int
  ) {
    self.fingerprint = fingerprint
    self.files = files
    self.outputs = outputs
    self.started = started
    self.seconds = seconds
    self.peakBytes = peakBytes
  }

  /// The stamp of the output folder at `path`, or nothing if there is none that can be read.
  public init?(of path: String) {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    guard let data = FileManager.default.contents(atPath: "\(path)/\(Self.fileName)"),
      let stamp = try? decoder.decode(Stamp.self, from: data)
    else { return nil }
    self = stamp
  }

  /// What has happened to the output at `path` since it was made, one phrase a file, such as
  /// `its output model.safetensors is missing`; empty if it is whole.
  /// - Parameter verify: whether files that look unchanged are read, too.
  public func damage(at path: String, verify: Bool = false) -> [String] {
    let known = outputs.map { file in
      FileDigest(
        path: "\(path)/\(file.path)", sha256: file.sha256, signature: file.signature)
    }
    var digests = FileDigestCache(memory: known, verify: verify)
    return zip(outputs, known).compactMap { output, file in
      guard FileManager.default.fileExists(atPath: file.path) else {
        return "its output \(output.path) is missing"
      }
      let isWhole = (try? digests.digest(of: file.path)) == file.sha256
      return isWhole ? nil : "its output \(output.path) was changed"
    }
  }
}
