import DLNC
import Shards

/// The best model of a task and its margins over others, in numbers and in words.
struct Headline {
  /// The rivals of the best model; the raw value is the one in report.json.
  enum Rival: String {
    /// The model with the next lower measure.
    case nextBest = "next best"
    case bagOfWords = "bag of words"
    /// Always predicting the most frequent class of the rows or, in a multi-label task, the labels that
    /// are the best constant answer.
    case majority = "most frequent class"
  }

  /// The difference to a rival, with a paired test.
  struct Margin {
    let rival: Rival
    var comparison: Comparison
  }

  /// The result of the best model, on the last split of the task.
  let result: EvaluationResult
  /// The models, the best first.
  let ranking: [ModelVariant]
  /// The other models with the same measure.
  let tied: [ModelVariant]
  /// The classes of the best constant answer.
  let constantAnswer: [String]
  /// The margins; none on training rows.
  var margins: [Margin] = []
  /// The model for new texts, and the split on which it is the best: the validation rows, if all models
  /// have a score on them from their training, or else that of ``result``.
  let chosen: (variant: ModelVariant, split: Split)

  /// Finds the best model of a task; nil if there are no rows.
  /// - Parameters:
  ///   - results: the results of all models on one split of the task, in the order of the tables.
  ///   - runs: the predictions that the results summarize.
  ///   - comparisons: paired tests that need not be computed again.
  ///   - validation: the scores on validation rows from the training of the models.
  init?(
    _ results: [EvaluationResult], _ runs: [Predictions], known comparisons: [Comparison],
    validation: [ValidationScore] = []
  ) {
    let majority = ModelKind.baseline(.majority).rawValue
    let bagOfWords = ModelKind.baseline(.bagOfWords).rawValue
    let models = results.filter { $0.variant.name != majority }
    let ranked = (models.isEmpty ? results : models).filter { $0.score != nil }.enumerated()
      .sorted {
        ($1.element.meanScore, $0.offset) < ($0.element.meanScore, $1.offset)
      }.map(\.element)
    guard let best = ranked.first else { return nil }
    let bestRuns = runs.filter { $0.variant == best.variant }
    guard let run = bestRuns.first else { return nil }
    (result, ranking) = (best, ranked.map(\.variant))
    let scores = ModelVariant.ordered(ranking).compactMap { variant in
      mean(validation.filter { $0.variant == variant }.map(\.accuracy)).map { (variant, $0) }
    }
    let highest = scores.first { score in scores.allSatisfy { $0.1 <= score.1 } }
    chosen =
      if let highest, scores.count == ranked.count {
        (variant: highest.0, split: Split.validation)
      } else {
        (variant: best.variant, split: best.split)
      }
    let others = ranked.dropFirst().filter { $0.score?.mean != best.score?.mean }
    tied = ranked.dropFirst().filter { $0.score?.mean == best.score?.mean }.map(\.variant)
    constantAnswer = run.bestConstant.map { run.classNames[$0] }
    if best.split == .train || best.variant.name == majority { return }

    var rivals: [(Rival, [Predictions])] = []
    let bag = others.first { $0.variant.name == bagOfWords }
    if let next = others.first {
      rivals.append((.nextBest, runs.filter { $0.variant == next.variant }))
      let isAmongBest = ([best.variant] + tied).contains { $0.name == bagOfWords }
      if let bag, bag.variant != next.variant, !isAmongBest {
        rivals.append((.bagOfWords, runs.filter { $0.variant == bag.variant }))
      }
    }
    rivals.append((.majority, [run.allOfBestConstant]))
    margins = rivals.compactMap { rival, runs in
      let known =
        rival == .majority
        ? nil
        : comparisons.lazy.compactMap { comparison -> Comparison? in
          guard comparison.task == best.task else { return nil }
          let pair = [comparison.first, comparison.second]
          if pair == [best.variant, runs.first?.variant] { return comparison }
          return pair == [runs.first?.variant, best.variant] ? comparison.reversed : nil
        }.first
      return (known ?? Comparison(bestRuns, runs)).map { Margin(rival: rival, comparison: $0) }
    }
  }

  /// The sentence.
  var text: String {
    let title = result.variant.title
    let rows = "the \(NumberFormat.grouped(result.rows)) \(result.split.adjective) rows"
    let seeds = result.seeds.count
    let percent = "\(NumberFormat.percent(result.score?.mean)) %"
    let score =
      (result.task.isMultiLabel
        ? "has a micro-F1 of \(percent) on \(rows)" : "gets \(percent) of \(rows) right")
      + (seeds > 1 ? " on average over \(seeds) seeds" : "")
      + (result.score?.interval.map {
        " (95 % interval\(seeds > 1 ? " of the mean" : ""): \(NumberFormat.range($0)) %)"
      } ?? "")
    let best = [title] + (tied.count > 3 ? ["\(tied.count) others"] : tied.map(\.title))
    let first =
      if !tied.isEmpty {
        "\(best.dropLast().joined(separator: ", ")) and \(best.last ?? "") are the best of "
          + "\(ranking.count) models: each \(score)."
      } else if ranking.count > 1 {
        "\(title) is the best of \(ranking.count) models: it \(score)."
      } else {
        "\(title) \(score)."
      }
    let caveat: String? =
      switch result.split {
      case .train: "These are the rows that it learned from, so this says little about other texts."
      case .validation: "The model was chosen on these rows, so this may be too high."
      case .test, .unlabelled: nil
      }
    let margin = margins.isEmpty ? nil : "That is \(Self.list(margins.map(describe)))."
    return [first, margin, caveat].compactMap { $0 }.joined(separator: " ")
  }

  private func describe(_ margin: Margin) -> String {
    let (comparison, difference) = (margin.comparison, margin.comparison.difference)
    let name =
      switch margin.rival {
      case .nextBest: "the next best, \(comparison.second.title)"
      case .bagOfWords: comparison.second.title
      case .majority:
        "always predicting \(constantAnswer.map { "“\($0)”" }.joined(separator: ", "))"
      }
    let points = NumberFormat.percent(abs(difference))
    let amount =
      points == "0.0"
      ? "no more than \(name)"
      : "\(points) points \(difference > 0 ? "more" : "less") than \(name)"
    let p = NumberFormat.probability(comparison.adjustedPValue)
    return ClaimTest.Verdict(comparison) == .notShown
      ? "\(amount), which can be chance (p \(p))" : "\(amount), which is more than chance (p \(p))"
  }

  /// Joins phrases that contain commas.
  private static func list(_ phrases: [String]) -> String {
    guard phrases.count > 1, let last = phrases.last else { return phrases.joined() }
    return phrases.dropLast().joined(separator: "; ") + "; and \(last)"
  }
}

extension EvaluationResult {
  /// The mean measure over the seeds; 0 without rows.
  fileprivate var meanScore: Double { score?.mean ?? 0 }
}

extension Split {
  /// The split before “rows” or “accuracy”.
  var adjective: String { self == .train ? "training" : rawValue }
}

extension [Headline] {
  /// Adjusts the p-values over all margins by Holm's method.
  mutating func adjust() {
    let adjusted = holm(flatMap(\.margins).map(\.comparison.pValue))
    var next = adjusted.makeIterator()
    for headline in indices {
      for margin in self[headline].margins.indices {
        self[headline].margins[margin].comparison.adjustedPValue = next.next() ?? 1
      }
    }
  }
}

extension Report {
  /// How the headlines come about; nil if there is no test in them.
  var headlineMethod: String? {
    let tests = headlines.reduce(0) { $0 + $1.margins.count }
    if tests == 0 { return nil }
    let selection =
      headlines.contains { $0.ranking.count > 1 }
      ? "The best model is the one with the highest \(Measure.phrase(headlines.map(\.result.task.measure))) on these "
        + "rows, which flatters it a "
        + "little if there are many models. " : ""
    return selection
      + "A difference is more than chance if p < 0.05 in a paired test on the same rows"
      + (tests > 1 ? ", after Holm’s adjustment over the \(tests) tests of the headline." : ".")
  }
}
