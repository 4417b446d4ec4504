import Foundation
import Safetensors
import Shards
import Support

/// What a model carries of the vocabulary it was trained with, as the stage `vocab` wrote it: the
/// words, how often each occurred, and how text becomes words. The network only needs their number;
/// the rest travels along so that a model file is enough to predict with.
public struct WordList: Equatable, Sendable {
  /// The words' bytes, one word behind the other.
  public var text: [UInt8]
  /// Where each word begins in `text`; one more than there are words.
  public var offsets: [Int64]
  /// How often each word occurred.
  public var counts: [Int64]
  /// How text becomes words: the metadata of the vocabulary file.
  public var metadata: [String: String]

  /// How many words there are.
  public var count: Int { counts.count }

  /// Reads the words of a file whose tensors' names begin with `prefix`.
  /// - Throws: ``UserError`` of kind `data`.
  init(_ file: SafetensorsFile, prefix: String = "", metadata: [String: String]) throws {
    counts = try file.values("\(prefix)count", shape: [nil])
    offsets = try file.values("\(prefix)offset", shape: [counts.count + 1])
    text = try file.values("\(prefix)text", shape: [nil])
    self.metadata = metadata
    guard !counts.isEmpty, offsets.first == 0, offsets.last == Int64(text.count),
      zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
    else {
      throw UserError(
        .data, at: "\(file.path): tensor “\(prefix)offset”",
        problem: "offsets that do not rise from 0 to \(text.count)",
        expected: "the beginning of each word", hint: "run vocab again")
    }
  }

  /// A word as text; bytes that are no UTF-8 are replaced.
  public func word(_ number: Int) -> String {
    guard (0..<count).contains(number) else { return "" }
    return String(decoding: text[Int(offsets[number])..<Int(offsets[number + 1])], as: UTF8.self)
  }

  /// Whether these words begin with all of `other`'s, under the same numbers.
  public func extends(_ other: WordList) -> Bool {
    count >= other.count && Array(offsets.prefix(other.count + 1)) == other.offsets
      && text.starts(with: other.text)
  }
}

/// The output of the stage `vocab`, as the network reads it: words, word vectors, token shards.
public struct TokenizedDataset {
  /// The folder.
  public let path: String
  /// The words.
  public let words: WordList
  /// The words' vectors, [words, dimension].
  public let vectors: [Float]
  /// I, the size of a vector.
  public let dimension: Int
  /// The tasks that there are shards of, sorted.
  public let tasks: [String]

  /// Reads words and vectors, and looks which tasks there are.
  /// - Throws: ``UserError`` of kind `noInput` or `data`.
  public init(path: String) throws {
    self.path = path
    for name in ["vocabulary", "embedding"]
    where !FileManager.default.fileExists(atPath: "\(path)/\(name).safetensors") {
      throw UserError(
        .noInput, at: path, problem: "no \(name).safetensors in it",
        expected: "the output of the stage vocab", hint: "run vocab first, or check the path")
    }
    let vocabulary = try SafetensorsFile(path: "\(path)/vocabulary.safetensors")
    words = try WordList(vocabulary, metadata: vocabulary.metadata)
    let embedding = try SafetensorsFile(path: "\(path)/embedding.safetensors")
    vectors = try embedding.values("embedding.weight", shape: [words.count, nil])
    dimension = embedding.header.tensors["embedding.weight"]?.shape.last ?? 0
    guard dimension > 0 else {
      throw UserError(
        .data, at: embedding.path, problem: "vectors of no dimension", hint: "run vocab again")
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    tasks = names.filter { name in
      Split.allCases.contains {
        (try? ShardFiles.paths(of: $0, in: "\(path)/\(name)"))?.isEmpty != true
      }
    }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// One split of one task, or nothing if there is no such file.
  /// - Throws: ``UserError`` of kind `data`.
  public func shard(_ task: String, _ split: Split) throws -> TokenShard? {
    let files = try ShardFiles.paths(of: split, in: "\(path)/\(task)")
    guard let shard = try TokenShard(paths: files, vocabularySize: words.count) else { return nil }
    guard shard.task == task, shard.split == split else {
      throw UserError(
        .data, at: files[0], problem: "task “\(shard.task)”, split “\(shard.split.rawValue)”",
        expected: "task “\(task)”, split “\(split.rawValue)”", hint: "run vocab again")
    }
    return shard.count > 0 ? shard : nil
  }

  /// Training and validation rows of one task.
  /// - Throws: ``UserError`` of kind `noInput` if the task has no training rows, or `data`.
  public func data(for task: String) throws -> TaskDataset {
    guard let train = try shard(task, .train) else {
      throw UserError(
        .noInput, at: path, problem: "no training rows for the task “\(task)”",
        expected: "one of: \(tasks.joined(separator: ", "))",
        hint: "name a task of this folder, or run vocab with its examples")
    }
    return TaskDataset(train: train, validation: try shard(task, .validation))
  }
}
