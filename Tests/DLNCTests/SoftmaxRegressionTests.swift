import Testing
import Support

@testable import DLNC
@testable import Training

/// The objective of softmax regression, its derivatives and its minimum.
struct SoftmaxRegressionTests {
  private static let targets = [0, 2, 1, 2, 2, 0, 1]

  /// Seven rows of five columns, the last always 1, as the vectorizer produces them.
  private static func regression(
    threads: Int = 1, penalty: Double = 0.3, weights: [Double]? = nil, repeating: Int = 1
  ) -> SoftmaxRegression {
    var rows = CSRMatrix(width: 5)
    let values = noise(35, seed: 3)
    for row in 0..<7 {
      let cells = (0..<4).filter { (row + $0) % 3 != 0 }.map {
        (column: Int32($0), value: values[5 * row + $0])
      }
      // A row may occur several times.
      for _ in 0..<(row == 2 ? repeating : 1) { rows.append(cells + [(4, 1)]) }
    }
    let targets =
      targets[..<2] + [Int](repeating: targets[2], count: repeating) + targets[3...]
    return SoftmaxRegression(
      rows, transposed: rows.transposed, targets: Array(targets), rowWeights: weights,
      classCount: 3, penalty: penalty, threads: threads)
  }

  /// Weights of the rows.
  private static let weighted: [Double] = [0.5, 2, 3, 0.25, 1, 1.5, 0.1]

  @Test func `a row of weight 3 counts as three rows`() throws {
    let weights = [1.0, 1, 3, 1, 1, 1, 1]
    let one = try #require(Self.regression(weights: weights).minimum(tolerance: 1e-10))
    let three = try #require(Self.regression(repeating: 3).minimum(tolerance: 1e-10))
    #expect(zip(one.weights, three.weights).allSatisfy { abs($0 - $1) < 1e-8 })
  }

  @Test(arguments: [nil, weighted])
  func `the gradient matches central differences`(rowWeights: [Double]?) {
    let regression = Self.regression(weights: rowWeights)
    let weights = noise(regression.size, seed: 5)
    let gradient = regression.gradient(regression.iterate(weights))
    for index in weights.indices {
      var (above, below) = (weights, weights)
      above[index] += 1e-5
      below[index] -= 1e-5
      let slope = (regression.iterate(above).value - regression.iterate(below).value) / 2e-5
      #expect(abs(gradient[index] - slope) < 1e-8, "weight \(index)")
    }
  }

  @Test(arguments: [nil, weighted])
  func `the product with the Hessian is the change of the gradient`(rowWeights: [Double]?) {
    let regression = Self.regression(weights: rowWeights)
    let weights = noise(regression.size, seed: 5)
    let direction = noise(regression.size, seed: 6)
    let product = regression.hessianProduct(regression.iterate(weights), direction)
    let above = regression.gradient(regression.iterate(sum(weights, 1e-5, direction)))
    let below = regression.gradient(regression.iterate(sum(weights, -1e-5, direction)))
    for index in weights.indices {
      #expect(abs(product[index] - (above[index] - below[index]) / 2e-5) < 1e-8, "\(index)")
    }
  }

  @Test func `intercepts are not penalised`() {
    let (weak, strong) = (Self.regression(penalty: 1), Self.regression(penalty: 2))
    var weights = [Double](repeating: 0, count: weak.size)
    for index in 12..<15 { weights[index] = Double(index) }
    #expect(weak.iterate(weights).value == strong.iterate(weights).value)
    weights[0] = 2
    #expect(abs(strong.iterate(weights).value - weak.iterate(weights).value - 2) < 1e-12)
  }

  @Test func `at the minimum the gradient vanishes and every direction ascends`() throws {
    let regression = Self.regression()
    let (weights, steps) = try #require(regression.minimum(tolerance: 1e-10))
    #expect((2...12).contains(steps))
    let minimum = regression.iterate(weights)
    #expect(regression.gradient(minimum).allSatisfy { abs($0) < 1e-9 })
    for seed in 0..<20 {
      let other = sum(weights, 0.1, noise(regression.size, seed: seed))
      #expect(regression.iterate(other).value > minimum.value)
    }
  }

  @Test func `a fit with too few steps returns nil`() {
    #expect(Self.regression().minimum(limit: 2) == nil)
  }

  @Test func `extreme logits do not overflow`() {
    var values = [1e5, -1e5, 0.0]
    #expect(softmax(&values, 0..<3, target: 1) == 2e5)
    #expect(values == [1, 0, 0])
  }

  @Test
  func `a product does not depend on threads, and the transpose of the transpose is the matrix`() {
    var stream = SplitMix64(PRNGKey(seed: 9))
    var rows = CSRMatrix(width: 40)
    for _ in 0..<1500 {
      rows.append(
        (0..<40).filter { _ in stream.below(4) == 0 }.map { (Int32($0), stream.uniform()) })
    }
    for classes in 1...6 {
      let matrix = (0..<40 * classes).map { _ in stream.uniform() - 0.5 }
      var (one, four) = ([Double](repeating: 9, count: 1500 * classes), [Double]())
      four = one
      rows.multiply(matrix, columns: classes, into: &one, threads: 1)
      rows.multiply(matrix, columns: classes, into: &four, threads: 4)
      #expect(one == four)
      let dense = (0..<1500 * classes).map { place in
        rows.cells(place / classes).reduce(0) {
          $0 + $1.value * matrix[Int($1.column) * classes + place % classes]
        }
      }
      #expect(one == dense, "\(classes) classes")
    }
    let again = rows.transposed.transposed
    #expect(again.count == rows.count && again.width == rows.width)
    for row in 0..<1500 {
      #expect(again.cells(row).elementsEqual(rows.cells(row), by: ==))
    }
  }
}
