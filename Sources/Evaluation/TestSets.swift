import DLNC
import Shards
import Support
import Tokenization

/// The rows that models can be evaluated on: the folders given as `--vocab`.
///
/// The test rows of one split scheme are training rows of another, and two schemes can share a
/// vocabulary. A model is therefore evaluated only on rows from the folder that holds the training
/// rows it learned the task from.
struct TestSets {
  private struct Folder {
    let dataset: TokenizedDataset
    /// The digests of the rows that each task can be learned from: the training rows, or these and the
    /// validation rows.
    var trainingData: [String: [TrainingDataDigest]] = [:]

    func holds(_ digest: TrainingDataDigest, of task: String) -> Bool {
      trainingData[task]?.contains(digest) == true
    }
  }

  private let folders: [Folder]

  /// Reads the outputs of `vocab` at `paths`.
  /// - Throws: ``UserError`` with exit status `noInput` or `data`.
  init(paths: [String]) throws {
    folders = try paths.map { path in
      var folder = Folder(dataset: try TokenizedDataset(path: path))
      for task in folder.dataset.tasks {
        guard let train = try folder.dataset.shard(task, .train) else { continue }
        folder.trainingData[task] = [try TrainingDataDigest(train)]
        if let validation = try folder.dataset.shard(task, .validation) {
          folder.trainingData[task]?.append(try TrainingDataDigest(train, validation))
        }
      }
      return folder
    }
  }

  /// Returns the folder with the rows of a task that a model learned, and their split scheme.
  /// - Throws: ``UserError`` with exit status `noInput` if no folder has the task, or `data` if the
  ///   model learned it from other rows.
  func find(
    _ task: String, for model: any Classifier, at path: String
  ) throws -> (dataset: TokenizedDataset, splitScheme: String) {
    let candidates = folders.filter { $0.dataset.tasks.contains(task) }
    let matching = candidates.filter { model.vocabulary.reads($0.dataset.vocabulary) }
    guard !matching.isEmpty else { throw missingTask(task, at: path, candidates) }
    let digest = model.trainingData(of: task)
    guard let digest, let folder = matching.first(where: { $0.holds(digest, of: task) })
    else {
      throw UserError(
        .data, at: path,
        problem: "a model that learned “\(task)” from \(describe(digest)), where "
          + matching.map { "\($0.dataset.path) has \(describe($0.trainingData[task]?.first))" }
          .joined(separator: " and "),
        expected: "the output of vocab that the model was trained on",
        hint: "add it with --vocab")
    }
    return (folder.dataset, digest.splitScheme)
  }

  /// Whether there are no folders.
  var isEmpty: Bool { folders.isEmpty }

  /// The folder with these training rows of a task, if a model can read its tokens.
  func folder(
    of task: String, with digest: TrainingDataDigest, for model: any Classifier
  ) -> TokenizedDataset? {
    folders.first {
      $0.holds(digest, of: task) && model.vocabulary.reads($0.dataset.vocabulary)
    }?.dataset
  }

  /// A warning for each folder whose rows no model was trained on.
  func unused(except used: Set<String>) -> [String] {
    folders.map(\.dataset).filter { !used.contains($0.path) }.map { dataset in
      "--vocab \(dataset.path) is not used: no model was trained on its rows of "
        + "\(dataset.tasks.joined(separator: ", ")), and a model is only tested on rows of the data that "
        + "it was trained on; leave it out, or add a model trained on it"
    }
  }

  private func missingTask(_ task: String, at path: String, _ candidates: [Folder]) -> UserError {
    UserError(
      candidates.isEmpty ? .noInput : .data, at: path,
      problem: candidates.first.map {
        "a model of the task “\(task)” with another vocabulary than \($0.dataset.path)"
      } ?? "a model of the task “\(task)”, and no --vocab with its rows",
      expected: "the output of vocab that the model was trained on", hint: "add it with --vocab")
  }

  private func describe(_ digest: TrainingDataDigest?) -> String {
    guard let digest else { return "no training rows" }
    let splitScheme = digest.splitScheme.isEmpty ? "" : "\(digest.splitScheme), "
    return "\(digest.rows) rows (\(splitScheme)SHA-256 \(digest.sha256.prefix(8))…)"
  }
}
