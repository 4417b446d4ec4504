import Foundation
import Support

// Publishing replaces the whole output folder. So some folders are refused, before any work.

extension StageCommand {
  /// Nothing that is read may lie in the output; and a folder that is read must not change by being
  /// written into.
  func refuseOverlap() throws {
    let output = realPath(outputPath) + "/"
    for input in inputs {
      let path = realPath(input.path) + "/"
      guard path.hasPrefix(output) || output.hasPrefix(path) else { continue }
      throw UserError(
        .usage, at: "--output \(outputPath)",
        problem: "it overlaps with --\(input.label) \(input.path)",
        hint: "write somewhere else")
    }
  }

  /// A folder with files that no stage wrote is somebody's work and stays as it is.
  func refuseForeignFolder() throws {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: outputPath)) ?? []
    guard let first = names.min(), !names.contains(Stamp.fileName) else { return }
    let others = names.count > 1 ? " and \(names.count - 1) more" : ""
    throw UserError(
      .cannotCreate, at: "--output \(outputPath)",
      problem: "a folder that no stage wrote, with \(first)\(others) in it",
      expected: "a new or an empty folder, or an earlier output, which is replaced",
      hint: "choose another --output, or move what is there")
  }
}
