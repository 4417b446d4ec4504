import DLNC

/// Multinomial logistic regression on sparse rows, in double precision:
///
///     f(W) = - sum over rows x of weight of x * log softmax(x W)[class of x]  +  penalty / 2 * |W|²
///
/// W is [columns, classes], row-major. The last column of the rows is the intercept, which is not
/// penalised. `penalty` corresponds to 1 / C in scikit-learn.
final class SoftmaxRegression {
  let classCount: Int
  private let rows: CSRMatrix
  private let columns: CSRMatrix
  private let columnFactors: [Double]?
  private let targets: [Int]
  private let rowWeights: [Double]?
  private let penalty: Double
  private let threads: Int

  /// The number of elements of W.
  var size: Int { rows.width * classCount }

  /// - Parameters:
  ///   - columns: the transpose of `rows`.
  ///   - columnFactors: what each column of the rows is multiplied by; nil for 1.
  ///   - targets: the class of each row, below `classCount`.
  ///   - rowWeights: the weight of each row; nil for 1.
  ///   - threads: the number of threads; does not change any result.
  init(
    _ rows: CSRMatrix, transposed columns: CSRMatrix, columnFactors: [Double]? = nil,
    targets: [Int], rowWeights: [Double]? = nil, classCount: Int, penalty: Double, threads: Int
  ) {
    (self.rows, self.columns, self.targets) = (rows, columns, targets)
    (self.columnFactors, self.rowWeights) = (columnFactors, rowWeights)
    (self.classCount, self.penalty, self.threads) = (classCount, penalty, threads)
  }

  /// A value of W, and the values derived from it for each row.
  struct Iterate {
    var weights: [Double]
    /// x W, [rows, classes].
    var logits: [Double]
    /// softmax(x W), [rows, classes].
    var probabilities: [Double]
    /// f(W).
    var value: Double
  }

  /// The iterate at `weights`.
  func iterate(_ weights: [Double]) -> Iterate { iterate(weights, logits: logits(weights)) }

  /// The iterate at W + step * direction; `change` is x * direction.
  private func iterate(
    after iterate: Iterate, step: Double, _ direction: [Double], change: [Double]
  ) -> Iterate {
    self.iterate(
      sum(iterate.weights, step, direction), logits: sum(iterate.logits, step, change))
  }

  /// x W, [rows, classes].
  private func logits(_ weights: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: rows.count * classCount)
    rows.multiply(
      scaled(weights), columns: classCount, into: &result, threads: threads)
    return result
  }

  /// The rows of a matrix in the layout of W, each times the factor of its column.
  private func scaled(_ matrix: [Double]) -> [Double] {
    guard let columnFactors else { return matrix }
    var result = matrix
    for (column, factor) in columnFactors.enumerated() {
      for index in column * classCount..<(column + 1) * classCount { result[index] *= factor }
    }
    return result
  }

  private func iterate(_ weights: [Double], logits: [Double]) -> Iterate {
    var probabilities = logits
    var loss = 0.0
    for (row, target) in targets.enumerated() {
      let rowLoss = softmax(
        &probabilities, row * classCount..<(row + 1) * classCount, target: target)
      loss += rowWeights.map { $0[row] * rowLoss } ?? rowLoss
    }
    let squares = weights.dropLast(classCount).reduce(0) { $0 + $1 * $1 }
    return Iterate(
      weights: weights, logits: logits, probabilities: probabilities,
      value: loss + penalty / 2 * squares)
  }

  /// The gradient of f, in the layout of W.
  func gradient(_ iterate: Iterate) -> [Double] {
    var errors = iterate.probabilities
    for (row, target) in targets.enumerated() { errors[row * classCount + target] -= 1 }
    return transposedProduct(errors, penalized: iterate.weights)
  }

  /// The product of the Hessian of f and `direction`, in the layout of W.
  func hessianProduct(_ iterate: Iterate, _ direction: [Double]) -> [Double] {
    var changes = logits(direction)
    for row in targets.indices {
      let range = row * classCount..<(row + 1) * classCount
      let mean = range.reduce(0) { $0 + iterate.probabilities[$1] * changes[$1] }
      for index in range { changes[index] = iterate.probabilities[index] * (changes[index] - mean) }
    }
    return transposedProduct(changes, penalized: direction)
  }

  /// The product of the transposed rows and `values` [rows, classes] times the weights of the rows, plus
  /// the penalty times W.
  private func transposedProduct(_ values: [Double], penalized weights: [Double]) -> [Double] {
    var values = values
    for (row, weight) in (rowWeights ?? []).enumerated() {
      for index in row * classCount..<(row + 1) * classCount { values[index] *= weight }
    }
    var result = [Double](repeating: 0, count: size)
    columns.multiply(values, columns: classCount, into: &result, threads: threads)
    result = scaled(result)
    for index in 0..<size - classCount { result[index] += penalty * weights[index] }
    return result
  }

  /// The minimum of f, by Newton's method: f is convex, so the minimum is unique and depends on no
  /// learning rate, order or random number. The linear equations of each step are solved by conjugate
  /// gradients, with increasing precision (Nocedal and Wright, Numerical Optimization, algorithm 7.1).
  /// - Parameters:
  ///   - tolerance: the norm of the gradient to reach, as a fraction of the first one.
  ///   - limit: the maximum number of steps.
  /// - Returns: W and the number of steps, or nil if it did not converge.
  func minimum(tolerance: Double = 1e-7, limit: Int = 100) -> (weights: [Double], steps: Int)? {
    var current = iterate([Double](repeating: 0, count: size))
    var gradient = gradient(current)
    let first = dot(gradient, gradient).squareRoot()
    for step in 0..<limit {
      let length = dot(gradient, gradient).squareRoot()
      if length <= tolerance * first { return (current.weights, step) }
      let precision = max(min(0.1, length / first) * length, tolerance * first / 4)
      let direction = newtonDirection(current, gradient, tolerance: precision)
      guard let next = lineSearch(from: current, gradient, direction) else { return nil }
      current = next
      gradient = self.gradient(current)
    }
    return nil
  }

  /// d with |Hessian * d + gradient| <= `tolerance`, by conjugate gradients.
  private func newtonDirection(
    _ iterate: Iterate, _ gradient: [Double], tolerance: Double
  ) -> [Double] {
    var result = [Double](repeating: 0, count: size)
    var residual = gradient.map { -$0 }
    var search = residual
    var squares = dot(residual, residual)
    for _ in 0..<1000 where squares.squareRoot() > tolerance {
      let product = hessianProduct(iterate, search)
      let curvature = dot(search, product)
      guard curvature > 0 else { break }
      result = sum(result, squares / curvature, search)
      residual = sum(residual, -squares / curvature, product)
      let before = squares
      squares = dot(residual, residual)
      search = sum(residual, squares / before, search)
    }
    return result
  }

  /// The first of the steps 1, 1/2, 1/4, … that fulfils Armijo's condition.
  private func lineSearch(
    from iterate: Iterate, _ gradient: [Double], _ direction: [Double]
  ) -> Iterate? {
    let change = logits(direction)
    let slope = dot(gradient, direction)
    // Near the minimum f changes by less than its rounding error.
    let noise = 1e-13 * abs(iterate.value)
    var step = 1.0
    for _ in 0..<30 {
      let next = self.iterate(after: iterate, step: step, direction, change: change)
      if next.value <= iterate.value + 1e-4 * step * slope + noise { return next }
      step /= 2
    }
    return nil
  }
}

/// a + factor * b.
func sum(_ a: [Double], _ factor: Double, _ b: [Double]) -> [Double] {
  var result = a
  for index in result.indices { result[index] += factor * b[index] }
  return result
}

/// The inner product.
private func dot(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  for index in a.indices { sum += a[index] * b[index] }
  return sum
}
