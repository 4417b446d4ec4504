import Foundation
import Safetensors
import Support

extension InspectionReport {
  /// Describes a file by what it says of itself.
  /// - Throws: ``UserError`` of kind `data` if it is not what it says.
  mutating func describe(_ file: SafetensorsFile, rows: Int) throws {
    switch file.metadata["format"] {
    case "examples": try describeExamples(file, rows: rows)
    case "tokens": try describeTokens(file, rows: rows)
    case "vocabulary": try describeVocabulary(file, rows: rows)
    case "embedding": try describeEmbedding(file, rows: rows)
    case "model": try describeModel(file)
    default: describeOther(file)
    }
    addTensors(of: file)
  }

  /// The tensors in the order of the file's bytes.
  private mutating func addTensors(of file: SafetensorsFile) {
    let tensors = file.header.tensors.sorted {
      ($0.value.range.lowerBound, $0.key) < ($1.value.range.lowerBound, $1.key)
    }
    add(
      "tensors", head: ["tensor", "type", "shape", "bytes"],
      rows: tensors.map { name, info in
        [
          .text(name), .text(info.type.rawValue), .shape(info.shape), .integer(info.range.count),
        ]
      })
  }

  /// What an interrupted training left, or a file of somebody else.
  private mutating func describeOther(_ file: SafetensorsFile) {
    struct Progress: Decodable {
      var epoch: Int
      var batch: Int
      var step: Int
    }
    let text = file.metadata["progress"] ?? ""
    if let state = try? JSONDecoder().decode(Progress.self, from: Data(text.utf8)) {
      kind = "the state of an interrupted training"
      add(
        "progress",
        facts: [
          ("epoch", .integer(state.epoch)), ("batches of the epoch done", .integer(state.batch)),
          ("steps done", .integer(state.step)), ("run", .text(file.metadata["run"] ?? "")),
        ])
    } else {
      kind = "a safetensors file that no stage wrote"
      add(
        "metadata",
        facts: file.metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
          .map { ($0.key, .text($0.value)) })
    }
  }
}

/// What a file is, in one line, from its header alone.
func brief(_ path: String) -> String {
  guard let file = try? SafetensorsFile(path: path) else { return "" }
  func size(_ tensor: String) -> Int { file.header.tensors[tensor]?.shape.first ?? 0 }
  let metadata = file.metadata
  return switch metadata["format"] {
  case "examples", "tokens":
    "\(metadata["format"] ?? "") of \(metadata["task"] ?? ""), \(metadata["split"] ?? ""): "
      + "\(size("label")) rows"
  case "vocabulary": "vocabulary of \(size("count")) words"
  case "embedding":
    "vectors \(file.header.tensors["embedding.weight"]?.shape ?? [])"
  case "model": "model, \(metadata["kind"] ?? "network")"
  default: "\(file.names.count) tensors"
  }
}

/// `count` numbers below `total`, evenly spaced.
func sample(_ count: Int, of total: Int) -> [Int] {
  let count = min(count, total)
  return (0..<count).map { $0 * total / count }
}
