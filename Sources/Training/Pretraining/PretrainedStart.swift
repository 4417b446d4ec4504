import DLNC
import Foundation
import Shards
import Support
import Tokenization

/// A training that starts from a pretrained encoder instead of random numbers: the weights, word
/// vectors and norms of the encoder are copied, the classification part is initialised.
public struct PretrainedStart {
  /// The encoder.
  public var encoder: PretrainedEncoder
  /// The domain whose norms all tasks start from. If nil, a task starts from the domain of its name or,
  /// without one, from the closest domain.
  public var domain: String?
  /// Which parameters are trained: all, or as in the paper's fine-tuning only the norms and the
  /// classification part.
  public var scope = FineTuningOptions.Scope.all

  /// A start that trains all parameters.
  public init(_ encoder: PretrainedEncoder) { self.encoder = encoder }

  /// The number of texts of a task that choose the closest domain.
  private static let sampleSize = 64
}

/// The domain whose norms a task starts from.
public struct DomainChoice: Codable, Equatable, Sendable {
  /// The name of the task.
  public var task: String
  /// The name of the domain.
  public var domain: String
  /// The perplexity of a sample of the task's training texts in each domain, of which the lowest
  /// decides; nil if the domain was named or has the name of the task.
  public var perplexities: [String: Double]?
}

extension PretrainedStart {
  /// Checks that the encoder fits a network and a dataset.
  /// - Throws: ``UserError`` with exit status `usage` or `data`, which names both values.
  func check(_ configuration: ModelConfiguration, _ dataset: TokenizedDataset) throws {
    let theirs = encoder.configuration
    guard configuration.variant.isNormalized else {
      throw UserError(
        .usage, at: "--pretrained", problem: "given for lstm-linear, which has no layer norms",
        expected: "dlnc, no-task-embedding or separate-cell",
        hint: "leave it out, or train another model")
    }
    for (flag, ours, theirs) in [
      ("hidden", "\(configuration.hidden)", "\(theirs.hidden)"),
      ("norm-per-gate", "\(configuration.normPerGate)", "\(theirs.normPerGate)"),
      ("cell-tanh", "\(configuration.cellTanh)", "\(theirs.cellTanh)"),
      ("epsilon", "\(configuration.epsilon)", "\(theirs.epsilon)"),
    ] where ours != theirs {
      throw UserError(
        .usage, at: "--pretrained", problem: "an encoder with --\(flag) \(theirs)",
        expected: "the --\(flag) of this training, \(ours)",
        hint: "run train and pretrain with the same --\(flag)")
    }
    let (words, known) = (dataset.vocabulary, encoder.vocabulary)
    guard words.extends(known), words.tokenizer == known.tokenizer,
      configuration.input == theirs.input
    else {
      throw UserError(
        .data, at: dataset.path,
        problem: "a vocabulary of \(words.name), with vectors of \(configuration.input) numbers",
        expected:
          "that of the pretrained encoder, which it may extend: \(known.name), with vectors "
          + "of \(theirs.input) numbers",
        hint: "use the output of vocab that pretrain has read, or one with it as --base")
    }
    if let domain, !encoder.domains.contains(domain) {
      throw UserError(
        .usage, at: "--domain", problem: "“\(domain)”",
        expected: "a domain of the encoder: \(encoder.domains.joined(separator: ", "))",
        hint: "leave it out to choose the closest domain")
    }
  }

  /// The word vectors for a dataset: those of the encoder, then those of the words that it lacks.
  func vectors(for dataset: TokenizedDataset) -> [Float] {
    let vectors = encoder.parameters.embedding.array
    return vectors + dataset.embedding.values[vectors.count...]
  }

  /// Copies the encoder into a network with initial values.
  func transfer(
    to parameters: Parameters<Float>, _ data: [TaskDataset], maximumLength: Int, threads: Int
  ) -> TransferReport {
    var report = TransferReport()
    report.oldWords = encoder.vocabulary.count
    report.newWords = parameters.vocabularySize - report.oldWords
    let choices = data.map {
      choice(for: $0.train, maximumLength: maximumLength, threads: threads)
    }
    report.domains = choices
    for spec in parameters.layout.specs {
      let domain = choices.first { .task($0.task) == spec.owner } ?? choices.first
      if let source = domain.flatMap({ encoder.parameters.encoderSpec(like: spec, $0.domain) }) {
        (parameters.values.start + spec.offset).update(
          from: encoder.parameters.values.start + source.offset, count: spec.count)
        report.copied.append("\(spec.name) <- \(source.name)")
      } else {
        report.initialized.append(spec.name)
      }
      report.note(spec.name, isTrained: scope == .all || !spec.isEncoderWeight)
    }
    report.copied.append("embedding.weight <- embedding.weight")
    report.note("embedding.weight", isTrained: scope == .all)
    return report
  }

  private func choice(for rows: TokenShard, maximumLength: Int, threads: Int) -> DomainChoice {
    let task = rows.task
    if let domain { return DomainChoice(task: task, domain: domain) }
    if encoder.domains.contains(task) { return DomainChoice(task: task, domain: task) }
    let perplexities = encoder.perplexities(
      of: rows.sample(Self.sampleSize), maximumLength: maximumLength, threads: threads)
    let closest = perplexities.min { ($0.value, $0.key) < ($1.value, $1.key) }
    return DomainChoice(
      task: task, domain: closest?.key ?? encoder.domains[0], perplexities: perplexities)
  }
}

extension PretrainedEncoder {
  /// The perplexity of texts in each domain. Words that the encoder does not know count as unknown.
  func perplexities(of texts: TokenShard, maximumLength: Int, threads: Int) -> [String: Double] {
    let runner = DataParallelRunner(parameters, microBatches: threads, threads: threads)
    var texts = texts.knowing(vocabulary.count)
    return domains.reduce(into: [:]) { result, domain in
      texts.task = domain
      result[domain] = exp(runner.predictWords(texts, maxLength: maximumLength).meanLoss)
    }
  }
}

extension Parameters {
  /// The parameter of an encoder in the place of another network's, with the norms of a domain.
  fileprivate func encoderSpec(like spec: ParameterSpec, _ domain: String) -> ParameterSpec? {
    guard spec.part == .encoder, let task = configuration.task(domain) else { return nil }
    return layout.specs.first {
      $0.part == .encoder && $0.role == spec.role && $0.isUsed(by: task)
    }
  }
}

extension TokenShard {
  /// Evenly spaced rows, at most `count`.
  fileprivate func sample(_ count: Int) -> TokenShard {
    let number = min(count, self.count)
    let rows = (0..<number).map { self.row($0 * self.count / number) }
    return TokenShard(
      header, elements: rows.flatMap { Array($0) },
      offsets: rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int64($1.count)) },
      labels: rows.map { _ in 0 }, textIDs: rows.map { _ in 0 })
  }
}

extension Vocabulary {
  /// The number of words and a digest, for messages.
  fileprivate var name: String {
    let digest = SHA256.hash(data: document().encoded()).hexadecimal.prefix(12)
    return "\(count) words (SHA-256 \(digest)…)"
  }
}
