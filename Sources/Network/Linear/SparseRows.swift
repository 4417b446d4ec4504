/// A matrix that is mostly zero: for each row its columns that are not, rising, and their values.
struct SparseRows: Sendable {
  /// How many columns there are.
  let width: Int
  private var starts = [0]
  private var columns: [Int32] = []
  private var values: [Double] = []

  /// How many rows there are.
  var count: Int { starts.count - 1 }

  /// No row yet.
  init(width: Int) { self.width = width }

  /// Adds a row; `cells` must be in the order of their columns, each below the width.
  mutating func append(_ cells: [(column: Int32, value: Double)]) {
    for cell in cells {
      columns.append(cell.column)
      values.append(cell.value)
    }
    starts.append(columns.count)
  }

  /// The cells of one row.
  func cells(_ row: Int) -> [(column: Int32, value: Double)] {
    (starts[row]..<starts[row + 1]).map { (columns[$0], values[$0]) }
  }

  /// The same matrix with rows and columns exchanged.
  var transposed: SparseRows {
    var result = SparseRows(width: count)
    result.starts = [Int](repeating: 0, count: width + 1)
    for column in columns { result.starts[Int(column) + 1] += 1 }
    for column in 0..<width { result.starts[column + 1] += result.starts[column] }
    result.columns = [Int32](repeating: 0, count: columns.count)
    result.values = [Double](repeating: 0, count: values.count)
    var next = result.starts
    for row in 0..<count {
      for cell in starts[row]..<starts[row + 1] {
        let place = next[Int(columns[cell])]
        next[Int(columns[cell])] += 1
        (result.columns[place], result.values[place]) = (Int32(row), values[cell])
      }
    }
    return result
  }

  /// The product with a dense matrix [width, n], row-major: [rows, n]. Each element is summed by one
  /// thread in the order of the columns, so the number of threads changes no byte.
  func times(_ matrix: [Double], by n: Int, into product: inout [Double], threads: Int) {
    let block = 256
    matrix.withUnsafeBufferPointer { matrix in
      product.withUnsafeMutableBufferPointer { product in
        guard let source = matrix.baseAddress, let target = product.baseAddress else { return }
        nonisolated(unsafe) let (from, to) = (source, target)
        concurrently((count + block - 1) / block, threads: threads) { index in
          for row in index * block..<min(count, (index + 1) * block) {
            multiply(row, from, n, into: to + row * n)
          }
        }
      }
    }
  }

  private func multiply(
    _ row: Int, _ matrix: UnsafePointer<Double>, _ n: Int,
    into sums: UnsafeMutablePointer<Double>
  ) {
    sums.update(repeating: 0, count: n)
    for cell in starts[row]..<starts[row + 1] {
      let source = matrix + Int(columns[cell]) * n
      let value = values[cell]
      for column in 0..<n { sums[column] += value * source[column] }
    }
  }
}
