import ArgumentParser
import DLNC
import StageKit
import Support
import Tokenization
import Training
import TrainingKit

/// The stage `pretrain`: reads token shards and word vectors, writes an encoder that was trained as a
/// language model.
struct Pretrain: StageCommand {
  static let version = 1
  static var processRole: ProcessRole { DistributedContext.processRole }
  static let libraries = [FingerprintEntry("products", productRounding)]
  static let configuration = CommandConfiguration(
    commandName: "pretrain",
    abstract: "Trains an encoder to predict the next word of texts without labels.",
    discussion: """
      Reads the texts of the training rows and of the unlabelled rows in the output of vocab, never \
      those of validation and test rows. Weights and word vectors are shared; each task is a domain \
      with its own layer norms. Writes model.safetensors, from which train --pretrained starts, and \
      the learning curve as metrics.jsonl and for TensorBoard.

      EXAMPLES
        pretrain --vocab runs/paper/vocab --output runs/paper/pretrain
        pretrain --vocab runs/vocab --epochs 4 --held-out 0.02 --output runs/pretrain
      """,
    version: versionText("pretrain", version, libraries: libraries))

  @Option(help: ArgumentHelp("The output of vocab.", valueName: "folder"))
  var vocab: InputPath

  @Option(help: "A task whose texts are read; may be given several times. By default all tasks.")
  var task: [String] = []

  @Flag(inversion: .prefixedNo, help: "Read unlabelled texts, too, not only training rows.")
  var unlabelled = true

  @OptionGroup(title: "Encoder") var encoder: EncoderOptions
  @OptionGroup(title: "Training") var training: PretrainingOptions
  @OptionGroup(title: "Every stage") var shared: StageOptions

  func validate() throws {
    guard Set(task).count == task.count else {
      throw ValidationError("--task names one task twice: \(task.joined(separator: ", ")).")
    }
  }

  func run(output: AtomicDirectory, log: Log) throws -> PretrainSummary {
    try pretrain(output, log)
  }

  func runWorker(log: Log) throws { _ = try pretrain(nil, log) }

  /// - Parameter output: nil in a worker process, which writes nothing.
  private func pretrain(_ output: AtomicDirectory?, _ log: Log) throws -> PretrainSummary {
    let dataset = try TokenizedDataset(path: vocab.path)
    let corpus = try PretrainingCorpus(
      dataset, tasks: task.isEmpty ? dataset.domains : task, readsUnlabelled: unlabelled,
      heldOut: training.heldOut, maximumLength: training.maximumLength)
    let words = corpus.domains.reduce(0) { $0 + $1.words }
    log.info(
      "pretraining on \(NumberFormat.grouped(words)) words of "
        + corpus.domains.map(\.name).joined(separator: ", "))
    let run = try training.run.start(output, log, predictsWords: true) {
      PretrainSummary.progress($0, epoch: $1, of: training.epochs)
    }
    let encoder = try PretrainedEncoder.train(
      encoder.configuration, on: corpus, dataset: dataset, negatives: training.negatives,
      settings: training.settings, run: run)
    try output?.write(encoder.document().encoded(), to: "model.safetensors")
    try output?.write(encoder.curve)
    return PretrainSummary(encoder, corpus)
  }
}
