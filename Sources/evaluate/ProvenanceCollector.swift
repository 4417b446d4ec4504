import Evaluation
import StageKit
import Safetensors
import Support

/// Where the inputs come from: the stamps of the stages that made them, and of all before those.
struct ProvenanceCollector {
  private(set) var provenance: [Provenance] = []
  private(set) var costs: [ResourceUsage] = []
  private var fingerprints: [(title: String, fingerprint: Fingerprint)] = []
  private var seen: Set<String> = []

  /// Follows the stamps upstream from these folders or files; what has no stamp is left out.
  init(folders: [String]) {
    for folder in folders { follow(folder) }
  }

  private mutating func follow(_ path: String) {
    guard let (folder, stamp) = Self.stage(of: path), seen.insert(folder).inserted else { return }
    for file in stamp.files { follow(file.path) }
    let fingerprint = stamp.fingerprint
    let title = Self.title(folder, stamp)
    provenance.append(
      Provenance(
        stage: title,
        settings: fingerprint.settingLines.dropFirst().map {
          Entry($0.name, $0.value ?? "(default)")
        },
        digests: fingerprint.inputLines.map { Entry($0.name, $0.value ?? "") }
          + stamp.outputs.map { Entry("output \($0.path)", $0.sha256) }))
    fingerprints.append((title, fingerprint))
    costs.append(ResourceUsage(stage: title, seconds: stamp.seconds, peakBytes: stamp.peakBytes))
  }

  /// Returns one digest of the fingerprints of all stages, independent of the manifest.
  /// - Throws: only if encoding fails.
  func recipe() throws -> String {
    let digests = try fingerprints.map { try FingerprintEntry($0.title, $0.fingerprint.digest()) }
    return try Fingerprint(stage: "evaluate", version: 1, inputs: digests).digest()
  }

  /// The stage that made a file or folder, as ``provenance`` calls it; empty if none did.
  static func title(of path: String) -> String {
    stage(of: path).map { title($0.folder, $0.stamp) } ?? ""
  }

  /// What shaped a model besides its seed and its rows: the settings of the stage that made it, and
  /// of the training that a fine-tuned one started from. Nothing without stamps.
  static func learning(of path: String) -> [FingerprintEntry] {
    guard let (_, stamp) = stage(of: path) else { return [] }
    let upstream = stamp.files.lazy.compactMap { stage(of: $0.path)?.stamp }
    guard made(stamp, by: "finetune"),
      let training = upstream.first(where: { made($0, by: "train") })
    else { return options(stamp) }
    return options(stamp)
      + options(training).map { FingerprintEntry("\($0.name) in training", $0.value) }
  }

  private static func made(_ stamp: Stamp, by stage: String) -> Bool {
    stamp.fingerprint.stage == stage
  }

  private static func options(_ stamp: Stamp) -> [FingerprintEntry] {
    stamp.fingerprint.options.filter { !["seed", "task"].contains($0.name) }
  }

  /// The executable and the stage's name in its manifest: the folder's, and for a row of a matrix
  /// that of the folder around it, too.
  private static func title(_ folder: String, _ stamp: Stamp) -> String {
    let stage = stamp.fingerprint.stage
    let name = folder.lastPathName
    if name.contains("=") { return "\(stage) \(folder.parentPath.lastPathName)/\(name)" }
    return name == stage ? stage : "\(stage) \(name)"
  }

  /// The nearest folder around a path that carries a stamp; a shard lies two folders deep at most.
  private static func stage(of path: String) -> (folder: String, stamp: Stamp)? {
    var folder = path
    for _ in 0..<3 where !folder.isEmpty && folder != "/" {
      if let stamp = Stamp(of: folder) { return (folder, stamp) }
      folder = folder.parentPath
    }
    return nil
  }
}
