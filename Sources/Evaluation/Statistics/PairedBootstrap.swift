import Support

/// The paired bootstrap: how much would the difference of two models change with other test texts
/// and other seeds?
///
/// Each resample draws texts with replacement, with all rows of a text together and the same texts for
/// both models, and independently of that the seeds of each model, and takes the difference of the
/// mean accuracies or, in a multi-label task, micro-F1. Of n seeds, n − 1 are drawn: the mean then has the variance s² / n, which n draws
/// would underestimate for small n. A model with a single run contributes no variance over seeds; this
/// is exact only if its training is deterministic. The random numbers come from a fixed seed.
struct PairedBootstrap: Sendable, Equatable {
  static let resamples = 10_000

  /// The mean measure of the first model minus that of the second.
  let difference: Double
  /// The central 95 % of the differences.
  let interval: ConfidenceInterval
  /// Twice the fraction of differences on the other side of 0, at least 1 / `resamples`.
  let pValue: Double

  /// Runs the bootstrap; nil if there are no rows.
  /// - Parameters:
  ///   - first: the terms of each seed of the first model; [seeds].
  ///   - second: the same for the second model.
  ///   - textIDs: the text of each row; [rows].
  init?(_ first: [MeasureTerms], _ second: [MeasureTerms], textIDs: [Int]) {
    guard !textIDs.isEmpty, !first.isEmpty, !second.isEmpty else { return nil }
    let texts = ClusteredSamples(first + second, textIDs: textIDs)
    func mean(_ scores: ArraySlice<Double>) -> Double {
      scores.reduce(0, +) / Double(scores.count)
    }
    let all = texts.all
    difference =
      (mean(all.scores[..<first.count]) - mean(all.scores[first.count...])) / all.divisor

    var random = SplitMix64(state: 20_240_501)
    var sample = all
    var differences = (0..<Self.resamples).map { _ in
      texts.draw(into: &sample, &random)
      let gain =
        Self.resampledMean(sample.scores[..<first.count], &random)
        - Self.resampledMean(sample.scores[first.count...], &random)
      return gain / sample.divisor
    }
    differences.sort()
    interval = ConfidenceInterval(resamples: differences, method: .bootstrap)
    let (below, above) = (differences.count { $0 <= 0 }, differences.count { $0 >= 0 })
    pValue = min(1, Double(max(2 * min(below, above), 1)) / Double(Self.resamples))
  }

  /// The mean of n − 1 of n seeds drawn with replacement; the value of the only seed if n is 1.
  private static func resampledMean(
    _ seeds: ArraySlice<Double>, _ random: inout SplitMix64
  ) -> Double {
    guard seeds.count > 1 else { return seeds.first ?? 0 }
    var sum = 0.0
    for _ in 1..<seeds.count { sum += seeds[seeds.startIndex + random.below(seeds.count)] }
    return sum / Double(seeds.count - 1)
  }
}

extension ConfidenceInterval {
  /// The central 95 % of ``PairedBootstrap/resamples`` values in ascending order.
  fileprivate init(resamples: [Double], method: Method) {
    let tail = PairedBootstrap.resamples / 40
    self.init(
      low: resamples[tail], high: resamples[PairedBootstrap.resamples - 1 - tail], method: method)
  }

  /// The interval of the measure of a run over other texts, whose rows are drawn together; nil if there
  /// are no rows.
  static func bootstrap(_ run: Predictions) -> ConfidenceInterval? {
    guard !run.textIDs.isEmpty else { return nil }
    let texts = ClusteredSamples([run.terms], textIDs: run.textIDs)
    var (random, sample) = (SplitMix64(state: 20_240_501), texts.all)
    let scores = (0..<PairedBootstrap.resamples).map { _ in
      texts.draw(into: &sample, &random)
      return sample.scores[0] / sample.divisor
    }
    return ConfidenceInterval(resamples: scores.sorted(), method: .textBootstrap)
  }
}

/// The sums over the drawn texts.
private struct Resample: Hashable {
  /// The number of rows.
  var rows = 0
  /// The gains of each run.
  var gains: [Int]
  /// The sizes of each run; empty if all rows have the size 1.
  var sizes: [Int]

  /// The measure of each run times ``divisor``. Proportions are divided last, so that equal ones have a
  /// difference of exactly 0.
  var scores: [Double] {
    sizes.isEmpty
      ? gains.map { Double($0) } : zip(gains, sizes).map { Double($0) / Double(max($1, 1)) }
  }

  var divisor: Double { sizes.isEmpty ? Double(rows) : 1 }

  mutating func add(_ other: Resample, times: Int) {
    rows += times * other.rows
    for run in gains.indices { gains[run] += times * other.gains[run] }
    for run in sizes.indices { sizes[run] += times * other.sizes[run] }
  }
}

/// Texts as clusters of rows. Most texts share a few outcomes, so a draw only counts how often each
/// distinct outcome occurs.
private struct ClusteredSamples {
  /// The outcome of each text, an index into `outcomes`.
  private var outcomeIndices: [Int] = []
  /// The distinct outcomes of texts.
  private var outcomes: [Resample] = []
  /// The sums over all texts.
  private(set) var all: Resample

  init(_ runs: [MeasureTerms], textIDs: [Int]) {
    let sizes = runs.compactMap(\.sizes)
    let zero = Resample(gains: runs.map { _ in 0 }, sizes: sizes.map { _ in 0 })
    var indices: [Int: Int] = [:]
    var texts: [Resample] = []
    for (row, text) in textIDs.enumerated() {
      let index = indices[text] ?? texts.count
      if index == texts.count {
        texts.append(zero)
        indices[text] = index
      }
      texts[index].rows += 1
      for (run, terms) in runs.enumerated() { texts[index].gains[run] += terms.gains[row] }
      for (run, sizes) in sizes.enumerated() { texts[index].sizes[run] += sizes[row] }
    }
    all = zero
    for text in texts { all.add(text, times: 1) }
    var known: [Resample: Int] = [:]
    for text in texts {
      let index = known[text] ?? outcomes.count
      if index == outcomes.count {
        outcomes.append(text)
        known[text] = index
      }
      outcomeIndices.append(index)
    }
  }

  /// Draws the same number of texts, with replacement.
  func draw(into sample: inout Resample, _ random: inout SplitMix64) {
    var drawn = [Int](repeating: 0, count: outcomes.count)
    for _ in outcomeIndices.indices {
      drawn[outcomeIndices[random.below(outcomeIndices.count)]] += 1
    }
    sample.rows = 0
    for run in sample.gains.indices { sample.gains[run] = 0 }
    for run in sample.sizes.indices { sample.sizes[run] = 0 }
    for (times, outcome) in zip(drawn, outcomes) where times > 0 {
      sample.add(outcome, times: times)
    }
  }
}
