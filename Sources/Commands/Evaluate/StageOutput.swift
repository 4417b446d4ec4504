import Evaluation
import Safetensors
import StageKit
import Support

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

  /// Follows the stamps of the outputs at `paths` upstream. Outputs without a stamp are left out.
  /// - Returns: each output once, after those that it was made from.
  static func upstream(of paths: [String]) -> [StageOutput] {
    var seen: Set<String> = []
    var outputs: [StageOutput] = []
    func visit(_ path: String) {
      guard let output = StageOutput(containing: path), seen.insert(output.folder).inserted else {
        return
      }
      for file in output.stamp.files { visit(file.path) }
      outputs.append(output)
    }
    paths.forEach(visit)
    return outputs
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
      stage: title, settings: stamp.fingerprint.settingLines.dropFirst().map { NamedValue($0) },
      digests: stamp.fingerprint.inputLines.map { NamedValue($0) }
        + stamp.outputs.map { NamedValue("output \($0.path)", $0.sha256) },
      seconds: stamp.seconds, peakBytes: stamp.peakBytes)
  }

  /// The files that `ingest` read, or their folder if they are many; empty for other stages.
  /// - Throws: ``UserError`` if the examples cannot be read.
  var sources: [SourceFile] {
    get throws {
      guard stamp.fingerprint.stage == "ingest", let first = stamp.files.first,
        let shard = stamp.outputs.first(where: { $0.path.hasSuffix(".safetensors") }),
        let task = try SafetensorsFile(path: "\(folder)/\(shard.path)").metadata["task"]
      else { return [] }
      func bytes(_ file: FileDigest) -> Int { Int(file.signature.first ?? 0) }
      guard stamp.files.count > 5 else {
        return stamp.files.map { file in
          // A pipe was copied into the output.
          let isCopy = file.path.parentPath.hasSuffix(".partial")
          return SourceFile(
            task: task, name: isCopy ? "a pipe" : file.path.lastPathName, files: 1,
            bytes: bytes(file), sha256: file.sha256)
        }
      }
      var common = first.path.parentPath
      while common.contains("/"), !stamp.files.allSatisfy({ $0.path.hasPrefix("\(common)/") }) {
        common = common == "/" ? "" : common.parentPath
      }
      return [
        SourceFile(
          task: task, name: common.isEmpty ? "several folders" : "\(common.lastPathName)/",
          files: stamp.files.count,
          bytes: stamp.files.reduce(0) { $0 + bytes($1) }, sha256: nil)
      ]
    }
  }

  /// The options that shaped a model, except its seed, its tasks and how they are pooled: those of its
  /// stage and, for a fine-tuned model, those of the training that it started from or, for an exported
  /// one, those of the model. A training also has the name of the pretrained encoder.
  fileprivate var trainingOptions: [NamedValue] {
    let options = stamp.fingerprint.options.filter {
      !["seed", "task", "pool-tasks"].contains($0.name)
    }
    .map { NamedValue($0) }
    let upstream = stamp.files.lazy.compactMap { StageOutput(containing: $0.path) }
    if stamp.fingerprint.stage == "export" {
      let changes = stamp.fingerprint.options.filter {
        $0.value != nil && !["format", "task"].contains($0.name)
      }
      return changes.map { NamedValue($0) } + (upstream.first?.trainingOptions ?? [])
    }
    func first(_ stage: String) -> StageOutput? {
      upstream.first { $0.stamp.fingerprint.stage == stage }
    }
    switch stamp.fingerprint.stage {
    case "train":
      let encoder = first("pretrain")?.title.replacing(#/^pretrain |[/,]seed=[0-9]+/#, with: "")
      return options + [NamedValue("pretraining", encoder ?? "none")]
    case "finetune":
      let training = first("train")?.trainingOptions ?? []
      return options + training.map { NamedValue("\($0.name) in training", $0.value) }
    default: return options
    }
  }
}

extension [StageOutput] {
  /// Returns one SHA-256 for the fingerprints of all stages, independent of the layout of the
  /// manifest; nil if there are none.
  /// - Throws: only if encoding fails.
  func configurationDigest() throws -> String? {
    if isEmpty { return nil }
    let digests = try map { try FingerprintEntry($0.title, $0.stamp.fingerprint.digest()) }
    return try Fingerprint(stage: "evaluate", version: 1, inputs: digests).digest()
  }
}

extension ModelOrigin {
  /// The origin of the model at `path`, a file or a folder.
  /// - Throws: ``UserError`` with exit status `noInput`.
  init(modelAt path: String) throws {
    let output = StageOutput(containing: path)
    let file = try digests(of: path).first {
      $0.path == "\(path)/model.safetensors" || $0.path == path
    }
    self.init(
      stage: output?.title ?? "", sha256: file?.sha256 ?? "",
      options: output?.trainingOptions ?? [])
  }
}

extension NamedValue {
  fileprivate init(_ entry: FingerprintEntry) {
    self.init(entry.name, entry.value ?? "(default)")
  }
}
