import Shards
import Testing

@testable import DLNC
@testable import Training

/// Validation rows that are not like the training rows decide nothing about probabilities.
struct ValidationShiftTests {
  /// 300 training rows of “a” and “b”, with one class a row, and of “m”, with any number, and 100
  /// validation rows, in which the labels of some tasks have other words.
  private static func lexicon(shifted: Set<String> = []) throws -> TemporaryLexicon {
    let lexicon = try TemporaryLexicon(tasks: [("a", 3), ("b", 3), ("m", 3)])
    for (split, rows) in [(Split.train, 300), (.validation, 100)] {
      for shard in [
        TemporaryLexicon.learnable("a", 3, split, rows: rows, words: 11, seed: rows),
        TemporaryLexicon.learnable("b", 3, split, rows: rows, words: 11, seed: rows + 1),
        MultiLabelTests.learnable("m", split, rows: rows, seed: rows),
      ] {
        var names = shard.classNames
        if shifted.contains(shard.task), split == .validation { names.append(names.removeFirst()) }
        var rows = try shard.mapped(to: names)
        rows.header = shard.header
        try lexicon.write(rows.document(), "\(shard.task)/\(split.rawValue)")
      }
    }
    return lexicon
  }

  private static func models(_ lexicon: TemporaryLexicon) throws -> [any Classifier] {
    [
      try Model.train(
        smallConfiguration, tasks: ["a", "m"], dataset: lexicon.folder(), settings: smallSettings,
        run: TrainingRun(threads: 2)),
      try LinearModel.train(
        .bagOfWords, tasks: ["a", "m"], lexicon: lexicon.folder(), penalty: nil, seed: 1, threads: 1
      ) { _, _ in },
    ]
  }

  @Test func `they give neither temperatures nor thresholds, and the model says why`() throws {
    let lexicon = try Self.lexicon(shifted: ["a", "m"])
    for model in try Self.models(lexicon) {
      #expect(model.temperatures.isEmpty)
      #expect(model.labelThresholds(of: "m") == LabelThresholds(classCount: 3))
      for task in ["a", "m"] {
        let shift = try #require(model.validationShift(of: task))
        #expect(shift.heldOutAccuracy > shift.validationAccuracy + 0.2)
      }
      let notes = try model.calibrationNotes(lexicon.folder())
      #expect(notes.count == 3 && notes.allSatisfy { $0.contains("not like its training rows") })
      #expect(
        notes[1].contains("nor fitted to validation rows")
          && notes[1].contains("ingest --validation"))
    }
  }

  @Test func `rows of the same kind calibrate`() throws {
    for model in try Self.models(try Self.lexicon()) {
      #expect(model.temperatures.count == 2 && model.labelThresholds(of: "m")?.rows == 100)
      #expect(["a", "m"].allSatisfy { model.validationShift(of: $0) == nil })
    }
  }

  @Test(arguments: [[], ["a", "m"]] as [Set<String>])
  func `an n-gram layer is fitted to validation rows only if they are like training rows`(
    shifted: Set<String>
  ) throws {
    let lexicon = try Self.lexicon(shifted: shifted)
    var configuration = smallConfiguration
    configuration.ngrams = NgramOptions(dropout: 0.3)
    let models = try [false, true].map { fits in
      var settings = smallSettings
      settings.fitsValidationRows = fits
      return try Model.train(
        configuration, tasks: ["a", "m"], dataset: lexicon.folder(), settings: settings,
        run: TrainingRun(threads: 2))
    }
    for task in ["a", "m"] {
      let rows = models[1].trainingData(of: task)?.validationRows
      #expect(rows == (shifted.contains(task) ? nil : 100))
      let weights = models.map { $0.parameters.ngramLayers[task]?.weights }
      #expect((weights[0] == weights[1]) == shifted.contains(task))
    }
  }

  @Test(arguments: ["alone", "pooled", "with shared weights"])
  func `a bag of words is fitted to the validation rows of the tasks where they are`(
    fit: String
  ) throws {
    let lexicon = try Self.lexicon(shifted: ["a"])
    let (pools, shares) = (fit == "pooled", fit == "with shared weights")
    let models = try [false, true].map { fits in
      try LinearModel.train(
        .bagOfWords, tasks: ["a", "b"], lexicon: lexicon.folder(),
        settings: BagOfWordsSettings(fitsValidationRows: fits), pools: pools,
        ownPenaltyRatio: shares ? 1 : nil, penalty: 1, seed: 1, threads: 1
      ) { _, _ in }
    }
    #expect(["a", "b"].map { models[1].trainingData(of: $0)?.validationRows } == [nil, 100])
    #expect(models[1].validationShift(of: "a") != nil)
    for task in [0, 1] {
      let weights = models.map { $0.classifiers[task].weights }
      #expect((weights[0] == weights[1]) == (task == 0 && fit == "alone"))
    }
    guard pools else { return }
    var rows = try ["a", "b"].map { try lexicon.folder().data(for: $0) }
    rows[1].train.append(try #require(rows[1].validation))
    rows[1].validation = nil
    let expected = try LinearClassifier(
      TfidfDataset(TaskDataset(pooling: rows)), penalty: 1, threads: 1)
    #expect(expected.weights == models[1].classifiers[0].weights)
  }

  @Test(arguments: [1, 2])
  func `the accuracies are those of a fit to some training rows`(threads: Int) throws {
    let lexicon = try Self.lexicon(shifted: ["a", "m"])
    let data = try lexicon.folder().data(for: "a")
    let shift = try #require(try ValidationShift(data, threads: threads))
    let folds = CrossFit.folds(data.train, seed: 1)
    let classifier = try LinearClassifier(
      TfidfDataset(
        TaskDataset(train: data.train.rows(folds.indices.filter { folds[$0] > 0 }), validation: nil)
      ),
      penalty: 1, threads: 1)
    let heldOut = data.train.rows(folds.indices.filter { folds[$0] == 0 })
    #expect(shift.heldOutAccuracy == classifier.predict(heldOut, threads: 1).metrics.accuracy)
    let validation = try #require(data.validation)
    #expect(shift.validationAccuracy == classifier.predict(validation, threads: 1).metrics.accuracy)
  }

  @Test func `a text that is often in the validation rows counts once`() throws {
    let lexicon = try Self.lexicon()
    var data = try lexicon.folder().data(for: "a")
    let copies = [0] + Array(100..<160)
    var rows = try #require(data.validation).rows(
      Array(0..<100) + copies.dropFirst().map { _ in 0 })
    let wrong = (rows.labels[0] + 1) % 3
    for row in copies { rows.labels[row] = wrong }
    data.validation = rows
    #expect(try ValidationShift(data, threads: 1) == nil)
  }
}
