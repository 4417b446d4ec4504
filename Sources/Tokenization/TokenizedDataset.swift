import Foundation
import Shards
import Support

/// An output folder of the stage `vocab`: a vocabulary, its embedding, and token shards by task and
/// split.
public struct TokenizedDataset: Sendable {
  /// The folder.
  public let path: String
  /// The vocabulary.
  public let vocabulary: Vocabulary
  /// The word vectors, one row for each word of the vocabulary.
  public let embedding: Embedding
  /// The tasks with labelled rows, sorted.
  public let tasks: [String]
  /// The tasks with texts to pretrain on, those of training and unlabelled rows, sorted.
  public let domains: [String]

  /// Reads the vocabulary and the embedding, and lists the tasks.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  public init(path: String) throws {
    self.path = path
    for name in [Vocabulary.fileName, Embedding.fileName]
    where !FileManager.default.fileExists(atPath: "\(path)/\(name)") {
      throw UserError(
        .noInput, at: path, problem: "no \(name) in it",
        expected: "the output of the stage vocab", hint: "run vocab first, or check the path")
    }
    vocabulary = try Vocabulary(path: "\(path)/\(Vocabulary.fileName)")
    embedding = try Embedding(path: "\(path)/\(Embedding.fileName)", count: vocabulary.count)
    tasks = Self.folders(in: path, withAnyOf: Split.labelled)
    domains = Self.folders(in: path, withAnyOf: [.train, .unlabelled])
  }

  private static func folders(in path: String, withAnyOf splits: [Split]) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.filter { name in
      // A split with a missing file counts: reading it reports the error.
      splits.contains { (try? ShardFiles.paths(of: $0, in: "\(path)/\(name)"))?.isEmpty != true }
    }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Reads one split of one task; returns nil if it does not exist or has no rows.
  /// - Throws: ``UserError`` with exit status `data`.
  public func shard(_ task: String, _ split: Split) throws -> TokenShard? {
    let files = try ShardFiles.paths(of: split, in: "\(path)/\(task)")
    guard let shard = try TokenShard(paths: files, vocabularySize: vocabulary.count) else {
      return nil
    }
    guard shard.task == task, shard.split == split else {
      throw UserError(
        .data, at: files[0], problem: "task “\(shard.task)”, split “\(shard.split.rawValue)”",
        expected: "task “\(task)”, split “\(split.rawValue)”", hint: "run vocab again")
    }
    return shard.count > 0 ? shard : nil
  }

  /// Those of some tasks that have no validation rows.
  /// - Throws: ``UserError`` with exit status `data` if a file is missing.
  public func withoutValidation(_ tasks: [String]) throws -> [String] {
    try tasks.filter(self.tasks.contains).filter {
      try ShardFiles.paths(of: .validation, in: "\(path)/\($0)").isEmpty
    }
  }

  /// Reads how much of the text of a split the pretrained vectors cover; returns nil if `vocab` did
  /// not read the split.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  public func coverage(_ task: String, _ split: Split) throws -> Coverage? {
    try [Coverage](folder: path).first { $0.task == task && $0.split == split.rawValue }
  }
}
