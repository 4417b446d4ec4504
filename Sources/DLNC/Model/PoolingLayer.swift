/// The input of the linear layer in addition to the h of the classification cell: none, as in the
/// paper, or h of the encoder pooled over the tokens of the row ("concat pooling", Howard and Ruder
/// 2018).
///
/// A few words of a long review determine its class, and the final state has to keep them over
/// hundreds of steps. Pooled features are a short path from every step to the loss. They bypass the
/// classification cell, which remains that of the paper.
public enum Pooling: String, Codable, CaseIterable, Sendable {
  /// No pooling.
  case last
  /// The mean over the tokens.
  case mean
  /// The elementwise maximum over the tokens.
  case max
  /// Both.
  case meanMax = "mean-max"

  package var hasMean: Bool { self == .mean || self == .meanMax }
  package var hasMax: Bool { self == .max || self == .meanMax }
  /// The number of vectors of H elements that are the input of the linear layer.
  var parts: Int { 1 + (hasMean ? 1 : 0) + (hasMax ? 1 : 0) }
}

/// Pools h over the steps of each row. Sums and maxima are updated step by step, in the order of the
/// row's tokens, so that no step has to be kept and the result does not depend on the other rows.
final class PoolingLayer<R: Real> {
  private var pooling = Pooling.last
  private var hidden = 0
  /// The reciprocal of each row's number of tokens.
  private var reciprocalLengths: [R] = []
  private let sum = AlignedBuffer<R>(), maximum = AlignedBuffer<R>()
  /// The step of each maximum; the first one of equal values.
  private let argmax = AlignedBuffer<Int32>()
  private let concatenated = AlignedBuffer<R>()
  private let meanGradient = AlignedBuffer<R>(), maximumGradient = AlignedBuffer<R>()

  /// Prepares for the first step of a sequence.
  func begin(_ sequence: PackedSequence, _ configuration: ModelConfiguration) {
    (pooling, hidden) = (configuration.pooling, configuration.hidden)
    let size = sequence.count * hidden
    if pooling.hasMean {
      reciprocalLengths = sequence.lengths.map { 1 / R(max(1, $0)) }
      sum.reserveZeros(size)
    }
    if pooling.hasMax {
      maximum.reserveZeros(size)
      argmax.reserveZeros(size)
    }
  }

  /// Adds h [rows, H] of one step.
  func add(_ h: UnsafePointer<R>, rows: Int, step: Int) {
    if pooling.hasMean { R.kernels.add(Int64(rows * hidden), h, sum.start) }
    guard pooling.hasMax else { return }
    if step == 0 {
      maximum.start.update(from: h, count: rows * hidden)
    } else {
      R.kernels.maxUpdate(Int64(rows * hidden), Int32(step), h, maximum.start, argmax.start)
    }
  }

  /// The input of the linear layer, [rows, F]: h, then the pooled vectors.
  func concatenate(_ h: UnsafePointer<R>, rows: Int) -> UnsafePointer<R> {
    guard pooling != .last else { return h }
    var target = concatenated.reserve(rows * pooling.parts * hidden)
    func append(_ source: UnsafePointer<R>, row: Int) {
      target.update(from: source + row * hidden, count: hidden)
      target += hidden
    }
    for row in 0..<rows {
      append(h, row: row)
      if pooling.hasMean {
        append(sum.start, row: row)
        R.kernels.scale(Int64(hidden), reciprocalLengths[row], target - hidden)
      }
      if pooling.hasMax { append(maximum.start, row: row) }
    }
    return UnsafePointer(concatenated.start)
  }

  /// The backward pass of ``concatenate(_:rows:)``: `gradient` [rows, F] becomes that of h, [rows, H];
  /// those of the pooled vectors are kept for ``addGradient(to:rows:step:)``.
  func split(_ gradient: UnsafeMutablePointer<R>, rows: Int) {
    guard pooling != .last else { return }
    meanGradient.reserve(rows * hidden)
    maximumGradient.reserve(rows * hidden)
    for row in 0..<rows {
      var source = gradient + row * pooling.parts * hidden
      let offset = row * hidden
      (gradient + offset).update(from: source, count: hidden)
      if pooling.hasMean {
        source += hidden
        (meanGradient.start + offset).update(from: source, count: hidden)
        R.kernels.scale(Int64(hidden), reciprocalLengths[row], meanGradient.start + offset)
      }
      if pooling.hasMax {
        source += hidden
        (maximumGradient.start + offset).update(from: source, count: hidden)
      }
    }
  }

  /// Adds the gradient of h [rows, H] of one step through the pooling.
  func addGradient(to dh: UnsafeMutablePointer<R>, rows: Int, step: Int) {
    let size = Int64(rows * hidden)
    if pooling.hasMean { R.kernels.add(size, meanGradient.start, dh) }
    if pooling.hasMax {
      R.kernels.maxBackward(size, Int32(step), argmax.start, maximumGradient.start, dh)
    }
  }
}
