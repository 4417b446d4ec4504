import StageKit
import Support

/// The fingerprint, the outputs and the cost of one stage.
struct Provenance {
  /// The stage and its name in the manifest, such as `train dlnc/seed=1`.
  var stage: String
  var fingerprint: Fingerprint
  var outputs: [FileDigest] = []
  /// The wall time. It differs between runs, so only the HTML page shows it.
  var seconds: Double
  /// The peak memory; as `seconds`.
  var peakBytes: Int

  /// The version, the libraries and the options of the stage.
  var settings: [FingerprintEntry] { Array(fingerprint.settingLines.dropFirst()) }

  /// The SHA-256 of every input and output.
  var digests: [FingerprintEntry] {
    fingerprint.inputLines + outputs.map { FingerprintEntry("output \($0.path)", $0.sha256) }
  }

  var entries: [FingerprintEntry] { settings + digests }

  /// Whether it has the same settings as `other`, with at most three different values.
  func isVariation(of other: Provenance) -> Bool {
    let (mine, others) = (settings, other.settings)
    return mine.count > 3 && mine.map(\.name) == others.map(\.name)
      && zip(mine, others).count { $0 != $1 } <= 3
  }

  /// Follows the stamps of the outputs at `paths` upstream. Outputs without a stamp are left out.
  /// - Returns: each stage once, after the stages that it depends on.
  static func collect(from paths: [String]) -> [Provenance] {
    var seen: Set<String> = []
    var result: [Provenance] = []
    func visit(_ path: String) {
      guard let output = StageOutput(containing: path), seen.insert(output.folder).inserted else {
        return
      }
      for file in output.stamp.files { visit(file.path) }
      result.append(output.provenance)
    }
    paths.forEach(visit)
    return result
  }
}

extension FingerprintEntry {
  /// The value, or `(default)`.
  var text: String { value ?? "(default)" }
}

extension [Provenance] {
  /// Returns one SHA-256 for the fingerprints of all stages, independent of the layout of the
  /// manifest; nil if there are none.
  /// - Throws: only if encoding fails.
  func configurationDigest() throws -> String? {
    if isEmpty { return nil }
    let digests = try map { try FingerprintEntry($0.stage, $0.fingerprint.digest()) }
    return try Fingerprint(stage: "evaluate", version: 1, inputs: digests).digest()
  }
}

/// An output folder with a stamp.
struct StageOutput {
  let folder: String
  let stamp: Stamp

  /// Finds the nearest folder around a path that has a stamp. Shards are at most two levels deep.
  init?(containing path: String) {
    var folder = path
    for _ in 0..<3 where !folder.isEmpty && folder != "/" {
      if let stamp = Stamp(of: folder) {
        (self.folder, self.stamp) = (folder, stamp)
        return
      }
      folder = folder.parentPath
    }
    return nil
  }

  /// The stage, followed by its name in the manifest: that of its folder and, for a job of a matrix,
  /// of the folder around it.
  var title: String {
    let (stage, name) = (stamp.fingerprint.stage, folder.lastPathName)
    if name.contains("=") { return "\(stage) \(folder.parentPath.lastPathName)/\(name)" }
    return name == stage ? stage : "\(stage) \(name)"
  }

  var provenance: Provenance {
    Provenance(
      stage: title, fingerprint: stamp.fingerprint, outputs: stamp.outputs, seconds: stamp.seconds,
      peakBytes: stamp.peakBytes)
  }

  /// The options that shaped a model, except its seed and tasks: those of its stage and, for a
  /// fine-tuned model, those of the training that it started from.
  var trainingOptions: [FingerprintEntry] {
    let options = stamp.fingerprint.options.filter { !["seed", "task"].contains($0.name) }
    let upstream = stamp.files.lazy.compactMap { StageOutput(containing: $0.path) }
    guard stamp.fingerprint.stage == "finetune",
      let training = upstream.first(where: { $0.stamp.fingerprint.stage == "train" })
    else { return options }
    return options
      + training.trainingOptions.map { FingerprintEntry("\($0.name) in training", $0.value) }
  }
}
