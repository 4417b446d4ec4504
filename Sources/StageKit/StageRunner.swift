import ArgumentParser
import Foundation
import Support

/// Runs a stage as its flags say: fingerprint, output directory, stamp, summary and exit status.
public struct StageRunner<Stage: StageCommand> {
  private let stage: Stage
  private let options: StageOptions

  /// Creates a runner for a parsed command.
  public init(_ stage: Stage) {
    self.stage = stage
    options = stage.shared
  }

  /// Runs the stage, prints its summary and reports its errors.
  /// - Throws: errors that ArgumentParser turns into the exit status.
  public func run() throws {
    try run { print(options.json ? try $0.json() : printed($0)) }
  }

  /// Runs the stage, passes its summary on and reports its errors.
  /// - Throws: errors that ArgumentParser turns into the exit status.
  public func run(_ report: (Stage.Summary) throws -> Void) throws {
    prepareProcess()
    do {
      if options.fingerprint {
        print(try JSONEncoder.pretty.text(of: currentFingerprint(of: stage).fingerprint))
        return
      }
      ParentWatchdog.start()
      if Stage.processRole.isLeader {
        let summary = try makeOutput(Log(level: options.logLevel, stage: Stage.stageName))
        // Standard output would continue the line.
        ProgressLine.standardError.clear()
        try report(summary)
      } else {
        try stage.runWorker(log: Log(level: .warnings, stage: Stage.stageName))
      }
      Stage.processRole.finalize(0)
    } catch let interruption as Interrupted {
      if Stage.processRole.isLeader {
        let state = outputPath.flatMap { SavedState(path: AtomicDirectory.checkpointPath(of: $0)) }
        writeToStandardError(
          "\(Stage.stageName): interrupted\(state.map { " at \($0.position)" } ?? ""); "
            + "run the same command again to resume")
      }
      Stage.processRole.finalize(0)
      throw ExitCode(128 + interruption.signal)
    } catch {
      let error = exitError(for: error, in: Stage.stageName, at: outputPath)
      if let status = error as? ExitCode { Stage.processRole.finalize(status.rawValue) }
      throw error
    }
  }

  private func printed(_ summary: Stage.Summary) -> String {
    Terminal.fitted(options.verbose ? summary.text : summary.brief, to: STDOUT_FILENO)
  }

  private var outputPath: String? { options.output ?? stage.defaultOutput }

  private func makeOutput(_ log: Log) throws -> Stage.Summary {
    guard let outputPath else {
      throw ValidationError("Missing expected argument '--output <folder>'")
    }
    let start = Date()
    try rejectOverlap(of: outputPath)
    try rejectForeignDirectory(outputPath)
    var stage = stage
    var early: AtomicDirectory?
    var copies = 0
    try stage.copyPipes { input in
      guard input.isPipe else { return }
      let output = try early ?? AtomicDirectory(at: outputPath)
      early = output
      copies += 1
      try input.copy(to: "\(output.stagingPath)/input-\(copies)")
    }
    let (fingerprint, inputs) = try currentFingerprint(of: stage)
    for line in fingerprint.lines { log.detail("\(line.name): \(line.value ?? "(default)")") }
    let output = try early ?? AtomicDirectory(at: outputPath)
    output.runDescription = try JSONEncoder.canonical.text(of: fingerprint)
    let summary = try stage.run(output: output, log: log)
    try inputs.verifyUnchanged()
    for input in stage.inputs { input.file.removeCopy() }
    try output.write(summary.completeText + "\n", to: "summary.txt")
    try output.write(try summary.json() + "\n", to: "summary.json")
    let stamp = Stamp(
      fingerprint: fingerprint, files: inputs.files, outputs: try outputDigests(output),
      started: start, seconds: -start.timeIntervalSinceNow, processorSeconds: processorSeconds(),
      peakBytes: peakResidentBytes())
    try output.write(try JSONEncoder.pretty.text(of: stamp) + "\n", to: Stamp.fileName)
    let userFiles = try UserFiles.carryOver(
      from: output.destination, to: output.stagingPath, outputs: stamp.outputs)
    let checkpoint = try output.checkpoint
    try output.commit(removingCheckpoint: checkpoint.isOwn)
    for warning in summary.warnings { log.warning(warning) }
    // A runner says so itself.
    if ParentWatchdog.isActive {
      log.info("wrote \(outputPath)")
    } else {
      log.notice("wrote \(outputPath)")
    }
    report(userFiles, SavedState.all(beside: output.destination), log)
    return summary
  }

  /// Reports what was kept in the output and beside it, because this run did not write it.
  private func report(_ userFiles: UserFiles, _ states: [SavedState], _ log: Log) {
    if !userFiles.kept.isEmpty {
      let more = userFiles.kept.count > 5 ? " and \(userFiles.kept.count - 5) more" : ""
      log.notice(
        "kept in it what no stage wrote: \(userFiles.kept.prefix(5).joined(separator: ", "))\(more)"
      )
    }
    for (name, newName, isEdited) in userFiles.renamed {
      log.warning(
        isEdited
          ? "\(name) was edited; the edited file is kept as \(newName)"
          : "\(name) is a file of this stage; yours of this name is kept as \(newName)")
    }
    if !states.isEmpty {
      let bytes = states.reduce(0) { $0 + $1.file.bytes.count }
      log.notice(
        "kept the state of interrupted trainings with other settings "
          + "(\(NumberFormat.bytes(bytes))); remove what is not needed: "
          + states.map { "\($0.path), \($0.position)" }.joined(separator: "; "))
    }
  }

  /// The fingerprint of this run, and the cache with the digests of its inputs.
  private func currentFingerprint(
    of stage: Stage
  ) throws -> (fingerprint: Fingerprint, inputs: FileDigestCache) {
    let previous = outputPath.flatMap { Stamp(of: $0)?.files } ?? []
    var cache = FileDigestCache(known: previous, verify: options.verify)
    var fingerprint = Fingerprint(
      stage: Stage.stageName, version: Stage.version, libraries: Stage.libraries,
      options: stage.fingerprintOptions)
    for input in stage.inputs {
      do {
        guard !input.file.isPipe else { throw input.file.pipeError }
        fingerprint.inputs.append(
          FingerprintEntry(input.flag, try cache.digest(of: input.file.contentPath)))
      } catch var error as UserError {
        error.location = "--\(input.flag) \(error.location)"
        throw error
      }
    }
    return (fingerprint, cache)
  }

  /// The digests of the files written so far, by their paths within the output, sorted by their bytes.
  private func outputDigests(_ output: AtomicDirectory) throws -> [FileDigest] {
    var cache = FileDigestCache()
    let names = Array(output.files).sortedByBytes()
    for name in names { _ = try cache.digest(of: "\(output.stagingPath)/\(name)") }
    return zip(names, cache.files).map { name, file in
      FileDigest(path: name, sha256: file.sha256, signature: file.signature)
    }
  }

  // MARK: Outputs that are rejected before any work, because a commit replaces the whole directory

  /// Rejects an output directory that contains an input or lies inside one.
  private func rejectOverlap(of outputPath: String) throws {
    for input in stage.inputs where overlap(input.file.path, outputPath) {
      throw UserError(
        .usage, at: "--output \(outputPath)",
        problem: "it overlaps with --\(input.flag) \(input.file.path)", hint: "write somewhere else"
      )
    }
  }

  /// Rejects a directory with files that no stage wrote.
  private func rejectForeignDirectory(_ outputPath: String) throws {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: outputPath)) ?? [])
      .filter { $0 == Stamp.fileName || !isHiddenOrSystemFile($0) }
    guard let first = names.min(), !names.contains(Stamp.fileName) else { return }
    let others = names.count > 1 ? " and \(names.count - 1) more" : ""
    throw UserError(
      .cannotCreate, at: "--output \(outputPath)",
      problem: "a folder that no stage wrote, with \(first)\(others) in it",
      expected: "a new or an empty folder, or an earlier output, which is replaced",
      hint: "choose another --output, or move what is there")
  }
}
