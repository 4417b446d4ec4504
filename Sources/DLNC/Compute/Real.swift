import Foundation
import Kernels
import Safetensors
import Support

/// The precision of a network: `Float` in production, `Double` as the reference of the tests. The two
/// differ only in their kernels.
///
/// Generic functions that other modules call are specialised for `Float` by an attribute: the compiler
/// cannot see their bodies there, and without it would run them unspecialised.
package protocol Real: BinaryFloatingPoint, TensorScalar {
  static var kernels: KernelTable<Self> { get }
}

extension Float: Real {
  package static let kernels = KernelTable<Float>(f32_kernels(SIMDLevel.current.rawValue).pointee)
}

extension Double: Real {
  package static let kernels = KernelTable<Double>(f64_kernels().pointee)
}

/// The kernels of one precision, documented in Kernels.h, with signatures that generic code can call:
/// Swift does not allow a C function type with a generic parameter, so the two C structs cannot share
/// a protocol.
///
/// `@unchecked Sendable`: C functions without state.
package struct KernelTable<R>: @unchecked Sendable {
  package typealias In = UnsafePointer<R>?
  package typealias Out = UnsafeMutablePointer<R>?
  package typealias Indices = UnsafePointer<Int32>?
  package typealias CellParameters = UnsafePointer<cell_params>?
  package typealias CellGradients = UnsafePointer<cell_grads>?

  let normalize: (Int32, Int32, Int32, R, Out, Out) -> Void
  let scaleShift: (Int32, Int32, In, In, In, Out) -> Void
  let normalizeBackward: (Int32, Int32, Int32, In, In, In, Out, Out, Out) -> Void
  let cellForward: (CellParameters, Int32, Out, In, Indices, In, Out, Out, Out, Out, Out) -> Void
  let cellBackward:
    (CellParameters, CellGradients, Int32, Out, Out, In, In, In, In, Out, Out, Indices) -> Void
  let dropoutMask: (UInt64, Int32, UInt32, UnsafeMutablePointer<UInt8>?) -> Void
  let dropoutApply: (Int64, UnsafePointer<UInt8>?, R, In, Out) -> Void
  let add: (Int64, In, Out) -> Void
  package let scale: (Int64, R, Out) -> Void
  package let lerp: (Int64, R, In, Out) -> Void
  let maxUpdate: (Int64, Int32, In, Out, UnsafeMutablePointer<Int32>?) -> Void
  let maxBackward: (Int64, Int32, Indices, In, Out) -> Void
  let sumOfSquares: (Int64, In) -> Double
  let dot: (Int64, In, In) -> R
  let addScaled: (Int64, R, In, Out) -> Void
  let sampledSoftmax:
    (Int32, Int32, Indices, In, Indices, R, Out, Out, UnsafeMutablePointer<Int32>?) -> Double
  package let adam: (Int64, R, R, R, R, R, R, In, Out, Out, Out) -> Void
  /// The products in the precision of the table, and those in bfloat16 and in 8 bits; in double precision,
  /// which is the reference of tests, the same.
  let products: MatrixProducts<R>, bf16Products: MatrixProducts<R>, int8Products: MatrixProducts<R>

  /// The products of a precision.
  func products(_ precision: ProductPrecision) -> MatrixProducts<R> {
    switch precision {
    case .float32: products
    case .bf16: bf16Products
    case .int8: int8Products
    }
  }
}

extension KernelTable<Float> {
  init(_ c: kernels_f32) {
    self.init(
      normalize: c.normalize, scaleShift: c.scale_shift, normalizeBackward: c.normalize_backward,
      cellForward: c.cell_forward, cellBackward: c.cell_backward, dropoutMask: c.dropout_mask,
      dropoutApply: c.dropout_apply, add: c.add, scale: c.scale, lerp: c.lerp,
      maxUpdate: c.max_update, maxBackward: c.max_backward, sumOfSquares: c.sum_of_squares,
      dot: c.dot, addScaled: c.add_scaled, sampledSoftmax: c.sampled_softmax,
      adam: c.adam,
      products: MatrixProducts(
        pack: c.gemm_pack, multiply: c.gemm_packed, accumulateAtB: c.gemm_at_b_accumulate),
      bf16Products: MatrixProducts(
        pack: c.gemm_pack_bf16, multiply: c.gemm_packed_bf16,
        accumulateAtB: c.gemm_at_b_accumulate_bf16),
      int8Products: MatrixProducts(
        pack: c.gemm_pack_int8, multiply: c.gemm_packed_int8, accumulateAtB: c.gemm_at_b_accumulate)
    )
  }

  /// The kernels for an instruction set, or nil if this processor lacks it.
  init?(_ level: SIMDLevel) {
    guard let table = f32_kernels(level.rawValue) else { return nil }
    self.init(table.pointee)
  }
}

extension KernelTable<Double> {
  init(_ c: kernels_f64) {
    let products = MatrixProducts(
      pack: c.gemm_pack, multiply: c.gemm_packed, accumulateAtB: c.gemm_at_b_accumulate)
    self.init(
      normalize: c.normalize, scaleShift: c.scale_shift, normalizeBackward: c.normalize_backward,
      cellForward: c.cell_forward, cellBackward: c.cell_backward, dropoutMask: c.dropout_mask,
      dropoutApply: c.dropout_apply, add: c.add, scale: c.scale, lerp: c.lerp,
      maxUpdate: c.max_update, maxBackward: c.max_backward, sumOfSquares: c.sum_of_squares,
      dot: c.dot, addScaled: c.add_scaled, sampledSoftmax: c.sampled_softmax,
      adam: c.adam, products: products, bf16Products: products,
      int8Products: products)
  }
}

/// The instruction sets that the kernels are compiled for, in ascending order.
public enum SIMDLevel: Int32, CaseIterable, Sendable {
  /// The baseline of the architecture.
  case scalar = 0
  /// AVX2 with fused multiply-add (x86-64-v3).
  case avx2
  /// AVX-512 (x86-64-v4).
  case avx512
  /// AVX-512 with instructions for products of bfloat16 and of bytes.
  case avx512bf16

  /// The environment variable that overrides the level, so that all levels can be tested on one
  /// machine.
  public static let variable = "KERNEL_LEVEL"

  /// The level that this process computes with: the highest available one, or the one that
  /// `KERNEL_LEVEL` selects. If that is not available the process exits with status 64, since another
  /// level would test or measure the wrong code.
  public static let current: SIMDLevel = {
    do {
      return try select(ProcessInfo.processInfo.environment[variable])
    } catch {
      FileHandle.standardError.write(Data("\(error)\n".utf8))
      exit((error as? UserError)?.exitStatus.rawValue ?? UserError.ExitStatus.software.rawValue)
    }
  }()

  /// The levels that this processor supports.
  static var available: [SIMDLevel] { allCases.filter { f32_kernels($0.rawValue) != nil } }

  /// The level with this number, or the highest one for nil.
  /// - Throws: ``UserError`` with exit status `usage` if this processor does not support it.
  static func select(_ number: String?) throws -> SIMDLevel {
    guard let number else { return available.last ?? .scalar }
    guard let level = available.first(where: { "\($0.rawValue)" == number }) else {
      throw UserError(
        .usage, at: variable, problem: "“\(number)”",
        expected: "a level that this processor supports: "
          + available.map { "\($0.rawValue) (\($0))" }.joined(separator: ", "),
        hint: "unset the variable to use the highest")
    }
    return level
  }
}

/// How matrix products round at the current level, which affects the last digits of a trained model:
/// `fused`, once per multiply-add, or `separate`, after the multiplication and after the addition.
public var productRounding: String {
  #if arch(arm64)
    "fused"
  #else
    SIMDLevel.current == .scalar ? "separate" : "fused"
  #endif
}
