/// The paired bootstrap: how much would the difference of two models change with other test texts?
///
/// Texts are drawn again with replacement, all rows of a text together, and the difference in
/// accuracy is computed each time. Each row counts with its mean over the seeds of a model, so the
/// test is about the models and not about one lucky run. The draws follow from a fixed seed.
public struct PairedBootstrap: Sendable, Equatable {
  /// How often the texts are drawn again.
  public static let resamples = 10_000

  /// Accuracy of the first model less that of the second.
  public let difference: Double
  /// The middle 95 % of the differences.
  public let interval: Interval
  /// Twice the share of differences on the other side of 0, never below 1 / `resamples`.
  public let pValue: Double

  /// Runs the bootstrap; nil without rows.
  /// - Parameters:
  ///   - first: for each seed of the first model whether each row is right; [seeds][n].
  ///   - second: the same of the second model.
  ///   - groups: the text of each row; [n].
  public init?(_ first: [[Bool]], _ second: [[Bool]], groups: [Int]) {
    guard !groups.isEmpty, !first.isEmpty, !second.isEmpty else { return nil }
    let texts = Self.texts(first, second, groups: groups)
    // Whole numbers until the last division: the sum does not depend on the order.
    let scale = Double(first.count * second.count)
    let gain = texts.reduce(0) { $0 + Int($1.gain) }
    difference = Double(gain) / scale / Double(groups.count)

    var draws = SplitMix64(state: 20_240_501)
    var differences = (0..<Self.resamples).map { _ in
      Self.resample(texts, &draws) / scale
    }
    differences.sort()
    let edge = Self.resamples / 40
    interval = Interval(
      low: differences[edge], high: differences[Self.resamples - 1 - edge], method: .bootstrap)
    let (below, above) = (differences.count { $0 <= 0 }, differences.count { $0 >= 0 })
    pValue = min(1, Double(max(2 * min(below, above), 1)) / Double(Self.resamples))
  }

  private struct Text {
    /// Right answers of the first model less those of the second, weighted to whole numbers.
    var gain: Int32 = 0
    var rows: Int32 = 0
  }

  /// Sums up the rows of each text, in the order of first appearance.
  private static func texts(_ first: [[Bool]], _ second: [[Bool]], groups: [Int]) -> [Text] {
    var index: [Int: Int] = [:]
    var texts: [Text] = []
    for (row, group) in groups.enumerated() {
      let text = index[group] ?? texts.count
      if text == texts.count {
        texts.append(Text())
        index[group] = text
      }
      texts[text].rows += 1
      let right = first.count { $0[row] } * second.count
      texts[text].gain += Int32(right - second.count { $0[row] } * first.count)
    }
    return texts
  }

  /// The mean gain of a row when as many texts as there are have been drawn with replacement.
  private static func resample(_ texts: [Text], _ draws: inout SplitMix64) -> Double {
    var (gain, rows) = (0, 0)
    for _ in texts.indices {
      let text = texts[draws.below(texts.count)]
      gain += Int(text.gain)
      rows += Int(text.rows)
    }
    return Double(gain) / Double(rows)
  }
}

/// A small generator of random numbers (Steele, Lea and Flood 2014): the same on every machine.
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A whole number from 0 to `bound` - 1; the bias of below `bound` / 2^64 is no concern here.
  mutating func below(_ bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }
}
