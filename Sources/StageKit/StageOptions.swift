import ArgumentParser

/// The flags that every stage has.
public struct StageOptions: ParsableArguments {
  /// Where the output goes.
  @Option(
    help: ArgumentHelp("The folder to write; it appears whole or not at all.", valueName: "folder"))
  public var output: String?

  /// Whether the summary is printed as JSON.
  @Flag(help: "Print the summary as JSON.")
  public var json = false

  /// Whether only warnings are reported.
  @Flag(name: .shortAndLong, help: "Report nothing but warnings while working.")
  public var quiet = false

  /// Whether details are reported.
  @Flag(help: "Report also what the output depends on.")
  public var verbose = false

  /// Whether remembered digests are distrusted.
  @Flag(help: "Read every input for its digest, also those that look unchanged since the last run.")
  public var verify = false

  /// Whether to print the fingerprint and do nothing else.
  @Flag(help: "Print what the output depends on, as JSON, and stop.")
  public var fingerprint = false

  /// For ArgumentParser.
  public init() {}

  var logLevel: Log.Level { verbose ? .details : quiet ? .warnings : .normal }
}
