import DLNC
import Support

/// A setting and its trainings.
public struct TunedSetting: Sendable {
  /// The name.
  public let name: String
  /// The options in which it differs from the manifest.
  public let flags: [(flag: String, value: String)]
  /// Whether its model does not depend on the seed.
  public let isDeterministic: Bool
  /// Its trainings, by seed in ascending order.
  public var trainings: [(seed: Int, predictions: ValidationPredictions)] = []
  /// The number of rounds that it was in.
  public var rounds = 0
  /// The reason why a training failed, after which it is out.
  public var failure: String?

  /// A setting without trainings.
  public init(name: String, flags: [(flag: String, value: String)], isDeterministic: Bool) {
    (self.name, self.flags, self.isDeterministic) = (name, flags, isDeterministic)
  }

  /// The mean of a measure over the seeds; nil without trainings, and after a failure.
  public func score(_ measure: SelectionCriterion) -> Double? {
    failure == nil ? mean(trainings.map { $0.predictions.score(measure) }) : nil
  }
}

extension [TunedSetting] {
  /// The indices of the settings that can be chosen, the best first: those of later rounds before those
  /// of earlier ones, then by score, then in their order.
  ///
  /// More seeds would not change the score of a model that does not depend on them. So it is ranked among
  /// those of the last round if its score is, in whichever round it was left out.
  public func ranking(by measure: SelectionCriterion) -> [Int] {
    let scored = indices.compactMap { index in
      self[index].score(measure).map { (index: index, merit: measure.merit($0)) }
    }
    let last = scored.map { self[$0.index].rounds }.max() ?? 0
    let finalists = scored.filter { self[$0.index].rounds == last }
    let lowest = finalists.map(\.merit).min() ?? 0
    func rounds(_ entry: (index: Int, merit: Double)) -> Int {
      let setting = self[entry.index]
      return setting.isDeterministic && entry.merit >= lowest ? last : setting.rounds
    }
    return scored.sorted {
      (rounds($1), $1.merit, $0.index) < (rounds($0), $0.merit, $1.index)
    }.map(\.index)
  }
}

/// The outcome of a tuning: the settings with their scores on validation rows, the best first.
///
/// It holds no times, so that equal trainings give equal bytes.
public struct TuningReport {
  private let title: String
  private let measure: SelectionCriterion
  private let settings: [TunedSetting]
  private let rounds: [(settings: Int, seeds: Int)]
  private let folds: Int
  private let notes: [String]
  /// The indices of the ranked settings.
  private let ranking: [Int]
  /// The differences from the best by setting; nil for itself and for those without a rank.
  private let differences: [Int: TuningComparison.Difference]

  /// Compares settings.
  /// - Parameters:
  ///   - rounds: the rounds that were run: the number of settings, and that of the seeds of each.
  ///   - folds: the number of trainings of a setting with one seed.
  ///   - notes: remarks for the reader.
  /// - Returns: nil if no setting has a score.
  public init?(
    title: String, by measure: SelectionCriterion, settings: [TunedSetting],
    rounds: [(settings: Int, seeds: Int)], folds: Int, notes: [String] = []
  ) {
    ranking = settings.ranking(by: measure)
    guard !ranking.isEmpty else { return nil }
    (self.title, self.measure, self.settings) = (title, measure, settings)
    (self.rounds, self.folds, self.notes) = (rounds, folds, notes)
    let ranked = ranking.map { settings[$0] }
    let comparison = TuningComparison(
      ranked.map { $0.trainings.map(\.predictions) },
      isDeterministic: ranked.map(\.isDeterministic),
      best: 0, by: measure)
    differences = zip(ranking, comparison.differences).reduce(into: [:]) { $0[$1.0] = $1.1 }
  }

  /// The index of the best setting.
  public var best: Int { ranking[0] }

  private var bestSetting: TunedSetting { settings[best] }

  /// The names of the settings whose distance from the best may be chance.
  private var withinNoise: [String] {
    ranking.filter { differences[$0]?.isWithinNoise == true }.map { settings[$0].name }
  }

  private var failed: [TunedSetting] { settings.filter { $0.failure != nil } }

  // MARK: Text

  /// The result in sentences.
  public var findings: [String] {
    let rows = bestSetting.trainings.first?.predictions.rows ?? 0
    let tasks = bestSetting.trainings.first?.predictions.tasks.count ?? 1
    let seeds = bestSetting.trainings.count
    let unit = measure == .loss ? "" : " %"
    let score = measure.text(bestSetting.score(measure)) + unit
    let mean = tasks > 1 ? ", mean of \(tasks) tasks" : ""
    let runs = bestSetting.isDeterministic ? "" : " and \(NumberFormat.count(seeds, "seed"))"
    let count = NumberFormat.count(rows, "validation row")
    let noise = withinNoise.joined(separator: ", ")
    var findings = [
      "Best: \(bestSetting.name), with \(measureTitle) \(score) over \(count)\(runs)\(mean)."
    ]
    findings.append(
      ranking.count == 1
        ? "It has no rival."
        : noise.isEmpty
          ? "No other setting is within noise of the best." : "Within noise of the best: \(noise).")
    if !failed.isEmpty {
      findings.append("Failed: \(failed.map(\.name).joined(separator: ", ")).")
    }
    return findings
  }

  /// The name of the measure.
  private var measureTitle: String {
    guard measure == .accuracy else { return measure.title }
    return Measure.phrase(bestSetting.trainings.first?.predictions.tasks.map(\.measure) ?? [])
  }

  /// The method in sentences.
  private var explanation: String {
    let steps = rounds.map { round in
      "\(NumberFormat.count(round.settings, "setting")) with "
        + NumberFormat.count(round.seeds, "seed")
    }.joined(separator: ", then ")
    let division =
      folds > 1
      ? " Each setting and seed is trained on \(folds) folds and judged by the validation rows of all; they "
        + "are test rows of other folds, so that a cross-validation of the best setting is slightly too good."
      : " No test row was read."
    return
      "\(measureTitle.capitalizedFirst) on validation rows. Successive halving: \(steps). A setting "
      + "is within noise of the best unless a paired bootstrap over texts and seeds, adjusted by Holm over all "
      + "settings, gives p < 0.05. The score of the best of many is a little too high.\(division)"
  }

  /// A line of the table.
  private struct Row {
    let rank: Int
    let setting: TunedSetting
    let scores: [Double]
    let difference: TuningComparison.Difference?
    let verdict: String
  }

  private var table: Table {
    let rows = ranking.enumerated().map { offset, index in
      Row(
        rank: offset + 1, setting: settings[index], scores: scores(of: settings[index]),
        difference: differences[index], verdict: verdict(of: index))
    }
    let columns: [Table.Column<Row>?] = [
      .number("Rank") { Table.Cell($0.rank) },
      .text("Setting") { Table.Cell($0.setting.name) },
      .text("Options") { Table.Cell($0.setting.options) },
      .number("Seeds") { Table.Cell($0.scores.count) },
      .number(measureTitle.capitalizedFirst) { scoreCell($0) },
      .number("To the best") { Table.Cell(differenceText($0.difference)) },
      .number("95 % interval") { Table.Cell(intervalText($0.difference)) },
      .number("p") { row in
        Table.Cell(row.difference.map { NumberFormat.probability($0.pValue) } ?? NumberFormat.none)
      },
      .text("Verdict") { Table.Cell($0.verdict) },
    ]
    return Table(rows, columns)
  }

  private func scoreCell(_ row: Row) -> Table.Cell {
    let deviation = standardDeviation(row.scores).map { "± \(measure.text($0))" }
    return Table.Cell(
      measure.text(mean(row.scores)), detail: deviation, isStrong: row.difference == nil)
  }

  private func differenceText(_ difference: TuningComparison.Difference?) -> String {
    difference.map { measure.difference($0.value) } ?? NumberFormat.none
  }

  private func intervalText(_ difference: TuningComparison.Difference?) -> String {
    guard let interval = difference?.interval else { return NumberFormat.none }
    return "\(measure.difference(interval.low)) … \(measure.difference(interval.high))"
  }

  private func scores(of setting: TunedSetting) -> [Double] {
    setting.trainings.map { $0.predictions.score(measure) }
  }

  private func verdict(of setting: Int) -> String {
    if setting == best { return "best" }
    guard let difference = differences[setting] else {
      return settings[setting].failure == nil ? "not tried" : "failed"
    }
    return difference.isWithinNoise ? "within noise" : "worse"
  }

  private var section: Section {
    Section("settings", "Settings") {
      Block.table(table, caption: explanation, isStacked: true)
      if !failed.isEmpty {
        Block.heading("Failed")
        Block.list(failed.map { ("\($0.name).", "\($0.options): \($0.failure ?? "")") })
      }
    }
  }

  /// The report as GitHub's dialect of Markdown.
  public var markdown: String {
    "# \(Markdown.escaped(title))\n"
      + (findings + notes).map { "\n\(Markdown.escaped($0))\n" }.joined() + section.markdown
  }

  /// The report as a self-contained page.
  public var html: String {
    HTML.page(title: title) {
      tag("header") {
        tag("h1") { title }
        for finding in findings { tag("p") { finding } }
        for note in notes { tag("p", ["class": "note"]) { note } }
      }
      tag("main") { section.html }
    }
  }

  /// The table for a terminal, followed by the findings.
  public var text: String {
    let rows = ranking.map { index in
      [
        settings[index].name, "\(settings[index].trainings.count)",
        measure.text(settings[index].score(measure)),
        differenceText(differences[index]), verdict(of: index),
      ]
    }
    let head = ["setting", "seeds", measureTitle, "to the best", ""]
    return ([TextTable.text([head] + rows, numeric: [1, 2, 3])] + findings + notes)
      .joined(separator: "\n")
  }

  /// The report for programs, with the scores of each training.
  public var json: String {
    let others = settings.indices.filter { !ranking.contains($0) }
    return JSON.object([
      "title": title, "by": measure.rawValue, "folds": folds, "notes": notes,
      "findings": findings, "best": bestSetting.name,
      "rounds": rounds.map { JSON.object(["settings": $0.settings, "seeds": $0.seeds]) },
      "settings": (ranking + others).map(json),
    ]).text
  }

  private func json(of index: Int) -> JSON {
    let setting = settings[index]
    let difference = differences[index]
    var options: [String: JSON] = [:]
    for (flag, value) in setting.flags { options[flag] = .string(value) }
    let members: JSON.Members = [
      "name": setting.name, "verdict": verdict(of: index), "rounds": setting.rounds,
      "options": JSON.object(options), "failure": setting.failure,
      "score": setting.score(measure), "difference": difference?.value,
      "low": difference?.interval.low, "high": difference?.interval.high,
      "adjusted": difference?.pValue,
      "trainings": setting.trainings.map { seed, predictions in
        JSON.object(["seed": seed, "tasks": predictions.tasks])
      },
    ]
    return .object(members)
  }
}

extension ValidationPredictions.Task: JSONConvertible {
  var json: JSON {
    let once = [Int](repeating: 1, count: labels.count)
    return .object([
      "task": name, "rows": labels.count, measure.key: score(.accuracy, weights: once),
      "macroF1": score(.macroF1, weights: once), "loss": score(.loss, weights: once),
    ])
  }
}

extension TunedSetting {
  /// The options as on a command line.
  var options: String {
    flags.isEmpty
      ? "as in the manifest" : flags.map { "--\($0.flag) \($0.value)" }.joined(separator: " ")
  }
}
