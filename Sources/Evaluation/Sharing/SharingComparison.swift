import DLNC
import Support

/// The ways in which models share parameters among tasks, compared on one task: trained alone, jointly
/// with other tasks, jointly and then fine-tuned, pooled, or with a shared part of the weights.
struct SharingComparison {
  /// One way of one kind of model.
  struct Way {
    let result: EvaluationResult
    /// The test against the same kind of model trained alone; nil for that model itself, or if they
    /// have no common rows.
    fileprivate(set) var comparison: Comparison?

    var variant: ModelVariant { result.variant }

    /// The way without the kind of model, such as `joint, fine-tuned`.
    var title: String {
      (variant.sharing?.rawValue ?? "") + (variant.training == .fineTuned ? ", fine-tuned" : "")
    }

    fileprivate var isAlone: Bool { variant.sharing == .alone && variant.training == .trained }

    /// Whether it is significantly better than training alone.
    fileprivate var isBetter: Bool {
      comparison.map { $0.difference > 0 && $0.adjustedPValue < 0.05 } ?? false
    }

    fileprivate var isWorse: Bool {
      comparison.map { $0.difference < 0 && $0.adjustedPValue < 0.05 } ?? false
    }

    /// The difference from training alone, such as `joint +1.8 points, p 0.010`.
    fileprivate var difference: String {
      guard let comparison else { return title }
      return "\(title) \(NumberFormat.points(comparison.difference)) points, p "
        + NumberFormat.probability(comparison.adjustedPValue)
    }
  }

  let task: EvaluationTask
  /// The ways in the order of the table: by kind of model, the simplest first.
  fileprivate(set) var ways: [Way]

  /// Compares the ways on a task; nil unless a kind of model has several.
  /// - Parameters:
  ///   - results: the results of the task.
  ///   - runs: the predictions that they summarize.
  init?(_ results: [EvaluationResult], _ runs: [Predictions]) {
    let results = results.filter { $0.variant.sharing != nil }
    guard let task = results.first?.task else { return nil }
    self.task = task
    ways = results.map(\.variant.name).unique.flatMap { name in
      let results = results.filter { $0.variant.name == name }.enumerated().sorted {
        (Self.rank($0.element.variant), $0.offset) < (Self.rank($1.element.variant), $1.offset)
      }.map(\.element)
      let alone = results.first { $0.variant.sharing == .alone && $0.variant.training == .trained }
      return results.map { result in
        var way = Way(result: result)
        if let alone, alone.variant != result.variant {
          way.comparison = Comparison(
            runs.filter { $0.variant == result.variant },
            runs.filter { $0.variant == alone.variant })
        }
        return way
      }
    }
    guard ways.contains(where: { $0.comparison != nil }) else { return nil }
  }

  private static func rank(_ variant: ModelVariant) -> Int {
    (variant.sharing == .alone ? 0 : 1) + (variant.training == .fineTuned ? 2 : 0)
  }

  /// Adjusts the p-values of all tests as one family.
  static func adjust(_ comparisons: inout [SharingComparison]) {
    let places = comparisons.indices.flatMap { task in
      comparisons[task].ways.indices.map { (task, $0) }
    }.filter { comparisons[$0.0].ways[$0.1].comparison != nil }
    let pValues = places.map { comparisons[$0.0].ways[$0.1].comparison?.pValue ?? 1 }
    for ((task, way), adjusted) in zip(places, holm(pValues)) {
      comparisons[task].ways[way].comparison?.adjustedPValue = adjusted
    }
  }

  /// The advice in one sentence: for the kind of model with the best result, the way that is
  /// significantly better than training alone, or else that, which is simpler.
  var recommendation: String { "\(task.title): \(advice)" }

  /// The recommendation without the name of the task.
  var advice: String {
    let kinds = ways.map(\.variant.name).unique.compactMap { name in
      Kind(ways.filter { $0.variant.name == name })
    }
    guard let best = kinds.max(by: { $0.score < $1.score }) else { return "" }
    let others = kinds.filter { $0.chosen.variant != best.chosen.variant }.map {
      "\($0.chosen.variant.title): \(NumberFormat.percent($0.score)) %"
    }
    let context =
      ["\(best.chosen.variant.title): \(NumberFormat.percent(best.score)) %"] + others
    return "\(best.advice) (\(context.joined(separator: "; ")))."
  }

  /// The ways of one kind of model.
  private struct Kind {
    let alone: Way
    let others: [Way]
    /// The way to take.
    let chosen: Way

    init?(_ ways: [Way]) {
      guard let alone = ways.first(where: \.isAlone) else { return nil }
      (self.alone, others) = (alone, ways.filter { $0.comparison != nil })
      chosen =
        others.filter(\.isBetter)
        .max { ($0.comparison?.difference ?? 0) < ($1.comparison?.difference ?? 0) } ?? alone
    }

    var score: Double { chosen.result.score?.mean ?? 0 }

    private var name: String {
      alone.variant.name == ModelKind.baseline(.bagOfWords).rawValue
        ? "the bag of words" : ModelVariant(alone.variant.name).title
    }

    var advice: String {
      if let comparison = chosen.comparison {
        return
          "\(verb) \(name), \(NumberFormat.points(comparison.difference)) points over training "
          + "it alone, p \(NumberFormat.probability(comparison.adjustedPValue))"
      }
      let differences = others.map(\.difference).joined(separator: "; ")
      if !others.isEmpty, others.allSatisfy(\.isWorse) {
        return "train \(name) alone, since sharing is worse: \(differences)"
      }
      return "no clear difference for \(name), so train it alone, which is simpler"
        + (differences.isEmpty ? "" : ": \(differences)")
    }

    private var verb: String {
      switch (chosen.variant.sharing, chosen.variant.training) {
      case (.pooled, _): "pool the tasks for"
      case (.shared, _): "let the tasks share a part of the weights of"
      case (.joint, .trained): "jointly train"
      case (.joint, .fineTuned): "jointly train and then fine-tune"
      default: "fine-tune"
      }
    }
  }
}

extension Evaluator {
  /// Lets the report compare ways to share parameters among tasks, if models of one kind learned a
  /// task in several ways. To be called before any model is evaluated.
  /// - Parameter paths: all models of the report.
  public mutating func compareSharing(ofModelsAt paths: [String]) {
    var ways: [String: Set<TaskSharing>] = [:]
    // Models that cannot be read are reported when they are evaluated.
    for history in paths.compactMap({ try? TrainingHistory(path: $0) }) {
      guard let sharing = history.sharing else { continue }
      for task in history.learnedTasks {
        let key = "\(history.kind.rawValue) \(task)"
        ways[key, default: []].insert(sharing)
        if ways[key, default: []].count > 1 { labeler.comparedKinds.insert(history.kind.rawValue) }
      }
    }
  }
}
