/// What the paired tests say to one question. The words follow from the numbers alone.
public struct ClaimTest: Sendable {
  /// What a test says about the first model.
  public enum Answer: String, Sendable {
    /// It is ahead, at 5 % after Holm's adjustment.
    case better
    /// The other one is.
    case worse
    /// Neither can be said.
    case open = "not shown"

    init(_ comparison: Comparison) {
      let isShown = comparison.adjusted < 0.05
      self = isShown ? (comparison.difference > 0 ? .better : .worse) : .open
    }
  }

  /// The question, such as “Does the task embedding help?”
  public let question: String
  /// The tests that answer it, one a column.
  public let comparisons: [Comparison]

  /// The answers in a sentence.
  public var text: String {
    let parts = [
      (Answer.better, "Yes on"), (.worse, "No, the other way round on"), (.open, "Not shown on"),
    ]
    .compactMap { answer, words -> String? in
      let found = comparisons.filter { Answer($0) == answer }
      if found.isEmpty { return nil }
      return "\(words) \(found.map(Self.phrase).joined(separator: ", "))."
    }
    return parts.joined(separator: " ")
  }

  private static func phrase(_ comparison: Comparison) -> String {
    "\(comparison.column.title): \(NumberFormat.points(comparison.difference)) points "
      + "(p \(NumberFormat.probability(comparison.pValue)), adjusted "
      + "\(NumberFormat.probability(comparison.adjusted)))"
  }
}

extension Report {
  /// The questions that the paired tests answer, in the order of the paper.
  public var findings: [ClaimTest] {
    let others = unique(comparisons.map(\.second.trained)).filter { $0.name != "majority" }
    let known = ["lstm-linear", "no-task-embedding", "separate-cell", "random encoder"]
    let order =
      known.flatMap { name in others.filter { $0.name == name } }
      + others.filter { !known.contains($0.name) }
    return order.map { other in
      let tests = columns.flatMap { column in
        comparisons.filter { $0.second.trained == other && $0.column == column }
      }
      return ClaimTest(question: question(tests), comparisons: tests)
    }
  }

  private func question(_ tests: [Comparison]) -> String {
    let other = tests.first?.second.trained ?? Model("")
    if other.name == reference {
      return "Is \(Model(reference).title) better than with \(other.detail)?"
    }
    switch (reference, other.name) {
    case ("dlnc", "no-task-embedding"): return "Does the task embedding help?"
    case ("dlnc", "separate-cell"): return "Does it help to share the classification cell?"
    case (_, "random encoder"): return "Does it help to start from an encoder that has learned?"
    case (_, "bag-of-words"): return "Is \(Model(reference).title) better than a bag of words?"
    default: return "Is \(Model(reference).title) better than \(other.title)?"
    }
  }

  /// What the findings rest on.
  var howFindingsAreMade: String {
    let tests = unique(comparisons.map(\.test.rawValue)).joined(separator: "; ")
    return "Computed from the paired tests below (\(tests)), as differences in \(judged.rawValue) "
      + "accuracy. Shown is what has p < 0.05 after Holm’s adjustment over the "
      + "\(NumberFormat.count(comparisons.count, "test")) of this report."
  }

  /// Why a plain LSTM does so much better here than in the paper, if it does.
  var remarkOnLSTM: String? {
    let model = Model("lstm-linear")
    let ahead = judgedOutcomes.filter { outcome in
      guard outcome.model == model, let paper = outcome.paper,
        let low = outcome.accuracy?.interval?.low
      else { return false }
      return low > paper + 0.05
    }
    guard !ahead.isEmpty else { return nil }
    let numbers = ahead.map { outcome in
      "\(outcome.column.title) \(NumberFormat.percent(outcome.accuracy?.mean)) % where the paper prints "
        + "\(NumberFormat.percent(outcome.paper)) %"
    }
    let poor = ahead.compactMap { outcome -> String? in
      guard let majority = self.outcome(Model("majority"), outcome.column)?.accuracy?.mean,
        let paper = outcome.paper, paper < majority
      else { return nil }
      return "\(outcome.column.title) (\(NumberFormat.percent(majority)) %)"
    }
    return
      "LSTM+linear is far above the paper’s: \(numbers.joined(separator: ", ")). Here its last "
      + "hidden state is read at each row’s own last word, and padding changes nothing; a state read "
      + "after the padding is the usual cause of numbers as low as the paper’s."
      + (poor.isEmpty
        ? ""
        : " The paper’s number lies below the majority class on \(poor.joined(separator: ", ")).")
  }
}
