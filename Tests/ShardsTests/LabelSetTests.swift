import Foundation
import TestSupport
import Testing

@testable import Safetensors
@testable import Shards
@testable import Support

/// Shards of tasks whose rows have any number of classes.
struct LabelSetTests {
  private static let sets: [[Int32]] = [[0, 2], [], [1], [0, 1, 2]]

  private func shard(_ sets: [[Int32]] = sets) -> TokenShard {
    var builder = ShardBuilder<Int32>(
      ShardHeader(task: "a", split: .train, classNames: ["x", "y", "z"], isMultiLabel: true))
    for (row, labels) in sets.enumerated() {
      builder.append([Int32(row)], classes: labels, textID: row, id: "row \(row)")
    }
    return builder.shard
  }

  private func sets(_ shard: TokenShard) -> [[Int32]] {
    (0..<shard.count).map { Array(shard.classes(of: $0)) }
  }

  private func read(_ document: SafetensorsDocument) throws -> TokenShard {
    let bench = try TemporaryDirectory()
    try bench.write(document.encoded(), to: "x")
    return try TokenShard(path: bench("x"), vocabularySize: 9)
  }

  @Test func `label sets come back as they went in, in a file of version 2`() throws {
    let document = try shard().document()
    #expect(document.metadata["version"] == "2")
    let found = try read(document)
    #expect(found == shard() && found.isMultiLabel && sets(found) == Self.sets)
    #expect(found.labels == [-1, -1, -1, -1] && found.classCounts == [2, 2, 2])
    #expect(found.labelSets?.labelCount == 6)
  }

  @Test func `a shard with one class a row keeps version 1 and the same bytes`() throws {
    var builder = ShardBuilder<Int32>(
      ShardHeader(task: "a", split: .train, classNames: ["x", "y"]))
    builder.append([1], classes: [1], textID: 0)
    let shard = builder.shard
    #expect(shard.labels == [1] && shard.labelSets == nil && shard.classes(of: 0) == [1])
    let document = try shard.document()
    #expect(document.metadata["version"] == "1")
    #expect(try read(document).classCounts == [0, 1])
  }

  @Test func `rows are selected, appended and divided with their labels`() throws {
    #expect(sets(shard().rows([3, 1])) == [[0, 1, 2], []])
    var both = shard()
    both.append(shard([[2], []]))
    #expect(sets(both) == Self.sets + [[2], []])
    #expect(both.parts.map(sets) == [Self.sets, [[2], []]])
    #expect(sets(shard().knowing(2)) == Self.sets)
  }

  @Test func `labels follow the names of classes, and a name that is missing is an error`() throws {
    let mapped = try shard().mapped(to: ["z", "new", "y", "x"])
    #expect(sets(mapped) == [[0, 3], [], [2], [0, 2, 3]])
    let error = #expect(throws: UserError.self) { try shard().mapped(to: ["x", "z"]) }
    #expect(error?.problem == "2 of the class “y”, the first of them row 2")
  }

  @Test(arguments: [
    ([0, 3, 1, 0, 1, 2] as [Int32], [0, 2, 2, 3, 6] as [Int64], "tensor “label”, row 0: [0, 3]"),
    ([2, 0, 1, 0, 1, 2], [0, 2, 2, 3, 6], "tensor “label”, row 0: [2, 0]"),
    ([0, 2, 1, 0, 0, 2], [0, 2, 2, 3, 6], "tensor “label”, row 3: [0, 0, 2]"),
    ([0, 2, -1, 0, 1, 2], [0, 2, 2, 3, 6], "tensor “label”, row 2: [-1]"),
    ([0, 2, 1, 0, 1, 2], [0, 3, 2, 3, 6], "tensor “label.offset”: offsets that do not rise"),
    ([0, 2, 1, 0, 1, 2], [0, 2, 2, 3, 7], "tensor “label.offset”: offsets that do not rise"),
    ([0, 2, 1, 0, 1, 2], [0, 2, 3, 6], "tensor “label.offset”: I64 [4]"),
  ])
  func `damaged label sets are refused`(labels: [Int32], offsets: [Int64], message: String) throws {
    var document = try shard().document()
    document.set("label", shape: [labels.count], labels)
    document.set("label.offset", shape: [offsets.count], offsets)
    let error = #expect(throws: UserError.self) { _ = try read(document) }
    #expect(error.map { "\($0)".contains(message) } == true, "\(error.map { "\($0)" } ?? "")")
  }

  @Test func `parts of both kinds do not make one split`() throws {
    let bench = try TemporaryDirectory()
    try bench.write(shard().document().encoded(), to: "a")
    var other = ShardBuilder<Int32>(
      ShardHeader(task: "a", split: .train, classNames: ["x", "y", "z"]))
    other.append([1], label: 0, textID: 0)
    try bench.write(other.shard.document().encoded(), to: "b")
    let error = #expect(throws: UserError.self) {
      _ = try TokenShard(paths: [bench("a"), bench("b")], vocabularySize: 9)
    }
    #expect(error?.problem.contains("another task, split or other classes") == true)
  }
}
