/// Holm's adjustment (1979): the p-values of a family of tests so that all that are called
/// significant at 5 % hold together with a probability of 95 %, whatever hangs together among them.
/// - Returns: the adjusted p-values in the order given.
func holm(_ pValues: [Double]) -> [Double] {
  var adjusted = pValues
  var largest = 0.0
  let order = pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
  for (rank, index) in order.enumerated() {
    largest = max(largest, min(1, pValues[index] * Double(pValues.count - rank)))
    adjusted[index] = largest
  }
  return adjusted
}
