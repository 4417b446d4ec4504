import ArgumentParser
import Shards

/// The splits to look at, such as `train,validation,test`: each once, in the order of the tables.
struct SplitList: ExpressibleByArgument, CustomStringConvertible {
  let splits: [Split]

  /// All there are.
  static let all = SplitList(splits: Split.allCases)

  private init(splits: [Split]) { self.splits = splits }

  init?(argument: String) {
    let names = argument.split(separator: ",", omittingEmptySubsequences: false)
    let splits = names.compactMap { Split(rawValue: String($0)) }
    guard splits.count == names.count, Set(splits).count == splits.count else { return nil }
    self.splits = splits.sorted()
  }

  var description: String { splits.map(\.rawValue).joined(separator: ",") }
  var defaultValueDescription: String { description }
}
