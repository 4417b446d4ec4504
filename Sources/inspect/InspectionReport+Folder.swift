import Foundation
import StageKit
import Safetensors
import Shards
import Support

extension InspectionReport {
  /// The output of a stage, or any folder with files of stages in it.
  /// - Throws: ``UserError`` of kind `noInput` if there are none, or of the file whose rows are asked.
  mutating func describeFolder(rows: Int?) throws {
    let names = try filesBelow(path, depth: 3)
    if let stamp = Stamp(of: path) {
      describe(stamp)
    } else {
      guard names.contains(where: { $0.hasSuffix(".safetensors") }) else {
        throw UserError(
          .noInput, at: path, problem: "a folder without stamp.json and safetensors files",
          expected: "the output of a stage", hint: "name a folder or file that a stage wrote")
      }
      kind = "a folder that no stage finished, with files of stages"
    }
    add(
      "files", head: ["file", "bytes", "what it is"],
      rows: names.map { name in
        [
          .text(name), .integer(Self.size("\(path)/\(name)")),
          .text(name.hasSuffix(".safetensors") ? brief("\(path)/\(name)") : ""),
        ]
      })
    if let rows { try addRows(rows, of: names) }
  }

  private mutating func describe(_ stamp: Stamp) {
    let fingerprint = stamp.fingerprint
    kind = "an output of the stage \(fingerprint.stage)"
    let damage = stamp.problems(at: path)
    add(
      "facts",
      facts: [
        ("stage", .text(fingerprint.stage)), ("stage version", .text("\(fingerprint.version)")),
        ("made", .text(stamp.started.formatted(.iso8601))),
        ("in", .text(NumberFormat.duration(stamp.seconds))),
        ("peak memory", .text(NumberFormat.bytes(stamp.peakBytes))),
        ("whole", .text(damage.isEmpty ? "yes" : "no: " + damage.joined(separator: "; "))),
      ])
    for (key, head, entries) in [
      ("settings", ["option", "value"], fingerprint.options),
      ("libraries", ["library", "value"], fingerprint.libraries),
      ("inputs", ["input", "sha256"], fingerprint.inputs),
    ] {
      add(
        key, key, head: head,
        rows: entries.map { [.text($0.name), .text($0.value ?? "(default)")] })
    }
  }

  /// Rows of the first file that has some.
  private mutating func addRows(_ rows: Int, of names: [String]) throws {
    for name in names where name.hasSuffix(".safetensors") {
      let file = try SafetensorsFile(path: "\(path)/\(name)")
      var inside = InspectionReport("\(path)/\(name)")
      try inside.describe(file, rows: rows)
      guard let section = inside.sections.first(where: { $0.key == "rows" }),
        case .table(let head, let cells) = section.content
      else { continue }
      return add("rows", "rows of \(name)", head: head, rows: cells)
    }
  }

  /// The files below a folder by their paths in it, sorted by their bytes.
  private func filesBelow(_ folder: String, depth: Int) throws -> [String] {
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
      throw UserError(.noInput, at: folder, problem: "cannot be read: \(systemMessage(error))")
    }
    let files = try names.flatMap { name in
      guard isDirectory("\(folder)/\(name)") == true else { return [name] }
      return depth > 0
        ? try filesBelow("\(folder)/\(name)", depth: depth - 1).map { "\(name)/\($0)" } : []
    }
    return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func size(_ path: String) -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.size] as? NSNumber)?.intValue ?? 0
  }
}
