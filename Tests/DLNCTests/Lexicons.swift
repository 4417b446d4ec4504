import Foundation
import Safetensors
import Shards
import Support
import Tokenization

@testable import DLNC

/// A folder as `vocab` writes it, made for one test and removed with it: eleven words, each class
/// of each task marked by words of its own, so that there is something to learn.
final class TemporaryLexicon {
  let path: String

  init(words: Int = 11, tasks: [(name: String, classes: Int)], dimension: Int = 10) throws {
    path =
      FileManager.default.temporaryDirectory
      .appending(path: "lexicon-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let names = (0..<words).map { $0 == 0 ? "<unk>" : "word\($0)" }
    let vocabulary = try Vocabulary(
      text: names.flatMap(\.utf8),
      offsets: names.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64($1.utf8.count)) },
      counts: (0..<words).map { Int64(100 - $0) }, metadata: Tokenizer(.ptb).metadata, path: path)
    try write(vocabulary.document(), "vocabulary")
    var embedding = SafetensorsDocument(metadata: ["format": "embedding", "version": "1"])
    // The first rows are the same however many words there are, as after `vocab --base`.
    let vectors = noise(words * dimension, seed: 6).map { Float($0) }
    embedding.set("embedding.weight", shape: [words, dimension], vectors)
    embedding.set("embedding.known", shape: [words], [UInt8](repeating: 1, count: words))
    try write(embedding, "embedding")
    for (name, classes) in tasks {
      try FileManager.default.createDirectory(
        atPath: "\(path)/\(name)", withIntermediateDirectories: true)
      for (seed, split) in Split.labelled.enumerated() {
        let shard = Self.learnable(name, classes, split, rows: 60, words: words, seed: seed)
        try write(shard.document(), "\(name)/\(split.rawValue)")
      }
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Tasks “a” and “b” with the same classes in another order, and “c” with others.
  static func withReorderedClasses() throws -> TemporaryLexicon {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 3), ("c", 2)])
    for split in Split.labelled {
      guard let shard = try lexicon.folder().shard("b", split) else { continue }
      let reordered = try shard.mapped(to: ["class 2", "class 0", "class 1"])
      try lexicon.write(reordered.document(), "b/\(split.rawValue)")
    }
    return lexicon
  }

  func folder() throws -> TokenizedDataset { try TokenizedDataset(path: path) }

  func write(_ document: SafetensorsDocument, _ name: String) throws {
    try document.encoded().write(to: URL(fileURLWithPath: "\(path)/\(name).safetensors"))
  }

  /// Rows of noise in which one word in two is the one that stands for the class.
  static func learnable(
    _ task: String, _ classes: Int, _ split: Split, rows: Int, words: Int, seed: Int
  ) -> TokenShard {
    var stream = SplitMix64(PRNGKey(seed: seed).foldIn(task))
    let labels = (0..<rows).map { Int32($0 % classes) }
    let texts = labels.map { label in
      (0..<4 + stream.below(6)).map { _ in
        stream.below(2) == 0 ? label + 1 : Int32(stream.below(words))
      }
    }
    return TokenShard(
      ShardHeader(task: task, split: split, classNames: (0..<classes).map { "class \($0)" }),
      elements: texts.flatMap { $0 },
      offsets: texts.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64($1.count)) },
      labels: labels, textIDs: Array(0..<Int32(rows)),
      unknownWords: StringColumn(
        texts.map { text in
          Array(
            text.filter { $0 == 0 }.map { _ in "odd" }.joined(separator: " ").utf8)
        }))
  }
}

extension TaskDescription {
  /// A task that no rows are known of.
  init(name: String, classNames: [String], ownCell: Bool) {
    self.init(
      name: name, classNames: classNames, ownCell: ownCell,
      trainingData: TrainingDataDigest(splitScheme: "", rows: 0, sha256: ""))
  }
}

/// Small and quick to train.
var smallConfiguration: ModelConfiguration {
  var configuration = ModelConfiguration()
  (configuration.hidden, configuration.taskEmbedding) = (16, 4)
  return configuration
}

/// Long enough to learn the tasks of ``TemporaryLexicon``.
var smallSettings: TrainingSettings {
  var settings = TrainingSettings()
  (settings.batch, settings.epochs, settings.warmup, settings.learningRate) = (10, 12, 5, 0.02)
  return settings
}
