import ArgumentParser
import DLNC
import StageKit
import Support
import Tokenization
import Training
import TrainingKit

extension FineTuningOptions.Scope: ExpressibleByArgument {}

/// The stage `finetune`: reads a model and the rows of a task, writes the model with that task.
struct FineTune: StageCommand {
  static let version = 8
  static var processRole: ProcessRole { DistributedContext.processRole }
  static let libraries = [FingerprintEntry("products", productRounding)]
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract: "Adds a task to a trained model, or trains a known one on new rows.",
    discussion: """
      Trains only the task's layer norms in the encoder and its classification head; predictions for \
      the other tasks stay bytewise identical. A task that the model knows continues from its present \
      parameters. Writes model.safetensors, its model card README.md, and the learning curve as \
      metrics.jsonl and for TensorBoard.

      The flags whose default is auto follow from the recipe and the size of the training data. Their \
      values are printed and recorded in the model. The recipes, without what follows from the data:

      \(AutomaticFlags.recipes(isFineTuning: true))

      EXAMPLES
        finetune --checkpoint runs/paper/train --vocab runs/paper/imdb-vocab \\
          --output runs/paper/finetune
        finetune --checkpoint runs/paper/train --vocab runs/paper/imdb-vocab \\
          --task imdb --source yelp --output runs/paper/finetune
        finetune --checkpoint runs/mine/train --vocab runs/mine/new-vocab \\
          --task reviews --output runs/mine/update
      """,
    version: versionText("finetune", version, libraries: libraries))

  @Option(help: ArgumentHelp("The model to start from.", valueName: "folder or file"))
  var checkpoint: InputPath

  @Option(
    help: ArgumentHelp("The output of vocab --base, with the task's rows.", valueName: "folder"))
  var vocab: InputPath

  @Option(
    help: """
      The task to train. By default the only one of the folder that the model does not know, or the \
      only one of the folder.
      """)
  var task: String?

  @Option(
    help: """
      The task whose layer norms and classification part a new task starts from; or “none”. (default: \
      the model's first task)
      """)
  var source: String?

  @Option(help: "The parameters to train: the task's norms and head, or all that it uses.")
  var learn: FineTuningOptions.Scope = .norms

  @Flag(help: "Train the shared classification cell instead of a copy; changes the old tasks.")
  var shareCell = false

  @Flag(help: "Give a known task the classes of its rows that it does not have yet.")
  var addClasses = false

  @Option(help: "The factor of the learning rate for the encoder's weights (--learn all).")
  var encoderRate = 1.0

  @Option(help: "Freeze the encoder's weights and the word vectors for this many epochs.")
  var unfreezeAfter = TrainingSettings().unfreezeAfter

  @OptionGroup(title: "Training") var training: TrainingOptions
  @OptionGroup(title: "Every stage") var shared: StageOptions

  func validate() throws {
    try validate(ranges: ["encoderRate": .nonNegative, "unfreezeAfter": .nonNegative])
  }

  func run(output: AtomicDirectory, log: Log) throws -> TrainingSummary {
    try finetune(output, log)
  }

  func runWorker(log: Log) throws { _ = try finetune(nil, log) }

  /// - Parameter output: nil in a worker process, which writes nothing.
  private func finetune(_ output: AtomicDirectory?, _ log: Log) throws -> TrainingSummary {
    let model = try Model(path: checkpoint.path)
    let dataset = try TokenizedDataset(path: vocab.path)
    let task = try chosenTask(model, dataset)
    if output != nil {
      training.warn(aboutUnvalidated: try dataset.withoutValidation([task]), of: [task], log)
    }
    var options = FineTuningOptions()
    let isNew = model.configuration.task(task) == nil
    let first = isNew ? model.configuration.tasks.first?.name : nil
    options.source = isNew && source == "none" ? nil : source ?? first
    options.scope = learn
    (options.sharesCell, options.addsClasses) = (shareCell, addClasses)
    let size = try training.size(of: [task], in: dataset)
    var settings = try training.settings(
      for: size, model.configuration, keepsTestRows: dataset.keepsTestRows(of: [task]),
      isFineTuning: true)
    settings.encoderRate = encoderRate
    settings.unfreezeAfter = unfreezeAfter
    let flags = AutomaticFlags(training.recipe, settings)
    log.info("\(size.text); \(flags.text(notIn: fingerprintOptions))")
    var run = try training.run.start(output, log) { [epochs = settings.epochs] in
      progress($0, epoch: $1, of: epochs)
    }
    run.onTransfer = { log.report($0, of: task) }
    let (tuned, transfer) = try model.finetune(
      task, dataset: dataset, options: options, settings: settings, run: run)
    try output?.write(tuned, settings: flags.completing(fingerprintOptions))
    return try TrainingSummary(
      tuned, dataset, transfer: transfer, automatic: flags.text(notIn: fingerprintOptions))
  }

  private func chosenTask(_ model: Model, _ dataset: TokenizedDataset) throws -> String {
    if let task { return task }
    let unknown = dataset.tasks.filter { model.configuration.task($0) == nil }
    let candidates = unknown.isEmpty ? dataset.tasks : unknown
    guard let only = candidates.first, candidates.count == 1 else {
      throw UserError(
        .usage, at: "--vocab \(vocab.path)",
        problem: unknown.isEmpty
          ? "no task that the model does not know, and \(dataset.tasks.count) that it knows"
          : "new tasks: \(unknown.joined(separator: ", "))",
        expected: "one task to train", hint: "name it with --task")
    }
    return only
  }
}
