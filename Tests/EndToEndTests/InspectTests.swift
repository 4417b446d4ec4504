import Foundation
import Safetensors
import Shards
import Testing
import TestSupport

/// The tool `inspect`, on everything that the stages write.
@Suite(.trainedModels)
struct InspectTests {
  private let bench: TemporaryDirectory

  init() throws { bench = try #require(TrainedModels.bench) }

  private func inspect(_ arguments: String...) throws -> String {
    let run = try Project.run("inspect", arguments, in: bench)
    #expect(run.status == 0, "\(arguments) \(run.error)")
    #expect(run.error == "")
    return run.output
  }

  private func object(_ arguments: String...) throws -> [String: Any] {
    let run = try Project.run("inspect", arguments + ["--json"], in: bench)
    let value = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
    return try #require(value as? [String: Any])
  }

  @Test(arguments: [
    ("yelp/test.safetensors", "examples, "), ("vocab/yelp/test.safetensors", "tokens, "),
    ("vocab/vocabulary.safetensors", "a vocabulary, "),
    ("vocab/embedding.safetensors", "an embedding, "),
    ("train/model.safetensors", "a model, dlnc"), ("finetune/model.safetensors", "a model, dlnc"),
    ("../../bag-of-words/model.safetensors", "a model, bag-of-words"),
    ("yelp", "an output of the stage ingest"), ("vocab", "an output of the stage vocab"),
    ("train", "an output of the stage train"),
    ("../../bag-of-words", "an output of the stage train"),
    ("vocab/yelp", "a folder that no stage finished"),
  ])
  func `whatever a stage writes is named, for the eye and as JSON`(name: String, kind: String)
    throws
  {
    let path = "runs/quickstart/\(name)"
    let text = try inspect(path)
    #expect(text.hasPrefix("\(path): \(kind)"), "\(text)")
    let object = try object(path)
    #expect((object["kind"] as? String)?.hasPrefix(kind) == true)
    let table = object[name.hasSuffix("safetensors") ? "tensors" : "files"] as? [[String: Any]]
    #expect(table?.isEmpty == false)
  }

  @Test func `a shard's counts, shares, lengths and rows are those of its tensors`() throws {
    let path = "runs/quickstart/vocab/yelp/test.safetensors"
    let shard = try TokenShard(path: bench(path), vocabularySize: .max)
    let object = try object(path, "--rows", "4")
    let facts = try #require(object["facts"] as? [String: Any])
    #expect(facts["rows"] as? Int == shard.count)
    #expect(facts["tokens"] as? Int == shard.elementCount)
    let classes = try #require(object["classes"] as? [[String: Any]])
    #expect(classes.map { $0["class"] as? String } == shard.classNames)
    #expect(classes.compactMap { $0["rows"] as? Int }.reduce(0, +) == shard.count)
    let lengths = try #require(object["lengths"] as? [String: Any])
    let sorted = (0..<shard.count).map { shard.row($0).count }.sorted()
    #expect(lengths["shortest"] as? Int == sorted.first)
    #expect(lengths["median"] as? Int == sorted[(shard.count - 1) / 2])
    #expect(lengths["longest"] as? Int == sorted.last)
    let rows = try #require(object["rows"] as? [[String: Any]])
    #expect(rows.map { $0["row"] as? Int } == (0..<4).map { $0 * shard.count / 4 })
    #expect((rows[0]["words"] as? String)?.contains(" ") == true)
  }

  @Test func `the nearest words are the same in the embedding, its folder and its vocabulary`()
    throws
  {
    let names = ["vocab", "vocab/embedding.safetensors", "vocab/vocabulary.safetensors"]
    let near = try names.map { name in
      try #require(object("runs/quickstart/\(name)", "--near", "Loved")["near"] as? [[String: Any]])
    }
    #expect(near.allSatisfy { $0.count == 10 })
    let words = near.map { $0.map { $0["word"] as? String } }
    #expect(Set(words).count == 1 && !words[0].contains("loved"))
    let cosines = near[0].compactMap { $0["cosine"] as? Double }
    #expect(cosines == cosines.sorted(by: >) && cosines.allSatisfy { (-1...1).contains($0) })
    #expect(try inspect("runs/quickstart/train", "--near", "loved").contains("nearest to loved"))
  }

  @Test func `what has no vectors or no such word is refused with what there is`() throws {
    for (path, word, said) in [
      ("bag-of-words", "good", "holds no vectors"), ("runs/quickstart/yelp", "good", "no vectors"),
      ("runs/quickstart/vocab", "qqqqq", "no such word among"),
    ] {
      let run = try Project.run("inspect", [path, "--near", word], in: bench)
      #expect(run.status == 64 && run.output.isEmpty)
      #expect(run.error.contains(said), "\(run.error)")
    }
  }

  @Test func `a model shows its tasks, its settings and how it learned`() throws {
    let object = try object("runs/quickstart/finetune/model.safetensors")
    let tasks = try #require(object["tasks"] as? [[String: Any]])
    #expect(tasks.map { $0["task"] as? String } == ["ei-reg", "yelp", "imdb"])
    #expect((object["configuration"] as? [String: Any])?["hidden"] as? Int == 8)
    #expect((object["settingsOfTrain"] as? [String: Any])?["epochs"] as? Int == 1)
    let curve = try #require(object["curveOfFinetune"] as? [[String: Any]])
    #expect(curve.map { $0["task"] as? String } == ["imdb"])
  }

  @Test func `a stage's folder says what it was made from and whether it is whole`() throws {
    #expect(try inspect("runs/quickstart/imdb").contains("\nwhole          yes\n"))
    let object = try object("runs/quickstart/imdb")
    let settings = try #require(object["settings"] as? [[String: Any]])
    #expect(settings.contains { $0["option"] as? String == "dataset" })
    try FileManager.default.copyItem(atPath: bench("runs/quickstart/imdb"), toPath: bench("cut"))
    bench.remove("cut/test.safetensors")
    #expect(try inspect("cut").contains("no: its output test.safetensors is missing"))
  }

  @Test func `hostile content is made visible, and other people's files are shown`() throws {
    var document = SafetensorsDocument(metadata: ["from\u{1B}[2J": "else\u{202E}where\nand on"])
    document.set("a\u{7}b", shape: [2, 0], [Float]())
    try bench.write(document.encoded(), to: "other.safetensors")
    let text = try inspect("other.safetensors")
    #expect(text.contains("that no stage wrote"))
    #expect(text.contains("from\\u{1b}[2J  else\\u{202e}where\\u{a}and on"))
    #expect(text.contains("a\\u{7}b  F32   [2, 0]      0"), "\(text)")
  }

  /// A file as a model hub has it: two types that no stage writes.
  private func foreignModel(metadata: String = #"{"format":"pt"}"#) throws {
    let header =
      #"{"bert.x":{"dtype":"BF16","shape":[1,2],"data_offsets":[0,4]},"#
      + #""flag":{"dtype":"BOOL","shape":[],"data_offsets":[4,5]},"__metadata__":\#(metadata)}"#
    var bytes = Data()
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes += Data(header.utf8) + Data([0x80, 0x3F, 0, 0xC0, 1])
    try bench.write(bytes, to: "hub/model.safetensors")
  }

  @Test func `a model of another program is shown with types, shapes and values`() throws {
    try foreignModel()
    let text = try inspect("hub/model.safetensors")
    #expect(
      text == """
        hub/model.safetensors: a safetensors file that no stage wrote

        format  pt

        tensor  type  shape   bytes  first values
        bert.x  BF16  [1, 2]      4  1.0 -2.0
        flag    BOOL  []          1  true

        """)
    let tensors = try #require(try object("hub/model.safetensors")["tensors"] as? [[String: Any]])
    #expect(tensors.map { $0["firstValues"] as? String } == ["1.0 -2.0", "true"])
    #expect(try inspect("hub/model.safetensors", "--rows", "1").contains(" 1.0 …\n"))
    #expect(try inspect("hub").contains("2 tensors"))
  }

  @Test func `a model of another program is refused with its first foreign tensor`() throws {
    try foreignModel()
    for arguments in [
      ["predict", "--checkpoint", "hub"],
      [
        "finetune", "--checkpoint", "hub", "--vocab", "runs/quickstart/imdb-vocab", "--output", "o",
      ],
      ["evaluate", "--models", "hub", "--vocab", "runs/quickstart/vocab", "--output", "o"],
    ] {
      let run = try Project.run(arguments[0], Array(arguments.dropFirst()), in: bench)
      #expect(run.status == 65 && run.output.isEmpty)
      #expect(
        run.error == """
          \(arguments[0]): hub/model.safetensors: format “pt”, version none, with the tensor “bert.x” of type BF16
            expected: a model of format version 2, 3 or 4
            what to do: this is a file of another program; point at the output of train or finetune

          """)
    }
    #expect(!bench.has("o"))
  }

  @Test func `the state of an interrupted training tells how far it had come`() throws {
    let progress =
      #"{"batch":3,"curve":{"bestEpoch":1,"points":[],"stage":"train"},"epoch":2,"#
      + #""step":40,"sums":{}}"#
    var document = SafetensorsDocument(metadata: ["state": progress, "run": "abc"])
    document.set("parameters", shape: [1], [Float(1)])
    try bench.write(document.encoded(), to: "train.resume")
    let text = try inspect("train.resume")
    #expect(text.hasPrefix("train.resume: the state of an interrupted training\n"))
    #expect(text.contains("\nsteps done                 40\n"))
    #expect(text.contains("\ninterrupted at             epoch 2\n"))
  }

  @Test func `what is not there, or nothing of ours, is refused`() throws {
    try bench.write("hello", to: "hello.safetensors")
    try bench.write("hello", to: "folder/hello.txt")
    for (path, status) in [("absent", 66), ("hello.safetensors", 65), ("folder", 66)] {
      let run = try Project.run("inspect", [path], in: bench)
      #expect(run.status == Int32(status) && run.output.isEmpty, "\(path): \(run)")
    }
  }
}
