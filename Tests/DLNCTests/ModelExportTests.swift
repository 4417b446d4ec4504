import Foundation
import Safetensors
import Shards
import Support
import Testing
import Tokenization

@testable import DLNC
@testable import Training

/// Models with fewer tasks, words and n-grams, and with weights in less space.
struct ModelExportTests {
  private let lexicon: TemporaryLexicon

  init() throws { lexicon = try .withReorderedClasses() }

  private func network(characters: CharacterLengths? = CharacterLengths(2, 3)) throws -> Model {
    try LearningTests.train(
      lexicon,
      {
        $0.ngrams = NgramOptions(dropout: 0.3, characters: characters)
        $0.pooling = .meanMax
      }, tasks: ["a", "b", "c"])
  }

  private func linear(
    pools: Bool = false, characters: CharacterLengths? = CharacterLengths(2, 3)
  ) throws -> LinearModel {
    try LinearModel.train(
      .bagOfWords, tasks: ["a", "b", "c"], lexicon: lexicon.folder(),
      settings: BagOfWordsSettings(characters: characters), pools: pools, penalty: 0.1,
      seed: 7, threads: 1
    ) { _, _ in }
  }

  private func models() throws -> [any Classifier] {
    [try network(), try linear(), try linear(pools: true)]
  }

  private func test(_ task: String) throws -> TokenShard {
    try #require(try lexicon.folder().shard(task, .test))
  }

  private func exported(
    _ model: any Classifier, _ change: (inout ExportOptions) -> Void
  ) throws -> any Classifier {
    var options = ExportOptions()
    change(&options)
    return try model.exported(options)
  }

  private func read(_ document: SafetensorsDocument) throws -> any Classifier {
    let path = "\(lexicon.path)/model.safetensors"
    try document.encoded().write(to: URL(fileURLWithPath: path))
    return try trainedModel(at: path)
  }

  private func probabilities(_ model: any Classifier, _ shard: TokenShard) throws -> [Float] {
    try model.classifyUncalibrated(shard, threads: 1).probabilities
  }

  @Test func `bytes and halves of single precision hardly change a prediction`() throws {
    for model in try models() {
      let exact = try model.document().encoded()
      #expect(try model.document(weights: .float32).encoded() == exact)
      for (weights, tolerance) in [(WeightType.bf16, 0.03), (.int8, 0.05)] {
        let document = try model.document(weights: weights)
        #expect(
          document.metadata["version"] == "4" && document.metadata["weights"] == weights.rawValue)
        let again = try read(document)
        #expect(try again.document(weights: weights).encoded() == document.encoded())
        #expect(try again.document().metadata["weights"] == nil)
        for task in model.knownTasks {
          let shard = try test(task)
          for (value, found) in zip(
            try probabilities(model, shard), try probabilities(again, shard))
          {
            #expect(abs(value - found) < Float(tolerance), "\(model.kind) \(task)")
          }
        }
      }
    }
  }

  @Test(arguments: [["a"], ["b"], ["b", "c"]])
  func `the tasks that are kept have the same predictions`(tasks: [String]) throws {
    for model in try models() {
      let kept = try read(exported(model) { $0.tasks = tasks }.document())
      #expect(kept.knownTasks == tasks && kept.learnedTasks == tasks)
      #expect(kept.parameterCount <= model.parameterCount)
      for task in tasks {
        #expect(try probabilities(kept, test(task)) == probabilities(model, test(task)))
        #expect(kept.validationScore(of: task)?.loss == model.validationScore(of: task)?.loss)
      }
    }
  }

  @Test func `words that are not kept are unknown`() throws {
    // The counts fall with the ids.
    let count = 7
    for model in try models() {
      let kept = try read(exported(model) { $0.words = count }.document())
      #expect(kept.vocabulary.count == count)
      #expect(kept.vocabulary.counts[0] == 100 + 93 + 92 + 91 + 90)
      let ids = try #require(kept.vocabulary.ids(inPartOf: model.vocabulary))
      #expect(ids == [0, 1, 2, 3, 4, 5, 6, 0, 0, 0, 0])
      for task in model.knownTasks {
        let shard = try test(task)
        let unknown = shard.knowing(count) { model.vocabulary[$0] }
        let renumbered = shard.renumbered(ids) { model.vocabulary[$0] }
        #expect(renumbered.elements == unknown.elements)
        #expect(try probabilities(kept, renumbered) == probabilities(model, unknown))
        #expect(try probabilities(kept, renumbered) != probabilities(model, shard))
      }
    }
  }

  @Test func `of the words, the most frequent ones are kept under new ids`() throws {
    var vocabulary = Vocabulary(tokenizer: Tokenizer(.ptb))
    vocabulary.append(
      [("rare", 1), ("often", 9), ("some", 5), ("same", 5)].map {
        (word: Array($0.0.utf8)[...], count: $0.1)
      }[...])
    #expect(vocabulary.mostFrequent(3) == [0, 2, 3] && vocabulary.mostFrequent(1) == [0])
    #expect(vocabulary.mostFrequent(99) == [0, 1, 2, 3, 4])
    // Half of the tokens of a task of two tokens are “rare”.
    func shard(_ tokens: [Int32]) -> TokenShard {
      TokenShard(
        ShardHeader(task: "t", split: .train, classNames: ["a"]), elements: tokens,
        offsets: [0, Int64(tokens.count)], labels: [0], textIDs: [0])
    }
    let shards = [shard([2, 2, 2, 3, 3, 4]), shard([1, 0])]
    #expect(vocabulary.mostFrequent(3, in: shards) == [0, 1, 2])
    #expect(vocabulary.mostFrequent(4, in: shards) == [0, 1, 2, 3])
    let kept = vocabulary.keeping([0, 2, 3])
    #expect((0..<3).map { kept.word($0) } == ["<unk>", "often", "some"])
    #expect(kept.counts == [6, 9, 5] && kept.ids(inPartOf: vocabulary) == [0, 0, 1, 2, 0])
    #expect(vocabulary.ids(inPartOf: kept) == nil)
    #expect(kept.keeping([0]).ids(inPartOf: Vocabulary(tokenizer: Tokenizer(.twitter))) == nil)
  }

  @Test func `the n-grams that move predictions most are kept`() throws {
    for model in [try network(characters: nil), try linear(characters: nil)] as [any Classifier] {
      let kept = try read(exported(model) { $0.ngrams = 4 }.document())
      for task in model.knownTasks {
        let count = try #require(model.ngramCount(of: task))
        #expect(count > 4 && kept.ngramCount(of: task) == 4)
        #expect(try exported(model) { $0.ngrams = count }.ngramCount(of: task) == count)
        let layer = try #require(model.linearPart(of: task))
        let keys = Set(try #require(kept.linearPart(of: task)).ngrams.keys)
        let classCount = layer.summary.classNames.count
        /// How far the n-gram can move the logits of two classes apart.
        func strength(_ feature: Int) -> Float {
          let row = layer.weights[feature * classCount..<(feature + 1) * classCount].sorted()
          return (row[classCount - 1] - row[0]) * layer.ngrams.idf[feature]
        }
        let all = layer.ngrams.keys.indices
        let weakest = all.filter { keys.contains(layer.ngrams.keys[$0]) }.map(strength).min()
        let left = all.filter { !keys.contains(layer.ngrams.keys[$0]) }.map(strength).max()
        #expect(try #require(weakest) >= #require(left))
      }
    }
    for model in try models() {
      let kept = try read(exported(model) { $0.ngrams = 9 }.document())
      for task in model.knownTasks { #expect(kept.ngramCount(of: task) == 9) }
    }
  }

  @Test func `a fine-tuned model keeps the words and the length that a task was trained with`()
    throws
  {
    let wider = try TemporaryLexicon(words: 15, tasks: [("c", 2)])
    let model = try LearningTests.train(lexicon, tasks: ["a"])
    let (tuned, _) = try LearningTests.finetune(model, wider)
    let old = try #require(try exported(tuned) { $0.tasks = ["a"] } as? Model)
    #expect(old.vocabulary.extends(model.vocabulary) && old.vocabulary.count == 11)
    #expect(old.stage == "train")
    #expect(old.configuration.tasks[0].maximumLength == smallSettings.maximumLength)
    #expect(try probabilities(old, test("a")) == probabilities(model, test("a")))
    let new = try #require(try exported(tuned) { $0.tasks = ["c"] } as? Model)
    #expect(new.vocabulary.count == 15 && new.stage == "finetune")
    // The words of the first task, and those of the second one.
    let pruned = try #require(try exported(tuned) { $0.words = 13 } as? Model)
    #expect(pruned.configuration.tasks.map(\.vocabularySize) == [11, nil])
  }

  @Test func `an unknown task is refused, and so are damaged bytes`() throws {
    let model = try linear()
    let error = #expect(throws: UserError.self) { try exported(model) { $0.tasks = ["x"] } }
    #expect(error?.location == "--task x" && error?.expected == "one of: a, b, c")
    var document = try model.document(weights: .int8)
    document.set("head.a.weight.scale", shape: [3], [Float.infinity, 1, 1])
    #expect(throws: UserError.self) { try read(document) }
    document = try model.document(weights: .int8)
    document.set("odd.scale", shape: [1], [Float(1)])
    #expect(throws: UserError.self) { try read(document) }
  }
}
