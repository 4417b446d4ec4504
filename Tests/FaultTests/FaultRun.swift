import Foundation
import Testing
import TestSupport

/// A prepared scenario: an older output exists, and the result of the undisturbed command and its
/// calls are known.
struct FaultRun {
  let directory: TemporaryDirectory
  let scenario: FaultScenario
  /// The calls with which the target changes files.
  let calls: [String]
  /// The duration of the undisturbed run in seconds.
  let seconds: Double
  private let library: String
  /// The cache of the runner; without it the runner has something to write.
  private static let memory = "runs/.tools.json"
  /// The state that another training has left beside the output, and its name when it is set aside.
  private let otherState: Data?
  private static let state = "out.resume"
  private let old: [String: Data]
  private let new: [String: Data]

  init(_ scenario: FaultScenario) throws {
    self.scenario = scenario
    directory = try TemporaryDirectory()
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../.."
    try FileManager.default.createSymbolicLink(
      atPath: directory("fixtures"), withDestinationPath: "\(root)/fixtures")
    try directory.write(FaultScenario.manifest, to: "m.yaml")
    library = try Fault.library(in: directory)
    for need in scenario.needs { try Self.run(need, in: directory) }
    otherState =
      scenario.interruptsAnother ? try Self.stateOfAnother(scenario, directory, library) : nil
    try Self.run(scenario.command(seed: 2), in: directory)
    try Self.addUserFiles(scenario, directory)
    try FileManager.default.copyItem(atPath: directory(scenario.output), toPath: directory("old"))
    old = try directory.contents("old")
    directory.remove(Self.memory)
    if let otherState { try directory.write(otherState, to: Self.state) }
    let start = Date()
    try Self.run(
      scenario.command(seed: 1), in: directory,
      Fault.environment(nil, in: scenario.target, log: directory("log"), library: library))
    seconds = -start.timeIntervalSinceNow
    calls = (directory.read("log") ?? "").split(separator: "\n").map(String.init)
    new = try directory.contents(scenario.output)
    try #require(old != new, "the seed must make a difference")
  }

  /// Adds files to the older output and edits one, as a user may.
  private static func addUserFiles(
    _ scenario: FaultScenario, _ directory: TemporaryDirectory
  ) throws {
    let folder = scenario.output == "out" ? "out" : "\(scenario.output)/train"
    for name in ["NOTES.txt", "notes/deep/x", ".git/HEAD", "summary.txt"] {
      try directory.write("mine", to: "\(folder)/\(name)")
    }
  }

  /// Kills a training with a third seed when it has saved its state; removes everything it wrote.
  /// - Returns: the state.
  private static func stateOfAnother(
    _ scenario: FaultScenario, _ directory: TemporaryDirectory, _ library: String
  ) throws -> Data {
    let command = scenario.command(seed: 3)
    try run(
      command, in: directory,
      Fault.environment(nil, in: scenario.target, log: directory("log"), library: library))
    let calls = (directory.read("log") ?? "").split(separator: "\n")
    let saved = try #require(calls.firstIndex { $0.hasSuffix("rename \(state)") })
    let fault = Fault(kind: .kill, call: saved + 2)
    let end = try program(
      command, in: directory, Fault.environment(fault, in: scenario.target, library: library)
    ).end()
    try #require(end.status == 137)
    defer {
      for name in directory.names() where name.hasPrefix("out") || name == "log" {
        directory.remove(name)
      }
    }
    return try #require(FileManager.default.contents(atPath: directory(state)))
  }

  /// Whether a file is the state of the other training, under its own name or set aside.
  private func isOtherState(_ name: String) -> Bool {
    otherState != nil && name.hasPrefix(Self.state)
      && FileManager.default.contents(atPath: directory(name)) == otherState
  }

  /// Whether that state has not been lost.
  private var hasOtherState: Bool {
    otherState == nil || directory.names().contains(where: isOtherState)
  }

  /// Restores the older output and removes leftovers.
  func reset() throws {
    directory.remove(scenario.output)
    directory.remove(Self.memory)
    for name in leftovers + directory.names().filter(isOtherState) { directory.remove(name) }
    if let otherState { try directory.write(otherState, to: Self.state) }
    try FileManager.default.copyItem(atPath: directory("old"), toPath: directory(scenario.output))
  }

  /// Files beside the outputs that are not part of any.
  var leftovers: [String] {
    let endings = [".lock", ".partial", ".old", ".resume", ".new"]
    return ["", "runs/", "runs/m/"].flatMap { folder in
      directory.names(in: "./\(folder)").filter { name in
        (endings.contains(where: name.hasSuffix) || name.contains(".resume-"))
          && !isOtherState(folder + name)
      }.map { folder + $0 }
    }
  }

  /// The content of the output.
  enum State { case old, new, neither }

  var state: State {
    guard let now = try? directory.contents(scenario.output) else { return .neither }
    return now == new ? .new : now == old ? .old : .neither
  }

  /// Whether the output is complete; stages that a dead runner left may need some time.
  var isSettled: Bool { eventually { state != .neither } }

  /// Injects a fault into the command, checks the result, and runs the command again.
  func strike(_ fault: Fault) throws {
    let place: Comment = "\(scenario.testDescription): \(fault.kind) at \(calls[fault.call - 1])"
    try reset()
    let end = try start(fault).end()
    #expect(isSettled, place)
    #expect(hasOtherState, place)
    let state = state
    if fault.kind.isDeadly {
      #expect(end.status == 137, "\(place): \(end.status) \(end.error)")
    } else if end.status == 0 {
      #expect(state == .new, place)
    } else {
      #expect([73, 74].contains(end.status), "\(place): \(end.status) \(end.error)")
      #expect(end.error.contains("\n  what to do: "), "\(place): \(end.error)")
      #expect(state == .old, "\(place): \(end.error)")
      #expect(leftovers.allSatisfy { $0.hasSuffix(".resume") }, "\(place): \(leftovers)")
    }
    try checkStatus(place)
    try recover(place)
  }

  /// Checks that leftovers do not confuse the runner: the new output is fresh, any other
  /// stale or interrupted.
  private func checkStatus(_ place: Comment) throws {
    guard scenario.command.hasPrefix("pipeline") else { return }
    var table = ""
    let isRight = try (0..<100).contains { _ in
      table = try Self.program("pipeline status m.yaml", in: directory, [:]).end().output
      let word = state == .new ? "fresh" : "(stale|interrupted)"
      return table.contains(try Regex("(?m)^train +\(word)"))
    }
    #expect(isRight, "\(place): \(table)")
  }

  /// Starts the command with a fault.
  func start(_ fault: Fault) throws -> Program {
    try start(Fault.environment(fault, in: scenario.target, library: library))
  }

  /// Starts the command in an environment where files cannot be mapped into memory.
  func startUnmappable() throws -> Program {
    try start([
      "LD_PRELOAD": library, "FAULT_PROGRAM": scenario.target, "FAULT_KIND": "unmappable",
    ])
  }

  /// Starts the command that makes the new output.
  func start(_ environment: [String: String] = [:]) throws -> Program {
    try Self.program(scenario.command(seed: 1), in: directory, environment)
  }

  /// Runs the command undisturbed; it must succeed.
  /// - Returns: the number of attempts, because stages that a dead runner left may still be ending.
  @discardableResult
  func recover(_ place: Comment) throws -> Int {
    for attempt in 1...200 {
      let end = try start().end()
      if end.status == 75, scenario.target == "pipeline" {
        usleep(50_000)
        continue
      }
      #expect(end.status == 0, "\(place): run again: \(end.error)")
      #expect(state == .new, "\(place): run again")
      #expect(leftovers == [], "\(place): run again")
      #expect(hasOtherState, "\(place): run again")
      return attempt
    }
    Issue.record("\(place): the output stays locked")
    return 0
  }

  private static func run(
    _ command: String, in directory: TemporaryDirectory, _ environment: [String: String] = [:]
  ) throws {
    let end = try program(command, in: directory, environment).end()
    try #require(end.status == 0, "\(command): \(end.error)")
  }

  private static func program(
    _ command: String, in directory: TemporaryDirectory, _ environment: [String: String]
  ) throws -> Program {
    let words = command.split(separator: " ").map(String.init)
    return try Program(
      "\(Program.folder)/\(words[0])", Array(words.dropFirst()), in: directory,
      environment: environment)
  }
}

extension FaultScenario {
  func command(seed: Int) -> String { command.replacing("*", with: String(seed)) }
}

extension TemporaryDirectory {
  /// Returns all files of an output by their paths. Stamps, which contain times, count as empty; the
  /// cache and the record of the runner are left out.
  func contents(_ folder: String) throws -> [String: Data] {
    var contents: [String: Data] = [:]
    let ignored = ["/.tools.json", "/.manifest", ".lock"]
    for name in try FileManager.default.subpathsOfDirectory(atPath: self(folder)) {
      let path = self("\(folder)/\(name)")
      guard !ignored.contains(where: "/\(name)".hasSuffix), !isBeside(name),
        let data = FileManager.default.contents(atPath: path)
      else { continue }
      contents[name] = name.hasSuffix("stamp.json") ? Data() : data
    }
    return contents
  }

  private func isBeside(_ name: String) -> Bool {
    name.split(separator: "/").contains { part in
      [".partial", ".old", ".resume", ".new"].contains(where: part.hasSuffix)
    }
  }
}
