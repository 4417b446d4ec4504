import DLNC
import Shards
package enum Split: String, CaseIterable, Comparable, Sendable {
  case train, validation, test
  package static func < (a: Split, b: Split) -> Bool {
    (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
  }
}
struct Coverage { var tokenFraction: Double?; var typeFraction: Double? }
extension TokenShard {
  var textIDs: [Int32] { groups }
  var elementCount: Int { tokenCount }
  var role: Split { Split(rawValue: split) ?? .train }
}
extension TokenizedDataset {
  func shard(_ t: String, _ s: Split) throws -> TokenShard? { try shard(t, s.rawValue) }
  func coverage(_ t: String, _ s: String) throws -> Coverage? { nil }
}
