import Datasets
import Shards
import Foundation
import Safetensors
import Support
import TestSupport

@testable import Tokenization
@testable import VocabularyBuilding

/// Folders of examples and files of vectors, written by us, for one test each.
extension TemporaryDirectory {
  /// Writes the training split of a task.
  func examples(_ task: String, _ texts: [String]) throws { try examples(task, .train, texts) }

  /// Writes a split of a task as `ingest` would.
  func examples(_ task: String, _ split: Split, _ texts: [String]) throws {
    var builder = ShardBuilder<UInt8>(
      ShardHeader(task: task, split: split, classNames: ["no", "yes"]))
    for (row, text) in texts.enumerated() {
      builder.append(text.utf8, label: row % 2, textID: row)
    }
    try write(builder.shard.document().encoded(), to: "\(task)/\(split.rawValue).safetensors")
  }

  /// Writes a file of vectors and returns its path.
  @discardableResult
  func vectors(_ text: String, _ name: String = "vectors.txt") throws -> String {
    try write(text, to: name)
    return self(name)
  }

  /// Makes a vocabulary and writes it into a folder.
  @discardableResult
  func make(
    _ tasks: [String], vectors: String? = "vectors.txt", into name: String = "vocab",
    _ change: (inout VocabularyOptions) -> Void = { _ in }
  ) throws -> TokenizedCorpus {
    var request = VocabularyOptions(
      examples: tasks.map { self($0) }, vectors: vectors.map { self($0) })
    request.dimension = 2
    request.minimumCount = 1
    change(&request)
    var builder = try VocabularyBuilder(request)
    let product = try builder.build { _ in }
    let output = try AtomicDirectory(at: self(name))
    try product.write(to: output)
    try output.commit()
    return product
  }
}

/// The refusal that `body` throws, if it throws one.
func refusal(_ body: () throws -> Void) -> UserError? {
  do {
    try body()
    return nil
  } catch { return error as? UserError }
}

extension Vocabulary {
  /// All words in the order of their numbers.
  var strings: [String] { (0..<count).map { String(decoding: self[$0], as: UTF8.self) } }
}

/// The data that is not part of the project.
enum RealData {
  /// The path of a file of it.
  static func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../shared/data/\(name)").standardizedFileURL.path
  }

  /// Whether the file is here.
  static func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
}

/// A file of the package's fixtures.
func fixture(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../fixtures/\(name)").standardizedFileURL.path
}

extension TokenizedCorpus {
  /// The texts as numbers of words.
  func shards() throws -> [TokenShard] {
    var shards: [TokenShard] = []
    try corpus.forEachShard(ids: ids) { shard, _, _ in shards.append(shard) }
    return shards
  }
}
