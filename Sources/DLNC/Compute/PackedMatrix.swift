import Kernels

/// A weight matrix W [outputs, inputs] in the layout that the products read (see `gemm_pack` in
/// Kernels.h): y = x Wᵀ forward, dx = dy W backward. Packed once per optimizer step and read by every
/// time step of every micro-batch.
///
/// `@unchecked Sendable`: each direction is packed by one thread, then read by all.
final class PackedMatrix<R: Real>: @unchecked Sendable {
  private let transposed = AlignedBuffer<R>(), original = AlignedBuffer<R>()
  private var outputs = 0, inputs = 0
  private var values: UnsafePointer<R>?
  private let products: MatrixProducts<R>

  /// An empty matrix for products of a precision.
  init(_ precision: ProductPrecision) { products = R.kernels.products(precision) }

  /// Sets the matrix; ``pack(backward:)`` packs it.
  func set(_ values: UnsafePointer<R>, outputs: Int, inputs: Int) {
    (self.values, self.outputs, self.inputs) = (values, outputs, inputs)
  }

  /// Packs the matrix for one direction.
  func pack(backward: Bool) {
    guard let values else { return }
    let (k, n) = backward ? (outputs, inputs) : (inputs, outputs)
    let (row, column) = backward ? (inputs, 1) : (1, inputs)
    let panels = (n + Int(MAX_NR) - 1) / Int(MAX_NR)
    // No precision needs more: a panel of bytes has k / 4 rows, rounded up, and two more.
    let target = (backward ? original : transposed).reserve(panels * (k + 2) * Int(MAX_NR))
    products.pack(Int32(k), Int32(n), values, Int64(row), Int64(column), target)
  }

  /// y [rows, outputs] = x [rows, inputs] Wᵀ.
  func forward(_ x: UnsafePointer<R>, rows: Int, into y: UnsafeMutablePointer<R>) {
    products.multiply(Int32(rows), Int32(outputs), Int32(inputs), x, transposed.start, y)
  }

  /// dx [rows, inputs] = dy [rows, outputs] W.
  func backward(_ dy: UnsafePointer<R>, rows: Int, into dx: UnsafeMutablePointer<R>) {
    products.multiply(Int32(rows), Int32(inputs), Int32(outputs), dy, original.start, dx)
  }

  /// dW [outputs, inputs] += dyᵀ x, for dy [rows, outputs] and x [rows, inputs].
  func addGradient(
    _ dy: UnsafePointer<R>, _ x: UnsafePointer<R>, rows: Int, to gradient: UnsafeMutablePointer<R>
  ) {
    products.accumulateAtB(Int32(outputs), Int32(inputs), Int32(rows), dy, x, gradient)
  }
}

/// The packed weights of the network as one task uses it.
final class PackedTaskWeights<R: Real>: Sendable {
  /// The packed weights of a cell.
  struct CellWeights: Sendable {
    let x: PackedMatrix<R>, h: PackedMatrix<R>

    fileprivate init(_ precision: ProductPrecision) {
      (x, h) = (PackedMatrix(precision), PackedMatrix(precision))
    }
  }

  let encoder: CellWeights, classifier: CellWeights, head: PackedMatrix<R>

  /// Empty weights for products of a precision.
  init(_ precision: ProductPrecision) {
    (encoder, classifier) = (CellWeights(precision), CellWeights(precision))
    head = PackedMatrix(precision == .int8 ? .float32 : precision)
  }

  /// Packs the current weights of a task.
  /// - Parameters:
  ///   - backward: whether to pack them for both directions or only for the forward one.
  ///   - encoder: whether to pack the encoder's weights, too.
  func pack(
    _ parameters: Parameters<R>, _ layout: ParameterLayout.TaskOffsets, backward: Bool,
    encoder: Bool, threads: Int
  ) {
    head.set(
      parameters.values.start + layout.headWeight, outputs: layout.classCount,
      inputs: parameters.configuration.headWidth)
    let matrices =
      (encoder ? set(self.encoder, layout.encoder, parameters) : [])
      + (layout.classifier.map { set(classifier, $0, parameters) } ?? []) + [head]
    let directions = backward ? 2 : 1
    parallelFor(matrices.count * directions, threads: threads) { index in
      matrices[index / directions].pack(backward: index % directions == 1)
    }
  }

  private func set(
    _ weights: CellWeights, _ cell: ParameterLayout.CellOffsets, _ parameters: Parameters<R>
  ) -> [PackedMatrix<R>] {
    let (values, hidden) = (parameters.values.start, parameters.configuration.hidden)
    weights.h.set(values + cell.weightH, outputs: 4 * hidden, inputs: hidden)
    guard let weightX = cell.weightX else { return [weights.h] }
    weights.x.set(values + weightX, outputs: 4 * hidden, inputs: cell.inputSize)
    return [weights.h, weights.x]
  }
}
