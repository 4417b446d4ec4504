import Foundation
import Tensors

/// Processes that train one model together. Each computes its share of a batch's slices; all add up
/// the same sum of gradients in the same order and take the same step, so their number changes no
/// byte.
public protocol Crew: Sendable {
  /// The number of this process, from 0.
  var rank: Int { get }
  /// How many processes there are.
  var count: Int { get }
  /// Gives bytes to a process that gives its own to this one at the same time.
  func exchange(_ bytes: [UInt8], with partner: Int) -> [UInt8]
  /// The greatest of the numbers that the processes give.
  func greatest(_ number: Int) -> Int
  /// What process 0 gives, for all; what the others give does not matter.
  func share(_ bytes: Data?) -> Data?
}

/// A process by itself.
public struct Solo: Crew {
  /// The first.
  public let rank = 0
  /// And only one.
  public let count = 1
  /// The one there is.
  public init() {}
  /// There is nobody to give to.
  public func exchange(_ bytes: [UInt8], with partner: Int) -> [UInt8] { bytes }
  /// The number itself.
  public func greatest(_ number: Int) -> Int { number }
  /// The bytes themselves.
  public func share(_ bytes: Data?) -> Data? { bytes }
}

extension Crew {
  /// The slices of a batch that this process computes, of `slices` in all.
  func share(of slices: Int) -> Range<Int> {
    let each = slices / count
    return rank * each..<(rank + 1) * each
  }

  /// Gradients are added up in a tree over the slices, whose branches must be whole processes.
  /// - Throws: ``Refusal`` of kind `usage`.
  func check(slices: Int, learnsNgrams: Bool) throws {
    guard count > 1 else { return }
    guard count.nonzeroBitCount == 1, slices.nonzeroBitCount == 1, slices >= count else {
      throw Refusal(
        .usage, at: "--slices \(slices)", saw: "\(count) processes",
        expected: "powers of two, and at least one slice for each process",
        advice: "give --slices \(count.nextPowerOfTwo), or start another number of processes")
    }
    guard !learnsNgrams else {
      throw Refusal(
        .usage, at: "--ngrams joint", saw: "\(count) processes",
        expected: "one process: this layer's gradients are not exchanged",
        advice: "take --ngrams crossfit, or start a single process")
    }
  }
}

extension Int {
  fileprivate var nextPowerOfTwo: Int { 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
