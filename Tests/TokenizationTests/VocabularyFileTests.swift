import Foundation
import Safetensors
import Shards
import Support
import Testing
import TestSupport

@testable import Tokenization
@testable import VocabularyBuilding

/// What is refused of a vocabulary or an embedding in a file.
struct VocabularyFileTests {
  private func make(
    _ words: [String] = ["<unk>", "a", "b"], offsets: [Int64]? = nil, counts: [Int64]? = nil,
    metadata: [String: String]? = nil
  ) throws -> Vocabulary {
    let starts = words.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64($1.utf8.count)) }
    return try Vocabulary(
      text: words.flatMap(\.utf8), offsets: offsets ?? starts,
      counts: counts ?? words.map { _ in 1 },
      metadata: metadata ?? Tokenizer(.ptb).metadata, path: "v")
  }

  @Test func `sound parts make a vocabulary`() throws {
    let vocabulary = try make()
    #expect(vocabulary.strings == ["<unk>", "a", "b"])
    #expect(vocabulary.id(of: "b".utf8) == 2)
  }

  @Test func `unsound parts are refused at their place`() {
    let cases: [(UserError?, place: String, problem: String)] = [
      (refusal { _ = try make([]) }, "v: word 0", "nothing"),
      (refusal { _ = try make(["a", "<unk>"]) }, "v: word 0", "“a”"),
      (refusal { _ = try make(["<unk>", "a", "<unk>"]) }, "v: word 2", "“<unk>”"),
      (refusal { _ = try make(["<unk>", "a", "a"]) }, "v", "words that are there twice: 1"),
      (refusal { _ = try make(["<unk>", ""]) }, "v: word 1", "no bytes"),
      (refusal { _ = try make(counts: [1, -1, 1]) }, "v: word 1", "a count of -1"),
      (
        refusal { _ = try make(offsets: [0, 5, 4, 7]) }, "v: tensor “offset”",
        "offsets that do not rise from 0 to 7"
      ),
      (
        refusal { _ = try make(offsets: [0, 5, 6, 9]) }, "v: tensor “offset”",
        "offsets that do not rise from 0 to 7"
      ),
      (
        refusal { _ = try make(metadata: [:]) }, "v: metadata “tokenizer”", "nothing"
      ),
      (
        refusal {
          _ = try make(metadata: Tokenizer(.ptb).metadata.merging(["tokenizer": "x"]) { $1 })
        },
        "v: metadata “tokenizer”", "“x”"
      ),
    ]
    for (refused, place, problem) in cases {
      #expect(refused?.exitStatus == .data)
      #expect(refused?.location == place)
      #expect(refused?.problem == problem)
    }
  }

  @Test func `bytes that are not UTF-8 are no word`() {
    let refused = refusal {
      _ = try Vocabulary(
        text: Vocabulary.unknown + [0xFF], offsets: [0, 5, 6], counts: [0, 1],
        metadata: Tokenizer(.ptb).metadata, path: "v")
    }
    #expect(refused?.problem == "bytes that are not UTF-8")
  }

  @Test(arguments: [
    Tokenizer(.ptb), Tokenizer(.twitter), Tokenizer(.ptb, punctuation: .apart),
    Tokenizer(.ptb, splitsHashtags: false), Tokenizer(.ptb, keepsUserNames: true),
  ])
  func `a tokenizer is made again from its metadata`(tokenizer: Tokenizer) throws {
    #expect(try Tokenizer(metadata: tokenizer.metadata, path: "x") == tokenizer)
  }

  @Test func `a vocabulary is read from inside a model, too`() throws {
    let vocabulary = try make()
    var document = SafetensorsDocument(metadata: ["format": "model"])
    try vocabulary.store(inModel: &document)
    let file = try SafetensorsFile(bytes: document.encoded(), path: "m")
    #expect(file.names == ["vocabulary.count", "vocabulary.offset", "vocabulary.text"])
    #expect(try file.values("vocabulary.text", as: UInt8.self) == Array("<unk>ab".utf8))
    #expect(try file.values("vocabulary.offset", as: Int64.self) == [0, 5, 6, 7])
    #expect(try file.values("vocabulary.count", as: Int64.self) == [1, 1, 1])
    #expect(try Vocabulary(file) == vocabulary)
  }

  @Test func `a model that does not say how text becomes words is refused`() throws {
    var document = SafetensorsDocument()
    try make().store(inModel: &document)
    document.metadata = ["format": "model", "vocabulary": "?"]
    let file = try SafetensorsFile(bytes: document.encoded(), path: "m")
    #expect(refusal { _ = try Vocabulary(file) }?.location == "m: metadata “vocabulary”")
  }

  @Test func `files of another kind are refused`() throws {
    let bench = try TemporaryDirectory()
    try bench.write(Embedding(dimension: 2).document().encoded(), to: "e")
    try bench.write(make().document().encoded(), to: "v")
    #expect(
      refusal { _ = try Vocabulary(path: bench("e")) }?.problem == "format “embedding” version “1”")
    #expect(
      refusal { _ = try Embedding(path: bench("v"), count: 3) }?.problem
        == "format “vocabulary” version “1”")
    #expect(refusal { _ = try Vocabulary(path: bench("none")) }?.exitStatus == .noInput)
  }

  @Test func `an embedding must have a finite row for each word`() throws {
    let bench = try TemporaryDirectory()
    var embedding = Embedding(dimension: 2)
    embedding.append([1, 2], isPretrained: true)
    embedding.append([3, .nan], isPretrained: false)
    try bench.write(embedding.document().encoded(), to: "e")
    #expect(
      refusal { _ = try Embedding(path: bench("e"), count: 3) }?.location
        == "\(bench("e")): tensor “embedding.weight”")
    #expect(
      refusal { _ = try Embedding(path: bench("e"), count: 2) }?.location == "\(bench("e")): row 1")
  }
}
