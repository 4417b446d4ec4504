/// One parameter of a network: its name and shape in a model file, its position in memory, and
/// its function.
package struct ParameterSpec: Equatable, Sendable {
  /// Whose parameter it is.
  package enum Owner: Equatable, Sendable {
    case shared
    case task(String)
    /// The tasks with shared norms; see ``TaskDescription/sharesNorms``.
    case normGroup
    /// The tasks with a shared linear layer of this name; see ``TaskDescription/sharedHead``.
    case headGroup(String)
  }

  /// The part of the network that it belongs to.
  package enum Part: Sendable {
    case encoder, classifier, taskEmbedding, head, ngrams, languageModel
  }

  /// Its function in that part. x, h and c refer to the norms of equations (1) and (3); the bias of a
  /// plain LSTM takes the place of `shiftH`.
  package enum Role: Sendable {
    case weightX, weightH, gainX, shiftX, gainH, shiftH, gainC, shiftC
    case embedding, weight, bias, scale
  }

  package var name: String
  package var shape: [Int]
  package var part: Part
  package var role: Role
  package var owner: Owner
  /// The position in ``ParameterLayout/specs``.
  package var index: Int
  /// The position of its first element in memory.
  package var offset: Int

  /// The number of elements.
  package var count: Int { shape.reduce(1, *) }
  /// The positions of its elements in memory.
  var range: Range<Int> { offset..<offset + count }

  /// The range in pieces of at most 8,192 elements: small enough for the cache and for an even
  /// distribution over threads. Only for elementwise operations, whose results do not depend on the
  /// division.
  package var chunks: [Range<Int>] {
    stride(from: offset, to: offset + count, by: 8192).map { $0..<min($0 + 8192, offset + count) }
  }

  /// Whether it is a weight matrix, the only kind of parameter that weight decay applies to: a gain
  /// has its neutral value at 1, not at 0.
  package var isWeight: Bool {
    switch role {
    case .weightX, .weightH, .weight: true
    default: false
    }
  }

  /// Whether it is one of the encoder's weight matrices, which fine-tuning freezes.
  package var isEncoderWeight: Bool { part == .encoder && isWeight }

  /// Whether a batch of `task` uses it.
  package func isUsed(by task: TaskDescription) -> Bool {
    switch (owner, part) {
    case (.task(let name), _): name == task.name
    case (.headGroup(let name), _): name == task.sharedHead?.name
    case (.normGroup, _): task.sharesNorms == true && (part == .encoder || !task.ownCell)
    case (.shared, .classifier): !task.ownCell
    case (.shared, _): true
    }
  }
}

/// All parameters of a network except the word vectors, and their places in one block of memory.
/// Values, gradients and the moments of Adam share the layout.
///
/// Dimensions, in this and all other files: B rows, T time steps, H hidden units, I size of a word
/// vector, E size of a task embedding, C classes of a task, V words, F inputs of the linear layer
/// (H, or a multiple of H with ``Pooling``). Gates are stacked in the order f, i, o, g.
///
/// | Name                                  | Shape   | Owner  | Present in                           |
/// |---------------------------------------|---------|--------|--------------------------------------|
/// | `encoder.w_x`                         | [4H, I] | shared | all variants                         |
/// | `encoder.w_h`                         | [4H, H] | shared | all variants                         |
/// | `encoder.bias`                        | [4H]    | shared | `lstm-linear`                        |
/// | `encoder.ln.TASK.{x,h}.{gain,shift}`  | [4H]    | task   | all but `lstm-linear`                |
/// | `encoder.ln.TASK.c.{gain,shift}`      | [H]     | task   | all but `lstm-linear`                |
/// | `CELL.w_x`                            | [4H, E] | cell   | variants with a task embedding       |
/// | `CELL.w_h`                            | [4H, H] | cell   | all but `…-linear`                   |
/// | `CELL.ln.TASK.x.{gain,shift}`         | [4H]    | task   | variants with a task embedding       |
/// | `CELL.ln.TASK.h.{gain,shift}`         | [4H]    | task   | all but `…-linear`                   |
/// | `CELL.ln.TASK.c.{gain,shift}`         | [H]     | task   | all but `…-linear`                   |
/// | `task_embedding.TASK`                 | [E]     | task   | variants with a task embedding       |
/// | `head.TASK.weight`                    | [C, F]  | task   | all variants                         |
/// | `head.TASK.bias`                      | [C]     | task   | all variants                         |
/// | `ngrams.TASK.scale`                   | [C]     | task   | networks with an n-gram layer        |
/// | `language_model.projection`           | [I, H]  | shared | language models, in place of all     |
/// | `language_model.bias`                 | [V]     | shared | but the encoder; tasks are domains   |
/// | `embedding.weight`                    | [V, I]  | shared | all; see ``Parameters/embedding``    |
///
/// CELL is `classifier`, shared, or `classifier.TASK` for a task with its own classification cell. The names
/// of norms that tasks share are without `.TASK`, as in `encoder.ln.x.gain`. A linear layer that tasks share
/// has `.shared` after the first of them, as in `head.TASK.shared.weight`.
package struct ParameterLayout: Equatable {
  /// Offsets of the gain and the shift of a norm.
  struct NormOffsets: Equatable {
    var gain: Int
    var shift: Int
  }

  /// Offsets of the parameters of a cell as one task uses it. Without norms, `h.shift` is the bias.
  struct CellOffsets: Equatable {
    var inputSize: Int
    var weightX: Int?
    var weightH: Int
    var x: NormOffsets?
    var h: NormOffsets
    var c: NormOffsets?
  }

  /// Offsets of everything that one task uses. The head of a language model is its projection, whose
  /// outputs are counted as classes, and its bias.
  package struct TaskOffsets: Equatable {
    var encoder: CellOffsets
    var classifier: CellOffsets?
    var embedding: Int?
    var headWeight: Int
    package var headBias: Int
    package var ngramScale: Int?
    package var classCount: Int
    /// How logits become probabilities.
    var output = OutputFunction.softmax
    /// For each class of the task, its row in a shared linear layer; nil if they have the same order.
    var headRows: [Int]?
    /// The parameters that a batch of the task uses, in the order of ``ParameterLayout/specs``.
    var specs: [ParameterSpec] = []
  }

  package private(set) var specs: [ParameterSpec] = []
  package private(set) var tasks: [String: TaskOffsets] = [:]
  /// The number of elements, including the gaps that align each parameter to a cache line.
  package private(set) var size = 0

  private let hidden: Int

  /// The layout of a network's parameters.
  init(_ configuration: ModelConfiguration) {
    let variant = configuration.variant
    let embeddingSize = variant.hasTaskEmbedding ? configuration.taskEmbedding : 0
    hidden = configuration.hidden
    var encoder = addWeights("encoder", .encoder, input: configuration.input, .shared)
    if !variant.isNormalized {
      encoder.h.shift = add("encoder.bias", [4 * hidden], .encoder, .shiftH, .shared)
    }
    if let words = configuration.outputWords {
      addLanguageModel(configuration, encoder, words: words)
      return
    }
    var sharedCell: CellOffsets?
    if variant.hasClassificationCell, variant != .separateCell {
      sharedCell = addWeights("classifier", .classifier, input: embeddingSize, .shared)
    }
    // Cells with shared norms by their prefix, and linear layers by their names.
    var cells: [String: CellOffsets] = [:]
    var heads: [String: (weight: Int, bias: Int)] = [:]
    for task in configuration.tasks {
      let (name, classCount) = (task.name, task.classNames.count)
      let owner = ParameterSpec.Owner.task(name)
      let taskEncoder =
        variant.isNormalized ? addNorms("encoder", .encoder, encoder, task, &cells) : encoder
      var cell: CellOffsets?
      if variant.hasClassificationCell {
        let prefix = task.ownCell ? "classifier.\(name)" : "classifier"
        cell =
          task.ownCell
          ? addWeights(prefix, .classifier, input: embeddingSize, owner) : sharedCell
        cell = cell.map { addNorms(prefix, .classifier, $0, task, &cells) }
      }
      let embedding =
        variant.hasTaskEmbedding
        ? add("task_embedding.\(name)", [embeddingSize], .taskEmbedding, .embedding, owner) : nil
      let headName = task.sharedHead.map { "head.\($0.name).shared" } ?? "head.\(name)"
      let headOwner = task.sharedHead.map { ParameterSpec.Owner.headGroup($0.name) } ?? owner
      let head =
        heads[headName] ?? (
          add(
            "\(headName).weight", [classCount, configuration.headWidth], .head, .weight, headOwner),
          add("\(headName).bias", [classCount], .head, .bias, headOwner)
        )
      heads[headName] = head
      tasks[name] = TaskOffsets(
        encoder: taskEncoder, classifier: cell, embedding: embedding, headWeight: head.weight,
        headBias: head.bias,
        ngramScale: configuration.ngrams != nil
          ? add("ngrams.\(name).scale", [classCount], .ngrams, .scale, owner) : nil,
        classCount: classCount, output: OutputFunction(isMultiLabel: task.isMultiLabel),
        headRows: task.headRows)
    }
    for task in configuration.tasks {
      tasks[task.name]?.specs = specs.filter { $0.isUsed(by: task) }
    }
  }

  /// Adds the norms of each domain and the head of a language model of `words` words.
  private mutating func addLanguageModel(
    _ configuration: ModelConfiguration, _ encoder: CellOffsets, words: Int
  ) {
    let projection = add(
      "language_model.projection", [configuration.input, hidden], .languageModel, .weight, .shared)
    let bias = add("language_model.bias", [words], .languageModel, .bias, .shared)
    var cells: [String: CellOffsets] = [:]
    for task in configuration.tasks {
      tasks[task.name] = TaskOffsets(
        encoder: addNorms("encoder", .encoder, encoder, task, &cells), headWeight: projection,
        headBias: bias, classCount: configuration.input)
    }
    for task in configuration.tasks {
      tasks[task.name]?.specs = specs.filter { $0.isUsed(by: task) }
    }
  }

  /// Adds W_x and W_h of a cell. A cell without an input has no W_x.
  private mutating func addWeights(
    _ prefix: String, _ part: ParameterSpec.Part, input: Int, _ owner: ParameterSpec.Owner
  ) -> CellOffsets {
    CellOffsets(
      inputSize: input,
      weightX: input > 0 ? add("\(prefix).w_x", [4 * hidden, input], part, .weightX, owner) : nil,
      weightH: add("\(prefix).w_h", [4 * hidden, hidden], part, .weightH, owner),
      h: NormOffsets(gain: 0, shift: 0))
  }

  /// Adds the norms of a cell for one task, unless it shares those of an earlier one.
  /// - Parameter cells: the cells with shared norms so far, by their prefix.
  private mutating func addNorms(
    _ prefix: String, _ part: ParameterSpec.Part, _ cell: CellOffsets, _ task: TaskDescription,
    _ cells: inout [String: CellOffsets]
  ) -> CellOffsets {
    let isShared = task.sharesNorms == true && (part == .encoder || !task.ownCell)
    if isShared, let shared = cells[prefix] { return shared }
    let owner = isShared ? ParameterSpec.Owner.normGroup : .task(task.name)
    func norm(
      _ site: String, _ size: Int, _ gain: ParameterSpec.Role, _ shift: ParameterSpec.Role
    ) -> NormOffsets {
      let name = "\(prefix).ln\(isShared ? "" : ".\(task.name)").\(site)"
      return NormOffsets(
        gain: add("\(name).gain", [size], part, gain, owner),
        shift: add("\(name).shift", [size], part, shift, owner))
    }
    var cell = cell
    if cell.inputSize > 0 { cell.x = norm("x", 4 * hidden, .gainX, .shiftX) }
    cell.h = norm("h", 4 * hidden, .gainH, .shiftH)
    cell.c = norm("c", hidden, .gainC, .shiftC)
    if isShared { cells[prefix] = cell }
    return cell
  }

  private mutating func add(
    _ name: String, _ shape: [Int], _ part: ParameterSpec.Part, _ role: ParameterSpec.Role,
    _ owner: ParameterSpec.Owner
  ) -> Int {
    let spec = ParameterSpec(
      name: name, shape: shape, part: part, role: role, owner: owner, index: specs.count,
      offset: size)
    specs.append(spec)
    size += (spec.count + 15) / 16 * 16
    return spec.offset
  }
}
