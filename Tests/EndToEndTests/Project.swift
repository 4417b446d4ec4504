import Foundation
import Testing
import TestSupport

/// The directory of the package, and its programs in the directory of a test.
enum Project {
  /// The directory with Package.swift.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../..").standardizedFileURL.path

  /// Creates a directory in which the programs find the manifests and fixtures.
  static func bench() throws -> TemporaryDirectory {
    let bench = try TemporaryDirectory()
    for name in ["fixtures", "pipelines"] {
      try FileManager.default.createSymbolicLink(
        atPath: bench(name), withDestinationPath: "\(root)/\(name)")
    }
    return bench
  }

  /// Runs a program of the package to its end.
  @discardableResult
  static func run(
    _ program: String, _ arguments: [String], in bench: TemporaryDirectory
  ) throws -> (status: Int32, output: String, error: String) {
    try Program("\(Program.folder)/\(program)", arguments, in: bench).end()
  }

  /// Writes `quick.yaml`, a faster variant of the quickstart manifest.
  static func quick(_ bench: TemporaryDirectory) throws {
    let text = try #require(bench.read("pipelines/quickstart.yaml"))
    try bench.write(
      text.replacing("hidden: 64", with: "hidden: 8").replacing("epochs: 6", with: "epochs: 1"),
      to: "quick.yaml")
  }
}
