import Kernels

/// A cell of one task, bound to the values of its parameters: equations (1)-(3), both ways.
struct DLNLSTMCell<R: Real> {
  let layout: ParameterLayout.CellOffsets
  let hidden: Int
  let values: UnsafeMutablePointer<R>
  private let packed: PackedTaskWeights<R>.CellWeights
  private let parts: cell_params
  private let epsilon: R

  init(
    _ layout: ParameterLayout.CellOffsets, _ parameters: Parameters<R>,
    _ packed: PackedTaskWeights<R>.CellWeights
  ) {
    self.packed = packed
    let configuration = parameters.configuration
    let values = parameters.values.start
    self.layout = layout
    self.values = values
    hidden = configuration.hidden
    epsilon = R(configuration.epsilon)
    parts = cell_params(
      hidden: Int32(configuration.hidden), groups: Int32(configuration.groups),
      cell_tanh: configuration.cellTanh ? 1 : 0, epsilon: configuration.epsilon,
      gain_h: values + layout.h.gain, shift_h: values + layout.h.shift,
      gain_c: layout.c.map { values + $0.gain }, shift_c: layout.c.map { values + $0.shift })
  }

  /// z [rows, 4H] = W_h h for each row of h [rows, H].
  func recur(_ h: UnsafePointer<R>, rows: Int, into z: UnsafeMutablePointer<R>) {
    packed.h.forward(h, rows: rows, into: z)
  }

  /// Its reverse: the gradient of h from that of z.
  func recurBackward(_ dz: UnsafePointer<R>, rows: Int, into dh: UnsafeMutablePointer<R>) {
    packed.h.backward(dz, rows: rows, into: dh)
  }

  /// LN_x(W_x x) for `rows` distinct inputs `x` [rows, inputSize] into `result` [rows, 4H]; what
  /// backward needs goes to `state`. Without norms it is W_x x.
  func project(_ x: UnsafePointer<R>, rows: Int, state: InputProjections<R>) {
    let width = 4 * hidden
    let result = state.result.reserve(rows * width)
    guard let norm = layout.x else {
      packed.x.forward(x, rows: rows, into: result)
      return
    }
    let normalized = state.normalized.reserve(rows * width)
    let scale = state.scale.reserve(rows * Int(parts.groups))
    packed.x.forward(x, rows: rows, into: normalized)
    R.kernels.normalize(Int32(rows), Int32(width), parts.groups, epsilon, normalized, scale)
    R.kernels.scaleShift(
      Int32(rows), Int32(width), normalized, values + norm.gain, values + norm.shift, result)
  }

  /// The same for words of a frozen encoder.
  func project(_ words: [Int32], from frozen: FrozenInputCache<R>, state: InputProjections<R>) {
    guard let norm = layout.x else { return }
    let width = 4 * hidden
    let result = state.result.reserve(words.count * width)
    for (row, word) in words.enumerated() {
      R.kernels.scaleShift(
        1, Int32(width), frozen.row(of: word), values + norm.gain, values + norm.shift,
        result + row * width)
    }
  }

  /// Backward of ``project(_:from:state:)``.
  func projectBackward(
    _ words: [Int32], from frozen: FrozenInputCache<R>, state: InputProjections<R>,
    gradients: UnsafeMutablePointer<R>
  ) {
    guard let norm = layout.x else { return }
    let width = 4 * hidden
    for (row, word) in words.enumerated() {
      R.kernels.normalizeBackward(
        1, Int32(width), parts.groups, frozen.row(of: word), nil, values + norm.gain,
        state.gradient.start + row * width, gradients + norm.gain, gradients + norm.shift)
    }
  }

  /// Backward of ``project(_:rows:state:)``: `state.gradient` holds the gradient of the result and
  /// is used up. With `inputGradient` the gradients of W_x and of x follow.
  func projectBackward(
    _ x: UnsafePointer<R>, rows: Int, state: InputProjections<R>,
    gradients: UnsafeMutablePointer<R>,
    inputGradient: UnsafeMutablePointer<R>?
  ) {
    let width = 4 * hidden
    guard let weightX = layout.weightX else { return }
    let d = state.gradient.start
    if let norm = layout.x {
      R.kernels.normalizeBackward(
        Int32(rows), Int32(width), parts.groups, state.normalized.start,
        inputGradient == nil ? nil : state.scale.start, values + norm.gain, d,
        gradients + norm.gain, gradients + norm.shift)
    }
    guard let inputGradient else { return }
    R.accumulateAtB(width, layout.inputSize, rows, d, x, gradients + weightX)
    packed.x.backward(d, rows: rows, into: inputGradient)
  }

  /// One step for `rows` rows; see `cell_forward` in Kernels.h.
  func forward(
    rows: Int, input: UnsafePointer<R>?, inputRow: UnsafePointer<Int32>?, step: CellStep<R>
  ) {
    withUnsafePointer(to: parts) { parts in
      R.kernels.cellForward(
        parts, Int32(rows), step.z, input, inputRow, step.before, step.gates, step.c, step.cHat,
        step.scale, step.h)
    }
  }

  /// Its reverse; see `cell_backward` in Kernels.h.
  func backward(
    rows: Int, step: CellStep<R>, dh: UnsafePointer<R>, dc: UnsafeMutablePointer<R>,
    inputGradient: UnsafeMutablePointer<R>?, inputRow: UnsafePointer<Int32>?,
    gradients: UnsafeMutablePointer<R>
  ) {
    let parts = parts
    let targets = cell_grads(
      gain_h: gradients + layout.h.gain, shift_h: gradients + layout.h.shift,
      gain_c: layout.c.map { gradients + $0.gain }, shift_c: layout.c.map { gradients + $0.shift })
    withUnsafePointer(to: parts) { parts in
      withUnsafePointer(to: targets) { targets in
        R.kernels.cellBackward(
          parts, targets, Int32(rows), step.z, step.gates, step.before, step.cHat, step.scale, dh,
          dc, inputGradient, inputRow)
      }
    }
  }
}

/// What the input side of a cell keeps for backward: one row a distinct input.
final class InputProjections<R: Real> {
  /// LN_x(W_x x), [rows, 4H].
  let result = AlignedBuffer<R>()
  /// The same before gain and shift.
  let normalized = AlignedBuffer<R>()
  /// The factors of the norm, [rows, groups].
  let scale = AlignedBuffer<R>()
  /// The gradient of `result`, [rows, 4H].
  let gradient = AlignedBuffer<R>()
}

/// Where one step of a cell reads and keeps its rows; see `cell_forward` in Kernels.h.
struct CellStep<R: Real> {
  var z: UnsafeMutablePointer<R>
  var before: UnsafePointer<R>
  var gates: UnsafeMutablePointer<R>
  var c: UnsafeMutablePointer<R>
  var cHat: UnsafeMutablePointer<R>
  var scale: UnsafeMutablePointer<R>
  var h: UnsafeMutablePointer<R>
}
