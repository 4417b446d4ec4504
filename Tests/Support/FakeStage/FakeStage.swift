import ArgumentParser
import Foundation
import StageKit
import Support

/// A stage for tests: it concatenates a text and its inputs.
///
/// Files in the directory `FAKE_STAGE_HOOKS` control it without changing the fingerprint: each run
/// adds a line to `log`; the stage waits while `hold` or `hold-NAME` exists, and fails if `fail-NAME`
/// or `throw-NAME` exists.
@main
struct FakeStage: StageCommand {
  static let configuration = CommandConfiguration(commandName: "fake-stage")
  static let version = 1

  /// A closed set of values.
  enum Colour: String, CaseIterable, ExpressibleByArgument { case red, green }

  @Option var text = "text"
  @Option var number = 0.5
  @Option var colour = Colour.red
  @Option var list: [String] = []
  @Option var one: InputPath?
  @Option var many: [InputPath] = []
  @Option var model: String?
  @Option var seed: Int?
  @Option var folds: Int?
  @Option var fold: String?
  @Flag(inversion: .prefixedNo) var polish = true
  @Flag var loud = false
  @Flag(inversion: .prefixedNo) var fitValidationRows: Bool?
  @OptionGroup var shared: StageOptions

  var defaultOutput: String? { "runs/fake" }

  struct Summary: StageSummary {
    var text: String
  }

  mutating func copyPipes(_ copy: (inout InputPath) throws -> Void) rethrows {
    for index in many.indices { try copy(&many[index]) }
  }

  func run(output: AtomicDirectory, log: Log) throws -> Summary {
    let name = output.destination.lastPathName
    try hooks(name)
    var joined = text
    for input in inputs {
      let path = input.file.contentPath
      let file = isDirectory(path) == true ? path + "/result.txt" : path
      joined +=
        "+" + String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    }
    // `constant` gives the same bytes for all inputs, for the tests of early cutoff.
    try output.write(text.hasPrefix("constant") ? "constant" : joined, to: "result.txt")
    log.notice("made \(name)")
    if text.hasPrefix("warn") { log.warning("the text is \(text)") }
    return Summary(text: "wrote \(joined.utf8.count) bytes")
  }

  private func hooks(_ name: String) throws {
    guard let folder = ProcessInfo.processInfo.environment["FAKE_STAGE_HOOKS"] else { return }
    let log = open("\(folder)/log", O_WRONLY | O_APPEND | O_CREAT, 0o644)
    let line = name + "\n"
    _ = line.withCString { write(log, $0, strlen($0)) }
    close(log)
    let there = { (hook: String) in FileManager.default.fileExists(atPath: "\(folder)/\(hook)") }
    while there("hold") || there("hold-\(name)") { usleep(5_000) }
    if there("throw-\(name)") { throw POSIXError(.ENOSPC) }
    if there("fail-\(name)") {
      throw UserError(.data, at: name, problem: "told to fail", hint: "remove the hook")
    }
  }
}
