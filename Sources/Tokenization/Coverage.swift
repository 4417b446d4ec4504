import Foundation
import Support

/// How much of the text of one split the pretrained vectors and the vocabulary cover, by token (each
/// occurrence of a word) and by type (each distinct word).
public struct Coverage: Codable, Equatable, Sendable {
  /// A word without a vector.
  public struct MissingWord: Codable, Equatable, Sendable {
    /// The word.
    public let word: String
    /// The number of its occurrences in the split.
    public let count: Int64

    package init(word: String, count: Int64) { (self.word, self.count) = (word, count) }
  }

  /// The name of the task.
  public let task: String
  /// The name of the split.
  public let split: String
  /// The number of rows.
  public let rows: Int
  /// The number of rows without tokens.
  public let emptyRows: Int
  /// The number of tokens.
  public package(set) var tokens: Int64 = 0
  /// The number of types.
  public package(set) var types = 0
  /// The number of tokens with a pretrained vector.
  public package(set) var tokensWithVector: Int64 = 0
  /// The number of types with a pretrained vector.
  public package(set) var typesWithVector = 0
  /// The number of tokens in the vocabulary; the others become the unknown word.
  public package(set) var tokensInVocabulary: Int64 = 0
  /// The number of types in the vocabulary.
  public package(set) var typesInVocabulary = 0
  /// The most frequent words without a pretrained vector.
  public package(set) var missing: [MissingWord] = []

  /// Creates the coverage of a split without tokens.
  package init(task: String, split: String, rows: Int, emptyRows: Int) {
    (self.task, self.split, self.rows, self.emptyRows) = (task, split, rows, emptyRows)
  }

  /// The fraction of tokens with a pretrained vector, or nil without tokens.
  public var tokenFraction: Double? {
    tokens > 0 ? Double(tokensWithVector) / Double(tokens) : nil
  }

  /// The fraction of types with a pretrained vector, or nil without types.
  public var typeFraction: Double? { types > 0 ? Double(typesWithVector) / Double(types) : nil }
}

extension [Coverage] {
  /// The name of the file in the output of `vocab`: a JSON array with an element for each split.
  package static var fileName: String { "coverage.json" }

  /// Reads the coverage from an output of `vocab`.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  package init(folder: String) throws {
    let path = "\(folder)/\(Self.fileName)"
    guard let data = FileManager.default.contents(atPath: path) else {
      throw UserError(
        .noInput, at: path, problem: "cannot be read", expected: "the coverage that vocab writes",
        hint: "run vocab again")
    }
    do { self = try JSONDecoder().decode(Self.self, from: data) } catch {
      throw UserError(
        .data, at: path, problem: "not the coverage that this version writes",
        hint: "run vocab again")
    }
  }

  /// The contents of the file.
  package func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}
