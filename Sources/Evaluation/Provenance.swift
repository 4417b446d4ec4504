/// A setting or digest with its name, as reports show it.
public struct NamedValue: Hashable, Sendable {
  /// The name, such as `option learning-rate`.
  public let name: String
  /// The value as text.
  public let value: String

  /// Creates a named value.
  public init(_ name: String, _ value: String) {
    (self.name, self.value) = (name, value)
  }
}

/// The settings, the digests and the cost of one stage.
public struct Provenance: Sendable {
  /// The stage and its name in the manifest, such as `train dlnc/seed=1`.
  public let stage: String
  /// The version, the libraries and the options of the stage.
  public let settings: [NamedValue]
  /// The SHA-256 of every input and output.
  public let digests: [NamedValue]
  /// The wall time. It differs between runs, so only the HTML page shows it.
  public let seconds: Double
  /// The peak memory; as `seconds`.
  public let peakBytes: Int

  /// Creates the provenance of a stage.
  public init(
    stage: String, settings: [NamedValue], digests: [NamedValue], seconds: Double, peakBytes: Int
  ) {
    (self.stage, self.settings, self.digests) = (stage, settings, digests)
    (self.seconds, self.peakBytes) = (seconds, peakBytes)
  }

  var entries: [NamedValue] { settings + digests }

  /// Whether it has the same settings as `other`, with at most three different values.
  func isVariation(of other: Provenance) -> Bool {
    settings.count > 3 && settings.map(\.name) == other.settings.map(\.name)
      && zip(settings, other.settings).count { $0 != $1 } <= 3
  }
}

/// The origin of a model file.
public struct ModelOrigin: Sendable {
  /// The stage that made it, as in ``Provenance/stage``; empty if it is unknown.
  public let stage: String
  /// The SHA-256 of the file.
  public let sha256: String
  /// The options of the training, except its seed and tasks.
  public let options: [NamedValue]

  /// The name of the output, such as `train/fold=all`; nil if it is unknown.
  var name: String? { stage.split(separator: " ").last.map(String.init) }

  /// Creates the origin of a model file.
  public init(stage: String, sha256: String, options: [NamedValue]) {
    (self.stage, self.sha256, self.options) = (stage, sha256, options)
  }
}

/// A file of labelled text that examples were read from, or a folder of them.
public struct SourceFile: Hashable, Sendable {
  /// The name of the task.
  public let task: String
  /// The name of the file or folder, without the folders around it.
  public let name: String
  /// The number of files; 1 unless it is a folder.
  public let files: Int
  /// The size of all files.
  public let bytes: Int
  /// The SHA-256 of the file; nil for a folder.
  public let sha256: String?

  /// Creates the description of a file or folder.
  public init(task: String, name: String, files: Int, bytes: Int, sha256: String?) {
    (self.task, self.name, self.files) = (task, name, files)
    (self.bytes, self.sha256) = (bytes, sha256)
  }

  /// The name with what identifies the content.
  var title: String {
    if let sha256 { return "\(name) (SHA-256 \(sha256.prefix(12))…)" }
    return "\(name) (\(NumberFormat.count(files, "file")))"
  }
}
