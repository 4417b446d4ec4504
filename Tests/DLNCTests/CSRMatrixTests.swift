import Testing

@testable import DLNC

struct CSRMatrixTests {
  /// Rows of 0 to 12 elements.
  private let matrix: CSRMatrix = {
    var matrix = CSRMatrix(width: 40)
    for row in 0..<13 {
      matrix.append((0..<row).map { (column: Int32(3 * $0 + row % 4), value: 1 / Double($0 + 3)) })
    }
    return matrix
  }()

  @Test(arguments: 1...9)
  func `each element of a product is the sum in the order of the columns`(columns: Int) {
    let dense = (0..<matrix.width * columns).map { 1 / Double($0 + 7) }
    var (product, ofFloats) = (
      [Double](repeating: -1, count: matrix.count * columns),
      [Double](repeating: -1, count: matrix.count * columns)
    )
    matrix.multiply(dense, columns: columns, into: &product, threads: 2)
    matrix.multiply(dense.map { Float($0) }, columns: columns, into: &ofFloats, threads: 1)
    for row in 0..<matrix.count {
      for column in 0..<columns {
        var (sum, floatSum) = (0.0, 0.0)
        for cell in matrix.cells(row) {
          let element = dense[Int(cell.column) * columns + column]
          sum += cell.value * element
          floatSum += cell.value * Double(Float(element))
        }
        #expect(product[row * columns + column] == sum)
        #expect(ofFloats[row * columns + column] == floatSum)
      }
    }
  }

  @Test func `the transpose has the elements of each column as a row`() {
    let transposed = matrix.transposed
    #expect(transposed.count == matrix.width && transposed.width == matrix.count)
    for row in 0..<matrix.count {
      for cell in matrix.cells(row) {
        #expect(
          transposed.cells(Int(cell.column)).contains {
            Int($0.column) == row && $0.value == cell.value
          })
      }
    }
    #expect((0..<transposed.count).reduce(0) { $0 + transposed.cells($1).count } == 78)
  }
}
