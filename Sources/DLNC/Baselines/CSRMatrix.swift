/// A matrix that is mostly zero: for each row its columns that are not, rising, and their values.
struct CSRMatrix: Sendable {
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

  /// How many cells a row has.
  func cellCount(_ row: Int) -> Int { starts[row + 1] - starts[row] }

  /// The same matrix with rows and columns exchanged.
  var transposed: CSRMatrix {
    var result = CSRMatrix(width: count)
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
        parallelFor((count + block - 1) / block, threads: threads) { index in
          multiply(index * block..<min(count, (index + 1) * block), from, n, into: to)
        }
      }
    }
  }

  private func multiply(
    _ rows: Range<Int>, _ matrix: UnsafePointer<Double>, _ n: Int,
    into product: UnsafeMutablePointer<Double>
  ) {
    columns.withUnsafeBufferPointer { columns in
      values.withUnsafeBufferPointer { values in
        // Four sums at a time in registers; where fewer are left, the last one several times.
        for first in stride(from: 0, to: n, by: 4) {
          let (second, third, fourth) = (
            min(first + 1, n - 1), min(first + 2, n - 1), min(first + 3, n - 1)
          )
          for row in rows {
            var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
            for cell in starts[row]..<starts[row + 1] {
              let (value, source) = (values[cell], matrix + Int(columns[cell]) * n)
              a += value * source[first]
              b += value * source[second]
              c += value * source[third]
              d += value * source[fourth]
            }
            let sums = product + row * n
            (sums[first], sums[second], sums[third], sums[fourth]) = (a, b, c, d)
          }
        }
      }
    }
  }
}
