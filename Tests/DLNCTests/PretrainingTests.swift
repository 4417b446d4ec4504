import Foundation
import Safetensors
import Shards
import Support
import Testing
import Tokenization

@testable import DLNC
@testable import Training

/// Pretraining on a corpus: what is read, what is learned, and the file.
struct PretrainingTests {
  private static var settings: TrainingSettings {
    var settings = TrainingSettings.pretraining
    (settings.batch, settings.epochs, settings.learningRate) = (10, 3, 0.02)
    return settings
  }

  private static var configuration: ModelConfiguration {
    var configuration = ModelConfiguration.pretraining
    configuration.hidden = 16
    return configuration
  }

  static func corpus(_ dataset: TokenizedDataset, heldOut: Double = 0.1) throws
    -> PretrainingCorpus
  {
    try PretrainingCorpus(dataset, tasks: dataset.tasks, heldOut: heldOut, maximumLength: 300)
  }

  static func pretrain(
    _ dataset: TokenizedDataset, negatives: Int = 6, settings: TrainingSettings = settings,
    _ run: TrainingRun = TrainingRun(threads: 1)
  ) throws -> PretrainedEncoder {
    try PretrainedEncoder.train(
      configuration, on: corpus(dataset), dataset: dataset, negatives: negatives,
      settings: settings, run: run)
  }

  // MARK: The corpus

  @Test func `held-out texts are no training texts, and the same in any order of rows`() throws {
    let folder = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let corpus = try Self.corpus(folder.folder())
    func texts(_ shard: TokenShard?) -> [[Int32]] {
      shard.map { shard in (0..<shard.count).map { Array(shard.row($0)) } } ?? []
    }
    #expect(corpus.domains.map(\.name) == ["a", "b"])
    for (domain, task) in zip(corpus.domains, corpus.data) {
      let (train, held) = (texts(task.train), texts(task.validation))
      #expect(domain.texts == train.count && domain.heldOutTexts == held.count && held.count == 6)
      #expect(domain.words == train.joined().count && domain.texts + domain.heldOutTexts == 60)
      #expect(Set(train).isDisjoint(with: held))
      let original = try #require(try folder.folder().shard(task.train.task, .train))
      #expect(Set(texts(original)).isSuperset(of: train + held))
      let reversed = original.with(rows: (0..<60).reversed().map { Array(original.row($0)) })
      try folder.write(reversed.document(), "\(domain.name)/train")
    }
    let again = try Self.corpus(folder.folder())
    for (first, second) in zip(corpus.data, again.data) {
      #expect(Set(texts(first.validation)) == Set(texts(second.validation)))
    }
  }

  @Test func `a text that one domain holds out trains no other domain`() throws {
    let folder = try TemporaryLexicon(tasks: [("a", 3), ("b", 3)])
    var shard = try #require(try folder.folder().shard("a", .train))
    shard.task = "b"
    try folder.write(shard.document(), "b/train")
    let corpus = try Self.corpus(folder.folder())
    #expect(corpus.data[0].train.elements == corpus.data[1].train.elements)
    #expect(corpus.domains[0].texts == 54)
  }

  @Test func `a corpus without enough or without known words is an error`() throws {
    let folder = try TemporaryLexicon(tasks: [("a", 3)])
    func error(rows: [[Int32]]) throws -> UserError? {
      let shard = try #require(try folder.folder().shard("a", .test))
      var few = shard.with(rows: rows)
      few.header.split = .train
      try folder.write(few.document(), "a/train")
      return #expect(throws: UserError.self) { _ = try Self.corpus(folder.folder()) }
    }
    for rows in [[[3, 4, 5]], [[3, 4], [3, 4], [3, 4]], [[3], [4], [5]]] as [[[Int32]]] {
      let error = try error(rows: rows)
      #expect(error?.exitStatus == .data)
      #expect(error?.description.contains("too few texts to train on") == true)
    }
    let foreign = try error(rows: [[0, 0, 5], [0, 0, 0, 6], [0, 3]])
    #expect(foreign?.description.contains("66.7 % of the words are unknown") == true)
    let unknown = #expect(throws: UserError.self) {
      try PretrainingCorpus(
        folder.folder(), tasks: ["c"], heldOut: 0.1, maximumLength: 300)
    }
    #expect(unknown?.exitStatus == .noInput)
  }

  @Test func `unlabelled texts are read unless they are to be left out`() throws {
    let folder = try TemporaryLexicon(tasks: [("a", 3)])
    let texts = TokenShard(
      ShardHeader(task: "a", split: .unlabelled, classNames: []),
      elements: [3, 4, 5, 6, 7, 5, 5, 5], offsets: [0, 5, 8], labels: [-1, -1], textIDs: [0, 1])
    try folder.write(texts.document(), "a/unlabelled")
    func count(_ readsUnlabelled: Bool) throws -> Int {
      let corpus = try PretrainingCorpus(
        folder.folder(), tasks: ["a"], readsUnlabelled: readsUnlabelled, heldOut: 0.1,
        maximumLength: 300)
      return corpus.domains.reduce(0) { $0 + $1.texts + $1.heldOutTexts }
    }
    #expect(try count(true) == count(false) + 2)
  }

  // MARK: Training

  /// Ten words in a circle, of which a text reads each, or every third. So the next word follows from
  /// the last one and the domain, and all words are equally frequent.
  private static func circles() throws -> TemporaryLexicon {
    let folder = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    for (task, stride) in [("a", 1), ("b", 3)] {
      let shard = try #require(try folder.folder().shard(task, .train))
      let rows = (0..<60).map { row in
        (0..<4 + row / 10).map { Int32((row + stride * $0) % 10 + 1) }
      }
      try folder.write(shard.with(rows: rows).document(), "\(task)/train")
    }
    return folder
  }

  @Test(arguments: [6, 11])
  func `the perplexity of held-out texts falls, because each domain has norms`(negatives: Int)
    throws
  {
    let folder = try Self.circles()
    var settings = Self.settings
    settings.epochs = 12
    let encoder = try Self.pretrain(folder.folder(), negatives: negatives, settings: settings)
    let (first, last) = (encoder.perplexities(epoch: 1), encoder.perplexities())
    #expect(first.map(\.domain) == ["a", "b"] && encoder.curve.bestEpoch == 12)
    for (first, last) in zip(first, last) {
      // Without knowing the domain there are two words to choose from, without the last word ten.
      #expect(first.perplexity < 12 && last.perplexity < 2)
    }
  }

  @Test func `pretraining stopped after any step resumes to the same bytes, also on other threads`()
    throws
  {
    let folder = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let dataset = try folder.folder()
    let whole = try Self.pretrain(dataset).document().encoded()
    for step in [1, 7, 14, 26] {
      let memory = Memory()
      #expect(throws: Interrupted.self) {
        _ = try Self.pretrain(
          dataset, TrainingRun(threads: 2, checkpointer: memory.checkpointer(stopAfter: step)))
      }
      let resumed = try Self.pretrain(
        dataset, TrainingRun(threads: 1, checkpointer: memory.checkpointer(stopAfter: nil)))
      #expect(try resumed.document().encoded() == whole, "after step \(step)")
    }
  }

  // MARK: The file

  @Test func `a file holds the encoder, and other models are told from it`() throws {
    let folder = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let encoder = try Self.pretrain(folder.folder())
    let bytes = try encoder.document().encoded()
    let path = "\(folder.path)/model.safetensors"
    try bytes.write(to: URL(fileURLWithPath: path))
    let read = try PretrainedEncoder(path: folder.path)
    #expect(try read.document().encoded() == bytes && read.domains == ["a", "b"])
    for open in [
      { _ = try trainedModel(at: path) }, { _ = try Model(path: path) },
      { _ = try TrainingHistory(path: path) },
    ] {
      let error = #expect(throws: UserError.self) { try open() }
      #expect(error?.description.contains("a pretrained encoder, which has no classes") == true)
    }
    let model = try Model.train(
      smallConfiguration, tasks: ["a"], dataset: folder.folder(), settings: Self.settings,
      run: TrainingRun(threads: 1))
    try model.document().encoded().write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: UserError.self) { _ = try PretrainedEncoder(path: path) }
    #expect(error?.description.contains("a model that classifies") == true)
  }

  @Test func `a file with a damaged configuration is an error`() throws {
    let folder = try TemporaryLexicon(tasks: [("a", 3)])
    let document = try Self.pretrain(folder.folder()).document()
    let configuration = try #require(document.metadata["configuration"])
    for (old, new) in [
      (#""outputWords":11"#, #""outputWords":12"#), (#""outputWords":11"#, #""outputWords":0"#),
      (#""outputWords":11"#, #""outputWords":9000000000000000000"#),
      (#""classNames":[]"#, #""classNames":["x"]"#), (#""hidden":16"#, #""hidden":17"#),
    ] {
      #expect(configuration.contains(old))
      var damaged = document
      damaged.metadata["configuration"] = configuration.replacing(old, with: new)
      let path = "\(folder.path)/model.safetensors"
      try damaged.encoded().write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: UserError.self) { _ = try PretrainedEncoder(path: path) }
      #expect(error?.exitStatus == .data, "\(new)")
    }
    var classifier = document
    classifier.metadata["kind"] = nil
    let path = "\(folder.path)/model.safetensors"
    try classifier.encoded().write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: UserError.self) { _ = try trainedModel(at: path) }
    #expect(error?.description.contains("a language model") == true)
  }
}
