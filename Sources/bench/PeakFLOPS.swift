import DLNC
import Dispatch
import Foundation
import Kernels
import Training

/// The peak at which this machine multiplies matrices of 2048 x 2048, in GFLOP/s: by OpenBLAS and by our
/// kernels, each the best of several runs. The reference for all speeds.
struct PeakFLOPS: Codable {
  private static let size = 2048
  private static let kernels = f32_kernels(SIMDLevel.current.rawValue).pointee

  var threads: Int
  /// The peak of OpenBLAS; nil if it is not installed.
  var openBLAS: Double?
  /// The peak of the network's product with packed weights.
  var ours: Double
  /// The same in bfloat16 and in 8 bits.
  var bf16: Double, int8: Double

  /// The peak that the rooflines of a precision are based on.
  func best(_ precision: ProductPrecision) -> Double {
    switch precision {
    case .float32: Swift.max(openBLAS ?? 0, ours)
    case .bf16: bf16
    case .int8: int8
    }
  }

  /// Measures each for about `seconds`.
  init(threads: Int, seconds: Double) {
    self.threads = threads
    let size = Self.size
    let a = (0..<size * size).map { Float($0 % 17) - 8 }
    let b = (0..<size * size).map { Float($0 % 13) - 6 }
    var c = [Float](repeating: 0, count: size * size)
    let gigaflop = 2e-9 * Double(size * size) * Double(size)
    openBLAS = OpenBLAS.shared.map { blas in
      blas.setThreads(Int32(threads))
      return gigaflop / bestTime(seconds) { blas.multiply(a, b, into: &c, size: Int32(size)) }
    }
    var packed = [Float](repeating: 0, count: size * size)
    let kernels = Self.kernels
    let products = [
      (kernels.gemm_pack, kernels.gemm_packed), (kernels.gemm_pack_bf16, kernels.gemm_packed_bf16),
      (kernels.gemm_pack_int8, kernels.gemm_packed_int8),
    ]
    let peaks = products.map { pack, multiply in
      pack?(Int32(size), Int32(size), b, Int64(size), 1, &packed)
      return gigaflop
        / bestTime(seconds) { Self.multiply(a, packed, into: &c, threads, multiply) }
    }
    (ours, bf16, int8) = (peaks[0], peaks[1], peaks[2])
  }

  /// The higher of two measurements of each product.
  func max(_ other: PeakFLOPS) -> PeakFLOPS {
    var result = self
    result.openBLAS = openBLAS.map { Swift.max($0, other.openBLAS ?? 0) }
    (result.ours, result.bf16) = (Swift.max(ours, other.ours), Swift.max(bf16, other.bf16))
    result.int8 = Swift.max(int8, other.int8)
    return result
  }

  /// Multiplies 64 rows at a time, as the network does, on all threads.
  private static func multiply(
    _ a: [Float], _ packed: [Float], into c: inout [Float], _ threads: Int,
    _ product:
      (
        @convention(c) (
          Int32, Int32, Int32, UnsafePointer<Float>?, UnsafePointer<Float>?,
          UnsafeMutablePointer<Float>?
        ) -> Void
      )?
  ) {
    guard let product else { return }
    let rows = 64
    c.withUnsafeMutableBufferPointer { c in
      nonisolated(unsafe) let target = c
      DispatchQueue.concurrentPerform(iterations: threads) { worker in
        for first in stride(from: worker * rows, to: size, by: threads * rows) {
          a.withUnsafeBufferPointer { a in
            product(
              Int32(rows), Int32(size), Int32(size), a.baseAddress.map { $0 + first * size },
              packed, target.baseAddress.map { $0 + first * size })
          }
        }
      }
    }
  }
}

extension NetworkBenchmark.Work {
  /// The million floating-point operations of a token's matrix products if no work is shared: W_x and
  /// W_h once forward; three times that in training; in fine-tuning, where the weights are frozen,
  /// forward and the backward product with W_h. A language model adds the projection and the products
  /// with the candidates.
  var megaflop: Double {
    let (input, hidden) = (2e-6 * 100 * 1024, 2e-6 * 256 * 1024)
    let head = 2e-6 * 100 * (256 + Double(NetworkBenchmark.candidates))
    return switch self {
    case .train: 3 * (input + hidden)
    case .finetune: input + 2 * hidden
    case .infer: input + hidden
    case .pretrain: 3 * (input + hidden + head)
    }
  }

  /// The tokens per second of a program that only computes those products, at the machine's peak.
  func roofline(_ peak: PeakFLOPS, _ precision: ProductPrecision) -> Double {
    peak.best(precision) * 1e3 / megaflop
  }
}

/// The shortest time of `body` in at least three runs and about `seconds`.
private func bestTime(_ seconds: Double, _ body: () -> Void) -> Double {
  var times: [Double] = []
  let start = monotonicSeconds()
  repeat { times.append(timed(body)) } while times.count < 3 || monotonicSeconds() - start < seconds
  return times.min() ?? .infinity
}

/// OpenBLAS, loaded at run time if it is installed.
///
/// `@unchecked Sendable`: C functions of a library that stays loaded.
struct OpenBLAS: @unchecked Sendable {
  private typealias SGEMM =
    @convention(c) (
      Int32, Int32, Int32, Int32, Int32, Int32, Float, UnsafePointer<Float>?, Int32,
      UnsafePointer<Float>?, Int32, Float, UnsafeMutablePointer<Float>?, Int32
    ) -> Void
  private typealias Text = @convention(c) () -> UnsafePointer<CChar>?

  static let shared = OpenBLAS(library: "libopenblas.so.0")

  /// Sets the number of threads of all later products.
  let setThreads: @convention(c) (Int32) -> Void
  /// Version, build options and the processor that its kernels were chosen for.
  let version: String
  private let sgemm: SGEMM

  /// Loads the library; nil if it or one of its functions is missing.
  init?(library: String) {
    guard let handle = dlopen(library, RTLD_NOW), let sgemm = dlsym(handle, "cblas_sgemm"),
      let setThreads = dlsym(handle, "openblas_set_num_threads"),
      let config = dlsym(handle, "openblas_get_config"),
      let core = dlsym(handle, "openblas_get_corename")
    else { return nil }
    self.sgemm = unsafeBitCast(sgemm, to: SGEMM.self)
    self.setThreads = unsafeBitCast(setThreads, to: (@convention(c) (Int32) -> Void).self)
    version = [config, core].compactMap { unsafeBitCast($0, to: Text.self)() }
      .map { String(cString: $0) }.joined(separator: ", kernels for ")
  }

  /// C = A B for square matrices, row-major.
  func multiply(_ a: [Float], _ b: [Float], into c: inout [Float], size n: Int32) {
    let (rowMajor, noTranspose): (Int32, Int32) = (101, 111)
    sgemm(rowMajor, noTranspose, noTranspose, n, n, n, 1, a, n, b, n, 0, &c, n)
  }
}
