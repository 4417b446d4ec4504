import DLNC
import Foundation
import Shards
import Support
import TestSupport
import Testing

@testable import Evaluation

/// Reports on multi-label tasks, alone and beside a task with one class a row.
struct MultiLabelReportTests {
  private static let task = EvaluationTask(name: "tags", isMultiLabel: true)
  private static let classes = ["bug", "ui", "cost|price"]

  /// 60 rows with up to two labels, of which a model of `quality` misses some.
  private static func run(
    _ name: String, seed: Int = 1, quality: Int, _ split: Split = .test
  ) throws -> Predictions {
    let truth = (0..<60).map { row in classes.indices.filter { (row + 3 * $0) % 7 < 2 } }
    let probabilities = truth.enumerated().flatMap { row, labels in
      classes.indices.map { label -> Float in
        let isRight = (row * 7 + label * 5 + seed) % 10 < quality
        return labels.contains(label) == isRight ? 0.9 : 0.2
      }
    }
    var run = try labelPredictions(
      truth, probabilities, uncalibrated: probabilities.map { $0 / 2 },
      thresholds: [0.5, 0.4, 0.6], classes: classes, variant: ModelVariant(name), seed: seed,
      task: task, split: split)
    for row in run.mostConfidentErrors(Misclassification.listed) { run.texts[row] = "text \(row)" }
    return run
  }

  private static func report(seeds: Int = 1, with others: [Predictions] = []) throws -> Report {
    let runs = try (1...seeds).flatMap { seed in
      try [
        run("dlnc", seed: seed, quality: 9), run("dlnc", seed: seed, quality: 10, .train),
        run("bag-of-words", seed: seed, quality: 7),
      ]
    }
    let curve = runCurve(task: task, bestEpoch: 1, [(1, 0.5, 0.75), (2, 0.25, 0.875)])
    let counts = DatasetSummary(
      task: task, split: .test, classNames: classes, rows: [20, 20, 20],
      labelSets: LabelSetCounts(rows: 80, unlabelled: 25, labels: 60), tokens: 800)
    return try Report(
      title: "Tags", ReportInput(predictions: runs + others, curves: [curve], datasets: [counts]))
  }

  /// The text between two headings of report.md.
  private static func section(_ heading: String, of report: Report) throws -> String {
    let parts = report.markdown().components(separatedBy: "\n### \(heading)\n")
    return try #require(parts.dropFirst().first?.components(separatedBy: "\n### ").first)
  }

  @Test func `micro-F1 takes the place of accuracy`() throws {
    let report = try Self.report(seeds: 2)
    let text = report.markdown()
    #expect(
      text.contains(
        "| Model | Training micro-F1 | Test micro-F1 | 95 % interval | Macro-F1 | Subset accuracy | Seeds |"
      ))
    #expect(text.contains("DLNC is the best of 2 models: it has a micro-F1 of "))
    #expect(text.contains("\nMicro-F1 in %; rows: 60 train, 60 test.\n"))
    #expect(text.contains("Difference in test micro-F1, in percentage points."))
    let html = report.html()
    for content in [text, html] {
      #expect(content.replacing("ubset accuracy", with: "").contains("takes the place of accuracy"))
      #expect(!content.contains("est accuracy") && !content.contains("onfusion"))
    }
    #expect(html.contains("> test micro-F1 · DLNC<") && HTMLElements(html).problem == nil)
    #expect(!report.figures().contains { $0.name.hasPrefix("confusion") })
    #expect(report.figures().contains { $0.name == "reliability_tags_dlnc" })
    #expect(!report.figures().contains { $0.name.hasPrefix("coverage") })
  }

  @Test func `each label has its scores and its threshold`() throws {
    let report = try Self.report()
    let table = try Self.section("Labels", of: report)
    #expect(table.contains("| Label | Rows | Predicted | Precision | Recall | F1 | Threshold |"))
    #expect(
      table.contains(#/\n\| ui \| 16 \| \d+ \| \d+\.\d \| \d+\.\d \| \*\*\d+\.\d\*\* \| 40\.0 \|/#))
    let data = try Self.section("Data", of: report)
    #expect(data.contains("| Labels a row | Rows without label | Tokens a row |"))
    #expect(data.contains("| 0.75 | 25 | 10.0 |"))
  }

  @Test func `single runs have an interval over texts, and their test is a bootstrap`() throws {
    let report = try Self.report()
    let result = try #require(report.result(ModelVariant("dlnc"), Self.task))
    let interval = try #require(result.score?.interval)
    #expect(interval.method == .textBootstrap)
    let mean = try #require(result.score?.mean)
    #expect(interval.low < mean && mean < interval.high && interval.high - interval.low < 0.2)
    #expect(report.comparisons.map(\.test) == [.bootstrap])
    #expect(report.comparisons.allSatisfy { $0.interval != nil && $0.mcNemar == nil })
    #expect(
      report.markdown().contains("The numbers are single runs with a bootstrap 95 % interval"))
  }

  @Test func `mistakes name label sets`() throws {
    let mistakes = try Self.section("Most confident errors", of: try Self.report())
    #expect(
      mistakes.contains("The percentage is the distance of the probability of the worst label"))
    #expect(mistakes.contains("| no label |"))
    #expect(mistakes.contains("bug, cost\\|price") || mistakes.contains("ui, cost\\|price"))
  }

  @Test func `report.json has microF1 where other tasks have accuracy`() throws {
    let text = try Self.report(seeds: 2).json()
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    func first(_ key: String) throws -> [String: Any] {
      try #require((json[key] as? [[String: Any]])?.first)
    }
    let result = try first("results")
    #expect(result["accuracy"] == nil && result["measure"] as? String == "micro-F1")
    for key in ["microF1", "macroF1", "subsetAccuracy"] {
      #expect((result[key] as? [String: Any])?["mean"] is Double, "\(key)")
    }
    let label = try #require((result["classes"] as? [[String: Any]])?[1])
    #expect(label["threshold"] as? Double == 0.4 && label["predicted"] is Int)
    #expect(result["confusion"] is NSNull && (result["coverage"] as? [Any])?.isEmpty == true)
    #expect(try first("headline")["microF1"] != nil && first("comparisons")["measure"] != nil)
    #expect(try first("mistakes")["gold"] is [String])
    #expect(try first("data")["withoutLabel"] as? Int == 25)
  }

  @Test func `tasks of both kinds are in tables of their own`() throws {
    let single = try ["dlnc", "bag-of-words"].map {
      try predictions(
        (0..<60).map { $0 % 3 }, labels: (0..<60).map { $0 % 4 % 3 }, variant: ModelVariant($0),
        task: EvaluationTask(name: "moods"))
    }
    let report = try Self.report(with: single)
    let text = report.markdown()
    #expect(text.contains("| Model | Test accuracy |"))
    #expect(text.contains("| Test micro-F1 |"))
    #expect(text.contains("Difference in test accuracy (micro-F1 in multi-label tasks)"))
    #expect(text.contains("| tags (micro-F1) |"))
    #expect(report.overview(.accuracy).headings.map(\.text) == ["Accuracy, %", "moods"])
    #expect(report.overview(.microF1).headings.map(\.text) == ["Micro-F1, %", "tags"])
    let summary = EvaluationSummary(report)
    #expect(
      summary.text.contains(
        #/\nmodel +task +split +rows +micro-F1 +macro-F1 +subset accuracy\nDLNC +tags/#))
    #expect(summary.text.contains(#/model +task +split +rows +accuracy +macro-F1\nDLNC +moods/#))
    let json = String(decoding: try JSONEncoder().encode(summary), as: UTF8.self)
    #expect(json.contains("\"microF1\"") && json.contains("\"subsetAccuracy\""))
  }

  @Test func `one task cannot be of both kinds`() throws {
    let single = try predictions([0], labels: [0], task: EvaluationTask(name: "tags"))
    let error = #expect(throws: UserError.self) { try Self.report(with: [single]) }
    #expect(error?.hint == "evaluate the models of the two kinds into separate reports")
  }

  @Test func `reliability is that of all labels of all rows`() throws {
    let report = try Self.report()
    let result = try #require(report.result(ModelVariant("dlnc"), Self.task))
    #expect(result.calibration.total == 180)
    // Of the 54 labels with 0.9, and of the 126 with 0.2, some are wrong.
    let error = try #require(result.calibration.expectedError)
    #expect(result.errorBefore != nil && result.errorBefore != error)
    let section = try Self.section("Can the probabilities be trusted?", of: report)
    #expect(section.contains("| Probability | Count | Mean, % | With the label, % |"))
  }

  @Test func `predictions.csv has label sets and no confidence`() throws {
    let bench = try TemporaryDirectory()
    let output = try AtomicDirectory(at: bench("out"))
    let probabilities: [Float] = [0.75, 0.25, 0.875, 0.25, 0.125, 0.25]
    let run = try labelPredictions([[0, 2], []], probabilities, classes: Self.classes)
    try PredictionTables(in: output).append(
      run, probabilities: probabilities, id: { "a:\($0)" }, text: { _ in "t" })
    try output.commit()
    let table = try #require(bench.read("out/predictions/tags.csv"))
    #expect(
      table.split(separator: "\r\n").dropFirst() == [
        #"tags,DLNC,1,test,a:0,t,bug|cost\u{7c}price,bug|cost\u{7c}price,,0.75,0.25,0.875"#,
        "tags,DLNC,1,test,a:1,t,,,,0.25,0.125,0.25",
      ])
  }

  @Test func `settings are compared by micro-F1`() throws {
    var task = ValidationPredictions.Task(name: "tags", classNames: Self.classes)
    task.measure = .microF1
    task.labels = [[0, 1], [], [2]]
    task.predicted = [[0], [], [1, 2]]
    task.textIDs = [0, 1, 2]
    task.losses = [1, 0, 2]
    let predictions = ValidationPredictions(tasks: [task])
    #expect(predictions.score(.accuracy) == 4.0 / 6 && predictions.score(.loss) == 1)
    #expect(predictions.score(.macroF1) == 2.0 / 3)
    var setting = TunedSetting(name: "only", flags: [], isDeterministic: true)
    setting.trainings = [(1, predictions)]
    let report = try #require(
      TuningReport(title: "T", by: .accuracy, settings: [setting], rounds: [(1, 1)], folds: 1))
    #expect(report.findings[0] == "Best: only, with micro-F1 66.7 % over 3 validation rows.")
    #expect(report.json.contains("\"microF1\": 0.666667"))
  }
}
