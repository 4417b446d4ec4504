import ArgumentParser
import Foundation
import Safetensors
import Support

/// The contract of a stage: what every stage executable says of itself and does alike.
///
/// A stage declares its options, the settings and inputs that shape its output, and how to make the
/// output. From that come the shared flags, the fingerprint, the stamp, the summary, the exit
/// status and an output that appears whole or not at all.
public protocol StageCommand: ParsableCommand {
  /// What the stage reports at the end; also saved beside the output.
  associatedtype Summary: StageSummary

  /// Raised whenever the same inputs and settings would give other bytes than before.
  static var version: Int { get }
  /// Libraries whose version can change the bytes, with the version in use.
  static var libraries: [Setting] { get }

  /// The processes that make the output together with this one.
  static var company: ProcessRole { get }

  /// The flags that every stage has.
  var shared: StageOptions { get }
  /// Every argument that shapes the output, defaults included, in the order of the help.
  var settings: [Setting] { get }
  /// The files and folders that are read, by the flag that names them.
  var inputs: [StageInput] { get }
  /// Where the output goes when `--output` is not given.
  var defaultOutput: String { get }

  /// Makes the output. Progress goes to `log`, never to standard output.
  /// - Throws: ``UserError``; nothing is published then.
  func produce(in output: AtomicDirectory, log: Log) throws -> Summary
}

/// The result of a stage in two forms: text for people, JSON for programs.
public protocol StageSummary: Encodable {
  /// What the stage prints at the end, without a final newline. No times and no paths of this
  /// machine: it is saved with the output and must be the same bytes from run to run.
  var text: String { get }
}

/// One labelled value of a fingerprint.
public struct Setting: Codable, Equatable, Sendable {
  /// What it is, such as `option threshold`.
  public var label: String
  /// Its value as text.
  public var value: String

  /// A setting called as its flag, without the dashes.
  public init(_ label: String, _ value: some CustomStringConvertible) {
    self.label = label
    self.value = value.description
  }
}

/// A file or folder that a stage reads.
public struct StageInput: Sendable {
  /// The flag that names it, without the dashes.
  public var label: String
  /// Its path.
  public var path: String

  /// An input called as its flag.
  public init(_ label: String, _ path: String) {
    self.label = label
    self.path = path
  }
}

/// What `--version` prints: the stage, its version, and the libraries that can change its bytes.
public func versionText(_ stage: String, _ version: Int, libraries: [Setting] = []) -> String {
  (["\(stage), stage version \(version)"] + libraries.map { "\($0.label) \($0.value)" })
    .joined(separator: "\n")
}

extension StageCommand {
  /// No library changes the bytes, unless the stage says otherwise.
  public static var libraries: [Setting] { [] }

  /// A stage works alone, unless it says otherwise.
  public static var company: ProcessRole { .none }

  /// The stage's name, as in manifests and on the command line.
  public static var stageName: String { configuration.commandName ?? "\(Self.self)".lowercased() }

  /// Runs the command with the arguments that the program was started with.
  public static func main() { main(joiningNegativeNumbers(CommandLine.arguments.dropFirst())) }

  /// Runs the stage; see ``runStage()``.
  public func run() throws { try runStage() }

  /// Runs the stage as its flags say, reports, and maps refusals to exit statuses. A stage whose
  /// command does something else without arguments calls this when there are some.
  public func runStage() throws {
    guardStandardStreams()
    Interruption.unblock()
    do {
      let digests = FileDigestCache(memory: previousFiles, verify: shared.verify)
      if shared.fingerprint {
        print(try json(try currentFingerprint(digests).fingerprint))
        return
      }
      ParentWatchdog.watch()
      if Self.company.isLeader {
        let summary = try execute(digests, Log(level: shared.logLevel, stage: Self.stageName))
        print(shared.json ? try json(summary) : summary.text)
      } else {
        _ = try produce(in: .nowhere, log: Log(level: .warnings, stage: Self.stageName))
      }
      Self.company.leave(0)
    } catch let refusal as UserError {
      throw report(refusal)
    } catch let stopped as Stopped {
      if Self.company.isLeader {
        writeToStandardError("\(Self.stageName): stopped; the same command goes on from here")
      }
      Self.company.leave(0)
      throw ExitCode(128 + stopped.signal)
    } catch let error where !(error is ExitCode || error is ValidationError || error is CleanExit) {
      throw report(
        UserError(
          .software, at: outputPath, problem: reason(error), hint: "this is a mistake of ours"))
    }
  }

  /// Where this run's output goes.
  public var outputPath: String { shared.output ?? defaultOutput }

  private var previousFiles: [FileDigest] { Stamp(of: outputPath)?.files ?? [] }

  private func report(_ refusal: UserError) -> ExitCode {
    writeToStandardError("\(Self.stageName): \(refusal)")
    Self.company.leave(refusal.exitStatus.rawValue)
    return ExitCode(refusal.exitStatus.rawValue)
  }

  private func execute(_ digests: FileDigestCache, _ log: Log) throws -> Summary {
    let start = Date()
    try refuseOverlap()
    try refuseForeignFolder()
    let (fingerprint, inputs) = try currentFingerprint(digests)
    for entry in fingerprint.entries { log.detail("\(entry.label): \(entry.value)") }
    let output = try AtomicDirectory(at: outputPath)
    output.checkpointKey = try fingerprint.digest()
    let summary = try produce(in: output, log: log)
    try inputs.confirm()
    try output.write(summary.text + "\n", to: "summary.txt")
    try output.write(try json(summary) + "\n", to: "summary.json")
    let stamp = Stamp(
      fingerprint: fingerprint, files: inputs.files, outputs: try digestsOfFiles(in: output),
      started: start, seconds: -start.timeIntervalSinceNow, peakBytes: peakResidentBytes())
    try output.write(try json(stamp) + "\n", to: Stamp.fileName)
    try output.commit()
    log.info("wrote \(outputPath)")
    return summary
  }

  /// The ordered list of everything that shapes the output, and the digests it rests on.
  private func currentFingerprint(
    _ digests: FileDigestCache
  ) throws -> (fingerprint: Fingerprint, inputs: FileDigestCache) {
    var digests = digests
    var entries = [Setting("stage", Self.stageName), Setting("stage version", Self.version)]
    entries += Self.libraries.map { Setting("library \($0.label)", $0.value) }
    entries += settings.map { Setting("option \($0.label)", $0.value) }
    for input in inputs {
      do {
        entries.append(Setting("input \(input.label)", try digests.digest(of: input.path)))
      } catch var refusal as UserError {
        refusal.location = "--\(input.label) \(refusal.location)"
        throw refusal
      }
    }
    return (Fingerprint(entries: entries), digests)
  }

  /// The digests of what has been written, by the paths within the output.
  private func digestsOfFiles(in output: AtomicDirectory) throws -> [FileDigest] {
    var digests = FileDigestCache(memory: [])
    _ = try digests.digest(of: output.stagingPath)
    return digests.files.map { file in
      var file = file
      file.path = String(file.path.dropFirst(output.stagingPath.count + 1))
      return file
    }
  }
}
