import Foundation

/// The exponential moving average of the rows of a matrix over the steps of a training, free of the
/// bias towards its start as Adam's moments are (Kingma and Ba 2015, section 3): after step t the
/// average of x is the sum of (1 - d) d^(t-s) x_s over the steps s = 1...t, divided by 1 - d^t.
///
/// A batch changes the vectors of its own words only, so those of other words are averaged when they
/// are met again: all steps in between saw the same vector, and one blend makes up for them.
final class ExponentialMovingAverage<R: Real> {
  /// The averages, laid out as the values.
  let means: AlignedBuffer<R>
  /// Up to which step each row's average goes.
  let steps: AlignedBuffer<Int64>

  private let values: AlignedBuffer<R>
  private let width: Int
  private let decay: Double

  /// No step taken in yet. Before the first one the averages are the values themselves, so what
  /// never learns stays as it is, to the byte.
  init(of values: AlignedBuffer<R>, width: Int, decay: Double) {
    (self.values, self.width, self.decay) = (values, width, decay)
    means = AlignedBuffer(values.count, filledWith: 0)
    means.start.update(from: values.start, count: values.count)
    steps = AlignedBuffer(width > 0 ? values.count / width : 0, filledWith: 0)
  }

  /// Takes in rows as they stand after `step` steps: to be called before each further step with the
  /// rows that it is about to change.
  func follow(_ rows: some Sequence<Int32>, step: Int) {
    for row in rows.lazy.map({ Int($0) }) {
      guard let weight = weight(from: Int(steps.start[row]), to: step) else { continue }
      let offset = row * width
      R.kernels.lerp(Int64(width), R(weight), values.start + offset, means.start + offset)
      steps.start[row] = Int64(step)
    }
  }

  /// Takes in all rows.
  func follow(step: Int) { follow(0..<Int32(steps.count), step: step) }

  /// Puts the averages in the place of the values, and the values in theirs.
  func exchange() { values.exchange(with: means) }

  /// The share of the newest value in the average after step `to`, if it was the same at all steps
  /// since `from`; nothing if there was none.
  private func weight(from: Int, to: Int) -> Double? {
    guard to > from else { return nil }
    guard from > 0 else { return 1 }
    let (kept, start) = (pow(decay, Double(to - from)), pow(decay, Double(from)))
    return 1 - kept * (1 - start) / (1 - pow(decay, Double(to)))
  }
}

extension Trainer {
  /// The averages of all that learns, by the names under which they are kept; none if the
  /// parameters themselves are what is wanted.
  static func averages(
    _ parameters: Parameters<R>, decay: Double, trainsVectors: Bool
  ) -> [String: ExponentialMovingAverage<R>] {
    guard decay > 0 else { return [:] }
    let values = parameters.values
    var result = [
      "parameters": ExponentialMovingAverage(of: values, width: values.count, decay: decay)
    ]
    if trainsVectors {
      result["vectors"] = ExponentialMovingAverage(
        of: parameters.embedding, width: parameters.configuration.input, decay: decay)
    }
    return result
  }

  /// Lets the averages take in what a batch is about to change.
  func follow(_ gradients: Gradients<R>, step: Int) {
    averages["parameters"]?.follow(step: step)
    averages["vectors"]?.follow(gradients.words, step: step)
  }

  /// Calls `body` while the averages over `step` steps, if there are any, stand in the place of what
  /// learns.
  func averaged(after step: Int, _ body: () -> Void) {
    for average in averages.values {
      average.follow(step: step)
      average.exchange()
    }
    body()
    for average in averages.values { average.exchange() }
  }
}
