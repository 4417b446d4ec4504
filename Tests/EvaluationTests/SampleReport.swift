import Shards
import Support

@testable import Evaluation

/// A report of invented runs, large enough to look like a real one: four models, three columns, one
/// of them fine-tuned, hostile names and texts among them.
struct SampleReport {
  var seeds = [1, 2, 3]
  /// Rows of each test split.
  var rows = 300

  static let hostile = "<script>alert(1)</script> & \"quotes\" 'too' | `pipe` \u{1}\u{202E}rtl"

  func report() throws -> Report {
    try Report(
      title: "Domain Layer Norm, a sample report", predictions: try predictions(), curves: curves,
      data: data, provenance: provenance, costs: costs,
      notes: ["These numbers are invented."])
  }

  private struct Run {
    var model: Model
    var column: EvaluationTask
    var classNames: [String]
    var train: Double
    var test: Double
  }

  private var runs: [Run] {
    let yelp = ["negative", "neutral", "positive"]
    let emotions = ["anger", "fear", "joy", "sadness"]
    let polar = ["negative", "positive"]
    let random = EvaluationTask(task: "ei-reg", splitScheme: "random")
    let table: [(String, Double, Double, Double, Double)] = [
      ("dlnc", 0.88, 0.81, 0.9, 0.72), ("lstm-linear", 0.86, 0.815, 0.89, 0.71),
      ("no-task-embedding", 0.88, 0.805, 0.9, 0.715), ("separate-cell", 0.89, 0.8, 0.91, 0.7),
    ]
    return table.flatMap { name, a, b, c, d in
      [
        Run(
          model: Model(name), column: EvaluationTask(task: "yelp"), classNames: yelp, train: a,
          test: b),
        Run(model: Model(name), column: random, classNames: emotions, train: c, test: d),
      ]
    } + [
      Run(
        model: Model("dlnc", .fineTuned), column: EvaluationTask(task: "imdb"), classNames: polar,
        train: 0.84,
        test: 0.82),
      Run(
        model: Model("lstm-linear"), column: EvaluationTask(task: "imdb"), classNames: polar,
        train: 0.93,
        test: 0.79),
    ]
  }

  func predictions() throws -> [Predictions] {
    try runs.flatMap { run in
      try seeds.flatMap { seed in
        try [(Split.train, run.train), (.test, run.test)].map { split, accuracy in
          try invented(run, seed: seed, split, accuracy)
        }
      }
    }
  }

  private func invented(
    _ run: Run, seed: Int, _ split: Split, _ accuracy: Double
  ) throws -> Predictions {
    var draws = SplitMix64(
      state: UInt64(seed) &* 1000 &+ UInt64(run.classNames.count * 7 + run.model.name.utf8.count))
    var truth = SplitMix64(state: UInt64(run.classNames.count))
    let classes = run.classNames.count
    // Classes of unequal size; the last row repeats the first text under another label.
    var gold = (0..<rows).map { _ in min(truth.below(classes + 1), classes - 1) }
    var groups = Array(0..<rows)
    if run.column.task == "ei-reg", rows > 1 {
      gold[rows - 1] = (gold[0] + 1) % classes
      groups[rows - 1] = groups[0]
    }
    let probabilities = gold.flatMap { gold -> [Float] in
      let share = Double(draws.below(1000)) / 1000
      let confidence = 1 / Double(classes) + (1 - 1 / Double(classes)) * (1 - share * share)
      let right = Double(draws.below(1000)) / 1000 < accuracy * (0.55 + 0.5 * confidence)
      let answer = right ? gold : (gold + 1 + draws.below(classes - 1)) % classes
      return (0..<classes).map {
        Float($0 == answer ? confidence : (1 - confidence) / Double(classes - 1))
      }
    }
    var result = try Predictions(
      model: run.model, seed: seed, column: run.column, split: split, classNames: run.classNames,
      gold: gold, probabilities: probabilities, groups: groups)
    for (index, row) in result.mostConfidentMistakes(Misclassification.listed).enumerated() {
      result.texts[row] =
        index == 0
        ? Self.hostile
        : String(
          repeating: "An invented review that goes on about nothing in particular. ",
          count: index * 3)
    }
    return result
  }

  private var curves: [LearningCurve] {
    runs.flatMap { run in
      seeds.map { seed in
        let epochs = run.model.training == .fineTuned ? 12 : 6
        return LearningCurve(
          model: run.model, seed: seed, column: run.column,
          points: (1...epochs).map { epoch in
            let left = 1 / (1 + Double(epoch) * 0.7) + Double(seed) * 0.01
            return LearningCurve.Point(
              epoch: epoch, trainLoss: 0.2 + 0.9 * left, trainAccuracy: run.train - 0.3 * left,
              validationLoss: 0.4 + 0.6 * left + 0.015 * Double(epoch),
              validationAccuracy: run.test - 0.2 * left)
          }, bestEpoch: epochs - 1)
      }
    }
  }

  private var data: [DataSummary] {
    unique(runs.map(\.column)).flatMap { column in
      [(Split.train, 8000), (.validation, 1000), (.test, 2000)].map { split, count in
        let classNames = runs.first { $0.column == column }?.classNames ?? []
        let lengths = (0..<400).map { 4 + ($0 * $0) % 290 * ($0 % 7 + 1) / 7 }
        return DataSummary(
          column: column, split: split, classNames: classNames,
          rows: classNames.indices.map {
            count * ($0 + 1) / (classNames.count * (classNames.count + 1) / 2)
          },
          tokens: count * 118, lengths: DataSummary.histogram(lengths), tokenCoverage: 0.9874,
          typeCoverage: 0.913, duplicates: count / 800)
      }
    }
  }

  private var provenance: [Provenance] {
    ["ingest yelp", "vocab", "train dlnc, seed 1"].map { stage in
      Provenance(
        stage: stage,
        settings: [
          Entry("learning-rate", "0.002"), Entry("note", Self.hostile), Entry("batch", "32"),
        ],
        digests: [Entry("input tokens", String(repeating: "0123456789abcdef", count: 4))])
    }
  }

  private var costs: [ResourceUsage] {
    [
      ResourceUsage(stage: "ingest yelp", seconds: 31.4, peakBytes: 84_000_000),
      ResourceUsage(stage: "vocab", seconds: 6.2, peakBytes: 410_000_000),
      ResourceUsage(stage: "train dlnc, seed 1", seconds: 312, peakBytes: 388_000_000),
      ResourceUsage(stage: "finetune imdb, dlnc, seed 1", seconds: 71, peakBytes: 402_000_000),
    ]
  }
}
