import Foundation
import Shards
import Support
import Testing

@testable import DLNC

/// Decisions about the labels of multi-label rows: thresholds, temperatures and metrics.
struct LabelThresholdTests {
  private static func shard(_ rows: [[Int32]], classes: Int) -> TokenShard {
    var builder = ShardBuilder<Int32>(
      ShardHeader(
        task: "m", split: .validation, classNames: (0..<classes).map { "class \($0)" },
        isMultiLabel: true))
    for (row, labels) in rows.enumerated() { builder.append([1], classes: labels, textID: row) }
    return builder.shard
  }

  /// Rows of one label with these probabilities, those in `positive` with the label.
  private static func threshold(_ probabilities: [Float], _ positive: [Bool]) -> Double? {
    LabelThresholds(probabilities, of: shard(positive.map { $0 ? [0] : [] }, classes: 1))?.values[0]
  }

  @Test func `the threshold with the best F1 lies midway between two probabilities`() {
    let probabilities = (0..<20).map { Float($0) / 64 }
    // The ten highest have the label.
    let found = Self.threshold(probabilities, (0..<20).map { $0 >= 10 })
    #expect(found == (9.0 / 64 + 10.0 / 64) / 2)
  }

  @Test func `½ stays where no other threshold is better, or where rows of the label are few`() {
    let high = (0..<20).map { Float($0) / 20 }
    #expect(Self.threshold(high, (0..<20).map { $0 >= 10 }) == 0.5)
    let low = (0..<20).map { Float($0) / 64 }
    let few = LabelThresholds.fewestRows - 1
    #expect(Self.threshold(low, (0..<20).map { $0 >= 20 - few }) == 0.5)
    #expect(Self.threshold(low, (0..<20).map { _ in true }).map { $0 > 0 && $0 < 0.01 } == true)
  }

  @Test func `a label is given from its threshold on`() {
    var thresholds = LabelThresholds(classCount: 3)
    thresholds.values = [0.25, 0.5, 0.75]
    #expect(thresholds.labels([0.25, 0.49, 0.75] as [Float]) == [0, 2])
    #expect(thresholds.labels([0, 0, 0] as [Float]) == [])
  }

  @Test(arguments: [0.5, 2.5])
  func `the temperature that labels were drawn with is found`(temperature: Double) throws {
    var stream = SplitMix64(PRNGKey(seed: 1).foldIn("labels"))
    let logits = noise(3 * 2000, seed: 1).map { 6 * $0 }
    let rows = (0..<2000).map { row in
      (0..<Int32(3)).filter {
        stream.uniform() < 1 / (1 + exp(-logits[3 * row + Int($0)] / temperature))
      }
    }
    let shard = Self.shard(rows, classes: 3)
    let plain = logits.map { Float(1 / (1 + exp(-$0))) }
    let scaling = try #require(TemperatureScaling(plain, of: shard))
    #expect(abs(log(scaling.temperature / temperature)) < 0.1)
    #expect(scaling.rows == 2000 && scaling.loss < scaling.lossBefore && scaling.thresholds.isEmpty)
    let scaled = scaling.apply(to: plain, of: shard)
    // The loss of a row is the sum over its labels.
    #expect(abs(scaled.loss - scaling.loss) < 1e-4)
    #expect(zip(plain, scaled.probabilities).allSatisfy { ($0 >= 0.5) == ($1 >= 0.5) })
    let thresholds = try #require(LabelThresholds(scaled.probabilities, of: shard))
    let without = thresholds.without(scaling)
    for row in 0..<2000 {
      let range = 3 * row..<3 * row + 3
      #expect(thresholds.labels(scaled.probabilities[range]) == without.labels(plain[range]))
    }
  }

  @Test func `certain probabilities stay numbers`() throws {
    let scaling = try #require(
      TemperatureScaling(
        [Float](repeating: 0.9, count: 60), of: Self.shard((0..<60).map { _ in [0] }, classes: 1)))
    let (probabilities, loss) = scaling.apply(
      to: [0, 1], of: Self.shard([[0], []], classes: 1))
    #expect(probabilities.allSatisfy { (0...1).contains($0) } && loss.isFinite)
  }

  @Test func `micro-F1 is accuracy if each row has one label and gets one`() {
    let rows: [(values: [Float], label: Int32)] = [
      ([0.9, 0.1], 0), ([0.2, 0.8], 0), ([0.3, 0.7], 1),
    ]
    for output in [OutputFunction.softmax, .sigmoid] {
      let metrics = rows.reduce(BatchMetrics()) { sum, row in
        sum
          + row.values.withUnsafeBufferPointer {
            BatchMetrics($0, half: 0.5, output, classes: [row.label], loss: 1)
          }
      }
      #expect(metrics.accuracy == 2.0 / 3 && metrics.rows == 3 && metrics.meanLoss == 1)
    }
  }

  @Test func `micro-F1 counts labels that are given and labels that rows have`() {
    // Two labels are right, one is wrong, two are missing: 2 · 2 / (3 + 4).
    let rows: [(values: [Float], labels: [Int32])] = [
      ([0.9, 0.6, 0.1], [0, 2]), ([0.1, 0.1, 0.1], [1]), ([0.1, 0.1, 0.5], [2]),
      ([0.1, 0.1, 0.1], []),
    ]
    let metrics = rows.reduce(BatchMetrics()) { sum, row in
      sum
        + row.values.withUnsafeBufferPointer {
          BatchMetrics($0, half: 0.5, .sigmoid, classes: row.labels, loss: 0)
        }
    }
    #expect(metrics.accuracy == 4.0 / 7 && metrics.rows == 4)
    let shard = Self.shard(rows.map(\.labels), classes: 3)
    // Label 0: 1 of 1; label 1: given once, in another row; label 2: one of two.
    #expect(abs(macroF1(rows.flatMap(\.values), shard) - (1 + 0 + 2.0 / 3) / 3) < 1e-7)
  }

  @Test func `weights of labels balance the rows with and without each`() throws {
    let shard = Self.shard([[0], [0, 1], [0], [], [0]], classes: 2)
    // As scikit-learn's balanced weights, n / (2 · rows).
    let balanced = try #require(ClassWeights.balanced.weights(of: shard))
    let expected = [5.0 / 8, 5.0 / 2, 5.0 / 2, 5.0 / 8]
    #expect(zip(balanced, expected).allSatisfy { abs($0 - $1) < 1e-12 })
    let named = try #require(ClassWeights(rawValue: "class 1=3").weights(of: shard))
    #expect(named[0] == named[2] && abs(named[1] / named[3] - 3) < 1e-12)
    #expect(abs(named[1] + 4 * named[3] - 5) < 1e-12)
  }
}
