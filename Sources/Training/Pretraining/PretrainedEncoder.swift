import DLNC
import Foundation
import Safetensors
import Shards
import Support
import Tokenization

/// An encoder that was trained as a language model: it predicts each word of a text from the words
/// before it. Weights and word vectors are shared by all domains; each domain has its own norms. A
/// network that starts from it needs fewer labelled rows; see ``PretrainedStart``.
public struct PretrainedEncoder {
  /// The value of the metadata key `kind`.
  public static let kind = pretrainedEncoderKind
  /// The name of the stage.
  static let stage = "pretrain"

  /// The configuration, whose tasks are the domains.
  public var configuration: ModelConfiguration { parameters.configuration }
  /// The vocabulary, and how text is tokenized.
  public let vocabulary: Vocabulary
  /// The learning curve. Losses are cross-entropies of the next word: among the sampled words for
  /// training, among all words for the held-out texts, which take the place of validation rows.
  public let curve: LearningCurve
  /// The settings of the training.
  public let settings: TrainingSettings

  let parameters: Parameters<Float>

  /// The names of the domains.
  public var domains: [String] { configuration.tasks.map(\.name) }

  /// The number of parameters, without and with the word vectors.
  public var parameterCounts: (network: Int, withVectors: Int) {
    let network = parameters.layout.specs.reduce(0) { $0 + $1.count }
    return (network, network + parameters.embedding.count)
  }

  /// The perplexity of each domain's held-out texts after an epoch; by default, after the last.
  public func perplexities(epoch: Int? = nil) -> [(domain: String, perplexity: Double)] {
    curve.points.filter { $0.epoch == epoch ?? curve.bestEpoch }.map {
      ($0.task, exp($0.validationLoss ?? .nan))
    }
  }

  /// Trains an encoder on a corpus.
  /// - Parameters:
  ///   - configuration: sizes and dropout; `input`, `outputWords` and `tasks` are taken from the data.
  ///   - dataset: the dataset of the corpus.
  ///   - negatives: the expected number of words that the next word is distinguished from; see
  ///     ``CandidateSampler``.
  /// - Throws: ``UserError`` with exit status `data` or `usage`, and the errors of the checkpointer and
  ///   of ``TrainingRun/onEpoch``.
  public static func train(
    _ configuration: ModelConfiguration, on corpus: PretrainingCorpus, dataset: TokenizedDataset,
    negatives: Int, settings: TrainingSettings, run: TrainingRun
  ) throws -> PretrainedEncoder {
    var configuration = configuration
    configuration.input = dataset.embedding.dimension
    configuration.outputWords = dataset.vocabulary.count
    configuration.tasks = try corpus.data.map {
      TaskDescription(
        name: $0.train.task, classNames: [], ownCell: false,
        trainingData: try TrainingDataDigest($0.train))
    }
    try configuration.check(at: dataset.path)
    try configuration.checkMemory(vectors: dataset.embedding.values.count, averages: false)
    try run.communicator.check(microBatches: settings.microBatches)
    let parameters = Parameters<Float>(configuration, embedding: dataset.embedding.values)
    parameters.initialize(parameters.layout.specs, seed: settings.seed)
    let counts = corpus.counts(vocabularySize: dataset.vocabulary.count)
    parameters.setOutputBias(counts: counts)
    let curve = try Trainer(
      parameters, corpus.data, settings, run,
      sampler: CandidateSampler(counts: counts, size: negatives)
    ).train(stage: stage)
    return PretrainedEncoder(
      vocabulary: dataset.vocabulary, curve: curve, settings: settings, parameters: parameters)
  }
}

extension Parameters {
  /// Sets the output bias of a language model to the log probabilities of words that occur `counts`
  /// times (and each once more), so that the training need not learn them.
  fileprivate func setOutputBias(counts: [Int]) {
    guard let bias = layout.tasks.values.first?.headBias else { return }
    let total = Double(counts.reduce(counts.count, +))
    for (word, count) in counts.enumerated() {
      values.start[bias + word] = R(log((Double(count) + 1) / total))
    }
  }
}

extension PretrainedEncoder {
  /// The encoder as a model file of the kind `pretrained`: parameters with the names and shapes of
  /// ``ParameterLayout``, the vocabulary under `vocabulary.`, everything else as metadata.
  /// - Throws: an error if a value cannot be encoded as JSON.
  public func document() throws -> SafetensorsDocument {
    var document = SafetensorsDocument(metadata: [
      "format": "model", "version": modelFormatVersion(), "kind": Self.kind,
      "configuration": try encode(configuration), "curves": try encode([curve]),
      "settings": try encode([Self.stage: settings]),
    ])
    parameters.store(in: &document)
    try vocabulary.store(inModel: &document)
    return document
  }

  /// Reads an encoder from a file or from a folder with `model.safetensors`.
  /// - Throws: ``UserError`` with exit status `noInput`, or `data` unless the file holds exactly the
  ///   tensors of its configuration.
  public init(path: String) throws {
    let file = try modelFile(at: path)
    guard file.metadata["kind"] == Self.kind else {
      throw UserError(
        .data, at: file.path, problem: "a model that classifies", expected: "a pretrained encoder",
        hint: "point at the output of pretrain, or continue from a model with finetune")
    }
    let configuration: ModelConfiguration = try decode("configuration", of: file)
    try configuration.check(at: file.path)
    vocabulary = try Vocabulary(file)
    guard configuration.outputWords == vocabulary.count, !configuration.tasks.isEmpty else {
      throw UserError(
        .data, at: "\(file.path): configuration",
        problem: "\(configuration.tasks.count) domains, \(configuration.outputWords ?? 0) words",
        expected: "a domain or more, and the \(vocabulary.count) words of the vocabulary",
        hint: "run pretrain again")
    }
    parameters = try Parameters(configuration, words: vocabulary.count, in: file)
    try file.refuseTensors(but: parameters.tensorNames + Vocabulary.modelTensorNames)
    let curves: [LearningCurve] = try decode("curves", of: file)
    let settings: [String: TrainingSettings] = try decode("settings", of: file)
    curve = curves.first ?? LearningCurve(stage: Self.stage)
    self.settings = settings[Self.stage] ?? TrainingSettings()
    try self.settings.check(at: "\(file.path): settings of “\(Self.stage)”")
  }
}
