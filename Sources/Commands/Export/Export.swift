import ArgumentParser
import DLNC
import Safetensors
import Shards
import StageKit
import Support
import Tokenization
import TrainingKit

extension WeightType: ExpressibleByArgument {}

/// The format of an exported model.
enum ModelFormat: String, CaseIterable, ExpressibleByArgument {
  /// A model file as `train` writes it.
  case safetensors
  /// A file for onnxruntime and other runtimes, with a package in Python.
  case onnx
}

/// The stage `export`: reads a model, writes a model of less size, or for another program.
struct Export: StageCommand {
  static let version = 1
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a trained model in less space, or for other programs.",
    discussion: """
      With --format safetensors the output is read by predict, inspect, evaluate and the libraries like \
      any other model; finetune and vocab --base continue from it, too, in single precision. With \
      --format onnx it is a model.onnx of one task, and a package in Python that classifies texts with \
      onnxruntime. A shell has a command of the same name: start this program by its path, or with swift \
      run export.

      EXAMPLES
        export --checkpoint runs/paper/train --weights int8 --output runs/paper/small
        export --checkpoint runs/paper/train --prune-words 10000 --output small
        export --checkpoint runs/paper/finetune --task imdb --output imdb
        export --checkpoint runs/paper/finetune --format onnx --output imdb-onnx
      """,
    version: versionText("export", version))

  @Option(
    help: ArgumentHelp(
      "The model: the output of train or finetune.", valueName: "folder or file"))
  var checkpoint: InputPath

  @Option(
    help: """
      A task to keep; may be given several times. By default all tasks or, of --format onnx, the last \
      one that the model was trained on.
      """)
  var task: [String] = []

  @Option(help: "The format of the output.")
  var format = ModelFormat.safetensors

  @Option(
    help: """
      How weights are stored: in single precision, in its upper half (bf16), or as bytes with a factor \
      for each row (int8). Biases and norms are in single precision.
      """)
  var weights = WeightType.float32

  @Option(
    help: ArgumentHelp(
      "The number of words to keep, the most frequent ones. (default: all)", valueName: "count"))
  var pruneWords: Int?

  @Option(
    help: ArgumentHelp(
      "An output of vocab; with --prune-words, words are kept that are frequent in a task of it.",
      discussion:
        "By default those that are frequent in all training rows together. Can be repeated.",
      valueName: "folder"))
  var vocab: [InputPath] = []

  @Option(
    help: ArgumentHelp(
      "The number of n-grams of each task to keep, those with the greatest weights. (default: all)",
      valueName: "count"))
  var pruneNgrams: Int?

  @Option(
    help: ArgumentHelp(
      "An output of vocab, on whose validation rows the logits in onnxruntime have to be ours.",
      valueName: "folder"))
  var check: InputPath?

  @Option(help: "The Python with onnxruntime and numpy for --check, a path or a name on PATH.")
  var python = "python3"

  @OptionGroup(title: "Every stage") var shared: StageOptions

  /// The interpreter makes no difference to the output.
  func uses(_ flag: String) -> Bool { flag != "python" }

  func validate() throws {
    if format == .onnx {
      guard task.count < 2 else {
        throw ValidationError("--format onnx holds one task: name only one with --task.")
      }
      guard weights == .float32 else {
        throw ValidationError(
          "--weights \(weights.rawValue) is given with --format onnx, whose weights are in single "
            + "precision; leave it out.")
      }
    } else if check != nil {
      throw ValidationError("--check is given without --format onnx; add that, or leave it out.")
    }
    guard Set(task).count == task.count else {
      throw ValidationError("--task names one task twice: \(task.joined(separator: ", ")).")
    }
    guard vocab.isEmpty || pruneWords != nil else {
      throw ValidationError("--vocab says which words --prune-words keeps, which is not given.")
    }
    try validate(ranges: ["pruneWords": .count, "pruneNgrams": .count])
  }

  func run(output: AtomicDirectory, log: Log) throws -> ExportSummary {
    let model = try trainedModel(at: checkpoint.path)
    var options = ExportOptions()
    (options.tasks, options.words, options.ngrams) = (task, pruneWords, pruneNgrams)
    if format == .onnx { options.tasks = [try onlyTask(of: model)] }
    options.rows = try trainingRows(
      of: options.tasks.isEmpty ? model.knownTasks : options.tasks, model.vocabulary)
    let exported = try model.exported(options)
    let bytes =
      switch format {
      case .safetensors:
        try output.write(exported, weights: weights, settings: fingerprintOptions)
      case .onnx:
        try writeONNX(exported, task: options.tasks[0], to: output, log)
      }
    return ExportSummary(
      before: try ModelSize(model, at: checkpoint.path),
      after: ModelSize(exported, bytes: bytes))
  }

  /// The training rows of tasks in the folders of `--vocab`.
  private func trainingRows(of tasks: [String], _ vocabulary: Vocabulary) throws -> [TokenShard] {
    let rows = try vocab.flatMap { folder in
      let dataset = try TokenizedDataset(path: folder.path)
      guard vocabulary.extends(dataset.vocabulary) else {
        throw UserError(
          .data, at: "--vocab \(folder.path)", problem: "another vocabulary than that of the model",
          expected: "the output of vocab that the model was trained on")
      }
      return try dataset.tasks.filter(tasks.contains).compactMap { try dataset.shard($0, .train) }
    }
    if !vocab.isEmpty, let task = tasks.first(where: { task in !rows.contains { $0.task == task } })
    {
      throw UserError(
        .noInput, at: "--vocab", problem: "no training rows of “\(task)”",
        expected: "rows of each task that is kept, whose words could be left out otherwise",
        hint: "add the folder that it was trained on")
    }
    return rows
  }
}
