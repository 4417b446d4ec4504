import DLNC
import Support

/// Compares settings with the best of them on the same rows.
///
/// Each resample draws texts with replacement, with all rows of a text together and the same texts for
/// all settings, and independently of that the seeds of each setting, as in ``PairedBootstrap``. A
/// setting with one seed gets the deviation of a random seed of another setting instead, unless its model does
/// not depend on the seed: otherwise a lucky or unlucky seed would seem to be the merit of the setting.
struct TuningComparison {
  /// The difference of a setting from the best.
  struct Difference: Equatable {
    /// The score minus that of the best.
    let value: Double
    /// The central 95 % of the differences.
    let interval: ConfidenceInterval
    /// The two-sided p-value after Holm's adjustment over all settings.
    var pValue: Double
    /// Whether chance explains that it is not the best.
    var isWithinNoise: Bool
  }

  static let resamples = 2_000

  /// The difference of each setting from the best; nil for the best itself.
  let differences: [Difference?]

  /// - Parameters:
  ///   - predictions: the predictions of each setting by seed, for the same rows; [settings][seeds].
  ///   - isDeterministic: whether a setting does not depend on the seed; [settings].
  ///   - best: the index of the best setting.
  init(
    _ predictions: [[ValidationPredictions]], isDeterministic: [Bool], best: Int,
    by measure: SelectionCriterion
  ) {
    var random = SplitMix64(state: 20_240_501)
    let scores = predictions.map { $0.map { $0.score(measure) } }
    let means = scores.map { mean($0) ?? 0 }
    // Deviations of seeds, as large as those of single seeds from the mean of many.
    let deviations = zip(scores, means).flatMap { scores, mean -> [Double] in
      guard scores.count > 1 else { return [] }
      let factor = (Double(scores.count) / Double(scores.count - 1)).squareRoot()
      return scores.map { ($0 - mean) * factor }
    }
    var samples = predictions.map { _ in [Double]() }
    let tasks = predictions[best][0].tasks
    let texts = tasks.map { Self.rowsByText($0.textIDs) }
    var weights = tasks.map { [Int](repeating: 0, count: $0.labels.count) }
    for _ in 0..<Self.resamples {
      for (task, texts) in texts.enumerated() {
        for row in weights[task].indices { weights[task][row] = 0 }
        for _ in texts.indices {
          for row in texts[random.below(texts.count)] { weights[task][row] += 1 }
        }
      }
      for setting in predictions.indices {
        let scores = predictions[setting].map { predictions in
          mean(zip(predictions.tasks, weights).map { $0.score(measure, weights: $1) }) ?? 0
        }
        var score = Self.resampledMean(scores, &random)
        if scores.count == 1, !isDeterministic[setting], !deviations.isEmpty {
          score += deviations[random.below(deviations.count)]
        }
        samples[setting].append(score)
      }
    }
    var differences: [Difference?] = predictions.indices.map { setting in
      guard setting != best else { return nil }
      let sorted = zip(samples[setting], samples[best]).map { $0 - $1 }.sorted()
      let tail = Self.resamples / 40
      let (below, above) = (sorted.count { $0 <= 0 }, sorted.count { $0 >= 0 })
      return Difference(
        value: means[setting] - means[best],
        interval: ConfidenceInterval(
          low: sorted[tail], high: sorted[Self.resamples - 1 - tail], method: .bootstrap),
        pValue: min(1, Double(max(2 * min(below, above), 1)) / Double(Self.resamples)),
        isWithinNoise: true)
    }
    let others = differences.indices.filter { differences[$0] != nil }
    let adjusted = holm(others.compactMap { differences[$0]?.pValue })
    for (index, pValue) in zip(others, adjusted) {
      let isLower = measure.merit(means[index]) < measure.merit(means[best])
      differences[index]?.pValue = pValue
      differences[index]?.isWithinNoise = pValue >= 0.05 || !isLower
    }
    self.differences = differences
  }

  /// The rows of each text.
  private static func rowsByText(_ textIDs: [Int]) -> [[Int]] {
    var indices: [Int: Int] = [:]
    var texts: [[Int]] = []
    for (row, text) in textIDs.enumerated() {
      if let index = indices[text] {
        texts[index].append(row)
      } else {
        indices[text] = texts.count
        texts.append([row])
      }
    }
    return texts
  }

  /// The mean of n − 1 of n seeds drawn with replacement; the score of the only seed if n is 1.
  private static func resampledMean(_ scores: [Double], _ random: inout SplitMix64) -> Double {
    guard scores.count > 1 else { return scores.first ?? 0 }
    var sum = 0.0
    for _ in 1..<scores.count { sum += scores[random.below(scores.count)] }
    return sum / Double(scores.count - 1)
  }
}
