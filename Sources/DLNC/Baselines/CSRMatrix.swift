/// A sparse matrix in compressed sparse row format: for each row the ascending columns of its nonzero
/// elements and their values.
package struct CSRMatrix: Sendable {
  /// The number of columns.
  package let width: Int
  private var starts = [0]
  private var columns: [Int32] = []
  private var values: [Double] = []

  /// The number of rows.
  package var count: Int { starts.count - 1 }

  /// A matrix without rows.
  package init(width: Int) { self.width = width }

  /// Appends a row; `elements` must be sorted by column, and each column below the width.
  package mutating func append(_ elements: [(column: Int32, value: Double)]) {
    for element in elements {
      columns.append(element.column)
      values.append(element.value)
    }
    starts.append(columns.count)
  }

  /// The nonzero elements of a row.
  package func cells(_ row: Int) -> [(column: Int32, value: Double)] {
    (starts[row]..<starts[row + 1]).map { (columns[$0], values[$0]) }
  }

  /// The transpose.
  package var transposed: CSRMatrix {
    var result = CSRMatrix(width: count)
    result.starts = [Int](repeating: 0, count: width + 1)
    for column in columns { result.starts[Int(column) + 1] += 1 }
    for column in 0..<width { result.starts[column + 1] += result.starts[column] }
    result.columns = [Int32](repeating: 0, count: columns.count)
    result.values = [Double](repeating: 0, count: values.count)
    var next = result.starts
    for row in 0..<count {
      for index in starts[row]..<starts[row + 1] {
        let target = next[Int(columns[index])]
        next[Int(columns[index])] += 1
        (result.columns[target], result.values[target]) = (Int32(row), values[index])
      }
    }
    return result
  }

  /// Multiplies by a dense row-major matrix [width, n] into `product` [rows, n]. One thread sums each
  /// element in the order of the columns, so the number of threads does not change the result.
  package func multiply(
    _ matrix: [Double], columns n: Int, into product: inout [Double], threads: Int
  ) {
    multiply(anyOf: matrix, columns: n, into: &product, threads: threads)
  }

  /// The same for a matrix in single precision, whose elements are converted where they are used: a row
  /// uses few of them.
  package func multiply(
    _ matrix: [Float], columns n: Int, into product: inout [Double], threads: Int
  ) {
    multiply(anyOf: matrix, columns: n, into: &product, threads: threads)
  }

  private func multiply(
    anyOf matrix: [some BinaryFloatingPoint & Sendable], columns n: Int,
    into product: inout [Double],
    threads: Int
  ) {
    let block = 256
    matrix.withUnsafeBufferPointer { matrix in
      product.withUnsafeMutableBufferPointer { product in
        guard let source = matrix.baseAddress, let target = product.baseAddress else { return }
        nonisolated(unsafe) let (from, to) = (source, target)
        parallelFor((count + block - 1) / block, threads: threads) { index in
          multiply(index * block..<min(count, (index + 1) * block), from, n, into: to)
        }
      }
    }
  }

  private func multiply(
    _ rows: Range<Int>, _ matrix: UnsafePointer<some BinaryFloatingPoint & Sendable>, _ n: Int,
    into product: UnsafeMutablePointer<Double>
  ) {
    for first in stride(from: 0, to: n, by: 4) {
      let (matrix, product) = (matrix + first, product + first)
      func element(_ index: Int) -> Double { Double(matrix[index]) }
      // Binary tasks are the most frequent ones.
      switch n - first {
      case 1: multiply(rows, n, into: product, 1) { SIMD2(element($0), 0) }
      case 2: multiply(rows, n, into: product, 2) { SIMD2(element($0), element($0 + 1)) }
      case 3:
        multiply(rows, n, into: product, 3) {
          SIMD4(element($0), element($0 + 1), element($0 + 2), 0)
        }
      default:
        multiply(rows, n, into: product, 4) {
          SIMD4(element($0), element($0 + 1), element($0 + 2), element($0 + 3))
        }
      }
    }
  }

  /// Computes `count` columns of a product of n columns, whose sums fit a register.
  /// - Parameter elements: returns the elements of the dense matrix from an index on.
  @inline(__always)
  private func multiply<Vector: SIMD<Double>>(
    _ rows: Range<Int>, _ n: Int, into product: UnsafeMutablePointer<Double>, _ count: Int,
    elements: (Int) -> Vector
  ) {
    columns.withUnsafeBufferPointer { columns in
      values.withUnsafeBufferPointer { values in
        for row in rows {
          var sum = Vector.zero
          for index in starts[row]..<starts[row + 1] {
            sum += values[index] * elements(Int(columns[index]) * n)
          }
          for column in 0..<count { product[row * n + column] = sum[column] }
        }
      }
    }
  }
}
