import ArgumentParser
import Foundation
import StageKit
import Support

/// A stage for the tests of the runner: it joins what it reads and adds a text.
///
/// What it does besides is told by files in the folder `FAKE_STAGE_HOOKS`, so that it stays out of
/// the fingerprint: a line is added to `log` for each run; while `hold` or `hold-NAME` is there it
/// waits; `fail-NAME` and `throw-NAME` make it fail.
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
  @Option var one: String?
  @Option var many: [String] = []
  @Option var model: String?
  @Option var seed: Int?
  @Flag(inversion: .prefixedNo) var polish = true
  @Flag var loud = false
  @OptionGroup var shared: StageOptions

  var defaultOutput: String { "runs/fake" }

  var settings: [Setting] {
    [
      Setting("text", text), Setting("number", number), Setting("colour", colour.rawValue),
      Setting("list", list.joined(separator: ",")), Setting("model", model ?? ""),
      Setting("seed", seed.map(String.init) ?? ""), Setting("polish", polish),
      Setting("loud", loud),
    ]
  }

  var inputs: [StageInput] {
    (one.map { [StageInput("one", $0)] } ?? []) + many.map { StageInput("many", $0) }
  }

  struct Summary: StageSummary {
    var text: String
  }

  func produce(in output: AtomicDirectory, log: Log) throws -> Summary {
    let name = output.destination.lastPathName
    try hooks(name)
    var joined = text
    for input in inputs {
      let file = isDirectory(input.path) == true ? input.path + "/result.txt" : input.path
      joined +=
        "+" + String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    }
    // `constant` gives the same bytes whatever it is asked, for the tests of early cutoff.
    try output.write(text.hasPrefix("constant") ? "constant" : joined, to: "result.txt")
    log.info("made \(name)")
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
