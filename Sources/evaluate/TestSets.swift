import DLNC
import Shards
import Support
import Tokenization

/// The rows that models can be tested on: those of the folders given as `--vocab`.
///
/// The test rows of one way to divide the data are training rows of another, and two divisions may
/// even share a vocabulary. So a model is only tested on rows that lie beside the very training rows
/// that it learned the task from.
struct TestSets {
  private struct Folder {
    let lexicon: TokenizedDataset
    /// The training rows of each task, if there are any.
    var origins: [String: TrainingDataDigest] = [:]
    /// How each task is divided.
    var setups: [String: String] = [:]
  }

  private let folders: [Folder]

  /// Looks through the outputs of vocab at `paths`.
  /// - Throws: ``UserError`` of kind `noInput` or `data`.
  init(paths: [String]) throws {
    folders = try paths.map { path in
      var folder = Folder(lexicon: try TokenizedDataset(path: path))
      for task in folder.lexicon.tasks {
        folder.origins[task] = try folder.lexicon.shard(task, .train).map {
          try TrainingDataDigest($0)
        }
        folder.setups[task] = try folder.lexicon.splitScheme(of: task)
      }
      return folder
    }
  }

  /// The folder with the rows of a task that a model learned, and how they are divided.
  /// - Throws: ``UserError`` of kind `noInput` if no folder has the task, of kind `data` if the model
  ///   learned it from other rows, or if that cannot be told.
  func find(
    _ task: String, for model: any Classifier, at path: String
  ) throws -> (lexicon: TokenizedDataset, splitScheme: String) {
    let holders = folders.filter { $0.lexicon.tasks.contains(task) }
    let fitting = holders.filter { model.vocabulary.extends($0.lexicon.vocabulary) }
    guard let first = fitting.first else { throw absent(task, at: path, holders) }
    guard let origin = model.trainingData(of: task) else {
      // A file from before origins were noted: its words must tell.
      guard fitting.allSatisfy({ $0.origins[task] == first.origins[task] }) else {
        throw UserError(
          .data, at: path,
          problem: "a model that does not note its rows, and “\(task)” divided in several ways",
          expected: "one --vocab with the rows of “\(task)”",
          hint: "train the model again, or test it with only the rows that it was trained on")
      }
      return (first.lexicon, first.setups[task] ?? "")
    }
    guard let folder = fitting.first(where: { $0.origins[task] == origin }) else {
      throw UserError(
        .data, at: path,
        problem: "a model that learned “\(task)” from \(described(origin)), where "
          + fitting.map { "\($0.lexicon.path) has \(described($0.origins[task]))" }
          .joined(separator: " and "),
        expected: "the rows that it learned from, beside those that it has never seen",
        hint: "add the output of vocab that the model was trained on with --vocab")
    }
    return (folder.lexicon, origin.splitScheme)
  }

  private func absent(_ task: String, at path: String, _ holders: [Folder]) -> UserError {
    UserError(
      holders.isEmpty ? .noInput : .data, at: path,
      problem: holders.isEmpty
        ? "a model of the task “\(task)”, and no --vocab with its rows"
        : "a model of the task “\(task)” with another vocabulary than \(holders[0].lexicon.path)",
      expected: "the output of vocab that the model was trained on",
      hint: "add it with --vocab")
  }

  private func described(_ origin: TrainingDataDigest?) -> String {
    guard let origin else { return "no training rows" }
    let splitScheme = origin.splitScheme.isEmpty ? "" : "\(origin.splitScheme), "
    return "\(origin.rows) rows (\(splitScheme)SHA-256 \(origin.sha256.prefix(8))…)"
  }
}

extension TokenizedDataset {
  /// How the rows of a task are divided.
  fileprivate func splitScheme(of task: String) throws -> String {
    for split in Split.allCases {
      if let shard = try shard(task, split) { return shard.splitScheme }
    }
    return ""
  }
}
