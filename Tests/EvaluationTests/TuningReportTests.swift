import DLNC
import Foundation
import Support
import Testing

@testable import Evaluation

/// The ranking of settings by their predictions for validation rows.
struct TuningReportTests {
  /// Answers for 200 rows of two classes, of which those are wrong for which `isWrong` holds.
  private static func predictions(_ isWrong: (Int) -> Bool) -> ValidationPredictions {
    var task = ValidationPredictions.Task(name: "moods", classNames: ["bad", "good"])
    for row in 0..<200 {
      let label = row % 4 == 0 ? 1 : 0
      task.labels.append([label])
      task.textIDs.append(row / 2)
      task.predicted.append([isWrong(row) ? 1 - label : label])
      task.losses.append(isWrong(row) ? 2 : 0.5)
    }
    return ValidationPredictions(tasks: [task])
  }

  private static func setting(
    _ name: String, rounds: Int, _ predictions: [ValidationPredictions],
    isDeterministic: Bool = false
  ) -> TunedSetting {
    var setting = TunedSetting(
      name: name, flags: [("epochs", "\(name.count)")], isDeterministic: isDeterministic)
    setting.rounds = rounds
    setting.trainings = predictions.enumerated().map { ($0.offset + 1, $0.element) }
    return setting
  }

  /// The best setting, one that is as good, one that is worse and one that failed.
  private static var settings: [TunedSetting] {
    var failed = TunedSetting(name: "failed", flags: [("hidden", "0")], isDeterministic: false)
    failed.failure = "--hidden is 0"
    return [
      setting("worse", rounds: 1, [predictions { $0 % 3 == 0 }]),
      setting("close", rounds: 2, [predictions { $0 % 11 == 0 }, predictions { $0 % 13 == 1 }]),
      failed,
      setting("winner", rounds: 2, [predictions { $0 % 12 == 0 }, predictions { $0 % 14 == 1 }]),
    ]
  }

  @Test func `the measures are those of the rows`() {
    let predictions = Self.predictions { $0 < 50 }
    #expect(predictions.score(.accuracy) == 0.75)
    #expect(predictions.score(.loss) == 0.5 + 1.5 / 4)
    // Of 13 wrong rows of 50 good ones and 37 of 150 bad ones.
    let good = 2 * 37.0 / (37 + 37 + 37 + 13)
    let bad = 2 * 113.0 / (113 + 113 + 13 + 37)
    #expect(abs(predictions.score(.macroF1) - (good + bad) / 2) < 1e-12)
  }

  @Test func `rounds come before scores, and a lower loss is better`() {
    let settings = [
      Self.setting("lucky", rounds: 1, [Self.predictions { _ in false }]),
      Self.setting("good", rounds: 2, [Self.predictions { $0 < 10 }]),
      Self.setting("bad", rounds: 2, [Self.predictions { $0 < 90 }]),
      Self.setting("as good", rounds: 2, [Self.predictions { $0 < 10 }]),
    ]
    #expect(settings.ranking(by: .accuracy) == [1, 3, 2, 0])
    #expect(settings.ranking(by: .loss) == [1, 3, 2, 0])
  }

  @Test func `a model that does not depend on the seed can come back`() {
    func ranking(_ wrong: Int) -> [Int] {
      [
        Self.setting("words", rounds: 1, [Self.predictions { $0 < wrong }], isDeterministic: true),
        Self.setting("one", rounds: 2, [Self.predictions { $0 < 10 }]),
        Self.setting("two", rounds: 2, [Self.predictions { $0 < 20 }]),
      ].ranking(by: .accuracy)
    }
    #expect(ranking(5) == [0, 1, 2] && ranking(15) == [1, 0, 2] && ranking(25) == [1, 2, 0])
  }

  @Test func `a setting is worse only if chance does not explain it`() throws {
    let report = try #require(
      TuningReport(
        title: "Tuning", by: .accuracy, settings: Self.settings, rounds: [(4, 1), (2, 2)], folds: 1,
        notes: ["5 trainings."]))
    #expect(report.best == 3)
    #expect(
      report.findings == [
        "Best: winner, with accuracy 92.0 % over 200 validation rows and 2 seeds.",
        "Within noise of the best: close.", "Failed: failed.",
      ])
    let lines = report.markdown.split(separator: "\n").map(String.init)
    #expect(
      lines.contains { $0.hasPrefix("| 1 | winner | --epochs 6 | 2 | **92.0** ± 0.7 | – |") },
      "\(report.markdown)")
    #expect(lines.contains { $0.hasPrefix("| 3 | worse |") && $0.hasSuffix("| worse |") })
    #expect(report.markdown.contains("- **failed.** --hidden 0: --hidden is 0"))
    #expect(report.html.contains("<h1>Tuning</h1>") && report.html.contains("within noise"))
    #expect(
      report.text.contains(#/\nclose +2 +91\.[23] +−0\.[78] +within noise\n/#), "\(report.text)")

    struct Record: Decodable {
      struct Setting: Decodable {
        struct Training: Decodable { var seed: Int }
        var name: String
        var verdict: String
        var adjusted: Double?
        var options: [String: String]
        var trainings: [Training]
      }
      var best: String
      var settings: [Setting]
    }
    let record = try JSONDecoder().decode(Record.self, from: Data(report.json.utf8))
    #expect(record.best == "winner")
    #expect(record.settings.map(\.verdict) == ["best", "within noise", "worse", "failed"])
    #expect(record.settings.map { $0.trainings.count } == [2, 2, 1, 0])
    #expect(record.settings[3].options == ["hidden": "0"])
    #expect(record.settings[2].adjusted ?? 1 < 0.05 && record.settings[1].adjusted ?? 0 > 0.05)
  }

  @Test func `a single seed counts as one of many, unless the model does not depend on it`() {
    let spread = [Self.predictions { $0 < 10 }, Self.predictions { $0 >= 150 && $0 % 2 == 0 }]
    let single = [Self.predictions { $0 % 9 == 0 }]
    func width(_ isDeterministic: Bool) -> Double {
      let comparison = TuningComparison(
        [spread, single], isDeterministic: [false, isDeterministic], best: 0, by: .accuracy)
      #expect(comparison.differences[0] == nil)
      let interval = comparison.differences[1]?.interval
      return (interval?.high ?? 0) - (interval?.low ?? 0)
    }
    #expect(width(false) > width(true))
  }

  @Test func `there is no report without a setting that was trained`() {
    let failed = [Self.settings[2]]
    #expect(
      TuningReport(title: "", by: .loss, settings: failed, rounds: [(1, 1)], folds: 1) == nil)
  }
}
