/// The precision of the factors of matrix products. Sums, parameters, norms, cell states and the state of
/// the optimizer are in single precision.
public enum ProductPrecision: String, Codable, CaseIterable, Sendable {
  /// Single precision.
  case float32
  /// bfloat16: 8 bits of exponent as single precision, and 8 bits of significand. All processors give the
  /// same bits; those with the instruction take half the time.
  case bf16
  /// Integers of 8 bits with a factor for each row of weights and for each row of inputs, for predictions
  /// only: the weights as ``WeightType/int8`` stores them, and the inputs rounded in the same way. The
  /// sums are exact, so that all processors give the same bits. The products with the linear layer stay in
  /// single precision.
  case int8
}

/// The matrix products of one precision, documented in Kernels.h.
///
/// `@unchecked Sendable`: C functions without state.
struct MatrixProducts<R>: @unchecked Sendable {
  typealias In = UnsafePointer<R>?
  typealias Out = UnsafeMutablePointer<R>?

  let pack: (Int32, Int32, In, Int64, Int64, Out) -> Void
  let multiply: (Int32, Int32, Int32, In, In, Out) -> Void
  let accumulateAtB: (Int32, Int32, Int32, In, In, Out) -> Void
}
