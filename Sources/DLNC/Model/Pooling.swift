/// What the linear layer gets of the encoder beside the classification cell's h: nothing, as in the
/// paper, or h pooled over the row's words, as in Howard and Ruder 2018 ("concat pooling").
///
/// A few words of a long review decide its class, and the last state has to remember them over
/// hundreds of steps; pooled features have a short way from every step to the loss. They go round
/// the classification cell straight to the linear layer: the cell stays the paper's, with its start
/// from the last h and c, and the linear layer weighs the two views.
public enum Pooling: String, Codable, CaseIterable, Sendable {
  /// The classification cell's h alone; of LSTM+linear the last h.
  case last
  /// Also the mean of h over the row's words.
  case mean
  /// Also the largest value that each unit of h takes over the row's words.
  case max
  /// Both.
  case meanMax = "mean-max"

  /// Whether the mean is taken.
  var takesMean: Bool { self == .mean || self == .meanMax }
  /// Whether the largest values are taken.
  var takesMax: Bool { self == .max || self == .meanMax }
  /// How many vectors of H values the linear layer gets.
  var parts: Int { 1 + (takesMean ? 1 : 0) + (takesMax ? 1 : 0) }
}

/// Pools h over each row's own steps while the encoder takes them, forward and backward. Sums and
/// largest values grow step by step, so that they need no step's h to be kept, and in the order of
/// the row's words, whatever rows there are beside it.
final class PoolingLayer<R: Real> {
  private var pooling = Pooling.last
  private var hidden = 0
  /// One over each row's number of steps.
  private var shares: [R] = []
  private let sum = AlignedBuffer<R>(), largest = AlignedBuffer<R>()
  /// At which step each unit took its largest value; the first of equals.
  private let steps = AlignedBuffer<Int32>()
  private let joined = AlignedBuffer<R>()
  private let meanGradient = AlignedBuffer<R>(), largestGradient = AlignedBuffer<R>()

  /// Makes ready for the rows' first step.
  func begin(_ packed: PackedSequence, _ configuration: ModelConfiguration) {
    (pooling, hidden) = (configuration.pooling, configuration.hidden)
    let size = packed.count * hidden
    if pooling.takesMean {
      shares = packed.lengths.map { 1 / R(max(1, $0)) }
      sum.reserveZeros(size)
    }
    if pooling.takesMax {
      largest.reserveZeros(size)
      steps.reserveZeros(size)
    }
  }

  /// Takes in h [rows, H] of one step.
  func take(_ h: UnsafePointer<R>, rows: Int, step: Int) {
    if pooling.takesMean { R.kernels.add(Int64(rows * hidden), h, sum.start) }
    guard pooling.takesMax else { return }
    if step == 0 {
      largest.start.update(from: h, count: rows * hidden)
    } else {
      R.kernels.maxUpdate(Int64(rows * hidden), Int32(step), h, largest.start, steps.start)
    }
  }

  /// What the linear layer gets, [rows, parts * H]: h and behind it what was pooled.
  func join(_ h: UnsafePointer<R>, rows: Int) -> UnsafePointer<R> {
    guard pooling != .last else { return h }
    var target = joined.reserve(rows * pooling.parts * hidden)
    func put(_ source: UnsafePointer<R>, row: Int) {
      target.update(from: source + row * hidden, count: hidden)
      target += hidden
    }
    for row in 0..<rows {
      put(h, row: row)
      if pooling.takesMean {
        put(sum.start, row: row)
        R.kernels.scale(Int64(hidden), shares[row], target - hidden)
      }
      if pooling.takesMax { put(largest.start, row: row) }
    }
    return UnsafePointer(joined.start)
  }

  /// Takes the gradient [rows, parts * H] of what ``join(_:rows:)`` gave apart: the part of h stays
  /// in it as [rows, H], the rest is kept for ``addGradient(to:rows:step:)``.
  func split(_ gradient: UnsafeMutablePointer<R>, rows: Int) {
    guard pooling != .last else { return }
    meanGradient.reserve(rows * hidden)
    largestGradient.reserve(rows * hidden)
    for row in 0..<rows {
      var source = gradient + row * pooling.parts * hidden
      let place = row * hidden
      (gradient + place).update(from: source, count: hidden)
      if pooling.takesMean {
        source += hidden
        (meanGradient.start + place).update(from: source, count: hidden)
        R.kernels.scale(Int64(hidden), shares[row], meanGradient.start + place)
      }
      if pooling.takesMax {
        source += hidden
        (largestGradient.start + place).update(from: source, count: hidden)
      }
    }
  }

  /// Adds the gradient that h [rows, H] of one step has through the pooling.
  func addGradient(to dh: UnsafeMutablePointer<R>, rows: Int, step: Int) {
    let size = Int64(rows * hidden)
    if pooling.takesMean { R.kernels.add(size, meanGradient.start, dh) }
    if pooling.takesMax {
      R.kernels.maxBackward(size, Int32(step), steps.start, largestGradient.start, dh)
    }
  }
}
