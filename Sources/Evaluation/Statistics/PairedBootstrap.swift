import Support

/// The paired bootstrap: how much would the difference of two models change with other test texts
/// and other seeds?
///
/// Texts are drawn again with replacement, all rows of a text together and the same texts for both
/// models, and of each model's seeds, too, independently of each other; each time the difference of
/// the mean accuracies is taken. Of n seeds n - 1 are drawn, which gives the mean the variance that
/// it has (s² / n), where n draws of so few would understate it. A model with one run has no spread
/// over seeds: that is right for one in which nothing is drawn, and all that can be said of another.
/// The draws follow from a fixed seed.
public struct PairedBootstrap: Sendable, Equatable {
  /// How often texts and seeds are drawn again.
  public static let resamples = 10_000

  /// Accuracy of the first model less that of the second.
  public let difference: Double
  /// The middle 95 % of the differences.
  public let interval: ConfidenceInterval
  /// Twice the share of differences on the other side of 0, never below 1 / `resamples`.
  public let pValue: Double

  /// Runs the bootstrap; nil without rows.
  /// - Parameters:
  ///   - first: for each seed of the first model whether each row is right; [seeds][n].
  ///   - second: the same of the second model.
  ///   - groups: the text of each row; [n].
  public init?(_ first: [[Bool]], _ second: [[Bool]], groups: [Int]) {
    guard !groups.isEmpty, !first.isEmpty, !second.isEmpty else { return nil }
    let runs = first + second
    let texts = Texts(runs, groups: groups)
    let right = runs.map { run in run.count { $0 } }
    func mean(_ values: ArraySlice<Int>) -> Double {
      Double(values.reduce(0, +)) / Double(values.count)
    }
    difference =
      (mean(right[..<first.count]) - mean(right[first.count...])) / Double(groups.count)

    var draws = SplitMix64(state: 20_240_501)
    var sample = Sample(rows: 0, right: Array(repeating: 0, count: runs.count))
    var differences = (0..<Self.resamples).map { _ in
      texts.draw(&sample, &draws)
      let gain =
        Self.drawnMean(sample.right[..<first.count], &draws)
        - Self.drawnMean(sample.right[first.count...], &draws)
      return gain / Double(sample.rows)
    }
    differences.sort()
    let edge = Self.resamples / 40
    interval = ConfidenceInterval(
      low: differences[edge], high: differences[Self.resamples - 1 - edge], method: .bootstrap)
    let (below, above) = (differences.count { $0 <= 0 }, differences.count { $0 >= 0 })
    pValue = min(1, Double(max(2 * min(below, above), 1)) / Double(Self.resamples))
  }

  /// The mean of one seed less than there are, drawn with replacement; of the only one if it is.
  private static func drawnMean(_ seeds: ArraySlice<Int>, _ draws: inout SplitMix64) -> Double {
    guard seeds.count > 1 else { return Double(seeds.first ?? 0) }
    var sum = 0
    for _ in 1..<seeds.count { sum += seeds[seeds.startIndex + draws.below(seeds.count)] }
    return Double(sum) / Double(seeds.count - 1)
  }
}

/// Texts that were drawn: how many rows they have, and how many of those each run got right.
private struct Sample {
  var rows: Int
  var right: [Int]
}

/// The texts by what became of them: most of them have the same few fates, so that it is enough to
/// count how often each fate was drawn.
private struct Texts {
  /// The fate of each text, a number.
  private var fates: [Int] = []
  /// For each fate the rows of such a text, then the rows that each run got right.
  private var counts: [[Int]] = []

  init(_ runs: [[Bool]], groups: [Int]) {
    var places: [Int: Int] = [:]
    var texts: [[Int]] = []
    for (row, group) in groups.enumerated() {
      let place = places[group] ?? texts.count
      if place == texts.count {
        texts.append(Array(repeating: 0, count: runs.count + 1))
        places[group] = place
      }
      texts[place][0] += 1
      for (run, right) in runs.enumerated() where right[row] { texts[place][run + 1] += 1 }
    }
    var numbers: [[Int]: Int] = [:]
    fates = texts.map { text in
      if let number = numbers[text] { return number }
      numbers[text] = counts.count
      counts.append(text)
      return counts.count - 1
    }
  }

  /// Draws as many texts as there are, with replacement.
  func draw(_ sample: inout Sample, _ draws: inout SplitMix64) {
    var drawn = [Int](repeating: 0, count: counts.count)
    for _ in fates.indices { drawn[fates[draws.below(fates.count)]] += 1 }
    sample.rows = 0
    for run in sample.right.indices { sample.right[run] = 0 }
    for (times, count) in zip(drawn, counts) where times > 0 {
      sample.rows += times * count[0]
      for run in sample.right.indices { sample.right[run] += times * count[run + 1] }
    }
  }
}
