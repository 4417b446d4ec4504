import DLNC

/// A DLN-LSTM cell or, without norms, an LSTM cell, as part of a graph; for its equations see
/// `DLNLSTMCell`.
struct Cell {
  private let configuration: ModelConfiguration
  /// W_x [4H, I]; nil for a cell without an input.
  private let weightX: Value<Float>?
  /// W_h [4H, H].
  private let weightH: Value<Float>
  /// The gain and the shift of each norm; of a cell without norms, the bias is the shift of h.
  private let x: Norm?, h: Norm?, c: Norm?
  private let bias: Value<Float>?

  private struct Norm {
    var gain: Value<Float>
    var shift: Value<Float>

    init?(_ gain: Value<Float>?, _ shift: Value<Float>?) {
      guard let gain, let shift else { return nil }
      (self.gain, self.shift) = (gain, shift)
    }
  }

  /// A cell with the parameters of a part of the network.
  /// - Throws: ``UserError`` if the part is no cell.
  init(
    _ configuration: ModelConfiguration, _ parameter: (ParameterSpec.Role) -> Value<Float>?
  ) throws {
    self.configuration = configuration
    weightH = try parameter(.weightH).required("cell")
    weightX = parameter(.weightX)
    x = Norm(parameter(.gainX), parameter(.shiftX))
    c = Norm(parameter(.gainC), parameter(.shiftC))
    let shift = parameter(.shiftH)
    h = Norm(parameter(.gainH), shift)
    bias = h == nil ? shift : nil
  }

  /// LN_x(W_x x) of inputs x [rows, I]; W_x x without norms.
  func project(_ inputs: Value<Float>) -> Value<Float> {
    guard let weightX else { return inputs }
    let product = inputs.timesTransposed(weightX)
    return x.map { normalizedGates(product, $0) } ?? product
  }

  /// One step.
  /// - Parameters:
  ///   - input: the projection of the input, [N, 4H] or [1, 4H]; nil without an input.
  ///   - h: the previous hidden state, [N, H].
  ///   - c: the previous cell state, [N, H].
  func step(
    input: Value<Float>?, h previousH: Value<Float>, c previousC: Value<Float>
  ) -> (h: Value<Float>, c: Value<Float>) {
    let product = previousH.timesTransposed(weightH, bias: bias)
    let recurrent = h.map { normalizedGates(product, $0) } ?? product
    let gates = (input.map { recurrent + $0 } ?? recurrent).split(into: 4)
    let nextC = gates[0].sigmoid * previousC + gates[1].sigmoid * gates[3].tanh
    guard let c else { return (gates[2].sigmoid * nextC.tanh, nextC) }
    let normalized = nextC.layerNorm(
      gain: c.gain, shift: c.shift, epsilon: configuration.epsilon)
    return (
      gates[2].sigmoid * (configuration.cellTanh ? normalized.tanh : normalized), nextC
    )
  }

  /// The norm of the gates, [rows, 4H]: of all together, or of each by itself.
  private func normalizedGates(_ gates: Value<Float>, _ norm: Norm) -> Value<Float> {
    let (hidden, groups) = (configuration.hidden, configuration.groups)
    guard groups > 1 else {
      return gates.layerNorm(gain: norm.gain, shift: norm.shift, epsilon: configuration.epsilon)
    }
    let graph = norm.gain.graph
    let (ones, zeros) = (
      graph.constant([Float](repeating: 1, count: hidden), [hidden]),
      graph.constant([Float](repeating: 0, count: hidden), [hidden])
    )
    return gates.reshaped([-1, groups, hidden])
      .layerNorm(gain: ones, shift: zeros, epsilon: configuration.epsilon)
      .reshaped([-1, groups * hidden]) * norm.gain + norm.shift
  }
}
