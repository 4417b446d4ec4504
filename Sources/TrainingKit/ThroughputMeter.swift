import DLNC
import Foundation
import Support
import Training

/// Measures the speed of a training since this process started it, and estimates the time left.
struct ThroughputMeter {
  /// Whether rows are words that a language model predicts.
  private let predictsWords: Bool
  private var rows = 0
  private var steps = 0

  init(predictsWords: Bool = false) { self.predictsWords = predictsWords }

  /// Counts a step.
  mutating func count(_ step: StepReport) {
    rows += step.rows
    steps += 1
  }

  /// Returns a line of progress. The most important part comes first, because a narrow terminal cuts
  /// the end.
  /// - Parameter seconds: the duration of the steps that were counted.
  func line(_ step: StepReport, after seconds: Double) -> String {
    let seconds = max(seconds, 1e-3)
    let secondsLeft = seconds / Double(max(1, steps)) * Double(step.steps - step.step)
    let done = Double(step.step) / Double(max(1, step.steps))
    let quality =
      predictsWords
      ? ["perplexity \(NumberFormat.fixed(exp(step.loss), 1))"]
      : ["loss \(NumberFormat.fixed(step.loss, 3))", "\(percent(step.accuracy)) right"]
    let progress = [
      "epoch \(step.epoch)/\(step.epochs)", "\(NumberFormat.percent(done, 0)) %",
      "\(NumberFormat.duration(secondsLeft)) left",
    ]
    let speed = [
      "\(NumberFormat.grouped(Int(Double(rows) / seconds))) \(predictsWords ? "words" : "rows")/s",
      "rate \(NumberFormat.fixed(step.rate, 5))",
    ]
    return (progress + quality + speed).joined(separator: ", ")
  }
}
