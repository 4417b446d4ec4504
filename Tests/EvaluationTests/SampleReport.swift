import Shards
import Support

@testable import DLNC
@testable import Evaluation

/// A report of invented runs that resembles a real one: four models, three tasks, a fine-tuned
/// model, and hostile names and texts.
struct SampleReport {
  var seeds = [1, 2, 3]
  /// Rows of each test split.
  var rows = 300

  static let hostile = "<script>alert(1)</script> & \"quotes\" 'too' | `pipe` \u{1}\u{202E}rtl"

  func report() throws -> Report {
    try Report(
      title: "Domain Layer Norm, a sample report",
      ReportInput(
        predictions: try predictions(), curves: curves, datasets: datasets,
        notes: ["These numbers are invented."], provenance: provenance))
  }

  private struct Run {
    var variant: ModelVariant
    var task: EvaluationTask
    var classNames: [String]
    var train: Double
    var test: Double
  }

  private var runs: [Run] {
    let yelp = ["negative", "neutral", "positive"]
    let emotions = ["anger", "fear", "joy", "sadness"]
    let polar = ["negative", "positive"]
    let random = EvaluationTask(name: "ei-reg", splitScheme: "random")
    let table: [(String, Double, Double, Double, Double)] = [
      ("dlnc", 0.88, 0.81, 0.9, 0.72), ("lstm-linear", 0.86, 0.815, 0.89, 0.71),
      ("no-task-embedding", 0.88, 0.805, 0.9, 0.715), ("separate-cell", 0.89, 0.8, 0.91, 0.7),
    ]
    return table.flatMap { name, a, b, c, d in
      [
        Run(
          variant: ModelVariant(name), task: EvaluationTask(name: "yelp"), classNames: yelp,
          train: a,
          test: b),
        Run(variant: ModelVariant(name), task: random, classNames: emotions, train: c, test: d),
      ]
    } + [
      Run(
        variant: ModelVariant("dlnc", .fineTuned), task: EvaluationTask(name: "imdb"),
        classNames: polar,
        train: 0.84,
        test: 0.82),
      Run(
        variant: ModelVariant("lstm-linear"), task: EvaluationTask(name: "imdb"), classNames: polar,
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
      state: UInt64(seed) &* 1000 &+ UInt64(run.classNames.count * 7 + run.variant.name.utf8.count))
    var truth = SplitMix64(state: UInt64(run.classNames.count))
    let classes = run.classNames.count
    // Classes of unequal size; the last row repeats the first text under another label.
    var labels = (0..<rows).map { _ in min(truth.below(classes + 1), classes - 1) }
    var textIDs = Array(0..<rows)
    if run.task.name == "ei-reg", rows > 1 {
      labels[rows - 1] = (labels[0] + 1) % classes
      textIDs[rows - 1] = textIDs[0]
    }
    let probabilities = labels.flatMap { label -> [Float] in
      let share = Double(draws.below(1000)) / 1000
      let confidence = 1 / Double(classes) + (1 - 1 / Double(classes)) * (1 - share * share)
      let right = Double(draws.below(1000)) / 1000 < accuracy * (0.55 + 0.5 * confidence)
      let answer = right ? label : (label + 1 + draws.below(classes - 1)) % classes
      return (0..<classes).map {
        Float($0 == answer ? confidence : (1 - confidence) / Double(classes - 1))
      }
    }
    var result = try Predictions(
      variant: run.variant, seed: seed, task: run.task, split: split, classNames: run.classNames,
      labels: labels, probabilities: probabilities, textIDs: textIDs)
    for (index, row) in result.mostConfidentErrors(Misclassification.listed).enumerated() {
      result.ids[row] = "reviews.csv:\(row + 2)"
      result.because[row] = [
        WordContribution(word: "invented", by: 0.5), WordContribution(word: "nothing", by: -0.25),
        WordContribution(word: "<script", by: 0.125),
      ]
      result.texts[row] =
        index == 0
        ? Self.hostile
        : String(
          repeating: "An invented review about nothing in particular. ",
          count: index * 3)
    }
    return result
  }

  private var curves: [RunCurve] {
    runs.flatMap { run in
      seeds.map { seed in
        let epochs = run.variant.training == .fineTuned ? 12 : 6
        var curve = LearningCurve(stage: "train")
        curve.bestEpoch = epochs - 1
        curve.points = (1...epochs).map { epoch in
          let left = 1 / (1 + Double(epoch) * 0.7) + Double(seed) * 0.01
          return LearningCurve.Point(
            epoch: epoch, task: run.task.name, trainLoss: 0.2 + 0.9 * left,
            trainAccuracy: run.train - 0.3 * left,
            validationLoss: 0.4 + 0.6 * left + 0.015 * Double(epoch),
            validationAccuracy: run.test - 0.2 * left)
        }
        return RunCurve(variant: run.variant, seed: seed, task: run.task, curve: curve)
      }
    }
  }

  private var datasets: [DatasetSummary] {
    runs.map(\.task).unique.flatMap { task in
      [(Split.train, 8000), (.validation, 1000), (.test, 2000)].map { split, count in
        let classNames = runs.first { $0.task == task }?.classNames ?? []
        let lengths = (0..<400).map { 4 + ($0 * $0) % 290 * ($0 % 7 + 1) / 7 }
        return DatasetSummary(
          task: task, split: split, classNames: classNames,
          rows: classNames.indices.map {
            count * ($0 + 1) / (classNames.count * (classNames.count + 1) / 2)
          },
          tokens: count * 118, duplicates: count / 800, tokenCoverage: 0.9874, typeCoverage: 0.913,
          lengths: DatasetSummary.histogram(lengths))
      }
    }
  }

  private var provenance: [Provenance] {
    let costs = [
      ("ingest yelp", 31.4, 84_000_000), ("vocab", 6.2, 410_000_000),
      ("train dlnc, seed 1", 312, 388_000_000), ("finetune imdb, dlnc, seed 1", 71, 402_000_000),
    ]
    return costs.map { stage, seconds, bytes in
      Provenance(
        stage: stage,
        settings: [
          NamedValue("learning-rate", "0.002"), NamedValue("note", Self.hostile),
          NamedValue("batch", "32"),
        ],
        digests: [NamedValue("input tokens", String(repeating: "0123456789abcdef", count: 4))],
        seconds: seconds, peakBytes: bytes)
    }
  }
}
