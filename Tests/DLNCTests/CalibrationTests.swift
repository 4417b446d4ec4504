import Foundation
import Shards
import Support
import Testing
import Tokenization

@testable import DLNC
@testable import Training

/// Temperatures, and when a model answers.
struct CalibrationTests {
  /// Rows of three classes whose labels are drawn from the probabilities at a temperature.
  private static func drawn(
    _ rows: Int, temperature: Double, seed: Int = 1
  ) -> (probabilities: [Float], labels: [Int32]) {
    var stream = SplitMix64(PRNGKey(seed: seed).foldIn("labels"))
    var result = (probabilities: [Float](), labels: [Int32]())
    let logits = noise(3 * rows, seed: seed)
    for start in stride(from: 0, to: 3 * rows, by: 3) {
      let values = logits[start..<start + 3]
      var (plain, scaled) = (values.map { 6 * $0 }, values.map { 6 * $0 / temperature })
      _ = softmax(&plain, 0..<3, target: 0)
      _ = softmax(&scaled, 0..<3, target: 0)
      let draw = stream.uniform()
      result.probabilities += plain.map { Float($0) }
      result.labels.append(draw < scaled[0] ? 0 : draw < scaled[0] + scaled[1] ? 1 : 2)
    }
    return result
  }

  private static func scaling(
    _ rows: (probabilities: [Float], labels: [Int32])
  ) -> TemperatureScaling? {
    TemperatureScaling(rows.probabilities, labels: rows.labels, classCount: 3)
  }

  @Test(arguments: [0.4, 1, 2.5])
  func `the temperature that labels were drawn with is found, and has the least loss`(
    temperature: Double
  ) throws {
    let rows = Self.drawn(3000, temperature: temperature)
    let scaling = try #require(Self.scaling(rows))
    #expect(abs(log(scaling.temperature / temperature)) < 0.25)
    #expect(scaling.rows == 3000 && scaling.loss <= scaling.lossBefore)
    for factor in [0.97, 1.03] {
      var other = scaling
      other.temperature *= factor
      let loss = other.apply(to: rows.probabilities, labels: rows.labels, classCount: 3).loss
      #expect(loss > scaling.loss)
    }
  }

  @Test func `rows that are all right have a bounded temperature, and one class has 1`() throws {
    let right = [Int32](repeating: 1, count: 60)
    func repeated(_ row: [Float]) -> [Float] { (0..<60).map { _ in row }.reduce([], +) }
    #expect(
      TemperatureScaling(repeated([0.2, 0.5, 0.3]), labels: right, classCount: 3)?.temperature
        == TemperatureScaling.range.lowerBound)
    let ones = [Float](repeating: 1, count: 60)
    let none = [Int32](repeating: 0, count: 60)
    #expect(TemperatureScaling(ones, labels: none, classCount: 1)?.temperature == 1)
    let wrong = TemperatureScaling(repeated([0.9, 0.05, 0.05]), labels: right, classCount: 3)
    #expect(wrong?.temperature == TemperatureScaling.range.upperBound)
  }

  @Test func `a class of probability 0 has no part in the temperature, and keeps it`() throws {
    var rows = Self.drawn(100, temperature: 2)
    let scaling = try #require(Self.scaling(rows))
    rows.probabilities += [1, 0, 0]
    rows.labels.append(2)
    let more = try #require(Self.scaling(rows))
    #expect(more.temperature == scaling.temperature && more.rows == 100)
    let scaled = more.apply(to: [1, 0, 0], labels: [2], classCount: 3)
    #expect(scaled.probabilities[1...] == [0, 0] && scaled.loss.isFinite && scaled.loss > 5)
  }

  @Test func `few rows are not calibrated`() {
    #expect(Self.scaling(Self.drawn(TemperatureScaling.fewestRows - 1, temperature: 2)) == nil)
    #expect(Self.scaling(Self.drawn(TemperatureScaling.fewestRows, temperature: 2)) != nil)
  }

  @Test(arguments: [0.1, 0.7, 1.7, 10])
  func `no temperature changes the class that is predicted`(temperature: Double) throws {
    var scaling = try #require(Self.scaling(Self.drawn(60, temperature: 1)))
    scaling.temperature = temperature
    let (third, half, fifth) = (Float(1) / 3, Float(0.5), Float(0.2))
    let rows: [Float] = [
      third, third.nextUp, third.nextDown, third, third, third, 0, 1, 0, half, 0, half.nextUp,
      1e-30, 2e-30, 1, fifth.nextDown, fifth, fifth,
    ]
    let (scaled, _) = scaling.apply(
      to: rows, labels: [Int32](repeating: 0, count: 6), classCount: 3)
    for row in 0..<6 {
      let (before, after) = (rows[3 * row..<3 * row + 3], scaled[3 * row..<3 * row + 3])
      #expect(before.firstIndex(of: before.max() ?? 0) == after.firstIndex(of: after.max() ?? 0))
      #expect(abs(after.reduce(0, +) - 1) < 1e-4)
    }
  }

  @Test func `a curve says how many answers are right from each confidence on`() throws {
    let curve = CoverageCurve(
      confidences: [0.9, 0.5, 0.7, 0.9, 0.6], correct: [true, false, true, true, false])
    #expect(curve.points.map(\.confidence) == [0.5, 0.6, 0.7, 0.9])
    #expect(curve.points.map(\.answered) == [5, 4, 3, 2])
    #expect(curve.points.map(\.correct) == [3, 3, 3, 2])
    // These are too few answers to speak of an accuracy.
    #expect(curve.point(accuracy: 0.5) == nil && curve.rises.isEmpty)
  }

  @Test func `the lowest confidence that reaches a precision is found in the file, too`() throws {
    let rows = Self.drawn(800, temperature: 2)
    let scaling = try #require(Self.scaling(rows))
    let scaled = scaling.apply(to: rows.probabilities, labels: rows.labels, classCount: 3)
    let confidences = (0..<800).map { row in
      Double(scaled.probabilities[3 * row..<3 * row + 3].max() ?? 0)
    }
    let correct = (0..<800).map { row in
      let values = Array(rows.probabilities[3 * row..<3 * row + 3])
      return values.firstIndex(of: values.max() ?? 0) == Int(rows.labels[row])
    }
    let curve = CoverageCurve(confidences: confidences, correct: correct)
    var found = 0
    for precision in [0.1, 0.8, 0.85, 0.9, 0.95] {
      let point = try #require(scaling.thresholds.first(accuracy: precision))
      let expected = try #require(curve.point(accuracy: precision))
      #expect((point.answered, point.correct) == (expected.answered, expected.correct))
      let answered = confidences.indices.filter { confidences[$0] >= point.confidence }
      #expect(answered.count == point.answered && point.accuracy >= precision)
      #expect(answered.count { correct[$0] } == point.correct)
      found += point.confidence > 0 ? 1 : 0
    }
    #expect(found >= 3 && scaling.thresholds[0].confidence == 0)
    #expect(scaling.thresholds.first(accuracy: 1.1) == nil)
  }
}

/// Calibrated models.
struct CalibratedModelTests {
  @Test func `calibration changes neither parameters nor classes, and lowers the loss`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    func train(_ calibrates: Bool) throws -> Model {
      var settings = smallSettings
      settings.calibrates = calibrates
      return try Model.train(
        smallConfiguration, tasks: ["a", "b"], dataset: lexicon.folder(), settings: settings,
        run: TrainingRun(threads: calibrates ? 2 : 1))
    }
    let (plain, model) = (try train(false), try train(true))
    #expect(plain.parameters.values.array == model.parameters.values.array)
    #expect(plain.temperatures.isEmpty && model.temperatures.count == 2)
    for task in ["a", "b"] {
      let shard = try #require(try lexicon.folder().shard(task, .validation))
      let scaling = try #require(model.calibration(of: task))
      let (scaled, raw) = (
        try model.classify(shard, threads: 1), try model.classifyUncalibrated(shard, threads: 2)
      )
      #expect(try plain.classify(shard, threads: 1).probabilities == raw.probabilities)
      #expect(abs(scaled.loss - scaling.loss) < 1e-9 && scaled.loss < raw.loss)
      #expect(abs(scaling.lossBefore - raw.loss) < 1e-5)
    }
    #expect(try plain.calibrationNotes(lexicon.folder())[0].contains("has 60"))
    #expect(try model.calibrationNotes(lexicon.folder())[0].contains("on 60 validation rows"))
  }

  @Test func `fine-tuning calibrates its task and leaves the others`() throws {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 2)])
    let model = try LearningTests.train(lexicon)
    let wider = try TemporaryLexicon(words: 15, tasks: [("c", 2)])
    let tuned = try LearningTests.finetune(model, wider).0
    for task in ["a", "b"] {
      #expect(tuned.calibration(of: task) == model.calibration(of: task))
    }
    #expect(tuned.calibration(of: "c") != nil && model.calibration(of: "c") == nil)
    // Without validation rows the earlier temperature of a known task is no longer right.
    try FileManager.default.removeItem(atPath: "\(lexicon.path)/a/validation.safetensors")
    var settings = smallSettings
    settings.epochs = 1
    let again = try model.finetune(
      "a", dataset: lexicon.folder(), options: FineTuningOptions(), settings: settings,
      run: TrainingRun(threads: 1)
    ).0
    #expect(again.calibration(of: "a") == nil)
    #expect(again.calibration(of: "b") == model.calibration(of: "b"))
  }

  @Test(arguments: [(false, nil), (true, nil), (false, 4.0)] as [(Bool, Double?)])
  func `a bag of words that is fitted to all rows has the temperature of the first fit`(
    pools: Bool, ratio: Double?
  ) throws {
    let lexicon = try TemporaryLexicon.withReorderedClasses()
    func train(_ fits: Bool, _ calibrates: Bool = true, threads: Int = 1) throws -> LinearModel {
      var settings = BagOfWordsSettings(fitsValidationRows: fits)
      settings.calibrates = calibrates
      return try LinearModel.train(
        .bagOfWords, tasks: ["a", "b"], lexicon: lexicon.folder(), settings: settings,
        pools: pools, ownPenaltyRatio: ratio, penalty: 1, seed: 1, threads: threads
      ) { _, _ in }
    }
    let (first, again) = (try train(false), try train(true, threads: 2))
    #expect(again.classifiers[0].weights != first.classifiers[0].weights)
    for task in ["a", "b"] {
      let scaling = try #require(first.calibration(of: task))
      #expect(again.calibration(of: task) == scaling)
      let shard = try #require(try lexicon.folder().shard(task, .validation))
      #expect(abs(try first.classify(shard, threads: 1).loss - scaling.loss) < 1e-9)
    }
    #expect(try train(false, false).temperatures.isEmpty)
  }

  @Test func `temperatures are written and read, absent ones are 1, and wrong ones are refused`()
    throws
  {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3)])
    let shard = try #require(try lexicon.folder().shard("a", .test))
    let path = "\(lexicon.path)/model.safetensors"
    let models: [any Classifier] = [
      try LearningTests.train(lexicon, tasks: ["a"]),
      try LinearModel.train(
        .bagOfWords, tasks: ["a"], lexicon: lexicon.folder(), penalty: 1, seed: 1, threads: 1
      ) { _, _ in },
    ]
    for model in models {
      func read(_ pattern: String, _ replacement: String) throws -> any Classifier {
        var document = try model.document()
        let text = try #require(document.metadata["configuration"])
        let changed =
          pattern.isEmpty
          ? text
          : text.replacingOccurrences(
            of: pattern, with: replacement, options: .regularExpression)
        #expect((changed == text) == pattern.isEmpty)
        document.metadata["configuration"] = changed
        try document.encoded().write(to: URL(fileURLWithPath: path))
        return try trainedModel(at: path)
      }
      let same = try read("", "")
      #expect(same.calibration(of: "a") == model.calibration(of: "a"))
      #expect(
        try same.classify(shard, threads: 1).probabilities
          == model.classify(shard, threads: 2).probabilities)
      let old = try read("\"calibration\"", "\"later\"")
      #expect(
        try old.classify(shard, threads: 1).probabilities
          == model.classifyUncalibrated(shard, threads: 1).probabilities)
      for bad in ["0", "-1", "1e9"] {
        let error = #expect(throws: UserError.self) {
          try read("\"temperature\":[0-9.e-]+", "\"temperature\":\(bad)")
        }
        #expect(error?.exitStatus == .data && error?.description.contains("temperature") == true)
      }
    }
  }
}
