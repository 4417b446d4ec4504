import Foundation
import Safetensors
import Shards
import Testing
import TestSupport

struct ShardTests {
  private let shard = TokenShard(
    ShardHeader(task: "yelp", split: .train, classNames: ["no", "yes"]),
    elements: [3, 1, 2],
    offsets: [0, 2, 2, 3],
    labels: [1, 0, 1], textIDs: [0, 1, 0],
    ids: StringColumn(["a:1", "", "ü"].map { Array($0.utf8) }),
    sources: StringColumn(["It,", "", "so"].map { Array($0.utf8) }))

  @Test func `a shard with other than one word for each unknown token is refused`() throws {
    func message(_ words: [String]) throws -> String {
      let column = StringColumn(words.map { Array($0.utf8) })
      return try self.message {
        $0.set("token", shape: [3], [Int32(0), 0, 2])
        column.write(to: &$0, as: "unknown")
      }
    }
    #expect(try message(["a b", "", ""]) == "accepted")
    for words in ["", "a", "a b c", "a ", " a"] {
      #expect(
        try message([words, "", ""])
          == "x: tensor “unknown”, row 0: “\(words)”\n  expected: a word of UTF-8 for each unknown token of "
          + "the row, joined by spaces\n  what to do: run vocab again")
    }
    #expect(try message(["a b", "", "c"]).hasPrefix("x: tensor “unknown”, row 2"))
  }

  @Test func `rows of shards of several files are appended with their words`() throws {
    var rows = shard
    rows.append(shard)
    rows.append(rows)
    #expect(rows.count == 12 && rows.source(of: 11) == "so" && rows.id(of: 9) == "a:1")
    #expect((0..<12).map { Array(rows.row($0)) } == (0..<12).map { Array(shard.row($0 % 3)) })
  }

  @Test func `words that become unknown are kept in the order of the row`() throws {
    let words = ["", "one", "two", "three"].map { Array($0.utf8)[...] }
    let rows = TokenShard(
      ShardHeader(task: "yelp", split: .train, classNames: ["no", "yes"]),
      elements: [3, 0, 1, 0, 2], offsets: [0, 4, 5], labels: [1, 0], textIDs: [0, 1],
      unknownWords: StringColumn(["a b", ""].map { Array($0.utf8) }))
    let known = rows.knowing(2) { words[$0] }
    #expect((0..<2).map { Array(known.row($0)) } == [[0, 0, 1, 0], [0]])
    #expect(known.unknownWords(of: 0).map { Array($0) } == Array("three a b".utf8))
    #expect(known.unknownWords(of: 1).map { Array($0) } == Array("two".utf8))
    #expect(!rows.knowing(2).keepsUnknownWords)
    let reversed = rows.rows([1, 0])
    #expect(Array(reversed.row(1)) == [3, 0, 1, 0] && reversed.labels == [0, 1])
    #expect(reversed.unknownWords(of: 1).map { Array($0) } == Array("a b".utf8))
    #expect(!shard.rows([0]).keepsUnknownWords)
  }

  /// What is said of a shard of three rows in which `change` has changed something.
  private func message(
    _ change: (inout SafetensorsDocument) -> Void, vocabulary: Int = 4
  ) throws -> String {
    let bench = try TemporaryDirectory()
    var document = try shard.document()
    change(&document)
    try bench.write(document.encoded(), to: "x")
    do {
      _ = try TokenShard(path: bench("x"), vocabularySize: vocabulary)
      return "accepted"
    } catch {
      return "\(error)".replacingOccurrences(of: bench.path + "/", with: "")
    }
  }

  @Test func `a shard comes back as it went in`() throws {
    let bench = try TemporaryDirectory()
    try bench.write(try shard.document().encoded(), to: "x")
    let read = try TokenShard(path: bench("x"), vocabularySize: 4)
    #expect(read == shard)
    #expect(read.count == 3)
    #expect((0..<3).map { Array(read.row($0)) } == [[3, 1], [], [2]])
    #expect((0..<3).map { read.id(of: $0) } == ["a:1", "", "ü"])
    #expect((0..<3).map { read.source(of: $0) } == ["It,", "", "so"])
  }

  @Test func `a shard of an earlier version, without IDs, is refused`() throws {
    let old = try shard.document(includesIDs: false)
    #expect(
      try message { $0 = old }
        == "x: rows without IDs, as earlier versions wrote them\n  expected: a tensor “id”\n  what to do: make it again with ingest, then vocab"
    )
  }

  @Test func `IDs that miss a row or the end are refused`() throws {
    #expect(
      try message { $0.set("id.offset", shape: [4], [Int64(0), 3, 3, 9]) }
        == "x: tensor “id.offset”: offsets that do not rise from 0 to 5\n  expected: the beginning of each row in “id”"
    )
    #expect(
      try message { $0.set("source.offset", shape: [2], [Int64(0), 5]) }
        == "x: tensor “source.offset”: I64 [2]\n  expected: I64 [4]")
  }

  @Test func `words outside the vocabulary are refused`() throws {
    let expected =
      "x: tensor “token”, element 0: 3\n  expected: a word number below 3, the size of the vocabulary\n  what to do: use token shards and vocabulary of the same vocab run"
    #expect(try message({ _ in }, vocabulary: 3) == expected)
  }

  @Test func `offsets that fall or miss the end are refused`() throws {
    let expected =
      "x: tensor “offset”: offsets that do not rise from 0 to 3\n  expected: the beginning of each row in “token”"
    for offsets: [Int64] in [[0, 2, 1, 3], [1, 2, 2, 3], [0, 2, 2, 4], [0, -1, 2, 3]] {
      #expect(try message { $0.set("offset", shape: [4], offsets) } == expected)
    }
  }

  @Test func `a class without a name is refused`() throws {
    #expect(
      try message { $0.set("label", shape: [3], [Int32(1), 2, 0]) }
        == "x: tensor “label”, row 1: 2\n  expected: a class below 2")
    #expect(
      try message { $0.set("label", shape: [3], [Int32(-1), 0, 0]) }
        == "x: tensor “label”, row 0: -1\n  expected: a class below 2")
  }

  @Test func `columns of unequal length are refused`() throws {
    #expect(
      try message { $0.set("group", shape: [2], [Int32(0), 0]) }
        == "x: tensor “group”: I32 [2]\n  expected: I32 [3]")
  }

  @Test func `another kind of file is refused by its kind`() throws {
    #expect(
      try message { $0.metadata["format"] = "examples" }
        == "x: format “examples” version “1”\n  expected: format “tokens” version “1” or “2”\n  what to do: point at the output of the stage that writes tokens"
    )
    #expect(
      try message { $0.metadata["labels"] = "no,yes" }
        == "x: metadata “labels”: no,yes\n  expected: a JSON array of class names")
    #expect(
      try message { $0.metadata["split"] = "dev" }
        == "x: metadata “split”: “dev”\n  expected: train, validation, test or unlabelled")
    #expect(
      try message { $0.metadata["task"] = nil }
        == "x: no “task” in the metadata\n  expected: a shard of tokens\n  what to do: make it again with the stage that writes tokens"
    )
  }
}
