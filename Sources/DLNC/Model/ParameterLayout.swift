/// Where every parameter but the word vectors lies in one run of memory. Values, gradients and
/// Adam's moments share the layout, so that an offset means the same in each of them.
struct ParameterLayout: Equatable {
  /// One parameter, by its name in a model file.
  struct ParameterSpec: Equatable {
    var name: String
    var shape: [Int]
    var offset: Int
    /// The task it belongs to; nothing for shared parameters.
    var task: String?

    var count: Int { shape.reduce(1, *) }
    var range: Range<Int> { offset..<offset + count }
    /// Its range in pieces small enough that threads share parameters out evenly and that a piece
    /// stays in the cache; for what is done number by number, so that no byte depends on them.
    var pieces: [Range<Int>] {
      stride(from: offset, to: offset + count, by: 8192).map {
        $0..<min($0 + 8192, offset + count)
      }
    }
    /// Whether it lies in the encoder.
    var isEncoder: Bool { name.hasPrefix("encoder.") }
    /// Whether it is one of the encoder's matrices, which all tasks share.
    var isEncoderWeight: Bool { name == "encoder.w_x" || name == "encoder.w_h" }
    /// Whether it is a matrix rather than a gain, a shift, a bias or an embedding.
    var isMatrix: Bool { shape.count == 2 }
  }

  /// Offsets of a norm's gain and shift.
  struct NormOffsets: Equatable {
    var gain: Int
    var shift: Int
  }

  /// Offsets of the parameters of a cell as one task sees it. Without norms `h.shift` is the bias.
  struct CellOffsets: Equatable {
    var inputSize: Int
    var weightX: Int?
    var weightH: Int
    var x: NormOffsets?
    var h: NormOffsets
    var c: NormOffsets?
  }

  /// Offsets of everything that one task uses.
  struct TaskOffsets: Equatable {
    var encoder: CellOffsets
    var classifier: CellOffsets?
    var embedding: Int?
    var headWeight: Int
    var headBias: Int
    /// The factors of the n-gram layer's logits, [C].
    var ngramScale: Int?
    var classCount: Int
  }

  private(set) var specs: [ParameterSpec] = []
  private(set) var tasks: [String: TaskOffsets] = [:]
  /// How many numbers there are, gaps for alignment included.
  private(set) var size = 0

  /// The layout of all parameters of a network.
  init(_ configuration: ModelConfiguration) {
    let variant = configuration.variant
    let (hidden, input) = (configuration.hidden, configuration.input)
    let shared = weights("encoder", hidden: hidden, input: input, task: nil)
    let bias = variant.isNormalized ? nil : add("encoder.bias", [4 * hidden])
    let cellInput = variant.hasTaskEmbedding ? configuration.taskEmbedding : 0
    var sharedCell: (x: Int?, h: Int)?
    if variant.hasClassificationCell && variant != .separateCell {
      sharedCell = weights("classifier", hidden: hidden, input: cellInput, task: nil)
    }
    for task in configuration.tasks {
      let name = task.name
      let encoder =
        bias.map {
          CellOffsets(
            inputSize: input, weightX: shared.x, weightH: shared.h, x: nil,
            h: NormOffsets(gain: 0, shift: $0), c: nil)
        } ?? cell("encoder", shared, hidden: hidden, input: input, task: name)
      var classifier: CellOffsets?
      if variant.hasClassificationCell {
        let room = task.ownCell ? "classifier.\(name)" : "classifier"
        let own = task.ownCell ? weights(room, hidden: hidden, input: cellInput, task: name) : nil
        if let pair = own ?? sharedCell {
          classifier = cell(room, pair, hidden: hidden, input: cellInput, task: name)
        }
      }
      let embedding =
        cellInput > 0 ? add("task_embedding.\(name)", [cellInput], task: name) : nil
      tasks[name] = TaskOffsets(
        encoder: encoder, classifier: classifier, embedding: embedding,
        headWeight: add(
          "head.\(name).weight", [task.classNames.count, configuration.headWidth], task: name),
        headBias: add("head.\(name).bias", [task.classNames.count], task: name),
        ngramScale: configuration.ngrams != nil
          ? add("ngrams.\(name).scale", [task.classNames.count], task: name) : nil,
        classCount: task.classNames.count)
    }
  }

  /// The parameters that a batch of `task` uses: the shared ones and its own.
  func used(by task: String) -> [ParameterSpec] {
    let ownCell = specs.contains { $0.name == "classifier.\(task).w_h" }
    return specs.filter { entry in
      if let owner = entry.task { return owner == task }
      return entry.isEncoder || !ownCell
    }
  }

  private mutating func weights(
    _ room: String, hidden: Int, input: Int, task: String?
  ) -> (x: Int?, h: Int) {
    let x = input > 0 ? add("\(room).w_x", [4 * hidden, input], task: task) : nil
    return (x, add("\(room).w_h", [4 * hidden, hidden], task: task))
  }

  private mutating func cell(
    _ room: String, _ weights: (x: Int?, h: Int), hidden: Int, input: Int, task: String
  ) -> CellOffsets {
    let norm = "\(room).ln.\(task)"
    return CellOffsets(
      inputSize: input, weightX: weights.x, weightH: weights.h,
      x: input > 0 ? add(norm: "\(norm).x", 4 * hidden, task) : nil,
      h: add(norm: "\(norm).h", 4 * hidden, task), c: add(norm: "\(norm).c", hidden, task))
  }

  private mutating func add(norm: String, _ size: Int, _ task: String) -> NormOffsets {
    NormOffsets(
      gain: add("\(norm).gain", [size], task: task), shift: add("\(norm).shift", [size], task: task)
    )
  }

  private mutating func add(_ name: String, _ shape: [Int], task: String? = nil) -> Int {
    let entry = ParameterSpec(name: name, shape: shape, offset: size, task: task)
    specs.append(entry)
    size += (entry.count + 15) / 16 * 16
    return entry.offset
  }
}
