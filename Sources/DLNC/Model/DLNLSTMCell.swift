import Kernels

/// The DLN-LSTM cell of the paper: an LSTM cell with domain layer normalisation. Its weights W_x and
/// W_h are shared; the gains and shifts of its layer norms LN belong to the task T. With the input
/// x_t, the previous hidden state h_{t-1} and the previous cell state c_{t-1}:
///
///     (1)  [f i o g] = LN_{T,x}(W_x x_t) + LN_{T,h}(W_h h_{t-1})
///     (2)  c_t = sigmoid(f) * c_{t-1} + sigmoid(i) * tanh(g)
///     (3)  h_t = sigmoid(o) * LN_{T,c}(c_t)
///
/// `*` is elementwise. The only bias is the shift of LN, and (3) has no tanh; with
/// ``ModelConfiguration/cellTanh`` it takes tanh(LN(c)). Without norms (`lstm-linear`) the cell is a
/// plain LSTM: (1) becomes W_x x + W_h h + b, (3) becomes sigmoid(o) * tanh(c).
///
/// The cell is bound to the parameters of one task. The input term of (1) depends only on the token
/// and the task, so it is computed once per distinct token, by ``project(_:rows:into:)``.
struct DLNLSTMCell<R: Real> {
  let offsets: ParameterLayout.CellOffsets
  let hidden: Int
  private let values: UnsafeMutablePointer<R>
  private let weights: PackedTaskWeights<R>.CellWeights
  private let parameters: cell_params
  private let epsilon: R

  init(
    _ offsets: ParameterLayout.CellOffsets, _ parameters: Parameters<R>,
    _ weights: PackedTaskWeights<R>.CellWeights
  ) {
    let configuration = parameters.configuration
    let values = parameters.values.start
    self.offsets = offsets
    self.values = values
    self.weights = weights
    hidden = configuration.hidden
    epsilon = R(configuration.epsilon)
    self.parameters = cell_params(
      hidden: Int32(configuration.hidden), groups: Int32(configuration.groups),
      cell_tanh: configuration.cellTanh ? 1 : 0, epsilon: configuration.epsilon,
      gain_h: values + offsets.h.gain, shift_h: values + offsets.h.shift,
      gain_c: offsets.c.map { values + $0.gain }, shift_c: offsets.c.map { values + $0.shift })
  }

  /// W_h, for the product W_h h that is an input of each step.
  var recurrentWeight: PackedMatrix<R> { weights.h }

  /// LN_x(W_x x) of `rows` inputs x [rows, I]; W_x x without norms.
  func project(_ x: UnsafePointer<R>, rows: Int, into input: InputProjections<R>) {
    let width = 4 * hidden
    let result = input.result.reserve(rows * width)
    guard let norm = offsets.x else { return weights.x.forward(x, rows: rows, into: result) }
    let normalized = input.normalized.reserve(rows * width)
    let rstd = input.rstd.reserve(rows * Int(parameters.groups))
    weights.x.forward(x, rows: rows, into: normalized)
    R.kernels.normalize(Int32(rows), Int32(width), parameters.groups, epsilon, normalized, rstd)
    R.kernels.scaleShift(
      Int32(rows), Int32(width), normalized, values + norm.gain, values + norm.shift, result)
  }

  /// The same for tokens whose normalised projections are cached.
  func project(_ tokens: [Int32], from cache: FrozenInputCache<R>, into input: InputProjections<R>)
  {
    guard let norm = offsets.x else { return }
    let width = 4 * hidden
    let result = input.result.reserve(tokens.count * width)
    for (row, token) in tokens.enumerated() {
      R.kernels.scaleShift(
        1, Int32(width), cache.row(of: token), values + norm.gain, values + norm.shift,
        result + row * width)
    }
  }

  /// The backward pass of ``project(_:rows:into:)``. Uses up `input.gradient`, the gradient of the
  /// result. The gradients of W_x and of x are computed only if `xGradient` is given.
  func projectBackward(
    _ x: UnsafePointer<R>, rows: Int, _ input: InputProjections<R>,
    gradients: UnsafeMutablePointer<R>, xGradient: UnsafeMutablePointer<R>?
  ) {
    let width = 4 * hidden
    guard let weightX = offsets.weightX else { return }
    let d = input.gradient.start
    if let norm = offsets.x {
      R.kernels.normalizeBackward(
        Int32(rows), Int32(width), parameters.groups, input.normalized.start,
        xGradient == nil ? nil : input.rstd.start, values + norm.gain, d,
        gradients + norm.gain, gradients + norm.shift)
    }
    guard let xGradient else { return }
    weights.x.addGradient(d, x, rows: rows, to: gradients + weightX)
    weights.x.backward(d, rows: rows, into: xGradient)
  }

  /// The backward pass of ``project(_:from:into:)``.
  func projectBackward(
    _ tokens: [Int32], from cache: FrozenInputCache<R>, _ input: InputProjections<R>,
    gradients: UnsafeMutablePointer<R>
  ) {
    guard let norm = offsets.x else { return }
    let width = 4 * hidden
    for (row, token) in tokens.enumerated() {
      R.kernels.normalizeBackward(
        1, Int32(width), parameters.groups, cache.row(of: token), nil, values + norm.gain,
        input.gradient.start + row * width, gradients + norm.gain, gradients + norm.shift)
    }
  }

  /// One step (1)-(3) of `rows` rows; see `cell_forward` in Kernels.h.
  func forward(
    rows: Int, input: UnsafePointer<R>?, inputRow: UnsafePointer<Int32>?, step: CellStep<R>
  ) {
    withUnsafePointer(to: parameters) { parameters in
      R.kernels.cellForward(
        parameters, Int32(rows), step.z, input, inputRow, step.previousC, step.gates, step.c,
        step.normalizedC, step.rstd, step.h)
    }
  }

  /// The backward pass of one step; see `cell_backward` in Kernels.h.
  func backward(
    rows: Int, step: CellStep<R>, dh: UnsafePointer<R>, dc: UnsafeMutablePointer<R>,
    inputGradient: UnsafeMutablePointer<R>?, inputRow: UnsafePointer<Int32>?,
    gradients: UnsafeMutablePointer<R>
  ) {
    let parameters = parameters
    let targets = cell_grads(
      gain_h: gradients + offsets.h.gain, shift_h: gradients + offsets.h.shift,
      gain_c: offsets.c.map { gradients + $0.gain }, shift_c: offsets.c.map { gradients + $0.shift }
    )
    withUnsafePointer(to: parameters) { parameters in
      withUnsafePointer(to: targets) { targets in
        R.kernels.cellBackward(
          parameters, targets, Int32(rows), step.z, step.gates, step.previousC, step.normalizedC,
          step.rstd, dh, dc, inputGradient, inputRow)
      }
    }
  }
}

/// The input term of (1) for distinct inputs, one row each, with what the backward pass needs.
final class InputProjections<R: Real> {
  /// LN_x(W_x x), [rows, 4H].
  let result = AlignedBuffer<R>()
  /// The same before gain and shift.
  let normalized = AlignedBuffer<R>()
  /// The reciprocal standard deviations of the norm, [rows, groups].
  let rstd = AlignedBuffer<R>()
  /// The gradient of `result`, [rows, 4H].
  let gradient = AlignedBuffer<R>()
}

/// The inputs and outputs of one step of a cell; for the shapes see `cell_forward` in Kernels.h.
struct CellStep<R: Real> {
  var z: UnsafeMutablePointer<R>
  var previousC: UnsafePointer<R>
  var previousH: UnsafePointer<R>
  /// Nil if no backward pass follows.
  var gates: UnsafeMutablePointer<R>?
  var c: UnsafeMutablePointer<R>
  var normalizedC: UnsafeMutablePointer<R>
  var rstd: UnsafeMutablePointer<R>
  var h: UnsafeMutablePointer<R>
}
