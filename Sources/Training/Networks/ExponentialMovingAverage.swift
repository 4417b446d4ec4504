import DLNC
import Foundation

/// The exponential moving average of the rows of a matrix over the steps of a training, with bias
/// correction as for the moments of Adam (Kingma and Ba 2015, section 3): after step t, the average of
/// x is the sum of (1 - d) d^(t-s) x_s over the steps s = 1...t, divided by 1 - d^t.
///
/// A batch changes only the vectors of its tokens. The averages of the other rows are updated
/// lazily, just before their next change: all steps in between had the same value, and one
/// interpolation accounts for them.
final class ExponentialMovingAverage<R: Real> {
  /// The averages, laid out as the values.
  let means: AlignedBuffer<R>
  /// The last step that each row's average includes.
  let steps: AlignedBuffer<Int64>

  private let values: AlignedBuffer<R>
  private let width: Int
  private let decay: Double

  /// Before the first step, the averages are the values; so parameters that are never trained remain
  /// bytewise identical.
  init(of values: AlignedBuffer<R>, width: Int, decay: Double) {
    (self.values, self.width, self.decay) = (values, width, decay)
    means = AlignedBuffer(values.count, filledWith: 0)
    means.start.update(from: values.start, count: values.count)
    steps = AlignedBuffer(width > 0 ? values.count / width : 0, filledWith: 0)
  }

  /// Includes the present values of some rows, those after `step` steps. Must be called before each
  /// further step with the rows that it will change.
  func update(_ rows: some Sequence<Int32>, step: Int) {
    let lerp = R.kernels.lerp
    for row in rows.lazy.map({ Int($0) }) {
      guard let weight = weight(from: Int(steps.start[row]), to: step) else { continue }
      let offset = row * width
      lerp(Int64(width), R(weight), values.start + offset, means.start + offset)
      steps.start[row] = Int64(step)
    }
  }

  /// Includes the present values of all rows.
  func update(step: Int) { update(0..<Int32(steps.count), step: step) }

  /// Exchanges averages and values.
  func swap() { values.exchange(with: means) }

  /// The weight of the present value in the average after step `to`, if the value was the same in all
  /// steps after `from`; nil if there was no step.
  private func weight(from: Int, to: Int) -> Double? {
    guard to > from else { return nil }
    guard from > 0 else { return 1 }
    let (kept, start) = (pow(decay, Double(to - from)), pow(decay, Double(from)))
    return 1 - kept * (1 - start) / (1 - pow(decay, Double(to)))
  }
}

/// The moving averages of everything that is trained; none if the decay is 0.
struct ParameterAverages<R: Real> {
  private let parameters: ExponentialMovingAverage<R>?
  private let vectors: ExponentialMovingAverage<R>?

  init(_ parameters: Parameters<R>, decay: Double, trainsVectors: Bool) {
    func average(_ values: AlignedBuffer<R>, _ width: Int) -> ExponentialMovingAverage<R>? {
      decay > 0 ? ExponentialMovingAverage(of: values, width: width, decay: decay) : nil
    }
    self.parameters = average(parameters.values, parameters.values.count)
    vectors = trainsVectors ? average(parameters.embedding, parameters.configuration.input) : nil
  }

  /// The averages by their names in a checkpoint.
  var all: [(name: String, average: ExponentialMovingAverage<R>)] {
    [("parameters", parameters), ("vectors", vectors)].compactMap { name, average in
      average.map { (name, $0) }
    }
  }

  /// Includes the values after `step` steps that the next step will change.
  /// - Parameter words: the tokens of its batch.
  func update(_ words: [Int32], step: Int) {
    parameters?.update(step: step)
    vectors?.update(words, step: step)
  }

  /// Calls `body` with the averages over `step` steps in place of the parameters.
  func withAverages(step: Int, _ body: () -> Void) {
    for (_, average) in all {
      average.update(step: step)
      average.swap()
    }
    body()
    for (_, average) in all { average.swap() }
  }
}
