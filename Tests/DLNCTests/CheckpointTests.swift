import Foundation
import Safetensors
import Shards
import Support
import Testing
import Tokenization

@testable import DLNC
@testable import Training

/// The error of a checkpointer that stops a training.
struct Interrupted: Error {}

/// Keeps checkpoints in memory, and stops after the given number of steps.
final class Memory {
  var kept: Data?

  func checkpointer(stopAfter limit: Int?) -> Checkpointer {
    var steps = 0
    return Checkpointer(
      load: { [self] in kept.flatMap { try? SafetensorsFile(bytes: $0, path: "memory") } },
      save: { [self] in kept = $0.encoded() },
      isDue: { $0 % 4 == 0 },
      stopError: {
        steps += 1
        return steps == limit ? Interrupted() : nil
      })
  }
}

/// A training that is interrupted at any step and resumed ends in the same bytes.
struct CheckpointTests {
  private static var settings: TrainingSettings {
    var settings = smallSettings
    (settings.epochs, settings.batch) = (3, 20)
    return settings
  }

  /// With all options beyond the paper.
  private static var richSettings: TrainingSettings {
    var settings = settings
    (settings.wordDropout, settings.vectorDropout, settings.labelSmoothing) = (0.1, 0.1, 0.1)
    (settings.emaDecay, settings.weightDecay) = (0.8, 0.1)
    (settings.encoderRate, settings.unfreezeAfter) = (0.5, 1)
    return settings
  }

  /// The same for its model.
  private static var richConfiguration: ModelConfiguration {
    var configuration = smallConfiguration
    (configuration.pooling, configuration.ngrams) = (.meanMax, NgramOptions())
    return configuration
  }

  private func train(
    _ lexicon: TokenizedDataset, _ checkpointer: Checkpointer, threads: Int = 1, rich: Bool = false
  ) throws -> Data {
    try Model.train(
      rich ? Self.richConfiguration : smallConfiguration, tasks: ["a", "b"], dataset: lexicon,
      settings: rich ? Self.richSettings : Self.settings,
      run: TrainingRun(threads: threads, checkpointer: checkpointer)
    ).document().encoded()
  }

  @Test(arguments: [false, true])
  func `training stopped after any step resumes to the same bytes, also on other threads`(
    rich: Bool
  ) throws {
    let folder = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let lexicon = try folder.folder()
    let whole = try train(lexicon, .none, rich: rich)
    // 3 batches of each of 2 tasks in each of 3 epochs.
    for stop in 1...18 {
      let memory = Memory()
      #expect(throws: Interrupted.self) {
        try train(lexicon, memory.checkpointer(stopAfter: stop), threads: 1 + stop % 2, rich: rich)
      }
      let resumed = try train(
        lexicon, memory.checkpointer(stopAfter: nil), threads: 2 - stop % 2, rich: rich)
      #expect(resumed == whole, "stopped after step \(stop)")
    }
  }

  @Test func `a training that crashes resumes from the last checkpoint`() throws {
    let folder = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let lexicon = try folder.folder()
    let whole = try train(lexicon, .none)
    let memory = Memory()
    var checkpointer = memory.checkpointer(stopAfter: 11)
    var saves = 0
    checkpointer.save = { document in
      saves += 1
      // The third one, on being asked to stop, is lost as in a crash.
      if saves < 3 { memory.kept = document.encoded() }
    }
    #expect(throws: Interrupted.self) { try train(lexicon, checkpointer) }
    #expect(saves == 3)
    #expect(try train(lexicon, memory.checkpointer(stopAfter: nil)) == whole)
  }

  @Test func `early stopping does not depend on interruptions`() throws {
    let folder = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let lexicon = try folder.folder()
    var settings = Self.settings
    (settings.epochs, settings.patience, settings.decay) = (30, 2, false)
    settings.learningRate = 0.05
    func train(_ checkpointer: Checkpointer, threads: Int) throws -> Model {
      try Model.train(
        smallConfiguration, tasks: ["a", "b"], dataset: lexicon, settings: settings,
        run: TrainingRun(threads: threads, checkpointer: checkpointer))
    }
    let whole = try train(.none, threads: 1)
    let epochs = try #require(whole.curve?.points.last?.epoch)
    #expect((4..<30).contains(epochs) && whole.curve?.bestEpoch == epochs - 2, "\(epochs)")
    // 6 steps an epoch; interrupted again and again, on one thread and on two.
    for pause in [1, 5, 6, 7, 6 * epochs - 1] {
      let memory = Memory()
      var runs = 0
      while true {
        runs += 1
        do {
          let resumed = try train(memory.checkpointer(stopAfter: pause), threads: 1 + runs % 2)
          #expect(try resumed.document().encoded() == whole.document().encoded())
          break
        } catch is Interrupted {}
      }
      #expect(runs >= 6 * epochs / pause)
    }
  }

  @Test(arguments: [false, true])
  func `fine-tuning resumes to the same bytes, also on other threads`(rich: Bool) throws {
    let settings = rich ? Self.richSettings : Self.settings
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let model = try LearningTests.train(lexicon)
    let wider = try TemporaryLexicon(words: 15, tasks: [("c", 2)])
    for scope in FineTuningOptions.Scope.allCases {
      func tune(_ checkpointer: Checkpointer, threads: Int) throws -> Data {
        var options = FineTuningOptions()
        (options.source, options.scope) = ("a", scope)
        return try model.finetune(
          "c", dataset: wider.folder(), options: options, settings: settings,
          run: TrainingRun(threads: threads, checkpointer: checkpointer)
        ).0.document().encoded()
      }
      let whole = try tune(.none, threads: 1)
      // 3 batches in each of 3 epochs.
      for stop in 1...9 {
        let memory = Memory()
        #expect(throws: Interrupted.self) {
          try tune(memory.checkpointer(stopAfter: stop), threads: 1 + stop % 2)
        }
        let resumed = try tune(memory.checkpointer(stopAfter: nil), threads: 2 - stop % 2)
        #expect(resumed == whole, "stopped after step \(stop)")
      }
    }
  }

  @Test func `a checkpoint of another training is an error`() throws {
    let folder = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let lexicon = try folder.folder()
    var other = SafetensorsDocument(metadata: ["state": "{}"])
    other.set("parameters", shape: [1], [Float(0)])
    var checkpointer = Checkpointer.none
    checkpointer.load = { try? SafetensorsFile(bytes: other.encoded(), path: "memory") }
    let refusal = #expect(throws: UserError.self) { try train(lexicon, checkpointer) }
    #expect(refusal?.problem == "not the state of this training")
  }

  @Test func `a checkpoint with impossible numbers is an error`() throws {
    let folder = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let lexicon = try folder.folder()
    let memory = Memory()
    #expect(throws: Interrupted.self) {
      try train(lexicon, memory.checkpointer(stopAfter: 8), rich: true)
    }
    let kept = try #require(memory.kept)
    let length = kept.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = String(decoding: kept[8..<8 + length], as: UTF8.self)
    var refused = 0
    for key in ["epoch", "batch", "step", "bestEpoch", "rows", "correct"] {
      let number = try #require(
        header.matches(of: try Regex("\\\\\"\(key)\\\\\":([0-9]+)")).last)
      for lie in ["-1", "\(Int.max)", "\(Int.min)"] {
        let text = header.replacingCharacters(
          in: number.range, with: "\\\"\(key)\\\":\(lie)")
        let size = withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { Data($0) }
        memory.kept = size + Data(text.utf8) + kept.dropFirst(8 + length)
        let refusal = #expect(throws: UserError.self, "\(key) \(lie)") {
          try train(lexicon, memory.checkpointer(stopAfter: nil), rich: true)
        }
        #expect(refusal?.problem == "not the state of this training")
        refused += 1
      }
    }
    #expect(refused == 18)
    let file = try SafetensorsFile(bytes: kept, path: "memory")
    for name in file.names where name.hasSuffix("steps") {
      let range = try #require(file.header.tensors[name]?.range)
      for lie in [Int64.max, -1] {
        var bytes = kept
        withUnsafeBytes(of: lie.littleEndian) {
          bytes.replaceSubrange(range.lowerBound..<range.lowerBound + 8, with: $0)
        }
        memory.kept = bytes
        let refusal = #expect(throws: UserError.self, "\(name) \(lie)") {
          try train(lexicon, memory.checkpointer(stopAfter: nil), rich: true)
        }
        #expect(refusal?.problem == "\(lie) steps of 18")
      }
    }
  }

  @Test func `a last step that diverges is an error`() throws {
    let folder = try TemporaryLexicon(tasks: [("a", 3)])
    let lexicon = try folder.folder()
    var settings = smallSettings
    (settings.epochs, settings.batch, settings.warmup) = (1, 60, 0)
    (settings.learningRate, settings.maxGradientNorm) = (1e38, 0)
    let refusal = #expect(throws: UserError.self) {
      try Model.train(
        smallConfiguration, tasks: ["a"], dataset: lexicon, settings: settings,
        run: TrainingRun(threads: 1))
    }
    #expect(refusal?.problem == "the loss or the gradient is not a finite number")
  }

  @Test func `with no epoch the parameters stay as initialised`() throws {
    let folder = try TemporaryLexicon(tasks: [("a", 3)])
    let lexicon = try folder.folder()
    var settings = smallSettings
    settings.epochs = 0
    let model = try Model.train(
      smallConfiguration, tasks: ["a"], dataset: lexicon, settings: settings,
      run: TrainingRun(threads: 1))
    let fresh = Parameters<Float>(model.configuration, embedding: lexicon.embedding.values)
    fresh.initialize(fresh.layout.specs, seed: settings.seed)
    #expect(model.parameters.values.array == fresh.values.array)
  }
}
