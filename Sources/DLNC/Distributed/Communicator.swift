import Foundation
import Support

/// Processes that train one model together. Each computes its share of a batch's slices; all add up
/// the same sum of gradients in the same order and take the same step, so their number changes no
/// byte.
public protocol Communicator: Sendable {
  /// The number of this process, from 0.
  var rank: Int { get }
  /// How many processes there are.
  var count: Int { get }
  /// Gives bytes to a process that gives its own to this one at the same time.
  func exchange(_ bytes: [UInt8], with partner: Int) -> [UInt8]
  /// The same where both know how many bytes they get.
  func exchange(
    _ bytes: UnsafeRawBufferPointer, for theirs: UnsafeMutableRawBufferPointer, with partner: Int)
  /// The greatest of the numbers that the processes give.
  func greatest(_ number: Int) -> Int
  /// What process 0 gives, for all; what the others give does not matter.
  func share(_ bytes: Data?) -> Data?
}

/// A process by itself.
public struct SingleProcess: Communicator {
  /// The first.
  public let rank = 0
  /// And only one.
  public let count = 1
  /// The one there is.
  public init() {}
  /// There is nobody to give to.
  public func exchange(_ bytes: [UInt8], with partner: Int) -> [UInt8] { bytes }
  /// There is nobody to give to.
  public func exchange(
    _ bytes: UnsafeRawBufferPointer, for theirs: UnsafeMutableRawBufferPointer, with partner: Int
  ) {}
  /// The number itself.
  public func greatest(_ number: Int) -> Int { number }
  /// The bytes themselves.
  public func share(_ bytes: Data?) -> Data? { bytes }
}

extension Communicator {
  /// The slices of a batch that this process computes, of `microBatches` in all.
  func share(of microBatches: Int) -> Range<Int> {
    let each = microBatches / count
    return rank * each..<(rank + 1) * each
  }

  /// Whether a process has any of a batch's slices, which are dealt out from the first one on.
  func hasAny(_ rank: Int, of parts: Int, microBatches: Int) -> Bool {
    rank * (microBatches / count) < parts
  }

  /// Adds up, element by element, numbers of which all processes but one have zeros.
  func merge<R: Real>(_ numbers: UnsafeMutablePointer<R>, _ size: Int) {
    let theirs = AlignedBuffer<R>()
    var distance = 1
    while distance < count {
      let target = theirs.reserve(size)
      exchange(
        UnsafeRawBufferPointer(UnsafeBufferPointer(start: numbers, count: size)),
        for: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(start: target, count: size)),
        with: rank ^ distance)
      R.kernels.add(Int64(size), target, numbers)
      distance *= 2
    }
  }

  /// The same for what rows gave.
  func merge(_ outcomes: AlignedBuffer<BatchMetrics>) {
    guard count > 1 else { return }
    let numbers = outcomes.array.flatMap { [$0.loss, Double($0.correct), Double($0.rows)] }
    let merged = AlignedBuffer<Double>(numbers.count, filledWith: 0)
    merged.start.update(from: numbers, count: numbers.count)
    merge(merged.start, numbers.count)
    for row in 0..<outcomes.count {
      let place = merged.start + 3 * row
      outcomes.start[row] = BatchMetrics(
        loss: place[0], correct: Int(place[1]), rows: Int(place[2]))
    }
  }

  /// Gradients are added up in a tree over the slices, whose branches must be whole processes.
  /// - Throws: ``UserError`` of kind `usage`.
  func check(microBatches: Int) throws {
    guard count > 1 else { return }
    guard count.nonzeroBitCount == 1, microBatches.nonzeroBitCount == 1, microBatches >= count
    else {
      throw UserError(
        .usage, at: "--micro-batches \(microBatches)", problem: "\(count) processes",
        expected: "powers of two, and at least one slice for each process",
        hint: "give --micro-batches \(count.nextPowerOfTwo), or start another number of processes"
      )
    }
  }
}

extension Int {
  fileprivate var nextPowerOfTwo: Int { 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
