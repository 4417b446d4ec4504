import Foundation
import StageKit
import TestSupport
import Testing

@testable import PipelineKit

/// A folder with the executables of a pipeline, all of them the fake stage, and with hooks that
/// control them while they run.
struct TestProject {
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

  /// A project with the manifest ``chain`` and the files that it reads.
  static func chained() throws -> TestProject {
    let project = try TestProject()
    try project.folder.write(chain, to: "m.yaml")
    try project.folder.write("L", to: "left.txt")
    try project.folder.write("R", to: "right.txt")
    return project
  }

  /// Starts `pipeline` in the folder.
  func start(_ arguments: [String]) throws -> Program {
    try Program(
      Program.folder + "/pipeline", arguments + ["--tools", "bin"], in: folder,
      environment: ["FAKE_STAGE_HOOKS": folder("hooks")])
  }

  /// Runs `pipeline` to its end.
  func pipeline(_ arguments: String...) throws -> (status: Int32, output: String, error: String) {
    try start(arguments).end()
  }

  /// The stages that have run since the last call, in the order of their start.
  func ran() -> [String] {
    defer { folder.remove("hooks/log") }
    return folder.read("hooks/log")?.split(separator: "\n").map(String.init) ?? []
  }

  func hook(_ name: String) throws { try folder.write("", to: "hooks/\(name)") }
  func unhook(_ name: String) { folder.remove("hooks/\(name)") }

  /// Replaces text of the manifest, which must occur in it.
  func edit(_ old: String, _ new: String) throws {
    let text = try #require(folder.read("m.yaml"))
    try #require(text.contains(old))
    try folder.write(text.replacingOccurrences(of: old, with: new), to: "m.yaml")
  }

  /// The plan of a manifest.
  /// - Throws: the mistakes in it.
  func plan(
    _ text: String, settings: [(key: String, value: String)] = []
  ) async throws -> Plan {
    try await Manifest(bytes: Data(text.utf8), path: "m.yaml").plan(
      settings: settings, outputRoot: "runs",
      executables: StageExecutables(folder: folder("bin")))
  }

  /// The error messages for a manifest, or “accepted”.
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

  /// The command lines of a plan, without the path of the test's folder.
  func lines(_ text: String, settings: [(key: String, value: String)] = []) async throws -> [String]
  {
    try await plan(text, settings: settings).jobs.map {
      $0.command.line.replacingOccurrences(of: folder("bin/"), with: "")
    }
  }
}

/// Checks the error messages for a manifest.
func expectMessage(
  _ message: String, for manifest: String, sourceLocation: SourceLocation = #_sourceLocation
) async throws {
  let actual = await (try TestProject()).message(manifest)
  #expect(actual == message, sourceLocation: sourceLocation)
}

/// A manifest with one stage, which begins in its third line.
func manifest(stage: String) -> String { "name: m\nstages:\n  \(stage)" }

/// Two stages, and three that read them one after the other.
let chain = """
  name: chain
  stages:
    left: { run: ingest, inputs: { one: left.txt }, with: { text: l } }
    right: { run: ingest, inputs: { one: right.txt }, with: { text: r } }
    vocab: { run: vocab, inputs: { many: [left, right] } }
    train: { run: train, inputs: { one: vocab }, with: { number: 0.25 } }
    report: { run: evaluate, inputs: { many: [train, vocab] } }
  """
