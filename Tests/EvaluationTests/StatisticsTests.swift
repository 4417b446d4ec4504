import Testing

@testable import Evaluation

@Suite struct StatisticsTests {
  // statsmodels.stats.proportion.proportion_confint(method="wilson")
  @Test(arguments: [
    (81, 100, 0.7222115462093562, 0.8748524849023126),
    (0, 10, 0.0, 0.27753279986288926),
    (10, 10, 0.7224672001371106, 1.0),
    (1640, 2000, 0.802554061217565, 0.8362190285224329),
    (1, 1, 0.2065493143772374, 1.0),
  ])
  func `Wilson's interval agrees with statsmodels`(_ row: (Int, Int, Double, Double)) throws {
    let interval = try #require(ConfidenceInterval.wilson(correct: row.0, total: row.1))
    #expect(close(interval.low, row.2) && close(interval.high, row.3))
  }

  @Test func `no values have no interval`() {
    #expect(ConfidenceInterval.wilson(correct: 0, total: 0) == nil)
    #expect(ConfidenceInterval.studentT([]) == nil && ConfidenceInterval.studentT([0.8]) == nil)
    #expect(SeedStatistics([]) == nil)
  }

  // scipy.stats.t.ppf and t.cdf
  @Test(arguments: [
    (1, 12.706204736174694), (2, 4.302652729749462), (4, 2.7764451051977934),
    (9, 2.262157162798205), (29, 2.045229642132703), (1000, 1.9623390808264083),
  ])
  func `Student's quantiles agree with scipy`(_ row: (Int, Double)) {
    #expect(close(StudentT.quantile(0.975, degreesOfFreedom: row.0), row.1, 1e-10))
    #expect(close(StudentT.quantile(0.025, degreesOfFreedom: row.0), -row.1, 1e-10))
  }

  @Test func `Student's distribution agrees with scipy`() {
    #expect(close(StudentT.cumulative(1.3, degreesOfFreedom: 7), 0.8826160823038114))
    #expect(close(StudentT.quantile(0.9, degreesOfFreedom: 3), 1.637744353696209))
    #expect(StudentT.quantile(0.5, degreesOfFreedom: 3) == 0)
  }

  // scipy.special.gammaln
  @Test func `the logarithm of gamma agrees with scipy`() {
    #expect(close(logGamma(0.5), 0.5723649429247))
    #expect(close(logGamma(1), 0))
    #expect(close(logGamma(3.5), 1.2009736023470743))
    #expect(close(logGamma(25001), 228171.75985367692, 1e-8))
  }

  // numpy.std(ddof=1) and scipy.stats.t.interval
  @Test func `several seeds give mean, deviation and Student's interval`() throws {
    let statistics = try #require(SeedStatistics([0.81, 0.82, 0.805, 0.83, 0.815]))
    #expect(close(statistics.mean, 0.816))
    #expect(close(statistics.standardDeviation, 0.009617692030835632))
    #expect(close(statistics.interval?.low, 0.8040580580595003))
    #expect(close(statistics.interval?.high, 0.8279419419404999))
    #expect(statistics.interval?.method == .studentT)
  }

  @Test func `one seed gives no deviation and Wilson's interval`() throws {
    let result = try #require(EvaluationResult([try predictions([0, 0, 1], labels: [0, 0, 0])]))
    #expect(result.score?.standardDeviation == nil)
    #expect(result.score?.interval == ConfidenceInterval.wilson(correct: 2, total: 3))
    #expect(result.macroF1?.interval == nil)
  }

  // scipy.stats.binomtest; mid-p = 2 binom.cdf - binom.pmf (1 - binom.pmf / 2 when equal)
  @Test(arguments: [
    (3, 12, 0.03515625, 0.02127075195312501), (5, 5, 1, 0.876953125),
    (0, 6, 0.03125, 0.015625), (0, 0, 1, 1),
    (120, 180, 0.0006342200069283566, 0.0005224207099608604),
    (1300, 1200, 0.047681865221043444, 0.04552186640631153),
  ])
  func `McNemar's test agrees with scipy`(_ row: (Int, Int, Double, Double)) {
    for test in [
      McNemar(onlyFirst: row.0, onlySecond: row.1), McNemar(onlyFirst: row.1, onlySecond: row.0),
    ] {
      #expect(close(test.exact, row.2, 1e-9))
      #expect(close(test.midP, row.3, 1e-9))
    }
  }

  private func terms(_ correct: [Bool]) -> MeasureTerms { MeasureTerms(correct: correct) }

  // numpy, 100,000 resamples of the same texts and of n - 1 seeds: interval
  // 0.0025 … 0.1975, p = 0.0454
  @Test func `the paired bootstrap agrees with numpy`() throws {
    let first = (0..<3).map { seed in terms((0..<200).map { ($0 * 7 + seed) % 10 < 7 }) }
    let second = (0..<2).map { seed in terms((0..<200).map { ($0 * 3 + seed) % 10 < 6 }) }
    let result = try #require(PairedBootstrap(first, second, textIDs: (0..<200).map { $0 / 2 }))
    #expect(close(result.difference, 0.1))
    #expect(close(result.interval.low, 0.0025, 0.005))
    #expect(close(result.interval.high, 0.1975, 0.005))
    #expect(close(result.pValue, 0.0454, 0.008))
    #expect(PairedBootstrap(first, second, textIDs: (0..<200).map { $0 / 2 }) == result)
  }

  // numpy as above: interval −0.00625 … 0.21, p = 0.0671. Without the variance of the seeds,
  // whose accuracies are 0.6 to 0.8, p would be 0.012.
  @Test func `the variance of five seeds counts against a single run`() throws {
    let first = (0..<5).map { seed in
      terms((0..<200).map { ($0 * 7 + seed * 3) % 20 < 12 + seed })
    }
    let second = [terms((0..<200).map { ($0 * 3) % 10 < 6 })]
    let groups = (0..<200).map { $0 / 2 }
    let result = try #require(PairedBootstrap(first, second, textIDs: groups))
    #expect(close(result.difference, 0.1))
    #expect(close(result.interval.low, -0.00625, 0.006))
    #expect(close(result.interval.high, 0.21, 0.006))
    #expect(close(result.pValue, 0.0671, 0.01))
    let reverse = try #require(PairedBootstrap(second, first, textIDs: groups))
    #expect(close(reverse.difference, -0.1) && close(reverse.pValue, 0.0671, 0.01))
  }

  // R: p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.5), "holm")
  @Test func `Holm's adjustment agrees with R`() {
    let adjusted = holm([0.01, 0.04, 0.03, 0.005, 0.5])
    for (value, expected) in zip(adjusted, [0.04, 0.09, 0.09, 0.025, 0.5]) {
      #expect(close(value, expected))
    }
    #expect(holm([]).isEmpty && holm([0.9, 0.8]) == [1, 1])
  }

  @Test func `models that never differ have a p-value of 1`() throws {
    let same = [terms([true, false, true])]
    let result = try #require(PairedBootstrap(same, same, textIDs: [0, 1, 2]))
    #expect(result.difference == 0 && result.pValue == 1)
    #expect(PairedBootstrap([terms([])], [terms([])], textIDs: []) == nil)
  }

  @Test func `one run is compared by McNemar, several by the bootstrap`() throws {
    let labels = [Int](repeating: 0, count: 40)
    let good = try predictions(labels, labels: labels)
    let bad = try predictions(
      (0..<40).map { $0 % 2 }, labels: labels, variant: ModelVariant("lstm-linear"))
    let single = try #require(Comparison([good], [bad]))
    #expect(single.test == .mcNemar && single.difference == 0.5)
    #expect(single.mcNemar == McNemar(onlyFirst: 20, onlySecond: 0))
    let again = try predictions(labels, labels: labels, seed: 2)
    let several = try #require(Comparison([good, again], [bad]))
    #expect(several.test == .bootstrap && several.difference == 0.5 && several.pValue < 0.001)
  }

  @Test func `runs on different rows are not compared`() throws {
    let left = try predictions([0, 1], labels: [0, 1])
    let right = try predictions([0, 1], labels: [1, 0], variant: ModelVariant("lstm-linear"))
    #expect(Comparison([left], [right]) == nil)
    let report = try Report(title: "t", ReportInput(predictions: [left, right]))
    #expect(report.comparisons.isEmpty)
    // The other note is the warning about the model that gets no row right.
    #expect(report.notes.count { $0.contains("different rows") } == 1)
  }
}
