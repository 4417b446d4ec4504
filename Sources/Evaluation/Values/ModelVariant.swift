/// How a model came to know a task.
public enum TrainingMode: String, Sendable, CaseIterable {
  /// It was trained on the task, alone or together with others.
  case trained
  /// It was trained on other tasks and then fine-tuned on this one.
  case fineTuned = "fine-tuned"
}

/// What a row of the tables stands for: a kind of model and how it came to know the task.
public struct Model: Hashable, Sendable {
  /// The name of its kind, such as `dlnc`.
  public var name: String
  /// How it came to know the task.
  public var training: TrainingMode
  /// What sets it apart from the first model of its kind, such as `learning-rate 0.001`; empty for
  /// that one.
  public var detail: String

  /// A model of this kind.
  public init(_ name: String, _ training: TrainingMode = .trained, detail: String = "") {
    self.name = name
    self.training = training
    self.detail = detail
  }

  /// The same kind of model, trained; and fine-tuned.
  var trained: Model { Model(name, detail: detail) }
  var fineTuned: Model { Model(name, .fineTuned, detail: detail) }

  /// The model as tables show it, such as `DLNC, fine-tuned`.
  public var title: String {
    let known =
      switch name {
      case "dlnc": "DLNC"
      case "lstm-linear": "LSTM+linear"
      case "no-task-embedding": "No task embedding"
      case "separate-cell": "Separate classification cell"
      case "majority": "Majority class"
      case "bag-of-words": "Bag of words"
      case "random encoder": "Random encoder"
      default: name
      }
    let kind = training == .fineTuned ? "\(known), fine-tuned" : known
    return detail.isEmpty ? kind : "\(kind); \(detail)"
  }

  /// The model as a part of file names and anchors, such as `dlnc-fine-tuned`.
  var slug: String {
    Evaluation.slug([name, training == .fineTuned ? training.rawValue : "", detail])
  }

  /// Each model once, in the order of the paper's Table 1, then the control of fine-tuning, all
  /// others behind in the order given.
  static func ordered(_ models: [Model]) -> [Model] {
    let names = unique(PaperResults.table.map(\.model)) + ["random encoder"]
    let given = unique(models)
    let paper = names.flatMap { name in given.filter { $0.name == name } }
    return paper + given.filter { !paper.contains($0) }
  }
}

/// The elements without repetition, in the order of their first appearance.
func unique<Element: Hashable>(_ elements: some Sequence<Element>) -> [Element] {
  var seen: Set<Element> = []
  return elements.filter { seen.insert($0).inserted }
}
