import COpenBLAS
import Dispatch
import Foundation
import Kernels
import DLNC

/// How fast this machine multiplies matrices: the yardstick for everything else. Products of
/// 2048 x 2048 in single precision, by OpenBLAS and by our own kernel; GFLOP/s, the best of several.
struct PeakFLOPS: Codable {
  private static let size = 2048

  var threads: Int
  /// By OpenBLAS.
  var openBLAS: Double
  /// By the product with packed weights that the network uses.
  var ours: Double

  /// What the floors of the works follow from.
  var best: Double { max(openBLAS, ours) }

  /// Measures each for about `seconds`.
  init(threads: Int, seconds: Double) {
    self.threads = threads
    let count = Self.size * Self.size
    let a = (0..<count).map { Float($0 % 17) - 8 }
    let b = (0..<count).map { Float($0 % 13) - 6 }
    var c = [Float](repeating: 0, count: count)
    let flop = 2 * Double(count) * Double(Self.size)
    openblas_set_num_threads(Int32(threads))
    openBLAS = flop / bestTime(seconds) { Self.blas(a, b, &c) } * 1e-9
    let packed = Self.pack(b)
    ours = flop / bestTime(seconds) { Self.product(a, packed, &c, threads) } * 1e-9
  }

  /// The better of two measurements, each product by itself.
  func better(_ other: PeakFLOPS) -> PeakFLOPS {
    var result = self
    result.openBLAS = max(openBLAS, other.openBLAS)
    result.ours = max(ours, other.ours)
    return result
  }

  private static func blas(_ a: [Float], _ b: [Float], _ c: inout [Float]) {
    let n = Int32(size)
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a, n, b, n, 0, &c, n)
  }

  private static let kernels = f32_kernels(SIMDLevel.current.rawValue).pointee

  private static func pack(_ b: [Float]) -> [Float] {
    var packed = [Float](repeating: 0, count: size * size)
    kernels.gemm_pack(Int32(size), Int32(size), b, Int64(size), 1, &packed)
    return packed
  }

  /// So many rows at a time as in the network, dealt out to the threads.
  private static func product(
    _ a: [Float], _ packed: [Float], _ c: inout [Float], _ threads: Int
  ) {
    let rows = 64
    c.withUnsafeMutableBufferPointer { c in
      nonisolated(unsafe) let target = c
      DispatchQueue.concurrentPerform(iterations: threads) { worker in
        for first in stride(from: worker * rows, to: size, by: threads * rows) {
          a.withUnsafeBufferPointer { a in
            kernels.gemm_packed(
              Int32(rows), Int32(size), Int32(size), a.baseAddress.map { $0 + first * size },
              packed,
              target.baseAddress.map { $0 + first * size })
          }
        }
      }
    }
  }
}

/// The shortest time that `body` takes, of at least three runs and about `seconds`.
func bestTime(_ seconds: Double, _ body: () throws -> Void) rethrows -> Double {
  var times: [Double] = []
  let start = now(CLOCK_MONOTONIC)
  repeat {
    let before = now(CLOCK_MONOTONIC)
    try body()
    times.append(now(CLOCK_MONOTONIC) - before)
  } while times.count < 3 || now(CLOCK_MONOTONIC) - start < seconds
  return times.min() ?? .infinity
}

/// A clock, in seconds.
func now(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
