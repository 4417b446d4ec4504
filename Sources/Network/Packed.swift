import Kernels

/// A matrix [k, n] in the order in which the product with few rows reads it; see `pack` in
/// Kernels.h. Packed once a step of Adam, read by every time step of every slice.
final class PackedMatrix<R: Real> {
  private let buffer = Buffer<R>()
  private var k = 0
  private var n = 0

  /// Packs `w` [rows, columns] as it is, or transposed.
  func pack(_ w: UnsafePointer<R>, rows: Int, columns: Int, transposed: Bool) {
    (k, n) = transposed ? (columns, rows) : (rows, columns)
    let panels = (n + Int(PANEL) - 1) / Int(PANEL)
    let target = buffer.reserve(panels * k * Int(PANEL))
    let (row, column) = transposed ? (1, columns) : (columns, 1)
    R.kernels.pack(Int32(k), Int32(n), w, Int64(row), Int64(column), target)
  }

  /// C [rows, n] = A [rows, k] times this matrix.
  func multiply(_ a: UnsafePointer<R>, rows: Int, into c: UnsafeMutablePointer<R>) {
    R.kernels.multiplyPacked(Int32(rows), Int32(n), Int32(k), a, buffer.start, c)
  }
}

/// The weights of a layer, packed for both directions: y = x Wᵀ forward, dx = dy W backward.
final class PackedWeights<R: Real> {
  private let forwards = PackedMatrix<R>(), backwards = PackedMatrix<R>()

  /// Packs W [outputs, inputs], for both directions or forward alone.
  func pack(_ w: UnsafePointer<R>, outputs: Int, inputs: Int, backward: Bool) {
    forwards.pack(w, rows: outputs, columns: inputs, transposed: true)
    if backward { backwards.pack(w, rows: outputs, columns: inputs, transposed: false) }
  }

  /// y [rows, outputs] = x [rows, inputs] Wᵀ.
  func forward(_ x: UnsafePointer<R>, rows: Int, into y: UnsafeMutablePointer<R>) {
    forwards.multiply(x, rows: rows, into: y)
  }

  /// dx [rows, inputs] = dy [rows, outputs] W.
  func backward(_ dy: UnsafePointer<R>, rows: Int, into dx: UnsafeMutablePointer<R>) {
    backwards.multiply(dy, rows: rows, into: dx)
  }
}

/// All weights that one task uses, packed.
///
/// `@unchecked Sendable`: packed by one thread, then read by all.
final class PackedTask<R: Real>: @unchecked Sendable {
  /// The packed weights of a cell.
  struct CellWeights {
    let x = PackedWeights<R>(), h = PackedWeights<R>()
  }

  let encoder = CellWeights(), classifier = CellWeights(), head = PackedWeights<R>()

  /// Packs the encoder's weights as they are now.
  func packEncoder(_ parameters: Parameters<R>, _ layout: Layout.Task, backward: Bool) {
    pack(encoder, layout.encoder, parameters, backward)
  }

  /// Packs the classification part's weights as they are now.
  func packClassifier(_ parameters: Parameters<R>, _ layout: Layout.Task, backward: Bool) {
    if let cell = layout.classifier { pack(classifier, cell, parameters, backward) }
    head.pack(
      parameters.values.start + layout.headWeight, outputs: layout.classes,
      inputs: parameters.configuration.headWidth, backward: backward)
  }

  private func pack(
    _ weights: CellWeights, _ cell: Layout.Cell, _ parameters: Parameters<R>, _ backward: Bool
  ) {
    let (values, hidden) = (parameters.values.start, parameters.configuration.hidden)
    if let weightX = cell.weightX {
      weights.x.pack(
        values + weightX, outputs: 4 * hidden, inputs: cell.inputSize, backward: backward)
    }
    weights.h.pack(
      values + cell.weightH, outputs: 4 * hidden, inputs: hidden, backward: backward)
  }
}
