import Network
import Tensors

/// How fast a training goes, counted from its first step here, and how long it will still take.
struct Pace {
  private var rows = 0
  private var steps = 0

  /// Counts a step.
  mutating func count(_ moment: Moment) {
    rows += moment.rows
    steps += 1
  }

  /// Where the training stands, as a line of progress.
  /// - Parameter seconds: how long the steps that were counted have taken.
  func line(_ moment: Moment, after seconds: Double) -> String {
    let seconds = max(seconds, 1e-3)
    let left = seconds / Double(max(1, steps)) * Double(moment.steps - moment.step)
    let done = Numeral.percent(Double(moment.step) / Double(max(1, moment.steps)), 0)
    return "epoch \(moment.epoch) of \(moment.epochs), \(done) %: "
      + "loss \(Numeral.fixed(moment.loss, 3)) accuracy \(percent(moment.accuracy)), "
      + "rate \(Numeral.fixed(moment.rate, 5)), "
      + "\(Numeral.grouped(Int(Double(rows) / seconds))) rows/s, \(Numeral.duration(left)) left"
  }
}
