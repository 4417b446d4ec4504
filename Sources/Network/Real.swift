import CBLAS
import Kernels
import Tensors

/// The precision of a network: `Float` for work, `Double` as the yardstick of the tests. All that
/// differs between the two is here: the kernels and the matrix products.
protocol Real: BinaryFloatingPoint, TensorElement {
  static var kernels: KernelSet<Self> { get }

  /// C [m, n] = A [m, k] * Bᵀ, with B [n, k].
  static func multiplyTransposed(
    _ m: Int, _ n: Int, _ k: Int, _ a: Pointer, _ b: Pointer, _ c: Mutable)
  /// C [m, n] = A [m, k] * B [k, n].
  static func multiply(_ m: Int, _ n: Int, _ k: Int, _ a: Pointer, _ b: Pointer, _ c: Mutable)
  /// C [m, n] += Aᵀ * B, with A [k, m] and B [k, n].
  static func addOuter(_ m: Int, _ n: Int, _ k: Int, _ a: Pointer, _ b: Pointer, _ c: Mutable)
}

extension Real {
  typealias Pointer = UnsafePointer<Self>
  typealias Mutable = UnsafeMutablePointer<Self>
}

/// The kernels of one precision; Kernels.h says what each does.
struct KernelSet<R>: Sendable {
  typealias In = UnsafePointer<R>?
  typealias Out = UnsafeMutablePointer<R>?
  typealias Rows = UnsafePointer<Int32>?
  typealias Parts = UnsafePointer<cell_parts>?
  typealias Gradients = UnsafePointer<cell_gradient>?

  let normalize: @Sendable (Int32, Int32, Int32, R, Out, Out) -> Void
  let affine: @Sendable (Int32, Int32, In, In, In, Out) -> Void
  let normalizeBackward: @Sendable (Int32, Int32, Int32, In, In, In, Out, Out, Out) -> Void
  let cellForward: @Sendable (Parts, Int32, Out, In, Rows, In, Out, Out, Out, Out, Out) -> Void
  let cellBackward:
    @Sendable (Parts, Gradients, Int32, Out, Out, In, In, In, In, Out, Out, Rows) -> Void
  let drop: @Sendable (Int64, UnsafePointer<UInt8>?, R, In, Out) -> Void
  let add: @Sendable (Int64, In, Out) -> Void
  let sumOfSquares: @Sendable (Int64, In) -> Double
  let adam: @Sendable (Int64, R, R, R, R, R, R, In, Out, Out, Out) -> Void
}

extension Float: Real {
  static let kernels = KernelSet<Float>(
    normalize: normalize_f32, affine: affine_f32, normalizeBackward: normalize_backward_f32,
    cellForward: cell_forward_f32, cellBackward: cell_backward_f32, drop: drop_f32, add: add_f32,
    sumOfSquares: sum_of_squares_f32, adam: adam_f32)

  static func multiplyTransposed(
    _ m: Int, _ n: Int, _ k: Int, _ a: Pointer, _ b: Pointer, _ c: Mutable
  ) {
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, Int32(m), Int32(n), Int32(k), 1, a, Int32(k), b,
      Int32(k), 0, c, Int32(n))
  }
  static func multiply(_ m: Int, _ n: Int, _ k: Int, _ a: Pointer, _ b: Pointer, _ c: Mutable) {
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a, Int32(k), b,
      Int32(n), 0, c, Int32(n))
  }
  static func addOuter(_ m: Int, _ n: Int, _ k: Int, _ a: Pointer, _ b: Pointer, _ c: Mutable) {
    cblas_sgemm(
      CblasRowMajor, CblasTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a, Int32(m), b,
      Int32(n), 1, c, Int32(n))
  }
}

extension Double: Real {
  static let kernels = KernelSet<Double>(
    normalize: normalize_f64, affine: affine_f64, normalizeBackward: normalize_backward_f64,
    cellForward: cell_forward_f64, cellBackward: cell_backward_f64, drop: drop_f64, add: add_f64,
    sumOfSquares: sum_of_squares_f64, adam: adam_f64)

  static func multiplyTransposed(
    _ m: Int, _ n: Int, _ k: Int, _ a: Pointer, _ b: Pointer, _ c: Mutable
  ) {
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, Int32(m), Int32(n), Int32(k), 1, a, Int32(k), b,
      Int32(k), 0, c, Int32(n))
  }
  static func multiply(_ m: Int, _ n: Int, _ k: Int, _ a: Pointer, _ b: Pointer, _ c: Mutable) {
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a, Int32(k), b,
      Int32(n), 0, c, Int32(n))
  }
  static func addOuter(_ m: Int, _ n: Int, _ k: Int, _ a: Pointer, _ b: Pointer, _ c: Mutable) {
    cblas_dgemm(
      CblasRowMajor, CblasTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a, Int32(m), b,
      Int32(n), 1, c, Int32(n))
  }
}

/// Keeps the BLAS from starting threads of its own: a product is computed by the thread that asks.
func useSingleThreadedProducts() { openblas_set_num_threads(1) }
