import Foundation

/// Multinomial logistic regression on sparse rows, in double precision:
///
///     f(W) = - sum over rows x of log softmax(x W)[class of x]  +  penalty / 2 * |W|²
///
/// W is [columns, classes], row-major. The last column of the rows is the intercept's, which is not
/// penalised. So `penalty` is scikit-learn's 1 / C.
final class SoftmaxRegression {
  let classCount: Int
  private let rows: CSRMatrix
  private let columns: CSRMatrix
  private let targets: [Int]
  private let penalty: Double
  private let threads: Int

  /// How many numbers W holds.
  var size: Int { rows.width * classCount }

  /// - Parameters:
  ///   - columns: `rows`, transposed.
  ///   - targets: the class of each row, below `classCount`.
  ///   - threads: how many to use; changes no byte of a result.
  init(
    _ rows: CSRMatrix, transposed columns: CSRMatrix, targets: [Int], classCount: Int,
    penalty: Double, threads: Int
  ) {
    (self.rows, self.columns, self.targets) = (rows, columns, targets)
    (self.classCount, self.penalty, self.threads) = (classCount, penalty, threads)
  }

  /// Where W stands, and what follows from it for each row: enough to bend and to move on from.
  struct Point {
    var weights: [Double]
    /// x W, [rows, classes].
    var scores: [Double]
    /// softmax(x W), [rows, classes].
    var probabilities: [Double]
    /// f(W).
    var value: Double
  }

  /// The point at `weights`.
  func point(_ weights: [Double]) -> Point { point(weights, scores: scores(weights)) }

  /// The point `step` times `direction` further on; `slope` is x * direction.
  func point(after point: Point, _ step: Double, _ direction: [Double], slope: [Double]) -> Point {
    self.point(
      added(point.weights, step, direction), scores: added(point.scores, step, slope))
  }

  /// x W, [rows, classes].
  func scores(_ weights: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: rows.count * classCount)
    rows.times(weights, by: classCount, into: &result, threads: threads)
    return result
  }

  private func point(_ weights: [Double], scores: [Double]) -> Point {
    var probabilities = scores
    var loss = 0.0
    for (row, target) in targets.enumerated() {
      loss += softmax(&probabilities, row * classCount..<(row + 1) * classCount, target: target)
    }
    let inner = weights.dropLast(classCount)
    let squares = inner.reduce(0) { $0 + $1 * $1 }
    return Point(
      weights: weights, scores: scores, probabilities: probabilities,
      value: loss + penalty / 2 * squares)
  }

  /// The gradient of f, laid out as W.
  func gradient(_ point: Point) -> [Double] {
    var errors = point.probabilities
    for (row, target) in targets.enumerated() { errors[row * classCount + target] -= 1 }
    return gathered(errors, penalizing: point.weights)
  }

  /// The second derivative of f times `direction`, laid out as W.
  func curvature(_ point: Point, along direction: [Double]) -> [Double] {
    var changes = scores(direction)
    for row in targets.indices {
      let range = row * classCount..<(row + 1) * classCount
      let mean = range.reduce(0) { $0 + point.probabilities[$1] * changes[$1] }
      for index in range { changes[index] = point.probabilities[index] * (changes[index] - mean) }
    }
    return gathered(changes, penalizing: direction)
  }

  /// The transposed rows times `values` [rows, classes], and the penalty's part.
  private func gathered(_ values: [Double], penalizing weights: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: size)
    columns.times(values, by: classCount, into: &result, threads: threads)
    for index in 0..<size - classCount { result[index] += penalty * weights[index] }
    return result
  }
}

/// Replaces the scores in `range` by their softmax.
/// - Returns: - log of the probability of the class `target`.
func softmax(_ values: inout [Double], _ range: Range<Int>, target: Int) -> Double {
  let largest = values[range].max() ?? 0
  let score = values[range.lowerBound + target] - largest
  var sum = 0.0
  for index in range {
    values[index] = exp(values[index] - largest)
    sum += values[index]
  }
  for index in range { values[index] /= sum }
  return log(sum) - score
}

/// a + factor * b.
func added(_ a: [Double], _ factor: Double, _ b: [Double]) -> [Double] {
  var result = a
  for index in result.indices { result[index] += factor * b[index] }
  return result
}
