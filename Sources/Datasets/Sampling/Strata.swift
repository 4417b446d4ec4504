/// The strata within which rows are divided. A row belongs to its class; of several classes to the one
/// with the fewest rows, whose rows are the hardest to divide evenly (the idea of Sechidis, Tsoumakas
/// and Vlahavas 2011, who deal the rows of rare labels first). Rows without a class are a stratum of
/// their own.
struct Strata {
  private let classRows: [Int]

  /// - Parameter rows: all rows.
  init(_ rows: some Sequence<Example>, classCount: Int) {
    var counts = [Int](repeating: 0, count: classCount)
    for row in rows { for label in row.labels { counts[label] += 1 } }
    classRows = counts
  }

  /// The number of strata: one for each class, and the last for rows without one.
  var count: Int { classRows.count + 1 }

  /// The stratum of a row.
  func stratum(of row: Example) -> Int {
    row.labels.min { (classRows[$0], $0) < (classRows[$1], $1) } ?? classRows.count
  }
}
