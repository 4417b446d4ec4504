@testable import DLNC
import Testing

@testable import Training
@testable import TrainingKit

struct ThroughputMeterTests {
  private func report(step: Int) -> StepReport {
    StepReport(
      epoch: 2, epochs: 4, step: step, steps: 200, rows: 32, rate: 0.0015, loss: 0.4321,
      accuracy: 0.875)
  }

  @Test func `a line has progress, loss, speed and time left`() {
    var meter = ThroughputMeter()
    for step in 91...100 { meter.count(report(step: step)) }
    // Ten steps of 32 rows here, on top of 90 by an interrupted run, in four seconds.
    #expect(
      meter.line(report(step: 100), after: 4)
        == "epoch 2/4, 50 %, 40 s left, loss 0.432, 87.5 % right, 80 rows/s, rate 0.00150")
  }

  @Test func `no time and no steps do not trap`() {
    #expect(
      ThroughputMeter().line(report(step: 200), after: 0).contains(
        "0.00 s left, loss 0.432, 87.5 % right, 0 rows/s"))
  }
}
