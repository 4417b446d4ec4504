import Foundation
import Safetensors
import Shards
import Support
import Testing
import TestSupport

struct ShardFilesTests {
  private let bench: TemporaryDirectory

  init() throws { bench = try TemporaryDirectory() }

  /// Files of these names, and what is found of the split `train` among them.
  private func paths(_ names: [String]) throws -> [String] {
    for name in names { try bench.write("", to: "folder/\(name)") }
    return try ShardFiles.paths(of: .train, in: bench("folder")).map {
      String($0.dropFirst(bench("folder/").count))
    }
  }

  private func message(_ names: [String]) throws -> String {
    let refusal = #expect(throws: UserError.self) { try paths(names) }
    return "\(try #require(refusal))".replacingOccurrences(of: bench.path + "/", with: "")
  }

  @Test func `a split is one file or numbered parts`() throws {
    #expect(ShardFiles.name(.train) == "train.safetensors")
    #expect(ShardFiles.name(.train, 2, of: 30) == "train-00002-of-00030.safetensors")
    #expect(ShardFiles.name(.train, 123_456, of: 234_567) == "train-123456-of-234567.safetensors")
    #expect(try paths([]) == [])
    #expect(try paths(["test.safetensors", "train.txt", "train-1-of-2.safetensors"]) == [])
    let parts = (1...11).map { ShardFiles.name(.train, $0, of: 11) }
    #expect(try paths(parts.reversed()) == parts)
    #expect(try paths(["train.safetensors"]) == ["train.safetensors"])
  }

  @Test func `a part that is missing, and parts of two divisions, are refused`() throws {
    let parts = (1...3).map { ShardFiles.name(.train, $0, of: 3) }
    #expect(
      try message([parts[0], parts[2]])
        == "folder: no train-00002-of-00003.safetensors\n  expected: all 3 parts of the split\n  what to do: make the folder again"
    )
    #expect(
      try message([ShardFiles.name(.train, 1, of: 2)]).contains("“train” in 2 parts and in others")
    )
  }

  @Test func `beside a stamp only the files that it lists are found`() throws {
    let names = ["train.safetensors", "train-00001-of-00002.safetensors"]
    #expect(try paths([names[0]]) == [names[0]])
    for (stamp, listed) in [("stamp.json", names[1]), ("folder/stamp.json", names[1])] {
      let path = stamp.contains("/") ? listed : "folder/\(listed)"
      try bench.write(#"{"outputs": [{"path": "\#(path)", "sha256": ""}]}"#, to: stamp)
      #expect(try message([names[1]]).contains("no train-00002-of-00002.safetensors"))
      bench.remove(stamp)
    }
    try bench.write(#"{"outputs": []}"#, to: "stamp.json")
    #expect(try paths(names) == [])
  }

  @Test func `parts get their names when all are written`() throws {
    let output = try AtomicDirectory(at: bench("out"))
    let files = ShardFileWriter(in: output)
    for part in 1...3 {
      try files.write(SafetensorsDocument(metadata: ["part": "\(part)"]), of: .train, part)
    }
    try files.write(SafetensorsDocument(metadata: ["part": "1"]), of: .test, 1)
    try files.finish()
    try output.commit()
    let names = try FileManager.default.contentsOfDirectory(atPath: bench("out")).sorted()
    #expect(names == ["test.safetensors"] + (1...3).map { ShardFiles.name(.train, $0, of: 3) })
    for (part, path) in try ShardFiles.paths(of: .train, in: bench("out")).enumerated() {
      #expect(try SafetensorsFile(path: path).metadata == ["part": "\(part + 1)"])
    }
  }

  /// A shard of rows that are told apart by their words.
  private func shard(_ rows: Range<Int32>, task: String = "yelp") -> TokenShard {
    TokenShard(
      ShardHeader(task: task, split: .train, classNames: ["no", "yes"]),
      elements: rows.flatMap { [$0, $0 + 1] },
      offsets: (0...rows.count).map { Int64(2 * $0) }, labels: rows.map { $0 % 2 },
      textIDs: Array(rows), ids: StringColumn(rows.map { Array("row \($0)".utf8) }),
      sources: rows.isEmpty ? nil : StringColumn(rows.map { Array("text \($0)".utf8) }))
  }

  private func write(_ shards: [TokenShard]) throws -> [String] {
    try shards.enumerated().map { part, shard in
      try bench.write(shard.document().encoded(), to: "\(part)")
      return bench("\(part)")
    }
  }

  @Test func `rows of parts follow each other`() throws {
    let paths = try write([shard(0..<3), shard(3..<3), shard(3..<4), shard(4..<9)])
    let read = try #require(try TokenShard(paths: paths, vocabularySize: 10))
    #expect(read == shard(0..<9))
    #expect((0..<9).map { Array(read.row($0)) } == (0..<9).map { [$0, $0 + 1] })
    #expect((0..<9).map { read.id(of: $0) } == (0..<9).map { "row \($0)" })
    #expect((0..<9).map { read.source(of: $0) } == (0..<9).map { "text \($0)" })
    #expect(read.lengths == Array(repeating: 2, count: 9) && read.elementCount == 18)
    #expect(read.parts == [shard(0..<3), shard(3..<3), shard(3..<4), shard(4..<9)])
    #expect(try read.document().encoded() == shard(0..<9).document().encoded())
  }

  @Test func `parts of different splits are refused`() throws {
    let paths = try write([shard(0..<3), shard(3..<5, task: "imdb")])
    let refusal = #expect(throws: UserError.self) {
      try TokenShard(paths: paths, vocabularySize: 10)
    }
    #expect(refusal?.location == paths[1] && refusal?.exitStatus == .data)
  }
}
