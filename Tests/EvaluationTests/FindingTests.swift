import Testing

@testable import Evaluation

/// The sentences of “What holds” follow from the numbers.
struct FindingTests {
  /// Runs of a model on 400 rows of two columns, so many of which are right.
  private func runs(
    _ name: String, _ right: [Int], training: TrainingMode = .trained,
    seeds: ClosedRange<Int> = 1...3,
    column: EvaluationTask = EvaluationTask(task: "yelp")
  ) throws -> [Predictions] {
    let gold = [Int](repeating: 0, count: 400)
    return try seeds.map { seed in
      // Rows are right in another order for each model, so that models differ on some rows.
      let start = name.utf8.count * 37
      let predicted = gold.indices.map {
        (($0 + start) % 400) < right[(seed - 1) % right.count] ? 0 : 1
      }
      return try predictions(
        predicted, gold: gold, model: Model(name, training), seed: seed, column: column)
    }
  }

  private func report(lstm: [Int]) throws -> Report {
    let imdb = EvaluationTask(task: "imdb")
    return try Report(
      title: "t",
      predictions: runs("dlnc", [330, 332, 334]) + runs("lstm-linear", lstm)
        + runs("separate-cell", [331, 333, 332]) + runs("majority", [260], seeds: 1...1)
        + runs("dlnc", [320], training: .fineTuned, column: imdb)
        + runs("random encoder", [240], training: .fineTuned, column: imdb))
  }

  @Test func `the answer to a question follows from the tests`() throws {
    let lower = try report(lstm: [200, 204, 202])
    #expect(
      lower.findings.map(\.question) == [
        "Is DLNC better than LSTM+linear?", "Does it help to share the classification cell?",
        "Does it help to start from an encoder that has learned?",
      ])
    let texts = lower.findings.map(\.text)
    #expect(texts[0].hasPrefix("Yes on Yelp: +32.5 points (p < 0.001, adjusted < 0.001)."))
    #expect(texts[1].hasPrefix("Not shown on Yelp: 0.0 points (p "))
    #expect(texts[2].hasPrefix("Yes on IMDB: +20.0 points (p < 0.001"))
    let higher = try report(lstm: [396, 398, 398])
    #expect(higher.findings[0].text.hasPrefix("No, the other way round on Yelp: −16.3 points ("))
  }

  @Test func `an LSTM far above the paper's is explained, one as poor as that is not`() throws {
    let remark = try #require(try report(lstm: [330, 332, 334]).remarkOnLSTM)
    #expect(remark.contains("Yelp 83.0 % where the paper prints 63.6 %"))
    #expect(remark.contains("at each row’s own last word"))
    #expect(remark.hasSuffix("below the majority class on Yelp (65.0 %)."))
    #expect(try report(lstm: [250, 256, 254]).remarkOnLSTM == nil)
  }

  @Test func `p-values are adjusted over all tests of the report`() throws {
    let comparisons = try report(lstm: [330, 332, 334]).comparisons
    #expect(comparisons.count == 4)
    #expect(comparisons.map(\.adjusted) == holm(comparisons.map(\.pValue)))
    #expect(comparisons.allSatisfy { $0.adjusted >= $0.pValue })
  }

  @Test func `the findings stand in every form of the report`() throws {
    let report = try report(lstm: [200, 204, 202])
    for text in [report.markdown(), report.html(), report.json()] {
      #expect(text.contains("Is DLNC better than LSTM+linear?") && text.contains("+32.5 points"))
    }
    #expect(report.markdown().contains("| Accuracy, % | Yelp: paper | ours | IMDB: paper | ours |"))
    #expect(
      report.markdown().contains("| DLNC (IMDB: fine-tuned) | 85.2 | **83.0** ± 0.5 | 72.5 |"))
  }
}
