import Foundation
import Testing
import TestSupport

/// A scene that has been prepared: an older output lies there, and it is known what the command
/// makes of it when nothing disturbs it, and with which calls.
struct Rehearsal {
  let bench: TemporaryDirectory
  let scene: Scene
  /// The calls with which the target changes files.
  let calls: [String]
  /// How long the undisturbed run took, in seconds.
  let seconds: Double
  private let library: String
  /// What the runner remembers of the stages; without it the runner has something to write.
  private static let memory = "runs/.tools.json"
  private let old: [String: Data]
  private let new: [String: Data]

  init(_ scene: Scene) throws {
    self.scene = scene
    bench = try TemporaryDirectory()
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../.."
    try FileManager.default.createSymbolicLink(
      atPath: bench("fixtures"), withDestinationPath: "\(root)/fixtures")
    for seed in 1...2 { try bench.write(Scene.manifest(seed: seed), to: "m\(seed).yaml") }
    library = try Fault.library(in: bench)
    for need in scene.needs { try Self.run(need, in: bench) }
    try Self.run(scene.command(seed: 2), in: bench)
    try FileManager.default.copyItem(atPath: bench(scene.output), toPath: bench("old"))
    old = try bench.contents("old")
    bench.remove(Self.memory)
    let start = Date()
    try Self.run(
      scene.command(seed: 1), in: bench,
      Fault.environment(nil, in: scene.target, log: bench("log"), library: library))
    seconds = -start.timeIntervalSinceNow
    calls = (bench.read("log") ?? "").split(separator: "\n").map(String.init)
    new = try bench.contents(scene.output)
    try #require(old != new, "the seed must make a difference")
  }

  /// Puts the older output back, with nothing beside it.
  func reset() throws {
    bench.remove(scene.output)
    bench.remove(Self.memory)
    for name in leftovers { bench.remove(name) }
    try FileManager.default.copyItem(atPath: bench("old"), toPath: bench(scene.output))
  }

  /// What lies beside the outputs and is none.
  var leftovers: [String] {
    let endings = [".lock", ".partial", ".old", ".resume", ".new"]
    return ["", "runs/", "runs/m/"].flatMap { folder in
      bench.names(in: "./\(folder)").filter { name in endings.contains(where: name.hasSuffix) }
        .map { folder + $0 }
    }
  }

  /// What the output is at this moment.
  enum State { case old, new, neither }

  var state: State {
    guard let now = try? bench.contents(scene.output) else { return .neither }
    return now == new ? .new : now == old ? .old : .neither
  }

  /// Whether the output is one or the other; stages that a dead runner left may take their time.
  var settled: Bool { eventually { state != .neither } }

  /// Lets one fault befall the command, looks at what that leaves, and runs the command again.
  func strike(_ fault: Fault) throws {
    let place: Comment = "\(scene.testDescription): \(fault.kind) at \(calls[fault.call - 1])"
    try reset()
    let end = try start(fault).end()
    #expect(settled, place)
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

  /// What a dead run left does not confuse the runner: a whole output is fresh, any other stale.
  private func checkStatus(_ place: Comment) throws {
    guard scene.command.hasPrefix("pipeline") else { return }
    var table = ""
    let isRight = try (0..<100).contains { _ in
      table = try Self.program("pipeline status m1.yaml", in: bench, [:]).end().output
      let word = state == .new ? "fresh" : "stale"
      return table.contains(try Regex("(?m)^train +\(word)"))
    }
    #expect(isRight, "\(place): \(table)")
  }

  /// Starts the command with a fault ahead.
  func start(_ fault: Fault) throws -> Program {
    try start(Fault.environment(fault, in: scene.target, library: library))
  }

  /// Starts the command where no file can be mapped into memory.
  func startUnmappable() throws -> Program {
    try start([
      "LD_PRELOAD": library, "FAULT_PROGRAM": scene.target, "FAULT_KIND": "unmappable",
    ])
  }

  /// Starts the command that makes the new output.
  func start(_ environment: [String: String] = [:]) throws -> Program {
    try Self.program(scene.command(seed: 1), in: bench, environment)
  }

  /// Runs the command undisturbed: it has to end as if nothing had been.
  /// - Returns: how often it had to be tried, as stages that a dead runner left were still ending.
  @discardableResult
  func recover(_ place: Comment) throws -> Int {
    for attempt in 1...200 {
      let end = try start().end()
      if end.status == 75, scene.target == "pipeline" {
        usleep(50_000)
        continue
      }
      #expect(end.status == 0, "\(place): run again: \(end.error)")
      #expect(state == .new, "\(place): run again")
      #expect(leftovers == [], "\(place): run again")
      return attempt
    }
    Issue.record("\(place): the output stays locked")
    return 0
  }

  private static func run(
    _ command: String, in bench: TemporaryDirectory, _ environment: [String: String] = [:]
  ) throws {
    let end = try program(command, in: bench, environment).end()
    try #require(end.status == 0, "\(command): \(end.error)")
  }

  private static func program(
    _ command: String, in bench: TemporaryDirectory, _ environment: [String: String]
  ) throws -> Program {
    let words = command.split(separator: " ").map(String.init)
    return try Program(
      "\(Program.folder)/\(words[0])", Array(words.dropFirst()), in: bench,
      environment: environment)
  }
}

extension Scene {
  func command(seed: Int) -> String { command.replacing("*", with: String(seed)) }
}

extension TemporaryDirectory {
  /// All files of an output by their paths. Of stamps, which tell times, only that they are there;
  /// what the runner remembers for itself is no output.
  func contents(_ folder: String) throws -> [String: Data] {
    var contents: [String: Data] = [:]
    let ignored = ["/.tools.json", ".lock"]
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
