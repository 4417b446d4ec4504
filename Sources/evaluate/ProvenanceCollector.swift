import Evaluation
import StageKit
import Safetensors
import Support

/// Where the inputs come from: the stamps of the stages that made them, and of all before those.
struct ProvenanceCollector {
  private(set) var provenance: [Provenance] = []
  private(set) var costs: [ResourceUsage] = []
  private var seen: Set<String> = []

  /// Follows the stamps upstream from these folders or files; what has no stamp is left out.
  init(folders: [String]) {
    for folder in folders { follow(folder) }
  }

  private mutating func follow(_ path: String) {
    guard let (folder, stamp) = Self.stage(of: path), seen.insert(folder).inserted else { return }
    for file in stamp.files { follow(file.path) }
    let entries = stamp.fingerprint.entries
    let title = Self.title(folder, stamp)
    provenance.append(
      Provenance(
        stage: title,
        settings: entries.filter { $0.label != "stage" && !$0.label.hasPrefix("input ") }
          .map { Entry($0.label, $0.value) },
        digests: entries.filter { $0.label.hasPrefix("input ") }.map { Entry($0.label, $0.value) }
          + stamp.outputs.map { Entry("output \($0.path)", $0.sha256) }))
    costs.append(ResourceUsage(stage: title, seconds: stamp.seconds, peakBytes: stamp.peakBytes))
  }

  /// One digest of all settings and inputs, whatever the manifest looks like that they came from.
  /// - Throws: only if they cannot be put into JSON.
  func recipe() throws -> String {
    try Fingerprint(
      entries: provenance.flatMap { stage in
        [Setting("stage", stage.stage)]
          + (stage.settings + stage.digests.filter { $0.label.hasPrefix("input ") })
          .map { Setting($0.label, $0.value) }
      }
    ).digest()
  }

  /// The stage that made a file or folder, as ``provenance`` calls it; empty if none did.
  static func title(of path: String) -> String {
    stage(of: path).map { title($0.folder, $0.stamp) } ?? ""
  }

  /// What shaped a model besides its seed and its rows: the settings of the stage that made it, and
  /// of the training that a fine-tuned one started from. Nothing without stamps.
  static func learning(of path: String) -> [Setting] {
    guard let (_, stamp) = stage(of: path) else { return [] }
    let upstream = stamp.files.lazy.compactMap { stage(of: $0.path)?.stamp }
    guard made(stamp, by: "finetune"),
      let training = upstream.first(where: { made($0, by: "train") })
    else { return options(stamp) }
    return options(stamp)
      + options(training).map { Setting("\($0.label) in training", $0.value) }
  }

  private static func made(_ stamp: Stamp, by stage: String) -> Bool {
    stamp.fingerprint.entries.contains(Setting("stage", stage))
  }

  private static func options(_ stamp: Stamp) -> [Setting] {
    stamp.fingerprint.entries.compactMap { entry in
      guard entry.label.hasPrefix("option ") else { return nil }
      let name = String(entry.label.dropFirst("option ".count))
      return ["seed", "task"].contains(name) ? nil : Setting(name, entry.value)
    }
  }

  /// The executable and the stage's name in its manifest: the folder's, and for a row of a matrix
  /// that of the folder around it, too.
  private static func title(_ folder: String, _ stamp: Stamp) -> String {
    let stage = stamp.fingerprint.entries.first { $0.label == "stage" }?.value ?? ""
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
