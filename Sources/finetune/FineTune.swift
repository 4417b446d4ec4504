import ArgumentParser
import DLNC
import StageKit
import Support
import TrainingKit

extension FineTuningOptions.Scope: ExpressibleByArgument {}

/// The stage `finetune`: a model and a further task in, the model with that task out.
@main
struct FineTune: StageCommand {
  static let version = 4
  static var company: ProcessRole { Processes.company }
  static let libraries = [Setting("products", productRounding)]
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract: "Teaches a trained model a further task.",
    discussion: """
      Only the task's norms in the encoder and its classification part learn; the model's other \
      tasks keep their predictions to the byte. Writes model.safetensors, its card README.md, \
      metrics.jsonl and the same for TensorBoard.

      EXAMPLES
        finetune --task imdb --source yelp
        finetune --checkpoint runs/paper/train --vocab runs/paper/imdb-vocab
      """,
    version: versionText("finetune", version, libraries: libraries))

  @Option(help: ArgumentHelp("The model to start from.", valueName: "folder or file"))
  var checkpoint = "runs/quickstart/train"

  @Option(
    help: ArgumentHelp("The output of vocab --base, with the task's rows.", valueName: "folder"))
  var vocab = "runs/quickstart/imdb-vocab"

  @Option(help: "The new task. By default the only one of the folder that the model does not know.")
  var task: String?

  @Option(help: "The task of the model to copy norms and classification part from; or “none”.")
  var source: String?

  @Option(help: "What learns: the new task's norms and classification part, or all it uses.")
  var learn: FineTuningOptions.Scope = .norms

  @Flag(help: "Train the shared classification cell instead of a copy; changes the old tasks.")
  var shareCell = false

  @Option(help: "What the learning rate is multiplied by for the encoder's weights (--learn all).")
  var encoderRate = 1.0

  @Option(help: "Let the encoder's weights and word vectors learn only after so many epochs.")
  var unfreezeAfter = TrainingSettings().unfreezeAfter

  @OptionGroup(title: "Training") var training: TrainingOptions
  @OptionGroup(title: "Every stage") var shared: StageOptions

  var defaultOutput: String { "runs/quickstart/finetune" }

  var inputs: [StageInput] {
    [StageInput("checkpoint", checkpoint), StageInput("vocab", vocab)]
  }

  var settings: [Setting] {
    [
      Setting("task", task ?? "the new one"), Setting("source", source ?? "the first"),
      Setting("learn", learn.rawValue), Setting("share-cell", shareCell),
      Setting("encoder-rate", encoderRate), Setting("unfreeze-after", unfreezeAfter),
    ] + training.fingerprint
  }

  func validate() throws {
    let most = 1_000_000_000
    guard (0...Double(most)).contains(encoderRate) else {
      throw ValidationError("--encoder-rate is \(encoderRate); it must be from 0 to \(most).")
    }
    guard (0...most).contains(unfreezeAfter) else {
      throw ValidationError("--unfreeze-after is \(unfreezeAfter); it must be from 0 to \(most).")
    }
  }

  func produce(in output: AtomicDirectory, log: Log) throws -> TrainingSummary {
    let model = try Model(path: checkpoint)
    let lexicon = try TokenizedDataset(path: vocab)
    let task = try newTask(model, lexicon)
    var how = FineTuningOptions()
    how.source = source == "none" ? nil : source ?? model.configuration.tasks.first?.name
    how.scope = learn
    how.sharesCell = shareCell
    var settings = training.settings
    settings.encoderRate = encoderRate
    settings.unfreezeAfter = unfreezeAfter
    let (tuned, adoption) = try model.finetune(
      task, lexicon: lexicon, how: how, settings: settings, threads: training.threadCount,
      crew: Processes.crew, keeper: training.keeper(output.checkpoint, log),
      describe: { describe($0, task, log) }, watch: training.watcher(log)
    ) { curve, epoch in
      try output.write(curve)
      log.info(progress(curve, epoch: epoch, of: settings.epochs))
    }
    try output.write(tuned, settings: self.settings)
    return TrainingSummary(tuned, adoption: adoption)
  }

  private func describe(_ adoption: TransferReport, _ task: String, _ log: Log) {
    for (what, names) in [
      ("taken", adoption.taken), ("fresh", adoption.fresh), ("learns", adoption.trained),
      ("frozen", adoption.frozen),
    ] {
      for name in names { log.info("\(what) \(name)") }
    }
    log.info(
      "\(task): \(adoption.taken.count) parameters taken, \(adoption.fresh.count) fresh, "
        + "\(adoption.trained.count) learn, \(adoption.frozen.count) frozen; "
        + "\(adoption.newWords) new words beside \(adoption.oldWords)")
  }

  private func newTask(_ model: Model, _ lexicon: TokenizedDataset) throws -> String {
    if let task { return task }
    let unknown = lexicon.tasks.filter { model.configuration.task($0) == nil }
    guard let only = unknown.first else {
      throw UserError(
        .usage, at: "--vocab \(vocab)", problem: "no task that the model does not know",
        expected: "the rows of a new task",
        hint: "name the output of vocab --base that was made for the new task")
    }
    guard unknown.count == 1 else {
      throw UserError(
        .usage, at: "--vocab \(vocab)", problem: "new tasks: \(unknown.joined(separator: ", "))",
        expected: "one new task", hint: "name it with --task")
    }
    return only
  }
}
