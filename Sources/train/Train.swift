import ArgumentParser
import DLNC
import StageKit
import Support
import TrainingKit

/// The stage `train`: token shards and word vectors in, a model out.
@main
struct Train: StageCommand {
  static let version = 4
  static var company: ProcessRole { Processes.company }
  static let libraries = [Setting("products", productRounding)]
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains one classifier on several tasks at once.",
    discussion: """
      Reads the output of vocab, writes model.safetensors, its card README.md, metrics.jsonl and \
      the same for TensorBoard. The defaults are the paper's.

      EXAMPLES
        train                                      the tasks of the quickstart
        train --vocab runs/paper/vocab --seed 2   another seed
        train --vocab runs/paper/vocab --model lstm-linear --task yelp
        train --vocab runs/paper/vocab --model bag-of-words
      """,
    version: versionText("train", version, libraries: libraries))

  @Option(help: ArgumentHelp("The output of vocab.", valueName: "folder"))
  var vocab = "runs/quickstart/vocab"

  @Option(help: "A task to train on; may be given several times. By default all there are.")
  var task: [String] = []

  @OptionGroup(title: "Model") var network: ModelOptions
  @OptionGroup(title: "Bag of words") var baseline: BaselineOptions
  @OptionGroup(title: "Training") var training: TrainingOptions
  @OptionGroup(title: "Every stage") var shared: StageOptions

  @Option(help: "How tasks share the batches: by (rows)^mixing; 1 by size, 0 equally.")
  var mixing = 1.0

  var defaultOutput: String { "runs/quickstart/train" }

  var inputs: [StageInput] { [StageInput("vocab", vocab)] }

  var settings: [Setting] {
    let tasks = [Setting("task", task.joined(separator: ","))]
    if case .baseline(let kind) = network.model {
      return tasks + baseline.fingerprint(kind, seed: training.settings.seed)
    }
    return tasks + network.fingerprint + training.fingerprint + [Setting("mixing", mixing)]
  }

  func validate() throws {
    guard (0...1).contains(mixing) else {
      throw ValidationError("--mixing is \(mixing); it must be from 0 to 1.")
    }
    guard Set(task).count == task.count else {
      throw ValidationError("--task names one task twice: \(task.joined(separator: ", ")).")
    }
  }

  func produce(in output: AtomicDirectory, log: Log) throws -> TrainSummary {
    let lexicon = try TokenizedDataset(path: vocab)
    let tasks = task.isEmpty ? lexicon.tasks : task
    log.info("training \(network.model.rawValue) on \(tasks.joined(separator: ", "))")
    switch network.model {
    case .network:
      let model = try trainNetwork(on: tasks, lexicon, output, log)
      try output.write(model, settings: settings)
      return .network(TrainingSummary(model))
    case .baseline(let kind):
      let model = try LinearModel.train(
        kind, tasks: tasks, lexicon: lexicon, penalty: baseline.penalty,
        seed: training.settings.seed, threads: training.threadCount
      ) { log.info(progress($0, $1)) }
      try output.write(model, settings: settings)
      return .baseline(BaselineSummary(model))
    }
  }

  private func trainNetwork(
    on tasks: [String], _ lexicon: TokenizedDataset, _ output: AtomicDirectory, _ log: Log
  ) throws -> Model {
    var settings = training.settings
    settings.mixing = mixing
    return try Model.train(
      network.configuration, tasks: tasks, lexicon: lexicon, settings: settings,
      threads: training.threadCount, crew: Processes.crew,
      keeper: training.keeper(output.checkpoint, log), watch: training.watcher(log)
    ) { curve, epoch in
      try output.write(curve)
      log.info(progress(curve, epoch: epoch, of: settings.epochs))
    }
  }
}
