import ArgumentParser
import DLNC
import Safetensors
import StageKit
import Support
import TrainingKit

extension WeightType: ExpressibleByArgument {}

/// The format of an exported model.
enum ModelFormat: String, CaseIterable, ExpressibleByArgument {
  /// A model file as `train` writes it.
  case safetensors
}

/// The stage `export`: reads a model, writes a model of less size, or for another program.
@main
struct Export: StageCommand {
  static let version = 1
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a trained model in less space, or for other programs.",
    discussion: """
      The output is read by predict, inspect, evaluate and the libraries like any other model. With \
      --format safetensors, finetune and vocab --base continue from it, too, in single precision. A shell \
      has a command of the same name: start this program by its path, or with swift run export.

      EXAMPLES
        export --checkpoint runs/paper/train --weights int8 --output runs/paper/small
        export --checkpoint runs/paper/train --prune-words 10000 --output small
        export --checkpoint runs/paper/finetune --task imdb --output imdb
      """,
    version: versionText("export", version))

  @Option(
    help: ArgumentHelp(
      "The model: the output of train or finetune.", valueName: "folder or file"))
  var checkpoint: InputPath

  @Option(help: "A task to keep; may be given several times. By default all tasks.")
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
      "The number of n-grams of each task to keep, those with the greatest weights. (default: all)",
      valueName: "count"))
  var pruneNgrams: Int?

  @OptionGroup(title: "Every stage") var shared: StageOptions

  func validate() throws {
    guard Set(task).count == task.count else {
      throw ValidationError("--task names one task twice: \(task.joined(separator: ", ")).")
    }
    try validate(ranges: ["pruneWords": .count, "pruneNgrams": .count])
  }

  func run(output: AtomicDirectory, log: Log) throws -> ExportSummary {
    let model = try trainedModel(at: checkpoint.path)
    var options = ExportOptions()
    (options.tasks, options.words, options.ngrams) = (task, pruneWords, pruneNgrams)
    let exported = try model.exported(options)
    return ExportSummary(
      before: ModelSize(model, bytes: try modelFileSize(at: checkpoint.path)),
      after: ModelSize(
        exported,
        bytes: try output.write(exported, weights: weights, settings: fingerprintOptions)))
  }
}
