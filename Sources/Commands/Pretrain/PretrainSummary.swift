import DLNC
import Foundation
import StageKit
import Support
import Training

/// The summary of `pretrain`: the texts and the perplexity of each domain.
struct PretrainSummary: StageSummary {
  /// The number of parameters without word vectors.
  var parameters: Int
  /// The number of parameters including word vectors.
  var parametersWithVectors: Int
  /// The texts of each domain.
  var domains: [PretrainingCorpus.Domain]
  /// The perplexity of the held-out texts by domain, after the last epoch.
  var perplexity: [String: Double]
  /// The learning curve.
  var curve: LearningCurve
  /// The settings.
  var settings: TrainingSettings

  init(_ encoder: PretrainedEncoder, _ corpus: PretrainingCorpus) {
    (parameters, parametersWithVectors) = encoder.parameterCounts
    (domains, curve, settings) = (corpus.domains, encoder.curve, encoder.settings)
    perplexity = Dictionary(uniqueKeysWithValues: encoder.perplexities())
  }

  /// A table of the domains with the perplexity after each epoch.
  var text: String { text(epochs: Array(1...max(1, settings.epochs))) }

  /// The same with the last epoch alone.
  var brief: String { text(epochs: [settings.epochs]) }

  private func text(epochs: [Int]) -> String {
    let head = ["domain", "texts", "words", "unknown", "too short", "held out"]
    let rows = domains.map { domain in
      [
        domain.name, NumberFormat.grouped(domain.texts), NumberFormat.grouped(domain.words),
        "\(NumberFormat.percent(domain.unknown)) %", NumberFormat.grouped(domain.shortTexts),
        NumberFormat.grouped(domain.heldOutTexts),
      ]
        + epochs.map { epoch in
          NumberFormat.fixed(Self.perplexity(curve, domain.name, epoch: epoch), 1)
        }
    }
    let words = domains.reduce(0) { $0 + $1.words }
    return [
      "pretrained on \(NumberFormat.grouped(words)) words: \(parameters) parameters, "
        + "\(parametersWithVectors) with the word vectors",
      TextTable.text(
        [head + epochs.map { "perplexity \($0)" }] + rows,
        numeric: Set(1..<head.count + epochs.count)),
      "the perplexity is that of the held-out texts after the epoch of this number, among all words",
    ].joined(separator: "\n")
  }

  private static func perplexity(_ curve: LearningCurve, _ domain: String, epoch: Int) -> Double? {
    curve.points.first { $0.epoch == epoch && $0.task == domain }?.validationLoss.map(exp)
  }

  /// One epoch as a line of progress.
  static func progress(_ curve: LearningCurve, epoch: Int, of epochs: Int) -> String {
    let domains = curve.points.filter { $0.epoch == epoch }.map { point in
      "\(point.task) \(NumberFormat.fixed(perplexity(curve, point.task, epoch: epoch), 1))"
    }
    return "epoch \(epoch) of \(epochs): perplexity \(domains.joined(separator: ", "))"
  }
}
