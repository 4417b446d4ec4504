import Foundation
import Kernels
import Safetensors
import Shards

@testable import DLNC

/// One case of `fixtures/reference`: the network, the batch and what PyTorch made of them in double
/// precision. `reference.py` beside the files says what each tensor is.
struct Reference {
  let file: SafetensorsFile
  let settings: Settings

  struct Settings: Decodable {
    var variant: Variant
    var tasks: [String: Int]
    var task: String
    var vocabulary: Int
    var input: Int
    var hidden: Int
    var task_embedding: Int
    var epsilon: Double
    var per_gate: Bool
    var cell_tanh: Bool
    var hidden_only: Bool
    var masks: Bool
    var learning_rate: Double
    var clip: Double
    var pooling: Pooling?
    var noise: Bool?
    var smoothing: Double?
    var weight_decay: Double?
    var average: Double?
    var generated: [String: Generated]?
    var ngrams: String?
    var multi_label: Bool?
    var class_weights: [Double]?
  }

  struct Generated: Decodable {
    var shape: [Int]
    var seed: UInt64
    var bound: Double
  }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../../fixtures/reference").standardizedFileURL.path
  static let small = [
    "dlnc", "no-task-embedding", "separate-cell", "lstm-linear", "per-gate", "cell-tanh",
    "hidden-only", "ngrams-crossfit", "ngrams-crossfit-masks", "masks", "per-gate-masks",
    "finetune", "mean", "max", "mean-max", "noise", "decay", "class-weights", "multi-label",
    "multi-label-weights",
  ]

  init(_ name: String) throws {
    file = try SafetensorsFile(path: "\(Self.folder)/\(name).safetensors")
    settings = try JSONDecoder().decode(
      Settings.self, from: Data((file.metadata["config"] ?? "").utf8))
  }

  var configuration: ModelConfiguration {
    var result = ModelConfiguration()
    result.variant = settings.variant
    result.hidden = settings.hidden
    result.input = settings.input
    result.taskEmbedding = settings.task_embedding
    result.epsilon = settings.epsilon
    result.normPerGate = settings.per_gate
    result.cellTanh = settings.cell_tanh
    result.zeroInitialCell = settings.hidden_only
    result.ngrams = settings.ngrams.map { _ in NgramOptions(dropout: 0.3) }
    result.pooling = settings.pooling ?? .last
    result.tasks = settings.tasks.sorted { $0.key < $1.key }.map { name, classes in
      var task = TaskDescription(
        name: name, classNames: (0..<classes).map { "class \($0)" },
        ownCell: settings.variant == .separateCell || name == "imdb")
      if settings.multi_label == true, name == settings.task {
        task.labelThresholds = LabelThresholds(classCount: classes)
      }
      return task
    }
    return result
  }

  func parameters<R: Real>(_: R.Type) throws -> Parameters<R> {
    let vectors: [Double] = try file.values("param.embedding.weight")
    let parameters = Parameters<R>(configuration, embedding: vectors.map { R($0) })
    for entry in parameters.layout.specs {
      let values = try settings.generated?[entry.name].map(generate) ?? parameter(entry)
      for (index, value) in values.enumerated() {
        parameters.values.start[entry.offset + index] = R(value)
      }
    }
    if settings.ngrams != nil { parameters.ngramLayers[settings.task] = try ngramLayer() }
    return parameters
  }

  private func parameter(_ entry: ParameterSpec) throws -> [Double] {
    try file.values("param.\(entry.name)", shape: entry.shape)
  }

  private func generate(_ recipe: Generated) -> [Double] {
    (1...UInt64(recipe.shape.reduce(1, *))).map { index in
      let bits = splitmix64_mix(recipe.seed &+ index &* 0x9e37_79b9_7f4a_7c15) >> 11
      return Double(Float(recipe.bound * (2 * (Double(bits) * 0x1p-53) - 1)))
    }
  }

  /// The batch as a shard; `padding` more words that must not matter lie between the rows.
  func shard() throws -> TokenShard {
    let tokens: [Int32] = try file.values("input.tokens")
    let lengths: [Int32] = try file.values("input.lengths")
    let labels: [Int32] = try file.values("input.labels")
    let width = tokens.count / lengths.count
    let rows = lengths.enumerated().map { row, length in
      Array(tokens[row * width..<row * width + Int(length)])
    }
    let classCount = settings.tasks[settings.task] ?? 0
    var builder = ShardBuilder<Int32>(
      ShardHeader(
        task: settings.task, split: .train,
        classNames: (0..<classCount).map { "class \($0)" },
        isMultiLabel: settings.multi_label == true))
    for (row, tokens) in rows.enumerated() {
      let given = labels.dropFirst(row * classCount).prefix(classCount).enumerated()
        .filter { $0.element == 1 }.map { Int32($0.offset) }
      builder.append(
        tokens, classes: settings.multi_label == true ? given : [labels[row]], textID: row)
    }
    return builder.shard
  }

  /// A layer that is not asked for logits, as those of the batch are in the file.
  private func ngramLayer() throws -> LinearClassifier {
    let shard = try shard()
    return LinearClassifier(
      summary: TaskClassifier(name: shard.task, classNames: shard.classNames),
      ngrams: TfidfVectorizer(), weights: shard.classNames.map { _ in .nan })
  }

  /// All rows as one batch, with the rates that the masks were made with.
  func batch() throws -> Batch {
    let shard = try shard()
    var batch = Batch(shard: shard, indices: Array(0..<shard.count), maxLength: .max)
    if settings.noise == true {
      batch.regularization = Regularization(wordDropout: 0.3, vectorDropout: 0.2)
    }
    batch.regularization.labelSmoothing = settings.smoothing ?? 0
    batch.classWeights = settings.class_weights
    if settings.ngrams != nil { batch.ngramLogits = try file.values("input.ngram_scores") }
    return batch
  }

  func dropout() throws -> GivenDropout? { settings.masks ? try GivenDropout(file) : nil }
}

/// The masks of a reference file.
struct GivenDropout: DropoutSource, Sendable {
  private let masks: [DropoutSite: [Double]]
  private let rows: Int
  private let maxLength: Int

  init(_ file: SafetensorsFile) throws {
    let names: [(DropoutSite, String)] = [
      (.recurrent, "rec"), (.classifierRecurrent, "cls_rec"), (.head, "head"), (.logits, "logits"),
      (.words, "words"), (.vectors, "vectors"), (.ngrams, "ngrams"),
    ]
    masks = try names.reduce(into: [:]) { masks, name in
      guard file.header.tensors["mask.\(name.1)"] != nil else { return }
      masks[name.0] = try file.values("mask.\(name.1)")
    }
    rows = file.header.tensors["mask.cls_rec"]?.shape[0] ?? 0
    maxLength = file.header.tensors["mask.rec"]?.shape[0] ?? 0
  }

  func fill(
    _ keep: UnsafeMutablePointer<UInt8>, count: Int, site: DropoutSite, row: Int, step: Int,
    rate: Double
  ) {
    let start = (step * rows + row) * (site == .words ? maxLength : count)
    for unit in 0..<count { keep[unit] = masks[site]?[start + unit] == 0 ? 0 : 1 }
  }
}

/// How far `ours` is from `theirs`, relative to the largest of `theirs` but at least `floor`.
func distance<R: Real>(_ ours: some Sequence<R>, _ theirs: [Double], floor: Double = 1e-6) -> Double
{
  let largest = theirs.map(abs).max() ?? 0
  let worst = zip(ours, theirs).map { abs(Double($0) - $1) }.max() ?? 0
  return worst / max(largest, floor)
}
