/// The network as one task uses it: its cells and the linear layer, bound to the values of the
/// parameters and their packed weights. Made once per batch and read by all micro-batches.
///
/// `@unchecked Sendable`: nothing changes while a batch is computed.
struct TaskNetwork<R: Real>: @unchecked Sendable {
  let parameters: Parameters<R>
  let offsets: ParameterLayout.TaskOffsets
  let encoderCell: DLNLSTMCell<R>
  /// The classification cell; nil for `lstm-linear` and `dln-linear`.
  let classificationCell: DLNLSTMCell<R>?
  /// The weight [C, F] of the linear layer; of a language model, the projection [I, H].
  let linear: PackedMatrix<R>
  /// The words among which a language model predicts the next one; nil for a classifier.
  var candidates: PackedCandidates<R>?
  /// The normalised projections of the tokens, if the encoder and the word vectors are frozen.
  let inputCache: FrozenInputCache<R>?

  /// Binds the network to a task. `weights` must be packed for this task.
  init(
    _ parameters: Parameters<R>, _ offsets: ParameterLayout.TaskOffsets,
    _ weights: PackedTaskWeights<R>, inputCache: FrozenInputCache<R>? = nil
  ) {
    self.parameters = parameters
    self.offsets = offsets
    self.inputCache = inputCache
    encoderCell = DLNLSTMCell(offsets.encoder, parameters, weights.encoder)
    classificationCell = offsets.classifier.map {
      DLNLSTMCell($0, parameters, weights.classifier)
    }
    linear = weights.head
  }

  var configuration: ModelConfiguration { parameters.configuration }
}

/// The input and the options of a forward pass of one micro-batch.
struct ForwardContext<R: Real> {
  let network: TaskNetwork<R>
  let sequence: PackedSequence
  /// The source of the dropout masks; nil while predicting.
  var dropout: (any DropoutSource)?
  var regularization = Regularization()
  /// Whether a backward pass follows, for which all steps are kept.
  var keepsSteps = true
}
