import Foundation
import Support

/// The record that a finished output carries: the inputs and options it was made from, and its cost.
public struct Stamp: Codable, Sendable {
  /// The name of the stamp in an output directory; it is not part of the output's content.
  public static let fileName = OutputListing.stampName
  private static let currentFormat = 2

  /// The version of the file format.
  private var format = Self.currentFormat
  /// The fingerprint of the run.
  public var fingerprint: Fingerprint
  /// The files that were read.
  public var files: [FileDigest]
  /// The files of the output, by their paths within it.
  public var outputs: [FileDigest]
  /// When the run began.
  public var started: Date
  /// The duration in seconds.
  public var seconds: Double
  /// The processor time of the process that wrote the output, in seconds; nil in stamps of earlier versions.
  public var processorSeconds: Double?
  /// The peak memory in bytes.
  public var peakBytes: Int

  /// Creates a stamp.
  public init(
    fingerprint: Fingerprint, files: [FileDigest], outputs: [FileDigest] = [], started: Date,
    seconds: Double, processorSeconds: Double? = nil, peakBytes: Int
  ) {
    self.fingerprint = fingerprint
    self.files = files
    self.outputs = outputs
    self.started = started
    self.seconds = seconds
    self.processorSeconds = processorSeconds
    self.peakBytes = peakBytes
  }

  /// Reads the stamp of the output directory at `path`. Nil if there is none, or if it is damaged or
  /// of an earlier version of the format; see ``exists(in:)``.
  public init?(of path: String) {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    guard let data = FileManager.default.contents(atPath: "\(path)/\(Self.fileName)"),
      let stamp = try? decoder.decode(Stamp.self, from: data), stamp.format == Self.currentFormat
    else { return nil }
    self = stamp
  }

  /// Whether the directory at `path` has a stamp, which may be of an earlier version.
  public static func exists(in path: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(path)/\(fileName)")
  }

  /// Returns what has happened to the output at `path` since it was made, one phrase for each file,
  /// such as `its output model.safetensors is missing`; empty if it is intact. Documents may be edited.
  /// - Parameter verify: whether files that look unchanged are read as well.
  public func problems(at path: String, verify: Bool = false) -> [String] {
    let known = outputs.map { file in
      FileDigest(
        path: "\(path)/\(file.path)", sha256: file.sha256, signature: file.signature)
    }
    var cache = FileDigestCache(known: known, verify: verify)
    return zip(outputs, known).compactMap { output, file in
      guard FileManager.default.fileExists(atPath: file.path) else {
        return "its output \(output.path) is missing"
      }
      if OutputListing.isDocument(output.path) { return nil }
      let isUnchanged = (try? cache.digest(of: file.path)) == file.sha256
      return isUnchanged ? nil : "its output \(output.path) was changed"
    }
  }
}
