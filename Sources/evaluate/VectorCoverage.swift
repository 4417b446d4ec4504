import Foundation
import VocabularyBuilding

/// How much of the texts the pretrained vectors know, as the stage `vocab` says in its summary.
struct VectorCoverage {
  private struct Summary: Decodable { var coverage: [Coverage] }

  private let lines: [Coverage]

  /// What the output of `vocab` at `folder` says; nothing if it says nothing that can be read.
  init(folder: String) {
    let text = FileManager.default.contents(atPath: "\(folder)/summary.json") ?? Data()
    lines = (try? JSONDecoder().decode(Summary.self, from: text))?.coverage ?? []
  }

  /// The shares of a split's tokens and of its different words that have a vector.
  func shares(_ task: String, _ split: String) -> (tokens: Double?, types: Double?) {
    let line = lines.first { $0.task == task && $0.split == split }
    guard let line, line.tokens > 0, line.types > 0 else { return (nil, nil) }
    return (
      Double(line.tokensWithVector) / Double(line.tokens),
      Double(line.typesWithVector) / Double(line.types)
    )
  }
}
