import Foundation
import Safetensors
import Shards
import Support
import Testing
import Tokenization

@testable import DLNC
@testable import Training

/// Training that starts from a pretrained encoder.
struct PretrainedStartTests {
  private static var settings: TrainingSettings {
    var settings = smallSettings
    settings.epochs = 2
    return settings
  }

  /// A dataset of the tasks a and b, and an encoder of these domains.
  private static func make(
    words: Int = 11, tasks: [(String, Int)] = [("a", 3), ("b", 2)]
  ) throws -> (TemporaryLexicon, PretrainedEncoder) {
    let folder = try TemporaryLexicon(words: words, tasks: tasks)
    return (folder, try PretrainingTests.pretrain(folder.folder()))
  }

  private static func train(
    _ tasks: [String], in folder: TemporaryLexicon, _ start: PretrainedStart?,
    _ configuration: ModelConfiguration = smallConfiguration
  ) throws -> (model: Model, report: TransferReport?) {
    var run = TrainingRun(threads: 2)
    var report: TransferReport?
    run.onTransfer = { report = $0 }
    let model = try Model.train(
      configuration, tasks: tasks, dataset: folder.folder(), settings: settings, run: run,
      from: start)
    return (model, report)
  }

  private static func tensor(_ name: String, _ document: SafetensorsDocument) throws -> [Float] {
    try SafetensorsFile(bytes: document.encoded(), path: "memory").values(name)
  }

  @Test func `without training, encoder, norms and vectors are those of the file`() throws {
    let (folder, encoder) = try Self.make()
    var settings = Self.settings
    settings.epochs = 0
    let model = try Model.train(
      smallConfiguration, tasks: ["b", "a"], dataset: folder.folder(), settings: settings,
      run: TrainingRun(threads: 1), from: PretrainedStart(encoder))
    let (ours, theirs) = (try model.document(), try encoder.document())
    let norms = ["a", "b"].flatMap { task in
      ["x", "h", "c"].flatMap {
        ["encoder.ln.\(task).\($0).gain", "encoder.ln.\(task).\($0).shift"]
      }
    }
    for name in norms + ["encoder.w_x", "encoder.w_h", "embedding.weight"] {
      #expect(try Self.tensor(name, ours) == Self.tensor(name, theirs), "\(name)")
    }
    #expect(try Self.tensor(norms[0], ours) != Self.tensor(norms[6], ours))
  }

  @Test func `the scope of norms leaves weights and vectors as they are, and trains the rest`()
    throws
  {
    let (folder, encoder) = try Self.make()
    var start = PretrainedStart(encoder)
    start.scope = .norms
    let (model, report) = try Self.train(["a", "b"], in: folder, start)
    let (ours, theirs) = (try model.document(), try encoder.document())
    for name in ["encoder.w_x", "encoder.w_h", "embedding.weight"] {
      #expect(try Self.tensor(name, ours) == Self.tensor(name, theirs), "\(name)")
      #expect(report?.frozen.contains(name) == true)
    }
    let gain = "encoder.ln.a.h.gain"
    #expect(try Self.tensor(gain, ours) != Self.tensor(gain, theirs))
    #expect(report?.trained.contains("classifier.w_h") == true && report?.frozen.count == 3)
    #expect(report?.copied.contains("\(gain) <- \(gain)") == true)
    start.scope = .all
    let all = try Self.train(["a", "b"], in: folder, start).model.document()
    #expect(try Self.tensor("encoder.w_h", all) != Self.tensor("encoder.w_h", theirs))
  }

  @Test func `a task starts from its own, the named or the closest domain`() throws {
    let (folder, encoder) = try Self.make()
    let (_, own) = try Self.train(["a", "b"], in: folder, PretrainedStart(encoder))
    #expect(
      own?.domains == [DomainChoice(task: "a", domain: "a"), DomainChoice(task: "b", domain: "b")])
    var start = PretrainedStart(encoder)
    start.domain = "b"
    let (_, named) = try Self.train(["a"], in: folder, start)
    #expect(named?.domains == [DomainChoice(task: "a", domain: "b")])
    // The same texts under another name.
    let other = try TemporaryLexicon(tasks: [("c", 2)])
    for split in [Split.train, .validation, .test] {
      var shard = try #require(try folder.folder().shard("b", split))
      shard.task = "c"
      try other.write(shard.document(), "c/\(split.rawValue)")
    }
    let (_, closest) = try Self.train(["c"], in: other, PretrainedStart(encoder))
    let choice = try #require(closest?.domains?.first)
    let perplexities = try #require(choice.perplexities)
    #expect(choice.domain == "b" && Set(perplexities.keys) == ["a", "b"])
    #expect((perplexities["b"] ?? .nan) < (perplexities["a"] ?? .nan))
    #expect(closest?.copied.contains("encoder.ln.c.x.gain <- encoder.ln.b.x.gain") == true)
  }

  @Test func `new words of an extended vocabulary keep their own vectors`() throws {
    let (_, encoder) = try Self.make()
    let longer = try TemporaryLexicon(words: 14, tasks: [("a", 3)])
    var start = PretrainedStart(encoder)
    start.scope = .norms
    let (model, report) = try Self.train(["a"], in: longer, start)
    let vectors = try Self.tensor("embedding.weight", model.document())
    #expect(try Array(vectors[..<110]) == Self.tensor("embedding.weight", encoder.document()))
    #expect(try Array(vectors[110...]) == Array(longer.folder().embedding.values[110...]))
    #expect(report?.oldWords == 11 && report?.newWords == 3)
  }

  @Test func `an encoder that does not fit is an error that names both values`() throws {
    let (folder, encoder) = try Self.make()
    func message(
      _ folder: TemporaryLexicon, domain: String? = nil,
      _ change: (inout ModelConfiguration) -> Void = { _ in }
    ) -> String {
      var (configuration, start) = (smallConfiguration, PretrainedStart(encoder))
      change(&configuration)
      start.domain = domain
      let error = #expect(throws: UserError.self) {
        _ = try Self.train(["a"], in: folder, start, configuration)
      }
      return error?.description ?? ""
    }
    let width = message(folder) { $0.hidden = 32 }
    #expect(width.contains("an encoder with --hidden 16") && width.contains("this training, 32"))
    #expect(message(folder) { $0.cellTanh = true }.contains("--cell-tanh false"))
    #expect(message(folder) { $0.variant = .lstmLinear }.contains("no layer norms"))
    let domain = message(folder, domain: "c")
    #expect(domain.contains("“c”") && domain.contains("a domain of the encoder: a, b"))
    let narrow = message(try TemporaryLexicon(tasks: [("a", 3)], dimension: 8))
    #expect(narrow.contains("vectors of 8") && narrow.contains("vectors of 10"))
    let shorter = message(try TemporaryLexicon(words: 9, tasks: [("a", 3)]))
    #expect(shorter.contains("a vocabulary of 9 words (SHA-256 "))
    #expect(shorter.contains("extend: 11 words (SHA-256 "))
  }
}
