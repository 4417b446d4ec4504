/// The number of rows that each class contributes to the splits: its share, rounded by the method of
/// the largest remainder, so that the sizes of the splits are exact.
struct ClassQuotas {
  private let classRows: [Int]
  private let total: Int
  private var used: [Int]
  /// The rows that a class has contributed too few so far.
  private var debts: [Double]

  /// - Parameter classRows: the number of rows of each class.
  init(_ classRows: [Int]) {
    self.classRows = classRows
    total = classRows.reduce(0, +)
    used = classRows.map { _ in 0 }
    debts = classRows.map { _ in 0 }
  }

  /// The rows of each class for the next split. A class that was rounded down before comes first when
  /// the remainders are equal.
  /// - Parameters:
  ///   - rows: the size of the split.
  ///   - reserve: the rows of each class to leave for later splits, as far as others can replace them.
  mutating func next(_ rows: Int, reserve: Int = 0) -> [Int] {
    let shares = classRows.map { Double(rows) * Double($0) / Double(max(total, 1)) }
    var room = classRows.indices.map { max(0, classRows[$0] - used[$0] - reserve) }
    var quotas = classRows.indices.map { min(Int(shares[$0]), room[$0]) }
    var rest = rows - quotas.reduce(0, +)
    let order = classRows.indices.sorted { left, right in
      let (a, b) = (remainder(shares, left), remainder(shares, right))
      return a != b
        ? a > b : (classRows[right], left) < (classRows[left], right)
    }
    func deal() {
      var isFull = false
      while rest > 0, !isFull {
        isFull = true
        for index in order where rest > 0 && quotas[index] < room[index] {
          quotas[index] += 1
          rest -= 1
          isFull = false
        }
      }
    }
    deal()
    room = classRows.indices.map { max(0, classRows[$0] - used[$0]) }
    deal()
    for index in classRows.indices {
      used[index] += quotas[index]
      debts[index] += shares[index] - Double(quotas[index])
    }
    return quotas
  }

  private func remainder(_ shares: [Double], _ index: Int) -> Double {
    shares[index] - shares[index].rounded(.down) + debts[index]
  }
}
