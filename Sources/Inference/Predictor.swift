import Datasets
import Shards
import Tokenization
import DLNC
import Support

/// A trained model of any kind, ready for new text of one of its tasks.
public struct Predictor {
  /// The task that texts are judged for.
  public let task: String
  /// The names of its classes.
  public let classNames: [String]
  /// The other tasks that the model knows.
  public let otherTasks: [String]
  /// How text becomes words.
  public let tokenizer: Tokenizer
  /// Whether the model file does not say how text becomes words, so that the usual way was taken.
  public let isTokenizerAssumed: Bool
  /// What the model is called.
  public var name: String { model.name }

  private let path: String
  private let model: any Classifier
  private let vocabulary: Vocabulary
  private let threads: Int
  private let tokens = TokenBuffer()

  /// Reads a model.
  /// - Parameters:
  ///   - path: a file, or a folder with `model.safetensors`.
  ///   - task: a task that the model knows; by default the last one that it learned.
  ///   - threads: how many to use; changes no byte of a result.
  /// - Throws: ``UserError`` of kind `noInput`, `data` or, for an unknown task, `usage`.
  public init(path: String, task: String? = nil, threads: Int) throws {
    let model = try trainedModel(at: path)
    guard let last = model.learnedTasks.last ?? model.knownTasks.last else {
      throw UserError(
        .data, at: path, problem: "a model without a task", expected: "a trained model")
    }
    let chosen = task ?? last
    guard let classNames = model.classNames(of: chosen) else {
      throw UserError(
        .usage, at: "--task \(chosen)", problem: "a task that the model does not know",
        expected: "one of: \(model.knownTasks.joined(separator: ", "))")
    }
    var metadata = model.words.metadata
    isTokenizerAssumed = metadata["tokenizer"] == nil
    if isTokenizerAssumed { metadata.merge(Tokenizer(.ptb).metadata) { stored, _ in stored } }
    vocabulary = try Vocabulary(
      text: model.words.text, offsets: model.words.offsets, counts: model.words.counts,
      metadata: metadata, path: path)
    tokenizer = vocabulary.tokenizer
    otherTasks = model.knownTasks.filter { $0 != chosen }
    (self.task, self.classNames, self.path) = (chosen, classNames, path)
    (self.model, self.threads) = (model, threads)
  }

  /// The numbers of the words of a cleaned text, as the stage `vocab` numbers those of examples; a
  /// text without a word is one unknown word.
  public func words(of text: [UInt8]) -> [Int32] {
    text.withUnsafeBufferPointer { vocabulary.ids(of: $0, using: tokens) }
  }

  /// The probabilities of the classes for rows of word numbers, row-major [rows, classes]. No row's
  /// result depends on the others.
  /// - Throws: ``UserError`` of kind `data` if the model gives what is no probability.
  public func probabilities(of rows: [[Int32]]) throws -> [Float] {
    var offsets: [Int64] = [0]
    for row in rows { offsets.append(offsets[offsets.count - 1] + Int64(row.count)) }
    let shard = TokenShard(
      ShardHeader(task: task, split: .test, classNames: classNames),
      elements: rows.flatMap { $0 },
      offsets: offsets,
      labels: Array(repeating: 0, count: rows.count),
      textIDs: Array(repeating: 0, count: rows.count))
    let probabilities = try model.classify(shard, threads: threads).probabilities
    // A hair above 1 is what rounding leaves of a softmax.
    if let bad = probabilities.first(where: { !($0 >= 0 && $0 <= 1.001) }) {
      throw UserError(
        .data, at: path, problem: "the probability \(bad)", expected: "a number from 0 to 1",
        hint: "the model may have diverged while it was trained; train it again")
    }
    return probabilities
  }
}
