extension SoftmaxRegression {
  /// Where f is least, found by Newton's method: f is convex, so there is one such place, and no
  /// rate, order or chance plays a part. Each step's linear equations are solved by conjugate
  /// gradients, the more exactly the nearer the end is (Nocedal and Wright, Numerical Optimization,
  /// algorithm 7.1).
  /// - Parameters:
  ///   - tolerance: the end is reached when the gradient is so much shorter than at the start.
  ///   - limit: the most steps.
  /// - Returns: W and how many steps it took, or nothing if the end was not reached.
  func minimum(tolerance: Double = 1e-7, limit: Int = 100) -> (weights: [Double], steps: Int)? {
    var point = point([Double](repeating: 0, count: size))
    var gradient = gradient(point)
    let first = dot(gradient, gradient).squareRoot()
    for step in 0..<limit {
      let length = dot(gradient, gradient).squareRoot()
      if length <= tolerance * first { return (point.weights, step) }
      let care = max(min(0.1, length / first) * length, tolerance * first / 4)
      let direction = newtonDirection(point, gradient, within: care)
      guard let next = search(from: point, gradient, along: direction) else { return nil }
      point = next
      gradient = self.gradient(point)
    }
    return nil
  }

  /// d with |curvature * d + gradient| <= `tolerance`, by conjugate gradients.
  private func newtonDirection(
    _ point: Point, _ gradient: [Double], within tolerance: Double
  ) -> [Double] {
    var result = [Double](repeating: 0, count: size)
    var rest = gradient.map { -$0 }
    var search = rest
    var squares = dot(rest, rest)
    for _ in 0..<1000 where squares.squareRoot() > tolerance {
      let bent = curvature(point, along: search)
      let bend = dot(search, bent)
      guard bend > 0 else { break }
      result = added(result, squares / bend, search)
      rest = added(rest, -squares / bend, bent)
      let before = squares
      squares = dot(rest, rest)
      search = added(rest, squares / before, search)
    }
    return result
  }

  /// The first of the steps 1, 1/2, 1/4, … that lowers f enough (Armijo's condition).
  private func search(
    from point: Point, _ gradient: [Double], along direction: [Double]
  ) -> Point? {
    let slope = scores(direction)
    let fall = dot(gradient, direction)
    // Close to the end f changes by less than its last digits can show.
    let noise = 1e-13 * abs(point.value)
    var step = 1.0
    for _ in 0..<30 {
      let next = self.point(after: point, step, direction, slope: slope)
      if next.value <= point.value + 1e-4 * step * fall + noise { return next }
      step /= 2
    }
    return nil
  }
}

/// The inner product.
private func dot(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  for index in a.indices { sum += a[index] * b[index] }
  return sum
}
