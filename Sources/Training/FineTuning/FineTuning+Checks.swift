import DLNC
import Support
import Tokenization

extension Model {
  /// Checks that a task can be fine-tuned.
  /// - Throws: ``UserError`` with exit status `usage` or `data`.
  func checkFineTuning(
    _ task: String, _ dataset: TokenizedDataset, _ options: FineTuningOptions
  ) throws {
    let tasks = configuration.tasks.map(\.name).joined(separator: ", ")
    if configuration.task(task) != nil {
      try checkKnown(task, options)
    } else if configuration.variant == .lstmLinear {
      throw UserError(
        .usage, at: "the model", problem: "lstm-linear, which has no norms of a task to fine-tune",
        expected: "dlnc, no-task-embedding or separate-cell",
        hint: "train lstm-linear from scratch on the new task with the stage train")
    }
    if let source = options.source, configuration.task(source) == nil {
      throw UserError(
        .usage, at: "--source", problem: "“\(source)”", expected: "a task of the model: \(tasks)")
    }
    guard dataset.vocabulary.extends(vocabulary), dataset.embedding.dimension == configuration.input
    else {
      throw UserError(
        .data, at: dataset.path,
        problem:
          "a vocabulary of \(dataset.vocabulary.count) words that does not begin with the model's "
          + "\(vocabulary.count)",
        expected: "the model's vocabulary, extended",
        hint: "run vocab with --base on the vocabulary that the model was trained with")
    }
  }

  /// Checks that a known task can be trained further without a change of the other tasks.
  private func checkKnown(_ task: String, _ options: FineTuningOptions) throws {
    let others = configuration.tasks.filter { $0.name != task }
    if configuration.variant == .lstmLinear, options.scope == .norms {
      throw UserError(
        .usage, at: "the model", problem: "lstm-linear, which has no norms of a task to fine-tune",
        expected: "--learn all, which trains all of it further", hint: "add --learn all")
    }
    if options.source != nil {
      throw UserError(
        .usage, at: "--source", problem: "given for “\(task)”, which the model has learned already",
        expected: "a new task; a known one starts from its own parameters", hint: "leave it out")
    }
    if options.scope == .all, !others.isEmpty {
      throw UserError(
        .usage, at: "--learn all",
        problem: "would change the other tasks of the model: \(quoted(others))",
        expected: "--learn norms, which trains only what “\(task)” alone uses",
        hint: "leave it out, or train a model of all tasks again with the stage train")
    }
    let hasOwnCell = configuration.task(task)?.ownCell == true
    let sharing = others.filter { !$0.ownCell }
    if options.sharesCell, hasOwnCell || !sharing.isEmpty {
      throw UserError(
        .usage, at: "--share-cell",
        problem: hasOwnCell
          ? "“\(task)” has its own classification cell"
          : "would change the other tasks that use the shared cell: \(quoted(sharing))",
        expected: "“\(task)” alone to be trained", hint: "leave it out")
    }
  }

  private func quoted(_ tasks: [TaskDescription]) -> String {
    tasks.map { "“\($0.name)”" }.joined(separator: ", ")
  }
}
