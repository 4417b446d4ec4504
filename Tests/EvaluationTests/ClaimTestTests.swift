import Testing

@testable import Evaluation

/// The answers to the claims of the paper follow from the numbers.
struct ClaimTestTests {
  /// Runs of a model on 400 rows; `correct` has the number of correct rows of each seed.
  private func runs(
    _ name: String, _ correct: [Int], training: TrainingMode = .trained,
    seeds: ClosedRange<Int> = 1...3,
    task: EvaluationTask = EvaluationTask(name: "yelp")
  ) throws -> [Predictions] {
    let labels = [Int](repeating: 0, count: 400)
    return try seeds.map { seed in
      // Each model gets different rows right, so that models differ on some rows.
      let start = name.utf8.count * 37
      let predicted = labels.indices.map {
        (($0 + start) % 400) < correct[(seed - 1) % correct.count] ? 0 : 1
      }
      return try predictions(
        predicted, labels: labels, variant: ModelVariant(name, training), seed: seed, task: task)
    }
  }

  private func report(lstm: [Int]) throws -> Report {
    let imdb = EvaluationTask(name: "imdb")
    return try Report(
      title: "t",
      ReportInput(
        predictions: runs("dlnc", [330, 332, 334]) + runs("lstm-linear", lstm)
          + runs("separate-cell", [331, 333, 332]) + runs("majority", [260], seeds: 1...1)
          + runs("dlnc", [320], training: .fineTuned, task: imdb)
          + runs("random encoder", [240], training: .fineTuned, task: imdb)))
  }

  @Test func `the answer to a question follows from the tests`() throws {
    let lower = try report(lstm: [200, 204, 202])
    #expect(
      lower.claimTests.map(\.question) == [
        "Is DLNC better than LSTM+linear?", "Does it help to share the classification cell?",
        "Does it help to start from an encoder that has learned?",
      ])
    let texts = lower.claimTests.map(\.text)
    #expect(texts[0].hasPrefix("Yes on Yelp: +32.5 points (p < 0.001, adjusted < 0.001)."))
    #expect(texts[1].hasPrefix("Not shown on Yelp: 0.0 points (p "))
    #expect(texts[2].hasPrefix("Yes on IMDB: +20.0 points (p < 0.001"))
    let higher = try report(lstm: [396, 398, 398])
    #expect(higher.claimTests[0].text.hasPrefix("No, the other way round on Yelp: −16.3 points ("))
  }

  @Test func `an LSTM far above the paper's is explained, one like the paper's is not`() throws {
    let remark = try #require(try report(lstm: [330, 332, 334]).lstmNote)
    #expect(remark.contains("Yelp 83.0 % (paper: 63.6 %)"))
    #expect(remark.contains("at the last word of each row"))
    #expect(remark.hasSuffix("below that of the majority class on Yelp (65.0 %)."))
    #expect(try report(lstm: [250, 256, 254]).lstmNote == nil)
  }

  @Test func `p-values are adjusted over all tests of the report`() throws {
    let comparisons = try report(lstm: [330, 332, 334]).comparisons
    #expect(comparisons.count == 4)
    #expect(comparisons.map(\.adjustedPValue) == holm(comparisons.map(\.pValue)))
    #expect(comparisons.allSatisfy { $0.adjustedPValue >= $0.pValue })
  }

  @Test func `every form of the report has the answers`() throws {
    let report = try report(lstm: [200, 204, 202])
    for text in [report.markdown(), report.html(), report.json()] {
      #expect(text.contains("Is DLNC better than LSTM+linear?") && text.contains("+32.5 points"))
    }
    #expect(report.markdown().contains("| Accuracy, % | Yelp: paper | ours | IMDB: paper | ours |"))
    #expect(
      report.markdown().contains("| DLNC (IMDB: fine-tuned) | 85.2 | **83.0** ± 0.5 | 72.5 |"))
  }
}
