import Foundation
import Safetensors
import Shards
import Support
import Tokenization

/// A model of any kind that has learned something: what it takes to save it and to put it to use.
public protocol Classifier {
  /// What kind of model it is.
  var kind: ModelKind { get }
  /// What tables call it: its kind, unless there is more to say.
  var name: String { get }
  /// The words that it knows, with their tokenizer.
  var vocabulary: Vocabulary { get }
  /// The stage that it went through last, `train` or `finetune`.
  var stage: String { get }
  /// The seed of that stage.
  var seed: Int { get }
  /// The tasks that it knows, in the order in which it learned them.
  var knownTasks: [String] { get }
  /// The tasks that it learned in that stage.
  var learnedTasks: [String] { get }
  /// How it learned in that stage, if it did so by and by.
  var curve: LearningCurve? { get }

  /// The names of a task's classes, or nothing if the model does not know the task.
  func classNames(of task: String) -> [String]?

  /// The rows that a task was learned from, or nil if the model does not know the task.
  func trainingData(of task: String) -> TrainingDataDigest?

  /// The probabilities of the classes for each row of a shard, row-major [rows, classes], and the
  /// mean cross-entropy.
  /// - Parameter threads: how many to use; changes no byte of the result.
  /// - Throws: ``UserError`` of kind `data` if the model does not know the shard's task and classes.
  func classify(
    _ shard: TokenShard, threads: Int
  ) throws -> (probabilities: [Float], loss: Double)

  /// The model as a file.
  /// - Throws: only if something cannot be put into JSON.
  func document() throws -> SafetensorsDocument
}

/// Reads a model of any kind: a file, or a folder with `model.safetensors`.
/// - Throws: ``UserError`` of kind `noInput` or `data`: everything that a model of its kind holds must
///   be there, and nothing else.
public func trainedModel(at path: String) throws -> any Classifier {
  let file = try modelFile(at: path)
  return file.metadata["kind"] == nil ? try Model(file) : try LinearModel(file)
}

/// The version of the model file format. Files of another version are refused.
let modelFormatVersion = "2"

/// Opens a model file of any kind.
func modelFile(at path: String) throws -> SafetensorsFile {
  let inFolder = isDirectory(path) == true
  let name = inFolder ? "\(path)/model.safetensors" : path
  guard FileManager.default.fileExists(atPath: name) else {
    throw UserError(
      .noInput, at: path, problem: inFolder ? "no model.safetensors in it" : "no such file",
      expected: "the output of train or finetune", hint: "run that first, or check the path")
  }
  let file = try SafetensorsFile(path: name)
  guard file.metadata["format"] == "model", file.metadata["version"] == modelFormatVersion
  else {
    throw UserError(
      .data, at: file.path,
      problem: "format “\(file.metadata["format"] ?? "none")”, version "
        + (file.metadata["version"] ?? "none"),
      expected: "a model of format version \(modelFormatVersion)",
      hint: "point at the output of train or finetune, or train an older model again")
  }
  return file
}

extension Model: Classifier {
  /// Its variant of the paper's network.
  public var kind: ModelKind { .network(configuration.variant) }
  /// The variant; or, fine-tuned from an encoder that learned nothing, the control.
  public var name: String {
    settings["train"]?.epochs == 0 ? "random encoder" : kind.rawValue
  }
  /// The stage of its last learning curve.
  public var stage: String { curve?.stage ?? "none" }
  /// The seed of that stage.
  public var seed: Int { settings[stage]?.seed ?? 0 }
  /// How it learned last.
  public var curve: LearningCurve? { curves.last }
  /// All tasks of its configuration.
  public var knownTasks: [String] { configuration.tasks.map(\.name) }
  /// The tasks of its last learning curve.
  public var learnedTasks: [String] {
    var seen: Set<String> = []
    return (curve?.points ?? []).map(\.task).filter { seen.insert($0).inserted }
  }

  /// The names of a task's classes, or nothing if the network does not know the task.
  public func classNames(of task: String) -> [String]? { configuration.task(task)?.classNames }

  /// The rows that a task was learned from, or nil if the network does not know the task.
  public func trainingData(of task: String) -> TrainingDataDigest? {
    configuration.task(task)?.trainingData
  }

  /// Rows are cut as in the network's last training.
  public func classify(
    _ shard: TokenShard, threads: Int
  ) throws -> (probabilities: [Float], loss: Double) {
    try check(shard)
    return predict(shard, threads: threads)
  }
}

extension Classifier {
  /// Its kind.
  public var name: String { kind.rawValue }

  /// Refuses rows of a task or of classes that the model does not know.
  /// - Throws: ``UserError`` of kind `data`.
  func check(_ shard: TokenShard) throws {
    guard let classNames = classNames(of: shard.task), classNames == shard.classNames else {
      throw UserError(
        .data, at: "the \(shard.split.rawValue) rows of “\(shard.task)”",
        problem: "classes \(shard.classNames)",
        expected: classNames(of: shard.task).map { "\($0), as the model learned" }
          ?? "a task of the model", hint: "train the model again on these rows")
    }
  }
}

/// A kind of model that the stage `train` can train.
public enum ModelKind: Hashable, Sendable {
  /// A variant of the paper's network.
  case network(Variant)
  /// A baseline.
  case baseline(Baseline)
}

extension ModelKind: RawRepresentable, CaseIterable, Encodable {
  /// The name of the kind, such as `dlnc` or `majority`.
  public var rawValue: String {
    switch self {
    case .network(let variant): variant.rawValue
    case .baseline(let baseline): baseline.rawValue
    }
  }

  /// The kind with this name.
  public init?(rawValue: String) {
    if let variant = Variant(rawValue: rawValue) {
      self = .network(variant)
    } else if let baseline = Baseline(rawValue: rawValue) {
      self = .baseline(baseline)
    } else {
      return nil
    }
  }

  /// All networks, then all baselines.
  public static var allCases: [ModelKind] {
    Variant.allCases.map(ModelKind.network) + Baseline.allCases.map(ModelKind.baseline)
  }
}

extension ModelKind {
  /// The name in tables, such as `DLNC`.
  public var displayName: String {
    switch self {
    case .network(.dlnc): "DLNC"
    case .network(.noTaskEmbedding): "No task embedding"
    case .network(.separateCell): "Separate classification cell"
    case .network(.lstmLinear): "LSTM+linear"
    case .baseline(.majority): "Majority class"
    case .baseline(.bagOfWords): "Bag of words"
    }
  }
}
