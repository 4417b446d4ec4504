import ArgumentParser
import Foundation
import Tensors

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

  /// The flags that every stage has.
  var shared: SharedOptions { get }
  /// Every argument that shapes the output, defaults included, in the order of the help.
  var settings: [Setting] { get }
  /// The files and folders that are read, by the flag that names them.
  var inputs: [StageInput] { get }
  /// Where the output goes when `--output` is not given.
  var defaultOutput: String { get }

  /// Makes the output. Progress goes to `log`, never to standard output.
  /// - Throws: ``Refusal``; nothing is published then.
  func produce(in output: StagedDirectory, log: Log) throws -> Summary
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

extension StageCommand {
  /// No library changes the bytes, unless the stage says otherwise.
  public static var libraries: [Setting] { [] }

  /// The stage's name, as in manifests and on the command line.
  public static var stageName: String { configuration.commandName ?? "\(Self.self)".lowercased() }

  /// Runs the stage; see ``runStage()``.
  public func run() throws { try runStage() }

  /// Runs the stage as its flags say, reports, and maps refusals to exit statuses. A stage whose
  /// command does something else without arguments calls this when there are some.
  public func runStage() throws {
    do {
      if shared.fingerprint {
        let fingerprint = try currentFingerprint(memory: previousStamp?.files ?? []).fingerprint
        print(try json(fingerprint))
        return
      }
      Lifeline.watch()
      let summary = try execute(Log(level: shared.logLevel, stage: Self.stageName))
      print(shared.json ? try json(summary) : summary.text)
    } catch let refusal as Refusal {
      FileHandle.standardError.write(Data("\(Self.stageName): \(refusal)\n".utf8))
      throw ExitCode(refusal.kind.rawValue)
    }
  }

  /// Where this run's output goes.
  public var outputPath: String { shared.output ?? defaultOutput }

  private var previousStamp: Stamp? { shared.verify ? nil : Stamp(of: outputPath) }

  private func execute(_ log: Log) throws -> Summary {
    let start = Date()
    let (fingerprint, files) = try currentFingerprint(memory: previousStamp?.files ?? [])
    let output = try StagedDirectory(at: outputPath)
    let summary = try produce(in: output, log: log)
    try output.write(summary.text + "\n", to: "summary.txt")
    try output.write(try json(summary) + "\n", to: "summary.json")
    let stamp = Stamp(
      fingerprint: fingerprint, files: files, started: start, seconds: -start.timeIntervalSinceNow,
      peakBytes: peakResidentBytes())
    try output.write(try json(stamp) + "\n", to: Stamp.fileName)
    try output.publish()
    log.info("wrote \(outputPath)")
    return summary
  }

  /// The ordered list of everything that shapes the output, and the digests it rests on.
  private func currentFingerprint(
    memory: [FileDigest]
  ) throws -> (fingerprint: Fingerprint, files: [FileDigest]) {
    var digests = InputDigests(memory: memory)
    var entries = [Setting("stage", Self.stageName), Setting("stage version", Self.version)]
    entries += Self.libraries.map { Setting("library \($0.label)", $0.value) }
    entries += settings.map { Setting("option \($0.label)", $0.value) }
    for input in inputs {
      entries.append(Setting("input \(input.label)", try digests.digest(of: input.path)))
    }
    return (Fingerprint(entries: entries), digests.files)
  }
}

/// `value` as indented JSON with sorted keys: the same value is the same text.
func json(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

private func peakResidentBytes() -> Int {
  var usage = rusage()
  #if canImport(Glibc)
    let kibibyte = 1024
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  #else
    let kibibyte = 1  // Darwin counts bytes.
    getrusage(RUSAGE_SELF, &usage)
  #endif
  return Int(usage.ru_maxrss) * kibibyte
}
