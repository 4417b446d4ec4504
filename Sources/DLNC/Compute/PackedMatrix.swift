import Kernels

/// A matrix [k, n] in the order in which the product with few rows reads it; see `pack` in
/// Kernels.h. Packed once a step of Adam, read by every time step of every slice.
final class PackedMatrix<R: Real> {
  private let buffer = AlignedBuffer<R>()
  private var k = 0
  private var n = 0

  /// Packs `w` [rows, columns] as it is, or transposed.
  func pack(_ w: UnsafePointer<R>, rows: Int, columns: Int, transposed: Bool) {
    (k, n) = transposed ? (columns, rows) : (rows, columns)
    let panels = (n + Int(NR) - 1) / Int(NR)
    let target = buffer.reserve(panels * k * Int(NR))
    let (row, column) = transposed ? (1, columns) : (columns, 1)
    R.kernels.gemmPack(Int32(k), Int32(n), w, Int64(row), Int64(column), target)
  }

  /// C [rows, n] = A [rows, k] times this matrix.
  func multiply(_ a: UnsafePointer<R>, rows: Int, into c: UnsafeMutablePointer<R>) {
    R.kernels.gemmPacked(Int32(rows), Int32(n), Int32(k), a, buffer.start, c)
  }
}

/// A matrix still to be packed: one thread's piece of bringing packed weights up to date.
///
/// `@unchecked Sendable`: each has a target of its own.
struct PackJob<R: Real>: @unchecked Sendable {
  fileprivate var target: PackedMatrix<R>
  fileprivate var w: UnsafePointer<R>
  fileprivate var rows: Int, columns: Int
  fileprivate var transposed: Bool

  /// Packs it.
  func run() { target.pack(w, rows: rows, columns: columns, transposed: transposed) }
}

/// The weights of a layer, packed for both directions: y = x Wᵀ forward, dx = dy W backward.
final class PackedCellWeights<R: Real> {
  private let forwards = PackedMatrix<R>(), backwards = PackedMatrix<R>()

  /// What packs W [outputs, inputs], for both directions or forward alone.
  func packings(
    _ w: UnsafePointer<R>, outputs: Int, inputs: Int, backward: Bool
  ) -> [PackJob<R>] {
    let packing = { (target, transposed) in
      PackJob(target: target, w: w, rows: outputs, columns: inputs, transposed: transposed)
    }
    return backward
      ? [packing(forwards, true), packing(backwards, false)] : [packing(forwards, true)]
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
/// `@unchecked Sendable`: packed first, then read by all.
final class PackedTaskWeights<R: Real>: @unchecked Sendable {
  /// The packed weights of a cell.
  struct CellWeights {
    let x = PackedCellWeights<R>(), h = PackedCellWeights<R>()
  }

  let encoder = CellWeights(), classifier = CellWeights(), head = PackedCellWeights<R>()

  /// Packs the weights as they are now.
  /// - Parameters:
  ///   - backward: whether for both directions or forward alone.
  ///   - encoder: whether the encoder's, too, or those of the classification part alone.
  func pack(
    _ parameters: Parameters<R>, _ layout: ParameterLayout.TaskOffsets, backward: Bool,
    encoder: Bool,
    threads: Int
  ) {
    let all =
      (encoder ? packings(self.encoder, layout.encoder, parameters, backward) : [])
      + (layout.classifier.map { packings(classifier, $0, parameters, backward) } ?? [])
      + head.packings(
        parameters.values.start + layout.headWeight, outputs: layout.classCount,
        inputs: parameters.configuration.headWidth, backward: backward)
    parallelFor(all.count, threads: threads) { all[$0].run() }
  }

  private func packings(
    _ weights: CellWeights, _ cell: ParameterLayout.CellOffsets, _ parameters: Parameters<R>,
    _ backward: Bool
  ) -> [PackJob<R>] {
    let (values, hidden) = (parameters.values.start, parameters.configuration.hidden)
    let input = cell.weightX.map {
      weights.x.packings(
        values + $0, outputs: 4 * hidden, inputs: cell.inputSize, backward: backward)
    }
    return weights.h.packings(
      values + cell.weightH, outputs: 4 * hidden, inputs: hidden, backward: backward)
      + (input ?? [])
  }
}
