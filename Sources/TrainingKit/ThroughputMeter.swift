import DLNC
import Support

/// How fast a training goes, counted from its first step here, and how long it will still take.
struct Pace {
  private var rows = 0
  private var steps = 0

  /// Counts a step.
  mutating func count(_ moment: StepReport) {
    rows += moment.rows
    steps += 1
  }

  /// Where the training stands, as a line of progress, what matters most in front: a narrow terminal
  /// cuts its end.
  /// - Parameter seconds: how long the steps that were counted have taken.
  func line(_ moment: StepReport, after seconds: Double) -> String {
    let seconds = max(seconds, 1e-3)
    let left = seconds / Double(max(1, steps)) * Double(moment.steps - moment.step)
    let done = NumberFormat.percent(Double(moment.step) / Double(max(1, moment.steps)), 0)
    return
      "epoch \(moment.epoch)/\(moment.epochs), \(done) %, \(NumberFormat.duration(left)) left, "
      + "loss \(NumberFormat.fixed(moment.loss, 3)), \(percent(moment.accuracy)) right, "
      + "\(NumberFormat.grouped(Int(Double(rows) / seconds))) rows/s, "
      + "rate \(NumberFormat.fixed(moment.rate, 5))"
  }
}
