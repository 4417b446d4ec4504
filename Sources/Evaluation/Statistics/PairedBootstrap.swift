import Support

/// The paired bootstrap: how much would the difference of two models change with other test texts
/// and other seeds?
///
/// Each resample draws texts with replacement, with all rows of a text together and the same texts for
/// both models, and independently of that the seeds of each model, and takes the difference of the
/// mean accuracies. Of n seeds, n − 1 are drawn: the mean then has the variance s² / n, which n draws
/// would underestimate for small n. A model with a single run contributes no variance over seeds; this
/// is exact only if its training is deterministic. The random numbers come from a fixed seed.
struct PairedBootstrap: Sendable, Equatable {
  static let resamples = 10_000

  /// The accuracy of the first model minus that of the second.
  let difference: Double
  /// The central 95 % of the differences.
  let interval: ConfidenceInterval
  /// Twice the fraction of differences on the other side of 0, at least 1 / `resamples`.
  let pValue: Double

  /// Runs the bootstrap; nil if there are no rows.
  /// - Parameters:
  ///   - first: whether each row is correct, for each seed of the first model; [seeds][rows].
  ///   - second: the same for the second model.
  ///   - textIDs: the text of each row; [rows].
  init?(_ first: [[Bool]], _ second: [[Bool]], textIDs: [Int]) {
    guard !textIDs.isEmpty, !first.isEmpty, !second.isEmpty else { return nil }
    let runs = first + second
    let texts = ClusteredSamples(runs, textIDs: textIDs)
    func mean(_ runs: [[Bool]]) -> Double {
      Double(runs.reduce(0) { $0 + $1.count { $0 } }) / Double(runs.count)
    }
    difference = (mean(first) - mean(second)) / Double(textIDs.count)

    var random = SplitMix64(state: 20_240_501)
    var sample = Resample(rows: 0, correct: Array(repeating: 0, count: runs.count))
    var differences = (0..<Self.resamples).map { _ in
      texts.draw(into: &sample, &random)
      let gain =
        Self.resampledMean(sample.correct[..<first.count], &random)
        - Self.resampledMean(sample.correct[first.count...], &random)
      return gain / Double(sample.rows)
    }
    differences.sort()
    let tail = Self.resamples / 40
    interval = ConfidenceInterval(
      low: differences[tail], high: differences[Self.resamples - 1 - tail], method: .bootstrap)
    let (below, above) = (differences.count { $0 <= 0 }, differences.count { $0 >= 0 })
    pValue = min(1, Double(max(2 * min(below, above), 1)) / Double(Self.resamples))
  }

  /// The mean of n − 1 of n seeds drawn with replacement; the value of the only seed if n is 1.
  private static func resampledMean(
    _ seeds: ArraySlice<Int>, _ random: inout SplitMix64
  ) -> Double {
    guard seeds.count > 1 else { return Double(seeds.first ?? 0) }
    var sum = 0
    for _ in 1..<seeds.count { sum += seeds[seeds.startIndex + random.below(seeds.count)] }
    return Double(sum) / Double(seeds.count - 1)
  }
}

/// The number of rows of the drawn texts, and of those that each run got right.
private struct Resample {
  var rows: Int
  var correct: [Int]
}

/// Texts as clusters of rows. Most texts share a few outcomes, so a draw only counts how often each
/// distinct outcome occurs.
private struct ClusteredSamples {
  /// The outcome of each text, an index into `outcomes`.
  private var outcomeIndices: [Int] = []
  /// The distinct outcomes: the number of rows of a text, then the correct rows of each run.
  private var outcomes: [[Int]] = []

  init(_ runs: [[Bool]], textIDs: [Int]) {
    var indices: [Int: Int] = [:]
    var texts: [[Int]] = []
    for (row, text) in textIDs.enumerated() {
      let index = indices[text] ?? texts.count
      if index == texts.count {
        texts.append(Array(repeating: 0, count: runs.count + 1))
        indices[text] = index
      }
      texts[index][0] += 1
      for (run, correct) in runs.enumerated() where correct[row] { texts[index][run + 1] += 1 }
    }
    var known: [[Int]: Int] = [:]
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
    for run in sample.correct.indices { sample.correct[run] = 0 }
    for (times, outcome) in zip(drawn, outcomes) where times > 0 {
      sample.rows += times * outcome[0]
      for run in sample.correct.indices { sample.correct[run] += times * outcome[run + 1] }
    }
  }
}
