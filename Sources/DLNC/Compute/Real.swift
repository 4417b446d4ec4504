import Kernels
import Safetensors

/// The precision of a network: `Float` for work, `Double` as the yardstick of the tests. All that
/// differs between the two is their kernels.
protocol Real: BinaryFloatingPoint, TensorScalar {
  static var kernels: KernelSet<Self> { get }
}

extension Real {
  /// C [m, n] += Aᵀ * B, with A [k, m] and B [k, n], for large k: the gradient of a weight.
  static func addOuter(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>,
    _ c: UnsafeMutablePointer<Self>
  ) {
    kernels.addOuter(Int32(m), Int32(n), Int32(k), a, b, c)
  }
}

/// The kernels of one precision; Kernels.h says what each does. They are C functions without state,
/// hence safe to call from any thread.
struct KernelSet<R>: @unchecked Sendable {
  typealias In = UnsafePointer<R>?
  typealias Out = UnsafeMutablePointer<R>?
  typealias Rows = UnsafePointer<Int32>?
  typealias CellParameters = UnsafePointer<cell_parts>?
  typealias CellGradients = UnsafePointer<cell_gradient>?

  let normalize: (Int32, Int32, Int32, R, Out, Out) -> Void
  let affine: (Int32, Int32, In, In, In, Out) -> Void
  let normalizeBackward: (Int32, Int32, Int32, In, In, In, Out, Out, Out) -> Void
  let cellForward: (CellParameters, Int32, Out, In, Rows, In, Out, Out, Out, Out, Out) -> Void
  let cellBackward:
    (CellParameters, CellGradients, Int32, Out, Out, In, In, In, In, Out, Out, Rows) -> Void
  let keepMask: (UInt64, Int32, UInt32, UnsafeMutablePointer<UInt8>?) -> Void
  let drop: (Int64, UnsafePointer<UInt8>?, R, In, Out) -> Void
  let add: (Int64, In, Out) -> Void
  let scale: (Int64, R, Out) -> Void
  let blend: (Int64, R, In, Out) -> Void
  let keepLargest: (Int64, Int32, In, Out, UnsafeMutablePointer<Int32>?) -> Void
  let addWhere: (Int64, Int32, Rows, In, Out) -> Void
  let sumOfSquares: (Int64, In) -> Double
  let adam: (Int64, R, R, R, R, R, R, In, Out, Out, Out) -> Void
  let pack: (Int32, Int32, In, Int64, Int64, Out) -> Void
  let multiplyPacked: (Int32, Int32, Int32, In, In, Out) -> Void
  let addOuter: (Int32, Int32, Int32, In, In, Out) -> Void
}

extension KernelSet<Float> {
  /// The kernels of a table from `single_kernels`.
  init(_ table: kernels_f32) {
    self.init(
      normalize: table.normalize, affine: table.affine,
      normalizeBackward: table.normalize_backward, cellForward: table.cell_forward,
      cellBackward: table.cell_backward, keepMask: table.keep_mask, drop: table.drop,
      add: table.add, scale: table.scale, blend: table.blend, keepLargest: table.keep_largest,
      addWhere: table.add_where, sumOfSquares: table.sum_of_squares, adam: table.adam,
      pack: table.pack, multiplyPacked: table.multiply_packed, addOuter: table.add_outer)
  }

  /// The kernels for a level of vector instructions, or nothing if this processor lacks it: 2 for
  /// AVX-512, 1 for AVX2, 0 for what every processor has.
  init?(level: Int32) {
    guard let table = single_kernels(level) else { return nil }
    self.init(table.pointee)
  }
}

extension KernelSet<Double> {
  /// The kernels of the table from `double_kernels`.
  init(_ table: kernels_f64) {
    self.init(
      normalize: table.normalize, affine: table.affine,
      normalizeBackward: table.normalize_backward, cellForward: table.cell_forward,
      cellBackward: table.cell_backward, keepMask: table.keep_mask, drop: table.drop,
      add: table.add, scale: table.scale, blend: table.blend, keepLargest: table.keep_largest,
      addWhere: table.add_where, sumOfSquares: table.sum_of_squares, adam: table.adam,
      pack: table.pack, multiplyPacked: table.multiply_packed, addOuter: table.add_outer)
  }
}

extension Float: Real {
  static let kernels = KernelSet<Float>(single_kernels(SIMDLevel.inUse.rawValue).pointee)
}

extension Double: Real {
  static let kernels = KernelSet<Double>(double_kernels().pointee)
}

/// How products round at the level in use, which shapes the last digits of what is trained: `fused`,
/// once for each multiplication and addition together, or `separate`.
public var productRounding: String {
  #if arch(arm64)
    "fused"
  #else
    SIMDLevel.inUse == .plain ? "separate" : "fused"
  #endif
}
