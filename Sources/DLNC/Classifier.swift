import Foundation
import Safetensors
import Shards
import Support
import Tokenization

/// A trained model of any kind, which can be saved and used for predictions.
public protocol Classifier: Sendable {
  /// The kind of model.
  var kind: ModelKind { get }
  /// The name in tables: the kind, unless there is more to say.
  var name: String { get }
  /// The words that it knows, with their tokenizer.
  var vocabulary: Vocabulary { get }
  /// The stage that it went through last, `train` or `finetune`.
  var stage: String { get }
  /// The seed of that stage.
  var seed: Int { get }
  /// All tasks, in the order in which they were learned.
  var knownTasks: [String] { get }
  /// The tasks learned in the last stage.
  var learnedTasks: [String] { get }
  /// The learning curve of the last stage; nil for models fitted without epochs.
  var curve: LearningCurve? { get }

  /// The names of a task's classes, or nil if the model does not know the task.
  func classNames(of task: String) -> [String]?

  /// The rows that a task was learned from, or nil if the model does not know the task.
  func trainingData(of task: String) -> TrainingDataDigest?

  /// The other rows that earlier stages trained a task on.
  func earlierTrainingData(of task: String) -> [TrainingDataDigest]

  /// The temperature of a task's probabilities; nil if the task is unknown or not calibrated.
  func calibration(of task: String) -> TemperatureScaling?

  /// Why a task is not calibrated, if its validation rows are not like its training rows.
  func validationShift(of task: String) -> ValidationShift?

  /// The probabilities from which on a row gets the labels of a multi-label task; nil if the task is
  /// unknown or gives each row one class.
  func labelThresholds(of task: String) -> LabelThresholds?

  /// Computes the class probabilities of each row of a shard without the temperature of its task,
  /// [rows, C], and the mean cross-entropy. In a multi-label task the classes have separate
  /// probabilities, and the cross-entropy of a row is the sum of those of its classes.
  /// - Parameter threads: the number of threads; does not change the result.
  /// - Throws: ``UserError`` with exit status `data` if the model does not know the shard's task and
  ///   classes.
  func classifyUncalibrated(
    _ shard: TokenShard, threads: Int
  ) throws -> (probabilities: [Float], loss: Double)

  /// The model as a file.
  /// - Throws: an error if a value cannot be encoded as JSON.
  func document() throws -> SafetensorsDocument

  /// The number of parameters, with the word vectors.
  var parameterCount: Int { get }

  /// The model with some of its tasks.
  func keeping(tasks: Set<String>) -> Self
  /// The model with some of its words; all others become unknown.
  /// - Parameter ids: the ids of the words, ascending, 0 among them.
  func keeping(words ids: [Int]) -> Self
  /// The model with at most this many n-grams of each task; see ``exported(_:)``.
  func keeping(ngrams count: Int) -> Self
}

/// Reads a model of any kind from a file or from a folder with `model.safetensors`.
/// - Parameter precision: the precision of the matrix products of a network; a linear model has none.
/// - Throws: ``UserError`` with exit status `noInput`, or `data` unless the file holds exactly the
///   tensors of its configuration.
public func trainedModel(
  at path: String, precision: ProductPrecision = .float32
) throws -> any Classifier {
  let file = try modelFile(at: path)
  try file.refusePretrained()
  guard file.metadata["kind"] == nil else { return try LinearModel(file) }
  var network = try Model(file)
  network.precision = precision
  return network
}

extension SafetensorsFile {
  /// Checks that a model file holds a classifier.
  /// - Throws: ``UserError`` with exit status `data`.
  func refusePretrained() throws {
    guard metadata["kind"] == pretrainedEncoderKind else { return }
    throw UserError(
      .data, at: path, problem: "a pretrained encoder, which has no classes",
      expected: "the output of train or finetune",
      hint: "train a model that starts from it with train --pretrained")
  }
}

/// The value of the metadata key `kind` of a pretrained encoder, which is no classifier.
package let pretrainedEncoderKind = "pretrained"

/// The version of the model file format. Files of other versions cannot be read.
/// - Parameter hasLabelSets: whether a task is multi-label; earlier programs would not notice.
package func modelFormatVersion(hasLabelSets: Bool = false) -> String { hasLabelSets ? "3" : "2" }

/// The version of a model file whose weights are not in single precision.
let compactFormatVersion = "4"

/// Opens a model file of any kind.
/// - Throws: ``UserError`` with exit status `noInput` or `data`.
package func modelFile(at path: String) throws -> SafetensorsFile {
  let inFolder = isDirectory(path) == true
  let name = inFolder ? "\(path)/model.safetensors" : path
  guard FileManager.default.fileExists(atPath: name) else {
    throw UserError(
      .noInput, at: path, problem: inFolder ? "no model.safetensors in it" : "no such file",
      expected: "the output of train or finetune", hint: "run that first, or check the path")
  }
  let file = try SafetensorsFile(path: name, mapped: true)
  let versions = [false, true].map(modelFormatVersion) + [compactFormatVersion]
  guard file.metadata["format"] == "model", versions.contains(file.metadata["version"] ?? "")
  else {
    // All files of this project have a version.
    let version = file.metadata["version"]
    let isNewer =
      file.metadata["format"] == "model"
      && (version.flatMap(Int.init) ?? 0) > (Int(compactFormatVersion) ?? 0)
    throw UserError(
      .data, at: file.path,
      problem: "format “\(file.metadata["format"] ?? "none")”, version "
        + (file.metadata["version"] ?? "none") + (file.foreignTensor.map { ", with \($0)" } ?? ""),
      expected: "a model of format version \(versions.dropLast().joined(separator: ", ")) or "
        + compactFormatVersion,
      hint: version == nil
        ? "this is a file of another program; point at the output of train or finetune"
        : isNewer
          ? "this model was made by a newer version of this program; use that version or a later one"
          : "point at the output of train or finetune, or train an older model again")
  }
  return file
}

extension Model: Classifier {
  /// The variant of the network.
  public var kind: ModelKind { .network(configuration.variant) }
  /// The variant; “random encoder” for the control whose encoder was not trained.
  public var name: String {
    settings["train"]?.epochs == 0 ? "random encoder" : kind.rawValue
  }
  /// The number of parameters, with the word vectors.
  public var parameterCount: Int { parameterCounts.withVectors }
  /// The stage of the last learning curve.
  public var stage: String { curve?.stage ?? "none" }
  /// The seed of that stage.
  public var seed: Int { settings[stage]?.seed ?? 0 }
  /// The last learning curve.
  public var curve: LearningCurve? { curves.last }
  /// All tasks of the configuration.
  public var knownTasks: [String] { configuration.tasks.map(\.name) }
  /// The tasks of the last learning curve.
  public var learnedTasks: [String] { curve?.tasks ?? [] }

  /// The names of a task's classes, or nil if the network does not know the task.
  public func classNames(of task: String) -> [String]? { configuration.task(task)?.classNames }

  /// The rows that a task was learned from, or nil if the network does not know the task.
  public func trainingData(of task: String) -> TrainingDataDigest? {
    configuration.task(task)?.trainingData
  }

  /// The other rows that earlier stages trained a task on.
  public func earlierTrainingData(of task: String) -> [TrainingDataDigest] {
    configuration.task(task)?.earlierTrainingData ?? []
  }

  /// The temperature of a task's probabilities; nil if the task is unknown or not calibrated.
  public func calibration(of task: String) -> TemperatureScaling? {
    configuration.task(task)?.calibration
  }

  /// Why a task is not calibrated, if its validation rows are not like its training rows.
  public func validationShift(of task: String) -> ValidationShift? {
    configuration.task(task)?.validationShift
  }

  /// The thresholds of a multi-label task; nil for any other.
  public func labelThresholds(of task: String) -> LabelThresholds? {
    configuration.task(task)?.labelThresholds
  }

  /// Rows have the maximum length of the task's training.
  public func classifyUncalibrated(
    _ shard: TokenShard, threads: Int
  ) throws -> (probabilities: [Float], loss: Double) {
    try checkRows(shard)
    return predict(shard, threads: threads)
  }

  /// Checks that the network knows the task and the classes of a shard, which has all that it reads.
  /// - Throws: ``UserError`` with exit status `data`.
  func checkRows(_ shard: TokenShard) throws {
    try check(shard)
    if configuration.ngrams?.characters != nil { try shard.requireUnknownWords() }
  }
}

extension Classifier {
  /// None: only a network can be trained further.
  public func earlierTrainingData(of task: String) -> [TrainingDataDigest] { [] }

  /// The name of the kind.
  public var name: String { kind.rawValue }

  /// The validation results of the parameters that were kept; nil without validation rows. The accuracy of
  /// a multi-label task is its micro-F1 with the thresholds that were chosen on these rows.
  public func validationScore(of task: String) -> (accuracy: Double, loss: Double)? {
    guard var score = plainValidationScore(of: task) else { return nil }
    score.accuracy = labelThresholds(of: task)?.microF1 ?? score.accuracy
    return score
  }

  private func plainValidationScore(of task: String) -> (accuracy: Double, loss: Double)? {
    if let curve {
      let point = curve.points.first { $0.epoch == curve.bestEpoch && $0.task == task }
      guard let accuracy = point?.validationAccuracy, let loss = point?.validationLoss else {
        return nil
      }
      return (accuracy, loss)
    }
    guard let fit = (self as? LinearModel)?.tasks.first(where: { $0.name == task }),
      fit.trials.indices.contains(fit.kept),
      let accuracy = fit.trials[fit.kept].validationAccuracy,
      let loss = fit.trials[fit.kept].validationLoss
    else { return nil }
    return (accuracy, loss)
  }

  /// Checks that the model knows the task and the classes of a shard.
  /// - Throws: ``UserError`` with exit status `data`.
  func check(_ shard: TokenShard) throws {
    let isMultiLabel = labelThresholds(of: shard.task) != nil
    if classNames(of: shard.task) != nil, isMultiLabel != shard.isMultiLabel {
      throw kindError(shard, isMultiLabel: isMultiLabel)
    }
    guard let classNames = classNames(of: shard.task), classNames == shard.classNames else {
      throw UserError(
        .data, at: "the \(shard.split.rawValue) rows of “\(shard.task)”",
        problem: "classes \(shard.classNames)",
        expected: classNames(of: shard.task).map { "\($0), as the model learned" }
          ?? "a task of the model", hint: "train the model again on these rows")
    }
  }
}

/// The error that only one of model and rows is multi-label.
package func kindError(_ shard: TokenShard, isMultiLabel: Bool) -> UserError {
  func kind(_ isMultiLabel: Bool) -> String {
    isMultiLabel ? "any number of classes a row (multi-label)" : "one class a row"
  }
  return UserError(
    .data, at: "the \(shard.split.rawValue) rows of “\(shard.task)”",
    problem: kind(shard.isMultiLabel),
    expected: "\(kind(isMultiLabel)), as the model learned",
    hint: "make both with the same --multi-label of ingest, or give the task another name")
}

/// Identifies the rows that a model learned a task from. The test rows of one split scheme may be
/// training rows of another, so a model must only be tested on rows that belong to the same split.
public struct TrainingDataDigest: Codable, Equatable, Sendable {
  /// The split scheme, such as `official`; see ``TokenShard/splitScheme``.
  public var splitScheme: String
  /// The number of rows.
  public var rows: Int
  /// The SHA-256 of the file of the training rows without their IDs; for several files, and if the
  /// validation rows were learned from, too, that of their concatenation.
  public var sha256: String
  /// The number of validation rows among the rows that were learned from; nil for none.
  public var validationRows: Int?

  package init(splitScheme: String, rows: Int, sha256: String, validationRows: Int? = nil) {
    (self.splitScheme, self.rows) = (splitScheme, rows)
    (self.sha256, self.validationRows) = (sha256, validationRows)
  }
}

extension TrainingDataDigest {
  /// The digest of training rows and, if they were learned from, too, validation rows.
  /// - Throws: an error if the class names cannot be encoded as JSON.
  public init(_ train: TokenShard, _ validation: TokenShard? = nil) throws {
    splitScheme = train.splitScheme
    rows = train.count + (validation?.count ?? 0)
    validationRows = validation?.count
    var hash = SHA256()
    for part in train.parts + (validation?.parts ?? []) {
      hash.update(data: try part.document(includesIDs: false).encoded())
    }
    sha256 = hash.finalize().hexadecimal
  }
}
