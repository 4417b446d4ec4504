import ArgumentParser
import DLNC
import Inference
import StageKit
import Support

/// The flags that say when a class is the answer, and how exactly it is computed.
struct AnswerFlags: ParsableArguments {
  @Option(
    help: """
      Answer only if the probability of the most probable class is at least this. In a multi-label task, \
      give each label whose probability is at least this, in place of the thresholds of the model.
      """)
  var threshold: Double?

  @Option(
    help: ArgumentHelp(
      "Answer only from the lowest probability on at which this fraction of the answers was right.",
      discussion: """
        On the validation rows of the training; the model must be calibrated. In place of a number, \
        bf16 or int8 is the precision of the matrix products of a network, which then takes less time. \
        Give the flag twice for both.
        """, valueName: "fraction, bf16 or int8"))
  var precision: [Precision] = []

  @Option(
    help: """
      The label in place of an answer that is not given. (default: unsure; none in a multi-label task)
      """)
  var otherwise: String?

  /// A value of `--precision`.
  enum Precision: ExpressibleByArgument {
    case ofAnswers(Double), ofProducts(ProductPrecision)

    init?(argument: String) {
      if let products = ProductPrecision(rawValue: argument) {
        self = .ofProducts(products)
      } else if let fraction = Double(argument) {
        self = .ofAnswers(fraction)
      } else {
        return nil
      }
    }
  }

  /// The fraction of the answers that must be right; nil for any.
  var answerPrecision: Double? {
    precision.lazy.compactMap { if case .ofAnswers(let value) = $0 { value } else { nil } }.first
  }

  /// The precision of matrix products.
  var productPrecision: ProductPrecision? {
    precision.lazy.compactMap { if case .ofProducts(let value) = $0 { value } else { nil } }.first
  }

  /// Whether an answer can be left out.
  var isSelective: Bool { threshold != nil || answerPrecision != nil }

  func validate() throws {
    let kinds = [answerPrecision == nil, productPrecision == nil].count { !$0 }
    guard precision.count == kinds else {
      throw ValidationError(
        "--precision is given twice; one fraction and one of float32, bf16 and int8 are allowed.")
    }
    for (name, value) in [("threshold", threshold), ("precision", answerPrecision)] {
      if let value, !(0...1).contains(value) {
        throw ValidationError("--\(name) is \(value); it must be from 0 to 1.")
      }
    }
    if threshold != nil, answerPrecision != nil {
      throw ValidationError("--threshold and --precision both say when to answer; give one.")
    }
  }

  /// When a class is the answer; nil for always.
  func rule(_ predictor: Predictor, _ log: Log) throws -> AnswerRule? {
    let isMultiLabel = predictor.labelThresholds != nil
    guard isSelective || otherwise != nil else { return nil }
    if !isSelective, !isMultiLabel {
      throw UserError(
        .usage, at: "--otherwise", problem: "given without --threshold or --precision",
        expected: "one of them, or a multi-label task, whose texts can be without a label",
        hint: "add one, or leave it out")
    }
    let otherwise = otherwise ?? (isMultiLabel ? nil : "unsure")
    if let otherwise, predictor.task.classNames.contains(otherwise) {
      throw UserError(
        .usage, at: "--otherwise \(otherwise)",
        problem: "a class of the task “\(predictor.task.name)”",
        expected: "a label that no class has",
        hint: "give another --otherwise")
    }
    guard let answerPrecision else {
      return AnswerRule(threshold: threshold, otherwise: otherwise)
    }
    let (point, rows) = try predictor.threshold(precision: answerPrecision)
    log.notice(
      "answers from a probability of \(NumberFormat.fixed(point.confidence, 3)) on: "
        + "\(NumberFormat.percent(Double(point.answered) / Double(rows))) % of the "
        + "\(NumberFormat.grouped(rows)) validation rows, \(NumberFormat.percent(point.accuracy)) % "
        + "of these right")
    return AnswerRule(threshold: point.confidence, otherwise: otherwise)
  }
}
