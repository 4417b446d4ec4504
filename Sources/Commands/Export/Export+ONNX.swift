import DLNC
import ONNX
import StageKit
import Support
import Tokenization

extension Export {
  /// The task to export in the format ONNX.
  /// - Throws: ``UserError`` with exit status `data` if the model has no task.
  func onlyTask(of model: any Classifier) throws -> String {
    guard let name = task.first ?? model.learnedTasks.last ?? model.knownTasks.last else {
      throw UserError(
        .data, at: checkpoint.path, problem: "a model without a task", expected: "a trained model")
    }
    return name
  }

  /// Writes a model with one task in the format ONNX and, with `--check`, compares its logits.
  /// - Returns: the size of the file of the model.
  /// - Throws: ``UserError`` with exit status `usage` if the model reads no words or is too large, or `io`;
  ///   and those of the comparison.
  func writeONNX(
    _ model: any Classifier, task: String, to output: AtomicDirectory, _ log: Log
  ) throws -> Int {
    let files = try onnxFiles(of: model, task: task)
    for file in files { try output.write(file.content, to: file.name) }
    if let check { try compare(model, task: task, in: output, onRowsOf: check.path, log) }
    return files[0].content.count
  }

  /// Compares the exported model in onnxruntime with `model` on the validation rows of its task.
  /// - Throws: ``UserError`` with exit status `noInput` or `data` if there are no such rows, `unavailable` if
  ///   Python or a package is missing, or `software` if a logit differs.
  private func compare(
    _ model: any Classifier, task: String, in output: AtomicDirectory, onRowsOf path: String,
    _ log: Log
  ) throws {
    let dataset = try TokenizedDataset(path: path)
    guard model.vocabulary.reads(dataset.vocabulary) else {
      throw UserError(
        .data, at: "--check \(path)", problem: "words that the model does not have",
        expected: "the output of vocab that the model was trained on")
    }
    guard let rows = try dataset.shard(task, .validation) else {
      throw UserError(
        .noInput, at: "--check \(path)", problem: "no validation rows of the task “\(task)”",
        expected: "the output of vocab that the model was trained on",
        hint: "name another one, or leave out --check")
    }
    let check = try ONNXCheck(
      of: output.stagingPath, model, on: model.vocabulary.mapped(rows, from: dataset),
      python: python, threads: processorCount)
    log.notice(
      "onnxruntime \(check.runtime): the logits of \(NumberFormat.grouped(check.rows)) validation rows "
        + "differ by at most \(NumberFormat.fixed(check.difference * 1e6, 1))e-6")
    log.notice(
      check.checker.map { "the checker of onnx \($0) accepts the file" }
        ?? "the package onnx is not installed, so its checker did not read the file")
  }
}
