import ArgumentParser
import DLNC
import StageKit
import Support
import Tokenization
import Training
import TrainingKit

/// The stage `train`: reads token shards and word vectors, writes a model.
struct Train: StageCommand {
  static let version = 8
  static var processRole: ProcessRole { DistributedContext.processRole }
  static let libraries = [FingerprintEntry("products", productRounding)]
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains one classifier on several tasks at once.",
    discussion: """
      Reads the output of vocab; writes model.safetensors, its model card README.md, and the learning \
      curve as metrics.jsonl and for TensorBoard.

      The flags whose default is auto follow from the recipe and the size of the training data. Their \
      values are printed and recorded in the model. The recipes, without what follows from the data:

      \(AutomaticFlags.recipes())

      EXAMPLES
        train --vocab runs/paper/vocab --output runs/paper/train
        train --vocab runs/mine/vocab --recipe best --output runs/mine/train
        train --vocab runs/paper/vocab --seed 2 --output runs/paper/seed-2
        train --vocab runs/vocab --pretrained runs/pretrain --output runs/started
        train --vocab runs/vocab --model lstm-linear --task yelp --output runs/lstm
        train --vocab runs/vocab --model bag-of-words --output runs/linear
        train --vocab runs/vocab --class-weights balanced --output runs/balanced
        train --vocab runs/vocab --model bag-of-words --pool-tasks \\
          --output runs/pooled
      """,
    version: versionText("train", version, libraries: libraries))

  @Option(help: ArgumentHelp("The output of vocab.", valueName: "folder"))
  var vocab: InputPath

  @Option(help: "A task to train on; may be given several times. By default all tasks.")
  var task: [String] = []

  @OptionGroup(title: "Model") var network: ModelOptions
  @OptionGroup(title: "Bag of words") var baseline: BaselineOptions
  @OptionGroup(title: "Training") var training: TrainingOptions
  @OptionGroup(title: "Pretrained encoder") var start: PretrainedOptions
  @OptionGroup(title: "Every stage") var shared: StageOptions

  @Option(help: "How tasks share the batches: by (rows)^mixing; 1 by size, 0 equally.")
  var mixing: AutoOr<Double> = .auto

  private static let bagOfWordsFlags = [
    "task", "model", "seed", "recipe", "ngram-weights", "character-ngrams", "calibrate",
    "class-weights", "keep-by", "fit-validation-rows",
  ]

  /// A baseline has few settings; the seed is recorded in its file.
  func uses(_ flag: String) -> Bool {
    if start.pretrained == nil, PretrainedOptions.flags.contains(flag) { return false }
    return switch network.model {
    case .network where flag == "fit-validation-rows":
      (try? network.configuration(training.recipe))?.ngrams != nil
    case .network: !BaselineOptions.flags.contains(flag)
    case .baseline(.majority): ["task", "model", "seed"].contains(flag)
    case .baseline(.bagOfWords):
      Self.bagOfWordsFlags.contains(flag)
        || BaselineOptions.flags.contains(flag)
          && (flag != "own-penalty-ratio" || baseline.shareWeights)
    }
  }

  func validate() throws {
    try validate(ranges: ["mixing": .closed(0...1)])
    for (flag, isGiven) in [
      ("--pool-tasks", baseline.poolTasks), ("--share-weights", baseline.shareWeights),
    ] where isGiven && network.model != .baseline(.bagOfWords) {
      throw ValidationError(
        "\(flag) is given for \(network.model.rawValue); it is for --model bag-of-words. A "
          + "network that is trained on several tasks shares its encoder in any case.")
    }
    for (flag, isGiven) in [
      ("--fit-validation-rows", training.fitValidationRows == true),
      ("--character-ngrams", network.characterNgrams.value?.lengths != nil),
    ] where isGiven && network.model != .baseline(.bagOfWords) {
      guard case .network = network.model,
        try network.configuration(training.recipe).ngrams != nil
      else {
        throw ValidationError(
          "\(flag) is given for \(network.model.rawValue) without n-grams; it is for --model "
            + "bag-of-words and --ngrams crossfit.")
      }
    }
    if network.model == .baseline(.majority) {
      for (flag, isGiven) in [
        ("class-weights", training.classWeights != nil), ("keep-by", training.keepBy != nil),
      ] where isGiven {
        throw ValidationError(
          "--\(flag) is given for majority, which has nothing to choose; leave it out.")
      }
    }
    if start.pretrained != nil, case .baseline(let kind) = network.model {
      throw ValidationError(
        "--pretrained is given for \(kind.rawValue), which has no encoder; leave it out.")
    }
    if baseline.shareWeights, network.weights(training.recipe) != .tfidf {
      throw ValidationError("--share-weights is for --ngram-weights tfidf; give that, too.")
    }
    guard Set(task).count == task.count else {
      throw ValidationError("--task names one task twice: \(task.joined(separator: ", ")).")
    }
  }

  func run(output: AtomicDirectory, log: Log) throws -> TrainSummary {
    try train(output, log)
  }

  func runWorker(log: Log) throws { _ = try train(nil, log) }

  /// - Parameter output: nil in a worker process, which writes nothing.
  private func train(_ output: AtomicDirectory?, _ log: Log) throws -> TrainSummary {
    let dataset = try TokenizedDataset(path: vocab.path)
    let tasks = task.isEmpty ? dataset.tasks : task
    log.info("training \(network.model.rawValue) on \(tasks.joined(separator: ", "))")
    let unvalidated = output == nil ? [] : try dataset.withoutValidation(tasks)
    switch network.model {
    case .network:
      training.warn(aboutUnvalidated: unvalidated, of: tasks, log)
      return TrainSummary(ofModel: try trainNetwork(on: tasks, dataset, output, log))
    case .baseline(let kind):
      let weights = network.weights(training.recipe)
      var settings = training.recipe.bagOfWords
      settings.weights = weights
      if let characters = network.characterNgrams.value { settings.characters = characters.lengths }
      settings.fitsValidationRows =
        try training.fitValidationRows
        ?? (settings.fitsValidationRows && dataset.keepsTestRows(of: tasks))
      settings.calibrates = training.calibrate
      settings.classWeights = training.classWeights
      settings.keepBy = training.keepBy ?? .accuracy
      let flags = AutomaticFlags(training.recipe, settings)
      if kind == .bagOfWords { log.info(flags.text(notIn: fingerprintOptions)) }
      if kind == .bagOfWords, baseline.penalty == nil, !unvalidated.isEmpty {
        log.warning(
          "no validation rows of \(unvalidated.joined(separator: ", ")) to choose the penalty: it is "
            + "\(weights.defaultPenalty), the default; --penalty sets another one")
      }
      if training.keepBy != nil, baseline.penalty != nil || weights.penalties.count == 1 {
        log.warning("--keep-by has no effect: there is one penalty, and so nothing to choose")
      }
      let model = try LinearModel.train(
        kind, tasks: tasks, lexicon: dataset, settings: settings, pools: baseline.poolTasks,
        ownPenaltyRatio: baseline.shareWeights ? baseline.ownPenaltyRatio : nil,
        penalty: baseline.penalty, seed: training.seed, threads: training.threads
      ) { log.info(progress($0, $1)) }
      if baseline.poolTasks || baseline.shareWeights {
        for task in model.tasks where task.pool == nil && task.ownPenaltyRatio == nil {
          log.warning(
            "\(task.name) is fitted alone: no other task has its classes, "
              + abbreviated(task.classNames))
        }
      }
      try output?.write(model, settings: flags.completing(fingerprintOptions))
      return TrainSummary(
        ofModel: try BaselineSummary(model, dataset, calibrates: training.calibrate))
    }
  }

  private func trainNetwork(
    on tasks: [String], _ dataset: TokenizedDataset, _ output: AtomicDirectory?, _ log: Log
  ) throws -> TrainingSummary {
    let size = try training.size(of: tasks, in: dataset)
    let configuration = try network.configuration(training.recipe)
    var settings = try training.settings(
      for: size, configuration, keepsTestRows: dataset.keepsTestRows(of: tasks))
    if let mixing = mixing.value { settings.mixing = mixing }
    let start = try start.start(&settings)
    let flags = AutomaticFlags(training.recipe, settings, configuration)
    log.info("\(size.text); \(flags.text(notIn: fingerprintOptions))")
    var run = try training.run.start(output, log) { [epochs = settings.epochs] in
      progress($0, epoch: $1, of: epochs)
    }
    var transfer: TransferReport?
    run.onTransfer = {
      transfer = $0
      log.report($0, of: "pretrained encoder")
    }
    let model = try Model.train(
      configuration, tasks: tasks, dataset: dataset, sharing: network.sharing, settings: settings,
      run: run, from: start)
    for task in model.configuration.tasks where network.sharing.heads && task.sharedHead == nil {
      log.warning(
        "\(task.name) has its own linear layer: no other task has its classes, "
          + abbreviated(task.classNames))
    }
    try output?.write(model, settings: flags.completing(fingerprintOptions))
    return try TrainingSummary(
      model, dataset, transfer: transfer, automatic: flags.text(notIn: fingerprintOptions))
  }
}

/// The summary of `train`, by the kind of model.
struct TrainSummary: StageSummary {
  let ofModel: any StageSummary

  var text: String { ofModel.text }
  var brief: String { ofModel.brief }
  var warnings: [String] { ofModel.warnings }

  func encode(to encoder: any Encoder) throws { try ofModel.encode(to: encoder) }
}
