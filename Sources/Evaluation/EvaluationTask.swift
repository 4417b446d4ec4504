import DLNC
import Datasets
import Shards
import Support

/// A column of the tables: a task and how its rows were split.
///
/// Results on different tasks, or on different splits of one task, are never compared.
struct EvaluationTask: Hashable, Sendable {
  /// The name of the task, such as `ei-reg`.
  var name: String
  /// How the rows were split, such as `random` or `official`; empty if there is only one way.
  var splitScheme = ""
  /// Whether a row can have any number of classes, also none.
  var isMultiLabel = false

  init(name: String, splitScheme: String = "", isMultiLabel: Bool = false) {
    (self.name, self.splitScheme, self.isMultiLabel) = (name, splitScheme, isMultiLabel)
  }

  /// The task of rows with this split scheme; all folds of a cross-validation are one task.
  init(name: String, rowsSplitBy scheme: String, isMultiLabel: Bool = false) {
    let fold = Fold(splitScheme: scheme)
    self.init(
      name: name, splitScheme: fold.map { "\($0.count)-fold cross-validation" } ?? scheme,
      isMultiLabel: isMultiLabel)
  }

  /// The measure that models are compared by.
  var measure: Measure { isMultiLabel ? .microF1 : .accuracy }

  /// The heading, such as `EI-reg (official)`. The split that a user's own data came with is its only one.
  var title: String {
    guard let dataset = Dataset(rawValue: name) else {
      return splitScheme.isEmpty || splitScheme == SplitScheme.official.rawValue
        ? name : "\(name) (\(splitScheme))"
    }
    return splitScheme.isEmpty ? dataset.displayName : "\(dataset.displayName) (\(splitScheme))"
  }

  /// A part of file names and anchors, such as `ei-reg-official`.
  var slug: String { Evaluation.slug([name, splitScheme]) }

  /// Each task once: those of the paper in its order, then the others in the order given.
  static func ordered(_ tasks: [EvaluationTask]) -> [EvaluationTask] {
    tasks.unique(orderedBy: \.name, PaperResult.all.map(\.dataset.rawValue))
  }
}

/// How a model learned a task.
enum TrainingMode: String, Sendable {
  /// The model was trained on the task, alone or together with others.
  case trained
  /// The model was trained on other tasks and then fine-tuned on this one.
  case fineTuned = "fine-tuned"
}

/// A row of the tables: a kind of model, how it learned the task, and its special settings.
struct ModelVariant: Hashable, Sendable {
  /// The name of the kind, such as `dlnc`, or ``randomEncoder``.
  var name: String
  var training: TrainingMode
  /// The settings that differ from those of the first model of the kind, such as
  /// `learning-rate 0.001`; empty for the first model.
  var detail: String
  /// How the model shared its parameters among tasks; nil unless a report compares ways of sharing.
  var sharing: TaskSharing?

  init(
    _ name: String, _ training: TrainingMode = .trained, detail: String = "",
    sharing: TaskSharing? = nil
  ) {
    (self.name, self.training, self.detail, self.sharing) = (name, training, detail, sharing)
  }

  /// The name of the control for fine-tuning: a model whose encoder was never trained.
  static let randomEncoder = "random encoder"

  var trained: ModelVariant { ModelVariant(name, detail: detail, sharing: sharing) }
  var fineTuned: ModelVariant { ModelVariant(name, .fineTuned, detail: detail, sharing: sharing) }

  /// The heading, such as `DLNC, fine-tuned` or `DLNC, joint`.
  var title: String {
    let kind =
      name == Self.randomEncoder
      ? "Random encoder" : ModelKind(rawValue: name)?.displayName ?? name
    return kind + (sharing.map { ", \($0.rawValue)" } ?? "")
      + (training == .fineTuned ? ", fine-tuned" : "")
      + (detail.isEmpty ? "" : "; \(detail)")
  }

  /// A part of file names and anchors, such as `dlnc-fine-tuned`.
  var slug: String {
    Evaluation.slug([
      name, sharing?.rawValue ?? "", training == .fineTuned ? training.rawValue : "", detail,
    ])
  }

  /// Each variant once: those of the paper's Table 1 in its order, then the control, then the others
  /// in the order given.
  static func ordered(_ variants: [ModelVariant]) -> [ModelVariant] {
    variants.unique(orderedBy: \.name, PaperResult.all.map(\.model.rawValue) + [randomEncoder])
  }
}

extension Array where Element: Hashable {
  /// The elements without repetition: those whose key is in `order` first, in that order, then the
  /// others in the order of their first occurrence.
  func unique<Key: Hashable>(orderedBy key: (Element) -> Key, _ order: [Key]) -> [Element] {
    order.unique.flatMap { wanted in unique.filter { key($0) == wanted } }
      + unique.filter { !order.contains(key($0)) }
  }
}

/// Joins the non-empty parts to one word of a–z, 0–9 and dashes, for file names and anchors.
func slug(_ parts: [String]) -> String {
  var result = ""
  for part in parts where !part.isEmpty {
    if !result.isEmpty { result += "-" }
    for byte in part.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: "A")...UInt8(ascii: "Z"):
        result.unicodeScalars.append(Unicode.Scalar(byte | 0x20))
      default: if !result.hasSuffix("-") { result += "-" }
      }
    }
  }
  return result
}
