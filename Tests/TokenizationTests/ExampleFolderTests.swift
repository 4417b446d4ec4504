import Datasets
import Shards
import Foundation
import Safetensors
import Testing
import TestSupport

@testable import Tokenization
@testable import VocabularyBuilding

/// What is refused of folders of examples.
struct ExampleFolderTests {
  private let bench: TemporaryDirectory

  init() throws {
    bench = try TemporaryDirectory()
    try bench.vectors("the 1 2\n")
  }

  @Test func `a folder without examples is refused`() {
    let refused = refusal { _ = try bench.make(["nothing"]) }
    #expect(refused?.exitStatus == .noInput)
    #expect(refused?.problem == "no train, validation or test.safetensors")
  }

  @Test func `without any training text there is nothing to take words from`() throws {
    try bench.examples("a", .test, ["the"])
    #expect(refusal { _ = try bench.make(["a"]) }?.problem == "no training split")
  }

  @Test func `a task is taken once`() throws {
    try bench.examples("a", ["the"])
    let refused = refusal { _ = try bench.make(["a", "a"]) }
    #expect(refused?.exitStatus == .usage)
    #expect(refused?.problem == "the task “a” a second time")
  }

  @Test func `a split must be what its file says`() throws {
    let shard = ShardBuilder<UInt8>(ShardHeader(task: "a", split: .test, classNames: ["x"])).shard
    try bench.write(shard.document().encoded(), to: "a/train.safetensors")
    #expect(refusal { _ = try bench.make(["a"]) }?.problem == "the split “test”")
  }

  @Test(arguments: ["../a", "a/b", "", ".a", "a b", "é"])
  func `a task that is no folder's name is refused`(task: String) throws {
    let shard = ShardBuilder<UInt8>(ShardHeader(task: task, split: .train, classNames: ["x"])).shard
    try bench.write(shard.document().encoded(), to: "t/train.safetensors")
    #expect(refusal { _ = try bench.make(["t"]) }?.problem == "the task “\(task)”")
  }
}
