import DLNC
import Support

/// The answer of the paired tests to one question. The text follows from the numbers alone.
struct ClaimTest {
  /// The result of a test for the reference model; the raw value is the one in report.json.
  enum Verdict: String {
    /// It is significantly better, at 5 % after Holm's adjustment.
    case better
    /// It is significantly worse.
    case worse
    case notShown = "not shown"

    init(_ comparison: Comparison) {
      let isSignificant = comparison.adjustedPValue < 0.05
      self = isSignificant ? (comparison.difference > 0 ? .better : .worse) : .notShown
    }
  }

  /// The question, such as “Does the task embedding help?”
  let question: String
  /// The tests that answer it, one for each task.
  let comparisons: [Comparison]

  /// The answer as text.
  var text: String {
    let groups: [(Verdict, String)] = [
      (.better, "Yes on"), (.worse, "No, the other way round on"), (.notShown, "Not shown on"),
    ]
    return groups.compactMap { verdict, words in
      let matching = comparisons.filter { Verdict($0) == verdict }
      return matching.isEmpty
        ? nil : "\(words) \(matching.map(Self.describe).joined(separator: ", "))."
    }.joined(separator: " ")
  }

  private static func describe(_ comparison: Comparison) -> String {
    "\(comparison.task.title): \(NumberFormat.points(comparison.difference)) points "
      + "(p \(NumberFormat.probability(comparison.pValue)), adjusted "
      + "\(NumberFormat.probability(comparison.adjustedPValue)))"
  }
}

extension Report {
  /// The answers of the paired tests about the reference model and the others.
  var comparisonSection: Section? {
    if comparisons.isEmpty { return nil }
    let split = evaluationSplit.rawValue
    return Section("tests", hasPaperResults ? "Claims of the paper" : "Comparisons of models") {
      Block.paragraph(claimTestMethod)
      Block.list(claimTests.map { ($0.question, $0.text) })
      if let lstmNote { Block.paragraph(lstmNote) }
      Block.details(
        "Paired tests", NumberFormat.count(comparisons.count, "test"),
        isOpen: comparisons.count <= 10
      ) {
        Block.explanation(
          "Both models predicted the same \(split) rows. The p-value is the probability of a "
            + "difference at least this large if the models were equally good. Holm’s adjustment "
            + "accounts for the number of tests: all adjusted values below 0.05 are significant "
            + "together.")
        Block.table(
          comparisonTable,
          caption:
            "Difference in \(split) \(Measure.phrase(comparisons.map(\.task.measure))), in percentage "
            + "points.",
          isStacked: true)
      }
    }
  }
}

private let lstm = ModelVariant(ModelKind.network(.lstmLinear).rawValue)
private let majority = ModelVariant(ModelKind.baseline(.majority).rawValue)

extension Report {
  /// The questions that the paired tests answer, in the order of the paper.
  var claimTests: [ClaimTest] {
    let known = [
      ModelKind.network(.lstmLinear), .network(.noTaskEmbedding), .network(.separateCell),
    ]
    // Ways to share parameters have a section of their own.
    let others = comparisons.map(\.second.trained).filter {
      $0.name != majority.name
        && ($0.sharing == nil || $0.sharing == .alone && $0.name != reference)
    }
    return others.unique(
      orderedBy: \.name, known.map(\.rawValue) + [ModelVariant.randomEncoder]
    ).map { other in
      ClaimTest(
        question: question(about: other),
        comparisons: tasks.flatMap { task in
          comparisons.filter { $0.second.trained == other && $0.task == task }
        })
    }
  }

  private func question(about other: ModelVariant) -> String {
    let title = ModelVariant(reference).title
    if other.name == reference, other.detail.isEmpty {
      return "Does it help to fine-tune \(title)?"
    }
    if other.name == reference { return "Is \(title) better than with \(other.detail)?" }
    let detail = other.detail.isEmpty ? "" : " (\(other.detail))"
    switch (reference, other.name) {
    case ("dlnc", "no-task-embedding"): return "Does the task embedding help\(detail)?"
    case ("dlnc", "separate-cell"): return "Does it help to share the classification cell\(detail)?"
    case (_, ModelVariant.randomEncoder):
      return "Does it help to start from an encoder that has learned\(detail)?"
    case (_, "bag-of-words"): return "Is \(title) better than a bag of words\(detail)?"
    default: return "Is \(title) better than \(other.title)?"
    }
  }

  /// How the verdicts are reached.
  var claimTestMethod: String {
    let tests = comparisons.map(\.test.rawValue).unique.joined(separator: "; ")
    return "Computed from the paired tests below (\(tests)), as differences in "
      + "\(evaluationSplit.rawValue) \(Measure.phrase(comparisons.map(\.task.measure))). A difference counts as shown if p < 0.05 after Holm’s "
      + "adjustment over the \(NumberFormat.count(comparisons.count, "test")) of this report."
  }

  /// Explains why the plain LSTM is much better here than in the paper; nil if it is not.
  var lstmNote: String? {
    let better = evaluationResults.filter { result in
      guard result.variant == lstm, let paper = result.paperAccuracy,
        let low = result.score?.interval?.low
      else { return false }
      return low > paper + 0.05
    }
    if better.isEmpty { return nil }
    let numbers = better.map { result in
      "\(result.task.title) \(NumberFormat.percent(result.score?.mean)) % (paper: "
        + "\(NumberFormat.percent(result.paperAccuracy)) %)"
    }
    let belowMajority = better.compactMap { result -> String? in
      guard let baseline = self.result(majority, result.task)?.score?.mean,
        let paper = result.paperAccuracy, paper < baseline
      else { return nil }
      return "\(result.task.title) (\(NumberFormat.percent(baseline)) %)"
    }
    return
      "LSTM+linear is far better than in the paper: \(numbers.joined(separator: ", ")). Here its "
      + "final hidden state is read at the last word of each row, so padding has no effect. A state "
      + "read after the padding is a common cause of accuracies as low as those of the paper."
      + (belowMajority.isEmpty
        ? ""
        : " The paper’s accuracy is below that of the majority class on "
          + "\(belowMajority.joined(separator: ", ")).")
  }
}
