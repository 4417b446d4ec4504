import Foundation
import Safetensors
import Support
import Testing
import TestSupport

@testable import StageKit

/// The states of interrupted trainings beside an output.
struct SavedStateTests {
  private let bench: TemporaryDirectory
  private var path: String { bench("out.resume") }

  init() throws { bench = try TemporaryDirectory() }

  private func fingerprint(epochs: Int) -> Fingerprint {
    Fingerprint(
      stage: "train", version: 1, options: [FingerprintEntry("epochs", String(epochs))],
      inputs: [FingerprintEntry("vocab", "0123")])
  }

  private func checkpoint(epochs: Int) throws -> CheckpointFile {
    try CheckpointFile(path: path, fingerprint: fingerprint(epochs: epochs))
  }

  private func document(epoch: Int) -> SafetensorsDocument {
    var document = SafetensorsDocument(
      metadata: ["state": #"{"epoch":\#(epoch),"batch":2,"step":7,"sums":{}}"#])
    document.set("parameters", shape: [1], [Float(epoch)])
    return document
  }

  /// Starts a run, as a training does: claims the file, and saves after an epoch.
  /// - Returns: the point from which the run resumed, and its warnings.
  private func run(epochs: Int, until epoch: Int) throws -> (position: String?, warnings: [String])
  {
    var warnings: [String] = []
    let checkpoint = try checkpoint(epochs: epochs)
    let position = try checkpoint.claim {
      warnings.append($0.replacingOccurrences(of: bench.path + "/", with: ""))
    }?.position
    try checkpoint.save(document(epoch: epoch))
    return (position, warnings)
  }

  private func name(epochs: Int) throws -> String {
    "out.resume-\(try fingerprint(epochs: epochs).digest().prefix(8))"
  }

  @Test func `a run resumes from its own state`() throws {
    #expect(try run(epochs: 40, until: 15).position == nil)
    let (position, warnings) = try run(epochs: 40, until: 16)
    #expect(position == "epoch 15 of 40" && warnings == [])
    #expect(bench.names() == ["out.resume"])
  }

  @Test func `the state of a run with other settings is set aside, and found when they return`()
    throws
  {
    _ = try run(epochs: 400, until: 128)
    let other = try run(epochs: 401, until: 3)
    #expect(other.position == nil)
    #expect(
      other.warnings == [
        "out.resume is the state of another training, interrupted at epoch 128 of 400 "
          + "(option epochs 400 -> 401); it is kept as \(try name(epochs: 400)), "
          + "and the command with the earlier settings resumes from it"
      ])
    #expect(bench.names() == ["out.resume", try name(epochs: 400)])
    #expect(try checkpoint(epochs: 400).saved?.position == "epoch 128 of 400")
    let back = try run(epochs: 400, until: 129)
    #expect(back.position == "epoch 128 of 400")
    #expect(back.warnings.count == 1)
    #expect(back.warnings.first?.contains("epoch 3 of 401 (option epochs 401 -> 400)") == true)
    #expect(bench.names() == ["out.resume", try name(epochs: 401)])
    let states = SavedState.all(beside: bench("out"))
    #expect(states.map(\.position) == ["epoch 129 of 400", "epoch 3 of 401"])
  }

  @Test func `a state is found although the run that set it aside died before it saved its own`()
    throws
  {
    _ = try run(epochs: 1, until: 1)
    _ = try checkpoint(epochs: 2).claim { _ in }
    #expect(bench.names() == [try name(epochs: 1)])
    #expect(try run(epochs: 1, until: 1).position == "epoch 1 of 1")
    #expect(bench.names() == ["out.resume"])
  }

  @Test func `a file that is no state is set aside, too, and none is overwritten`() throws {
    for number in 1...2 {
      try bench.write("mine \(number)", to: "out.resume")
      let warnings = try run(epochs: 40, until: 1).warnings
      #expect(
        warnings == [
          "out.resume is not the state of a training; it is kept as out.resume.kept-\(number)"
        ])
      #expect(bench.read("out.resume.kept-\(number)") == "mine \(number)")
      bench.remove("out.resume")
    }
  }

  @Test func `a state of an earlier version is resumed by its own run and set aside by others`()
    throws
  {
    var document = document(epoch: 5)
    document.metadata["run"] = try fingerprint(epochs: 40).digest()
    try bench.write(document.encoded(), to: "out.resume")
    #expect(try checkpoint(epochs: 40).claim { _ in }?.position == "epoch 5")
    let warnings = try run(epochs: 41, until: 1).warnings
    #expect(warnings.first?.contains("at epoch 5 (saved by an earlier version)") == true)
    #expect(bench.names() == ["out.resume", try name(epochs: 40)])
  }

  @Test func `a finished run removes its own state and no other`() throws {
    _ = try run(epochs: 40, until: 15)
    for (epochs, names) in [(41, ["out", "out.resume"]), (40, ["out"])] {
      try AtomicDirectory(at: bench("out"))
        .commit(removingCheckpoint: checkpoint(epochs: epochs).isOwn)
      #expect(bench.names() == names)
    }
  }
}
