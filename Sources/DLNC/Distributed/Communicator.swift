import Foundation
import Support

/// The processes that train one model together. Each computes its part of a batch's micro-batches; all
/// sum the gradients in the same order and take the same step, so the number of processes does not
/// change the result.
public protocol Communicator: Sendable {
  /// The number of this process, from 0.
  var rank: Int { get }
  /// The number of processes.
  var count: Int { get }
  /// Sends bytes to a process and returns those that it sends at the same time.
  func sendReceive(_ bytes: [UInt8], with partner: Int) -> [UInt8]
  /// Sends bytes to a process and receives as many as `received` holds.
  func sendReceive(
    _ bytes: UnsafeRawBufferPointer, into received: UnsafeMutableRawBufferPointer,
    with partner: Int)
  /// Returns the maximum of the numbers of all processes.
  func allReduceMax(_ number: Int) -> Int
  /// Returns the bytes of process 0; those of the others are ignored.
  func broadcast(_ bytes: Data?) -> Data?
}

/// The only process of a training.
public struct SingleProcess: Communicator {
  /// The number of this process.
  public let rank = 0
  /// The number of processes.
  public let count = 1
  /// A single process.
  public init() {}
  /// Returns the bytes.
  public func sendReceive(_ bytes: [UInt8], with partner: Int) -> [UInt8] { bytes }
  /// Does nothing.
  public func sendReceive(
    _ bytes: UnsafeRawBufferPointer, into received: UnsafeMutableRawBufferPointer,
    with partner: Int
  ) {}
  /// Returns the number.
  public func allReduceMax(_ number: Int) -> Int { number }
  /// Returns the bytes.
  public func broadcast(_ bytes: Data?) -> Data? { bytes }
}

extension Communicator {
  /// The micro-batches that this process computes.
  func share(of microBatches: Int) -> Range<Int> {
    let each = microBatches / count
    return rank * each..<(rank + 1) * each
  }

  /// Whether a process computes any of the first `parts` micro-batches, into which a batch with few
  /// rows is split.
  func participates(_ rank: Int, in parts: Int, microBatches: Int) -> Bool {
    rank * (microBatches / count) < parts
  }

  /// Sums arrays elementwise over all processes. Exact only if, for each element, all processes but
  /// one have zero.
  package func allReduceSum<R: Real>(_ numbers: UnsafeMutablePointer<R>, _ size: Int) {
    let received = AlignedBuffer<R>()
    var distance = 1
    while distance < count {
      let target = received.reserve(size)
      sendReceive(
        UnsafeRawBufferPointer(UnsafeBufferPointer(start: numbers, count: size)),
        into: UnsafeMutableRawBufferPointer(
          UnsafeMutableBufferPointer(start: target, count: size)),
        with: rank ^ distance)
      R.kernels.add(Int64(size), target, numbers)
      distance *= 2
    }
  }

  /// Sums the metrics of each row over all processes.
  func allReduceSum(_ metrics: AlignedBuffer<BatchMetrics>) {
    guard count > 1 else { return }
    let numbers = metrics.array.flatMap(\.numbers)
    let sums = AlignedBuffer<Double>(numbers.count, filledWith: 0)
    sums.start.update(from: numbers, count: numbers.count)
    allReduceSum(sums.start, numbers.count)
    for row in 0..<metrics.count {
      let sum = sums.start + BatchMetrics.numberCount * row
      metrics.start[row] = BatchMetrics((0..<BatchMetrics.numberCount).map { sum[$0] })
    }
  }

  /// Checks that each process computes a whole subtree of the tree in which gradients are summed.
  /// - Throws: ``UserError`` with exit status `usage`.
  package func check(microBatches: Int) throws {
    guard count > 1 else { return }
    guard count.nonzeroBitCount == 1, microBatches.nonzeroBitCount == 1, microBatches >= count
    else {
      throw UserError(
        .usage, at: "--micro-batches \(microBatches)", problem: "\(count) processes",
        expected: "powers of two, and at least one micro-batch for each process",
        hint: "give --micro-batches \(count.nextPowerOfTwo), or start another number of processes")
    }
  }
}

extension Int {
  fileprivate var nextPowerOfTwo: Int { 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}

/// A message between processes of a ``Communicator``, which run the same program on machines of the
/// same kind: raw bytes, read in the order in which they were written.
struct MessageBuffer {
  private(set) var bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  mutating func write<Number: BitwiseCopyable>(_ numbers: UnsafePointer<Number>, _ count: Int) {
    bytes.append(
      contentsOf: UnsafeRawBufferPointer(
        start: numbers, count: count * MemoryLayout<Number>.stride))
  }

  mutating func write<Number: BitwiseCopyable>(_ numbers: [Number]) {
    numbers.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  /// The next `count` numbers; zeros after the end of the message.
  mutating func read<Number: BitwiseCopyable & Numeric>(_ count: Int) -> [Number] {
    var numbers = [Number](repeating: 0, count: count)
    numbers.withUnsafeMutableBytes { target in
      let end = min(bytes.count, position + target.count)
      bytes.withUnsafeBytes {
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[position..<end]))
      }
      position = end
    }
    return numbers
  }
}
