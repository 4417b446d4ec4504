import Shards
import Support

extension SplitStrategy {
  /// Checks that the fractions add up to 1 or less.
  /// - Throws: ``UserError`` with exit status `usage`.
  func checkFractions() throws {
    let sizes = [("train", train), ("validation", validation), ("test", test)]
    let fractions = sizes.filter { $0.1?.fraction != nil }
    let sum = fractions.reduce(.zero) { $0 + ($1.1?.fraction ?? .zero) }
    guard sum > .one else { return }
    throw UserError(
      .usage, at: fractions.map { "--\($0) \($1?.description ?? "")" }.joined(separator: ", "),
      problem: "shares of all rows that add up to \(sum)", expected: "1 or less",
      hint: "give smaller shares; by default --validation is 0.1 and --test is 0.2")
  }

  /// Checks that the sizes can be had from this number of rows.
  func check(_ rows: Int, at path: String) throws {
    let sizes = [train, validation, test].compactMap { $0 }
    let needed = sizes.reduce(0) { $0 + $1.rows(of: rows) }
    // Fractions of all rows may be one row more once rounded, which the training split then lacks.
    let exact = sizes.reduce(0) { $0 + ($1.fraction?.part(of: rows) ?? Double($1.rows(of: rows))) }
    guard needed <= rows || exact <= Double(rows) + 1e-6 else {
      throw UserError(
        .data, at: path, problem: NumberFormat.count(rows, "row"),
        expected: "\(needed), as --train, --validation and --test ask for",
        hint: "ask for fewer rows" + (train == nil ? "" : ", or leave --train out to take the rest")
      )
    }
    for (split, size) in [(Split.validation, validation), (.test, test)] {
      try checkIsSome(size, of: rows, split, at: path)
    }
  }

  /// Checks that a size that is not 0 is at least one of the rows.
  func checkIsSome(_ size: SplitSize, of rows: Int, _ split: Split, at path: String) throws {
    guard !size.isZero, size.rows(of: rows) == 0 else { return }
    throw UserError(
      .data, at: path,
      problem:
        "no \(split.rawValue) row: \(size) of \(NumberFormat.count(rows, "row")) is less than one",
      expected: "one row or more",
      hint: "ask for more, such as --\(split.rawValue) 1, or for none with --\(split.rawValue) 0")
  }
}
