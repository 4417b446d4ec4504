import Foundation
import StageKit
import Testing
import TestSupport

@testable import PipelineKit

/// A folder with the tools of a pipeline, all played by the fake stage, and with hooks to steer
/// them while they run.
struct Bench {
  let folder: TemporaryDirectory

  init() throws {
    folder = try TemporaryDirectory()
    try folder.write("", to: "hooks/none")
    try folder.write("", to: "bin/none")
    for tool in ["ingest", "vocab", "train", "evaluate"] {
      try FileManager.default.createSymbolicLink(
        atPath: folder("bin/\(tool)"), withDestinationPath: Program.folder + "/fake-stage")
    }
  }

  /// Starts `pipeline`, which reads `m.yaml` unless told otherwise.
  func start(_ arguments: [String]) throws -> Program {
    try Program(
      Program.folder + "/pipeline", arguments + ["--tools", "bin"], in: folder,
      environment: ["FAKE_STAGE_HOOKS": folder("hooks")])
  }

  /// Runs `pipeline` to its end.
  func pipeline(_ arguments: String...) throws -> (status: Int32, output: String, error: String) {
    try start(arguments).end()
  }

  /// The stages that have run since this was last asked, in the order of their beginning.
  func ran() -> [String] {
    defer { folder.remove("hooks/log") }
    return folder.read("hooks/log")?.split(separator: "\n").map(String.init) ?? []
  }

  func hook(_ name: String) throws { try folder.write("", to: "hooks/\(name)") }
  func unhook(_ name: String) { folder.remove("hooks/\(name)") }

  /// Replaces text in the manifest, which must be there.
  func edit(_ old: String, _ new: String) throws {
    let text = try #require(folder.read("m.yaml"))
    try #require(text.contains(old))
    try folder.write(text.replacingOccurrences(of: old, with: new), to: "m.yaml")
  }

  /// The plan of a manifest, or every mistake in it.
  func plan(
    _ text: String, settings: [(key: String, value: String)] = []
  ) async throws -> Plan {
    try await Manifest(bytes: Data(text.utf8), path: "m.yaml").plan(
      settings: settings, outputRoot: "runs", tools: StageExecutables(folder: folder("bin")))
  }

  /// What is said of a manifest.
  func message(
    _ text: String, settings: [(key: String, value: String)] = []
  ) async -> String {
    do {
      _ = try await plan(text, settings: settings)
      return "accepted"
    } catch {
      return "\(error)".replacingOccurrences(of: folder.path + "/", with: "")
    }
  }

  /// The command lines of a plan, without the folder of the test.
  func lines(_ text: String, settings: [(key: String, value: String)] = []) async throws -> [String]
  {
    try await plan(text, settings: settings).rows.map {
      $0.command.line.replacingOccurrences(of: folder("bin/"), with: "")
    }
  }
}

/// Four stages in a row and one beside them.
let chain = """
  name: chain
  stages:
    left: { run: ingest, inputs: { one: left.txt }, with: { text: l } }
    right: { run: ingest, inputs: { one: right.txt }, with: { text: r } }
    vocab: { run: vocab, inputs: { many: [left, right] } }
    train: { run: train, inputs: { one: vocab }, with: { number: 0.25 } }
    report: { run: evaluate, inputs: { many: [train, vocab] } }
  """

extension Bench {
  /// A bench with the manifest ``chain`` and the files that it reads.
  static func chained() throws -> Bench {
    let bench = try Bench()
    try bench.folder.write(chain, to: "m.yaml")
    try bench.folder.write("L", to: "left.txt")
    try bench.folder.write("R", to: "right.txt")
    return bench
  }
}
