import Shards
import Support

@testable import DLNC
@testable import Evaluation

/// A report of a user's own tickets with any number of classes and models, all invented.
struct OwnDataReport {
  var classes: Int
  var models: Int
  /// Test rows.
  var rows = 400

  static let names = [
    "billing", "delivery late", "account locked", "refund", "praise",
    "other questions about products",
  ]

  private let task = EvaluationTask(name: "tickets")

  private var classNames: [String] {
    classes == 2
      ? ["complaint", "praise"]
      : (0..<classes).map { $0 < Self.names.count ? Self.names[$0] : "product group \($0)" }
  }

  private var variants: [ModelVariant] {
    Array(
      ([
        ModelVariant("dlnc"), ModelVariant("bag-of-words"), ModelVariant("majority"),
        ModelVariant("lstm-linear"), ModelVariant("no-task-embedding"),
        ModelVariant("separate-cell"),
      ]
        + [0.01, 0.02, 0.05].map { ModelVariant("dlnc", detail: "hidden 32, learning-rate \($0)") })
        .prefix(models))
  }

  func report() throws -> Report {
    let words =
      variants.contains { $0.name == "bag-of-words" }
      ? ClassWords.Source.weights(ModelVariant("bag-of-words")) : .trainingRows
    return try Report(
      title: "Results: tickets",
      ReportInput(
        predictions: variants.enumerated().flatMap { index, variant in
          try [Split.train, .test].map { try invented(variant, index, $0) }
        }, curves: curves, datasets: datasets,
        words: [
          ClassWords(
            task: task, source: words, classNames: classNames,
            entries: classNames.map { name in
              ["invoice", "was charged", "late", "not working", "my account", "thanks"].map {
                ClassWords.Entry(text: "\($0) \(name.prefix(4))", weight: 2.5)
              }
            })
        ],
        sources: [
          SourceFile(
            task: "tickets", name: "tickets.csv", files: 1, bytes: 123_456,
            sha256: String(repeating: "0123456789abcdef", count: 4))
        ], provenance: provenance))
  }

  private func invented(
    _ variant: ModelVariant, _ index: Int, _ split: Split
  ) throws -> Predictions {
    var draws = SplitMix64(state: UInt64(index * 2 + (split == .train ? 1 : 0) + 7))
    let rows = split == .train ? rows * 3 : rows
    // Classes of unequal size; neighbors are confused.
    let labels = (0..<rows).map { ($0 * $0 + $0) % 991 * classes / 991 }
    let probabilities = labels.enumerated().flatMap { row, label -> [Float] in
      let isHard = row % 7 == index % 3 || row % 11 == index
      let isRight = !isHard || draws.below(100) < 40
      let answer =
        variant.name == "majority" ? 0 : isRight ? label : (label + 1 + draws.below(3)) % classes
      let confidence = isHard ? 0.55 + Float(draws.below(40)) / 100 : 0.9
      return (0..<classes).map {
        $0 == answer ? confidence : (1 - confidence) / Float(max(classes - 1, 1))
      }
    }
    var run = try Predictions(
      variant: variant, seed: 1, task: task, split: split, classNames: classNames, labels: labels,
      probabilities: probabilities, textIDs: Array(0..<rows))
    for row in run.mostConfidentErrors(Misclassification.listed) {
      run.texts[row] = "ticket \(row) : the parcel came late and nobody answered my two letters ."
    }
    return run
  }

  private var curves: [RunCurve] {
    variants.filter { !["majority", "bag-of-words"].contains($0.name) }.map { variant in
      var curve = LearningCurve(stage: "train")
      curve.bestEpoch = 8
      curve.points = (1...10).map { epoch in
        let left = 1 / (1 + Double(epoch))
        return .init(
          epoch: epoch, task: "tickets", trainLoss: left * 2, trainAccuracy: 1 - left,
          validationLoss: left + 0.04 * Double(epoch), validationAccuracy: 0.9 - left)
      }
      return RunCurve(variant: variant, seed: 1, task: task, curve: curve)
    }
  }

  private var datasets: [DatasetSummary] {
    [(Split.train, rows * 3), (.test, rows)].map { split, count in
      DatasetSummary(
        task: task, split: split, classNames: classNames,
        rows: classNames.indices.map { max(1, count * ($0 % 5 + 1) / 3 / classes) },
        tokens: count * 41, tokenCoverage: 0.97, typeCoverage: 0.9,
        lengths: DatasetSummary.histogram((0..<count).map { 4 + $0 * $0 % 61 }))
    }
  }

  private var provenance: [Provenance] {
    [("ingest tickets", 0.31), ("vocab", 0.62), ("train dlnc", 31), ("train bag-of-words", 0.7)]
      .map { stage, seconds in
        Provenance(
          stage: stage, settings: [NamedValue("option seed", "1")],
          digests: [NamedValue("input archive", String(repeating: "0123456789abcdef", count: 4))],
          seconds: seconds, peakBytes: 84_000_000)
      }
  }
}
