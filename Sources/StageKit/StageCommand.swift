import ArgumentParser
import Foundation
import Support

/// A stage of the pipeline: a command that reads files and writes one output directory.
///
/// A stage declares its flags and how to make the output. ``StageRunner`` derives the rest: the
/// fingerprint, the stamp, the summary, the exit status and an output that appears completely or
/// not at all.
public protocol StageCommand: ParsableCommand {
  /// The result that is printed at the end and saved with the output.
  associatedtype Summary: StageSummary

  /// The version of the stage. Raised whenever the same inputs and options give other bytes.
  static var version: Int { get }
  /// The libraries whose version can change the output, with the version in use.
  static var libraries: [FingerprintEntry] { get }
  /// The role of this process among those that make the output together.
  static var processRole: ProcessRole { get }

  /// The flags that every stage has.
  var shared: StageOptions { get }
  /// The output directory when `--output` is not given; nil if the flag is required.
  var defaultOutput: String? { get }
  /// Whether a flag shapes the output of this run. Irrelevant flags, such as the network's when a
  /// baseline is trained, are left out of the fingerprint.
  func uses(_ flag: String) -> Bool

  /// Entries of the fingerprint beyond flags and the content of inputs, such as names of inputs.
  var otherOptions: [FingerprintEntry] { get }

  /// Calls `copy` with the inputs that may be pipes, which then have a content that can be read
  /// twice.
  mutating func copyPipes(_ copy: (inout InputPath) throws -> Void) rethrows

  /// Makes the output. Progress goes to `log`, never to standard output.
  /// - Throws: ``UserError``; the output is then not committed.
  func run(output: AtomicDirectory, log: Log) throws -> Summary
  /// Helps the leader to make the output in a process that writes none; see ``processRole``.
  func runWorker(log: Log) throws
}

/// The result of a stage, as text for people and as JSON for programs.
public protocol StageSummary: Encodable {
  /// The text printed at the end, without a final newline. It holds no times and no paths of this
  /// machine, because it is saved with the output, which is the same bytes from run to run.
  var text: String { get }
  /// The part of ``text`` that is printed unless `--verbose` is given, without warnings, which are
  /// reported before it.
  var brief: String { get }
  /// Signs that the result may be useless, one line each, with the step that helps. They are reported
  /// when the output is complete, and follow `text`.
  var warnings: [String] { get }
}

extension StageSummary {
  /// The whole text.
  public var brief: String { text }
  /// No warnings.
  public var warnings: [String] { [] }

  /// The text with the warnings.
  var completeText: String {
    ([text] + warnings.map { "warning: \($0)" }).joined(separator: "\n")
  }

  /// The summary as JSON; the key `warnings` is only present if there are any.
  func json() throws -> String {
    try JSONEncoder.pretty.text(of: SummaryWithWarnings(summary: self))
  }
}

private struct SummaryWithWarnings: Encodable {
  let summary: any StageSummary
  private enum CodingKeys: CodingKey { case warnings }

  init(summary: any StageSummary) { self.summary = summary }

  func encode(to encoder: any Encoder) throws {
    try summary.encode(to: encoder)
    guard !summary.warnings.isEmpty else { return }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(summary.warnings, forKey: .warnings)
  }
}

/// The role of a process in a stage that a launcher such as `mpirun` started several times. All
/// processes compute; only the leader writes and reports.
public struct ProcessRole: Sendable {
  /// Whether this process writes the output.
  public var isLeader: Bool
  /// Finalizes communication. A non-zero exit status aborts the other processes.
  public var finalize: @Sendable (Int32) -> Void

  /// Creates a role.
  public init(isLeader: Bool, finalize: @escaping @Sendable (Int32) -> Void) {
    self.isLeader = isLeader
    self.finalize = finalize
  }

  /// The role of a process that runs alone.
  public static let single = ProcessRole(isLeader: true) { _ in }
}

/// The flags that every stage has.
public struct StageOptions: ParsableArguments {
  /// The output directory.
  @Option(
    help: ArgumentHelp(
      "The folder to write; it appears completely or not at all.", valueName: "folder"))
  public var output: String?

  /// Whether the summary is printed as JSON.
  @Flag(help: "Print the summary as JSON.")
  public var json = false

  /// Whether only warnings are reported.
  @Flag(name: .shortAndLong, help: "Report nothing but warnings while working.")
  public var quiet = false

  /// Whether details are reported.
  @Flag(help: "Report also the progress, the whole summary, and what the output depends on.")
  public var verbose = false

  /// Whether cached digests are ignored.
  @Flag(help: "Read every input for its digest, also those that look unchanged since the last run.")
  public var verify = false

  /// Whether to print the fingerprint and stop.
  @Flag(help: "Print what the output depends on, as JSON, and stop.")
  public var fingerprint = false

  /// Required by ArgumentParser.
  public init() {}

  var logLevel: Log.Level { verbose ? .details : quiet ? .warnings : .normal }
}

/// Returns the text of `--version`: the stage, its version, and the libraries that can change its
/// output.
public func versionText(_ stage: String, _ version: Int, libraries: [FingerprintEntry] = [])
  -> String
{
  (["\(stage), stage version \(version)"] + libraries.map { "\($0.name) \($0.value ?? "")" })
    .joined(separator: "\n")
}

extension StageCommand {
  /// No libraries.
  public static var libraries: [FingerprintEntry] { [] }
  /// A single process.
  public static var processRole: ProcessRole { .single }
  /// No default: `--output` is required.
  public var defaultOutput: String? { nil }
  /// No input may be a pipe.
  public func copyPipes(_ copy: (inout InputPath) throws -> Void) rethrows {}
  /// Nothing else.
  public var otherOptions: [FingerprintEntry] { [] }
  /// All flags are used.
  public func uses(_ flag: String) -> Bool { true }
  /// Does nothing: a single process has no workers.
  public func runWorker(log: Log) throws {}

  /// The name of the stage in manifests and on the command line.
  public static var stageName: String { configuration.commandName ?? "\(Self.self)".lowercased() }

  /// Runs the command with the arguments of the process.
  public static func main() { runStage(Array(CommandLine.arguments.dropFirst())) }

  /// Runs the command with the arguments, or describes it to `pipeline`.
  public static func runStage(_ arguments: [String]) {
    if arguments == [CommandLineSchema.argument] {
      return print((try? JSONEncoder.canonical.text(of: CommandLineSchema(of: Self.self))) ?? "")
    }
    main(checked(arguments))
  }

  /// Runs the stage; see ``StageRunner``.
  public func run() throws { try StageRunner(self).run() }
}
