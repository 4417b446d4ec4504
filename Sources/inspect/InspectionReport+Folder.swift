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
    let entries = stamp.fingerprint.entries
    func value(_ label: String) -> String { entries.first { $0.label == label }?.value ?? "?" }
    kind = "an output of the stage \(value("stage"))"
    let damage = stamp.damage(at: path)
    add(
      "facts",
      facts: [
        ("stage", .text(value("stage"))), ("stage version", .text(value("stage version"))),
        ("made", .text(stamp.started.formatted(.iso8601))),
        ("in", .text(NumberFormat.duration(stamp.seconds))),
        ("peak memory", .text(NumberFormat.bytes(stamp.peakBytes))),
        ("whole", .text(damage.isEmpty ? "yes" : "no: " + damage.joined(separator: "; "))),
      ])
    for (prefix, key) in [("option", "settings"), ("library", "libraries"), ("input", "inputs")] {
      add(
        key, key,
        head: prefix == "input" ? ["input", "sha256"] : [prefix, "value"],
        rows: entries.filter { $0.label.hasPrefix("\(prefix) ") }.map {
          [.text(String($0.label.dropFirst(prefix.count + 1))), .text($0.value)]
        })
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
      throw UserError(.noInput, at: folder, problem: "cannot be read: \(reason(error))")
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
